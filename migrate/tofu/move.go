package tofu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/envvar"
)

// Move is a resource that gets another address.
type Move struct{ From, To string }

// StateEdit is a change of a state that was made, or need not be.
type StateEdit struct {
	// Before is the state that was pulled.
	Before *State
	// Done are the moves that were made, To empty for what was taken out.
	// None means that the state was as wanted already; nothing was pushed
	// and no backup was written.
	Done []Move
}

// MoveState moves resources within the state: it pulls, backs up to a new file
// with mode 0600, moves in a private copy, and pushes all moves at once. Moves
// that are done already are passed over, so twice is safe.
//
// The push takes the lock and is refused with a [*StateConflictError] when the
// state has changed since it was pulled. When it fails nothing has changed in
// the backend.
func (r *Root) MoveState(ctx context.Context, moves []Move, backup string) (StateEdit, error) {
	return r.edit(ctx, backup, func(s *State) ([]Move, error) { return pendingMoves(s, moves) })
}

// Forget takes resources out of the state and leaves the things themselves, as
// [Root.MoveState] moves them. What is not in the state is passed over.
func (r *Root) Forget(ctx context.Context, addresses []string, backup string) (StateEdit, error) {
	return r.edit(ctx, backup, func(s *State) ([]Move, error) {
		var out []Move
		for _, a := range addresses {
			if _, there := s.Resource(a); there {
				out = append(out, Move{From: a})
			}
		}
		return out, nil
	})
}

// pendingMoves are the moves that are still to be made.
func pendingMoves(s *State, moves []Move) ([]Move, error) {
	var out []Move
	for _, m := range moves {
		_, from := s.Resource(m.From)
		_, to := s.Resource(m.To)
		switch {
		case from && to:
			return nil, fmt.Errorf("move %s to %s: both are in the state; find out which of them is the real one and take the other out with state rm", m.From, m.To)
		case !from && !to:
			return nil, fmt.Errorf("move %s to %s: neither is in the state; check the addresses, backend and workspace", m.From, m.To)
		case from:
			out = append(out, m)
		}
	}
	return out, nil
}

// edit changes a state by way of a private copy.
func (r *Root) edit(ctx context.Context, backup string, pending func(*State) ([]Move, error)) (_ StateEdit, err error) {
	if err := r.checkUnsaved(); err != nil {
		return StateEdit{}, err
	}
	s, err := r.PullState(ctx)
	if err != nil {
		return StateEdit{}, err
	}
	if err := r.CheckTool(s); err != nil {
		return StateEdit{}, err
	}
	todo, err := pending(s)
	if err != nil || len(todo) == 0 {
		return StateEdit{Before: s}, err
	}
	private, err := newPrivate(r.private)
	if err != nil {
		return StateEdit{Before: s}, err
	}
	defer func() { err = errors.Join(err, private.remove()) }()
	if err := s.Backup(backup); err != nil {
		return StateEdit{Before: s}, err
	}
	if err := private.write("state", s.raw); err != nil {
		return StateEdit{Before: s}, err
	}
	for i, m := range todo {
		if err := r.editCopy(ctx, private, i, m); err != nil {
			return StateEdit{Before: s}, err
		}
	}
	if err := r.pushCopy(ctx, private, "state", s); err != nil {
		return StateEdit{Before: s}, err
	}
	return StateEdit{Before: s, Done: todo}, nil
}

// editCopy makes one change in the copy.
func (r *Root) editCopy(ctx context.Context, p *private, n int, m Move) error {
	backup := p.path(fmt.Sprintf("backup-%d", n))
	args := []string{"state", "mv", "-state=" + p.path("state"), "-backup=" + backup, m.From, m.To}
	if m.To == "" {
		args = []string{"state", "rm", "-state=" + p.path("state"), "-backup=" + backup, m.From}
	}
	_, err := r.beside(p).output(ctx, args...)
	return r.failure(ctx, strings.Join(args[:2], " "), nil, err)
}

// beside is the tool away from the root: the copy is a file of its own, with
// which backend, workspace and arguments of the root have nothing to do. Nor has
// its encryption: OpenTofu pulls a state in plain text and takes it back so, and
// encrypts what it keeps.
func (r *Root) beside(p *private) process {
	environ := envvar.Without(r.environ, func(name string) bool {
		return strings.HasPrefix(name, "TF_CLI_ARGS") || slices.Contains([]string{"TF_WORKSPACE", "TF_DATA_DIR", "TF_ENCRYPTION"}, name)
	})
	return process{tool: r.tool.Path, dir: p.dir, environ: childEnviron(environ)}
}

// pushCopy pushes a changed copy as the version that follows the one that was
// pulled. Whatever somebody else has pushed meanwhile has that number too, so
// that the backend refuses the copy.
func (r *Root) pushCopy(ctx context.Context, p *private, name string, pulled *State) error {
	text, err := os.ReadFile(p.path(name))
	if err != nil {
		return fmt.Errorf("read the copy of the state: %w", err)
	}
	next, err := withSerial(text, pulled.Serial+1)
	if err != nil {
		return err
	}
	ready := name + "-ready"
	if err := p.write(ready, next); err != nil {
		return err
	}
	now, err := r.PullState(ctx)
	if err != nil {
		return err
	}
	if now.Serial != pulled.Serial || now.Lineage != pulled.Lineage {
		return &StateConflictError{Lineage: now.Lineage != pulled.Lineage, Pulled: pulled.Serial, There: now.Serial}
	}
	return r.push(ctx, p, p.path(ready), pulled)
}

// push pushes a file and tells a conflict from other failures.
func (r *Root) push(ctx context.Context, p *private, path string, pulled *State) error {
	args := append([]string{"state", "push", "-lock=true", r.lock()}, r.early()...)
	err := r.logged(ctx, p, &listener{}, append(args, path)...)
	if err == nil {
		return nil
	}
	fail := r.failure(ctx, "state push", nil, err)
	switch text := strings.Join(strings.Fields(err.Error()), " "); {
	case strings.Contains(text, "unrelated state with lineage"):
		return &StateConflictError{Lineage: true, Pulled: pulled.Serial, Err: fail}
	case strings.Contains(text, "over newer state with serial"), strings.Contains(text, "different state that has the same serial"):
		return &StateConflictError{Pulled: pulled.Serial, There: pulled.Serial + 1, Err: fail}
	}
	return fail
}

// withSerial gives a state with another serial and everything else as it was.
func withSerial(text []byte, serial uint64) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("read the copy of the state: %w", hideText(err))
	}
	fields["serial"] = json.RawMessage(fmt.Sprint(serial))
	return json.MarshalIndent(fields, "", "  ")
}

// MoveAcross moves resources from the state of one root into that of another,
// as `moved` blocks cannot. Both are backed up first. The receiver is pushed
// first: were it the other way round and the second push failed, the resources
// would be in no state at all.
//
// Twice is safe, and so is a second try after a push has failed: what the
// receiver has got already is only taken out of the source. Afterwards the
// receiver is to be applied before the source.
func MoveAcross(ctx context.Context, source, receiver *Root, moves []Move, sourceBackup, receiverBackup string) (done []Move, err error) {
	if err := errors.Join(source.checkUnsaved(), receiver.checkUnsaved()); err != nil {
		return nil, err
	}
	from, err := source.PullState(ctx)
	if err != nil {
		return nil, err
	}
	to, err := receiver.PullState(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(source.CheckTool(from), receiver.CheckTool(to), source.CheckTool(to)); err != nil {
		return nil, err
	}
	todo, err := pendingAcross(from, to, moves)
	if err != nil || len(todo) == 0 {
		return nil, err
	}
	p, err := newPrivate(source.private)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	if err := errors.Join(from.Backup(sourceBackup), to.Backup(receiverBackup)); err != nil {
		return nil, err
	}
	if err := errors.Join(p.write("source", from.raw), p.write("receiver", to.raw)); err != nil {
		return nil, err
	}
	received := false
	for i, m := range todo {
		_, there := to.Resource(m.To)
		received = received || !there
		if err := source.acrossCopies(ctx, p, i, m, there); err != nil {
			return nil, err
		}
	}
	if received {
		if err := receiver.pushCopy(ctx, p, "receiver", to); err != nil {
			return nil, err
		}
	}
	if err := source.pushCopy(ctx, p, "source", from); err != nil {
		return nil, fmt.Errorf("the receiver has the resources, and the source has them still: %w; apply neither root, run again to finish the move", err)
	}
	return todo, nil
}

// pendingAcross are the moves that are still to be made between two states.
func pendingAcross(from, to *State, moves []Move) ([]Move, error) {
	if to.Empty() {
		return nil, errors.New("the receiver has no state yet; apply it once, or plan and apply without the moved resources, and run again")
	}
	var out []Move
	for _, m := range moves {
		a, isFrom := from.Resource(m.From)
		b, isTo := to.Resource(m.To)
		switch {
		case isFrom && isTo && (a.id == "" || a.id != b.id):
			return nil, fmt.Errorf("move %s to %s: the receiver has another one there; find out which of them is the real one and take the other out with state rm", m.From, m.To)
		case !isFrom && !isTo:
			return nil, fmt.Errorf("move %s to %s: neither is in its state; check the addresses, backends and workspaces", m.From, m.To)
		case isFrom:
			out = append(out, m)
		}
	}
	return out, nil
}

// acrossCopies makes one move between the two copies, or takes out of the
// source what the receiver has already.
func (r *Root) acrossCopies(ctx context.Context, p *private, n int, m Move, there bool) error {
	args := []string{
		"state", "mv", "-state=" + p.path("source"), "-state-out=" + p.path("receiver"),
		"-backup=" + p.path(fmt.Sprintf("backup-%d", n)), "-backup-out=" + p.path(fmt.Sprintf("backup-out-%d", n)), m.From, m.To,
	}
	if there {
		args = []string{"state", "rm", "-state=" + p.path("source"), "-backup=" + p.path(fmt.Sprintf("backup-%d", n)), m.From}
	}
	_, err := r.beside(p).output(ctx, args...)
	return r.failure(ctx, strings.Join(args[:2], " "), nil, err)
}

package tofu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// PlanOptions say what to plan.
type PlanOptions struct {
	// Targets narrow a plan to addresses and what they depend on.
	Targets []string
}

// Saved is a plan that was made and can be applied. Its file holds secrets; it
// is removed by [Root.Apply] and by [Saved.Discard], one of which must be
// called.
type Saved struct {
	// Plan is what the file says, without what is sensitive.
	Plan *Plan

	private *private
	path    string
}

// Discard removes the plan's file. Twice is safe, and after an apply too.
func (s *Saved) Discard() error { return s.private.remove() }

// Plan plans, writes the plan to a private file and reads it back. Watch, if
// any, is told of progress by one goroutine. Nothing is changed; the lock is
// held meanwhile. When it fails nothing is left behind.
func (r *Root) Plan(ctx context.Context, o PlanOptions, watch func(Event)) (_ *Saved, err error) {
	if err := r.checkUnsaved(); err != nil {
		return nil, err
	}
	private, err := newPrivate(r.private)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, private.remove())
		}
	}()
	// The tool writes over a file that is there and keeps its mode.
	path, err := private.file("plan")
	if err != nil {
		return nil, err
	}
	// What TF_CLI_ARGS asks for stands before these: a plan that has not looked
	// at the account would be judged to be fine.
	args := []string{"plan", "-json", "-no-color", "-input=false", "-refresh=true", r.lock(), "-out=" + path}
	args = append(args, r.variables(Version{})...)
	for _, t := range o.Targets {
		args = append(args, "-target="+t)
	}
	l := &listener{watch: watch}
	if err := r.logged(ctx, private, l, args...); err != nil {
		return nil, r.failure(ctx, "plan", l.said, err)
	}
	if err := ownfile.Restrict(path); err != nil {
		return nil, fmt.Errorf("keep the plan private: %w", err)
	}
	plan, err := r.ReadPlan(ctx, path)
	if err != nil {
		return nil, err
	}
	return &Saved{Plan: plan, private: private, path: path}, nil
}

// ReadPlan reads a plan file that this root has made, here or elsewhere.
func (r *Root) ReadPlan(ctx context.Context, path string) (*Plan, error) {
	var plan *Plan
	args := append([]string{"show", "-json", "-no-color"}, r.early()...)
	err := r.process().stream(ctx, func(out io.Reader) (err error) {
		plan, err = DecodePlan(pastWarnings(out))
		return err
	}, append(args, path)...)
	var exit *exitError
	switch {
	case errors.As(err, &exit):
		err = r.failure(ctx, "show", nil, err)
		// The tool takes what it cannot read for a state to come.
		if newer := (*NewerStateError)(nil); errors.As(err, &newer) {
			err = newer.Err
		}
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read plan: %w", err)
	}
	return plan, nil
}

// Apply applies a saved plan, exactly that, and removes its file, whatever
// comes of it. Watch, if any, is told of progress by one goroutine.
//
// When it fails, what was done before is in the state. It gives a
// [*StalePlanError] when the state has changed since the plan was made, an
// [*UnsavedStateError] when the account was changed and the state not saved, and
// the context's cause when it was interrupted, after the tool has finished what
// it had begun. It is not to be called twice with one plan.
//
// The tool passes an interrupt on to its providers, which drop the calls that
// are under way; what such a call has made may then be missing in the state. A
// job that is asked to stop had better let an apply come to its end, and end
// the context only when the person does not want to wait any longer.
func (r *Root) Apply(ctx context.Context, s *Saved, watch func(Event)) (err error) {
	defer func() { err = errors.Join(err, s.Discard()) }()
	l := &listener{watch: watch}
	if err := r.checkUnsaved(); err != nil {
		return err
	}
	args := append([]string{"apply", "-json", "-no-color", "-input=false", "-auto-approve", r.lock()}, r.again()...)
	err = r.logged(ctx, s.private, l, append(args, s.path)...)
	err = r.failure(ctx, "apply", l.said, err)
	if left := filepath.Join(r.dir, unsaved); r.checkUnsaved() != nil {
		return &UnsavedStateError{Path: left, Err: errors.Join(err, ownfile.Restrict(left))}
	}
	return err
}

// pastWarnings skips the lines for people that the tool may print before JSON.
func pastWarnings(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	for {
		head, err := b.Peek(1)
		if err != nil || head[0] == '{' {
			return b
		}
		// What cannot be read now cannot be decoded later either.
		if _, err := b.ReadSlice('\n'); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return b
		}
	}
}

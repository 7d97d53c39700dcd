package migrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
)

// What an apply has made that was cut off before the tool could write the
// state. The next plan would make it once more, which AWS refuses, and nothing
// would ever bring the root to its end.

// reclaimFile is the file with import blocks that is in a root while it is
// planned. The plan holds what it says, so it is gone before the apply.
const reclaimFile = "slipway_imports.tf"

const reclaimHead = "# Written by slipway for one plan, and removed after it.\n"

// reclaiming plans a root after an apply of it was cut off.
type reclaiming struct {
	root *tofu.Root
	// moves are those of the job: what is made anew may be in the state under
	// its old address.
	moves []rewrite.Move
	// registered is what nullplatform has, by the address that would register it
	// once more.
	registered []rewrite.Import
	// read looks at the account.
	read func(context.Context) ([]*provision.Inventory, error)
	// backup names a new file for a copy of the state.
	backup func() (string, error)
}

// plan plans as the tool does, and once more if that would create what is there:
//
//  1. find what would be created and is there
//  2. take out of the state what stands there for it under a name of before
//  3. plan with import blocks for it, in a file that is removed at once
//
// It gives the addresses that are taken over. Twice is safe.
func (r reclaiming) plan(ctx context.Context, t *checklist.Task) (*tofu.Saved, []string, error) {
	if err := r.tidy(); err != nil {
		return nil, nil, err
	}
	saved, err := r.root.Plan(ctx, tofu.PlanOptions{}, tell(t))
	if err != nil {
		return nil, nil, err
	}
	accounts, err := r.read(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, saved.Discard())
	}
	lost := slices.Concat(lostIn(saved.Plan, accounts), r.unregistered(saved.Plan))
	if len(lost) == 0 {
		return saved, nil, nil
	}
	if err := saved.Discard(); err != nil {
		return nil, nil, err
	}
	if err := r.forget(ctx, t, lost); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(r.root.Dir(), reclaimFile)
	text := importBlocks(lost)
	err = t.Effect(ctx, fileIntent{Write: path, Sum: sumOf(text)}, func(context.Context) (any, error) { return nil, replace(path, text) })
	if err != nil {
		return nil, nil, err
	}
	saved, err = r.root.Plan(ctx, tofu.PlanOptions{}, tell(t))
	if gone := r.tidy(); gone != nil && err == nil {
		return nil, nil, errors.Join(gone, saved.Discard())
	}
	var addresses []string
	for _, l := range lost {
		t.Tell("%s is there already, and is taken into the state", l.To)
		addresses = append(addresses, l.To)
	}
	return saved, addresses, err
}

// tidy removes the file that a run has left which was killed while it planned.
func (r reclaiming) tidy() error {
	path := filepath.Join(r.root.Dir(), reclaimFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at %s: %w", path, err)
	case !strings.HasPrefix(string(text), reclaimHead):
		return fmt.Errorf("%s is there and not slipway's; give it another name, and run again", path)
	}
	return os.Remove(path)
}

// forget takes out of the state what stands for the same thing under the name
// that it had.
func (r reclaiming) forget(ctx context.Context, t *checklist.Task, lost []rewrite.Import) error {
	s, err := r.root.PullState(ctx)
	if err != nil {
		return err
	}
	var stale []string
	for _, l := range lost {
		from := []string{l.To}
		for _, m := range r.moves {
			if m.To == l.To {
				from = append(from, m.From)
			}
		}
		for _, address := range from {
			if _, there := s.Resource(address); there {
				stale = append(stale, address)
			}
		}
	}
	if len(stale) == 0 {
		return nil
	}
	backup, err := r.backup()
	if err != nil {
		return err
	}
	return t.Effect(ctx, map[string][]string{"state_rm": stale}, func(ctx context.Context) (any, error) {
		_, err := r.root.Forget(ctx, stale, backup)
		return nil, err
	})
}

// lostIn are the entities that a plan would create and an account has. Only
// names that AWS takes once count: an attachment or a membership can be made
// twice, and a key has no name.
func lostIn(p *tofu.Plan, accounts []*provision.Inventory) []rewrite.Import {
	var out []rewrite.Import
	for _, c := range p.Changes {
		if c.Action != tofu.Create {
			continue
		}
		for _, inv := range accounts {
			if id := idOf(inv, c.Type, c.After.Text("name")); id != "" {
				out = append(out, rewrite.Import{To: c.Address, ID: id})
				break
			}
		}
	}
	return out
}

// unregistered are the registrations that a plan would make and nullplatform has.
func (r reclaiming) unregistered(p *tofu.Plan) []rewrite.Import {
	return slices.DeleteFunc(slices.Clone(r.registered), func(i rewrite.Import) bool {
		return !slices.ContainsFunc(p.Changes, func(c tofu.Change) bool { return c.Address == i.To && c.Action == tofu.Create })
	})
}

// idOf is what an import is given to find an entity, "" when it is not there.
func idOf(inv *provision.Inventory, kind, name string) string {
	switch kind {
	case "aws_iam_user":
		if inv.User != nil && inv.User.Name == name {
			return name
		}
	case "aws_iam_role":
		if inv.Role != nil && inv.Role.Name == name {
			return name
		}
	case "aws_iam_group":
		if inv.Group(name) != nil {
			return name
		}
	case "aws_iam_policy":
		i := slices.IndexFunc(inv.Policies, func(p provision.Policy) bool { return p.Name == name && p.ARN == inv.Place.PolicyARN(name) })
		if i >= 0 {
			return inv.Policies[i].ARN
		}
	}
	return ""
}

func importBlocks(list []rewrite.Import) []byte {
	var b strings.Builder
	b.WriteString(reclaimHead)
	for _, l := range list {
		fmt.Fprintf(&b, "\nimport {\n  to = %s\n  id = %s\n}\n", l.To, layout.Quote(l.ID))
	}
	return []byte(b.String())
}

package wizard

import (
	"context"
	"reflect"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/view"
)

// estimated is the details of an install with, below them, what the answers so
// far come to. The numbers follow what is typed. They are of the account as it
// was read for these names, which is done when a row is left; until then they
// are of an account that holds nothing of it.
type estimated struct {
	*details
	read errand[*provision.Inventory]
	// of is what was asked to be read, and inv what came of it.
	of  provision.Scope
	inv *provision.Inventory
}

var _ screen = (*estimated)(nil)

func newEstimated(s *session) *estimated { return &estimated{details: newDetails(s)} }

func (e *estimated) enter() tea.Cmd {
	return tea.Batch(e.details.enter(), e.look())
}

func (e *estimated) update(msg tea.Msg) (tea.Cmd, wish) {
	if got, ok := e.read.take(msg); ok {
		if got.err == nil { // What cannot be read is told by the preview.
			e.inv = got.value
		}
		return nil, wish{}
	}
	row := e.open
	cmd, w := e.details.update(msg)
	if e.open == row || w.to != stay {
		return cmd, w
	}
	return tea.Batch(cmd, e.look()), w
}

// look reads what the answers are about, unless that was asked for.
func (e *estimated) look() tea.Cmd {
	scope, err := migrate.ScopeOf(e.s.answers.Request())
	if err != nil || e.s.acct == nil || reflect.DeepEqual(scope, e.of) {
		return nil
	}
	e.of, e.inv = scope, nil
	acct := e.s.acct
	return e.read.start(e.s, func(ctx context.Context) (*provision.Inventory, error) { return acct.Read(ctx, scope) })
}

func (e *estimated) page(c view.Canvas) page {
	p := e.details.page(c)
	p.below, p.spare = e.sum(c), true
	return p
}

// sum is what the answers come to, in one line and where it is from; none
// while they come to nothing.
func (e *estimated) sum(c view.Canvas) []string {
	req := e.s.answers.Request()
	scope, err := migrate.ScopeOf(req)
	if err != nil {
		return muted(c, []string{cut(c, "What this comes to is told here, once the names are given.", c.Width)})
	}
	inv, from := e.inv, "as the account is now"
	if inv == nil || !reflect.DeepEqual(scope, e.of) {
		inv, from = nil, "if the account holds nothing of it yet"
	}
	p, err := migrate.EstimateInstall(req, e.s.identity.Place, inv)
	if err != nil {
		return nil
	}
	label := "Comes to  "
	words := view.Headline(c.Narrower(len(label)), p)
	return []string{
		c.Theme.Title.Render(label) + words,
		"          " + c.Theme.Muted.Render(cut(c, from+"; the preview looks once more", c.Width-len(label))),
	}
}

func (e *estimated) leave() {
	e.read.cancel()
	if e.inv == nil {
		e.of = provision.Scope{}
	}
	e.details.leave()
}

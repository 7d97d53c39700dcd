package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// ReplanInstall makes a new plan for an open run whose account has changed in
// between. The run stays the same, so that all that it did can be undone; a
// key of it whose secret was lost is replaced. The preview is to be shown
// before the install is started.
func ReplanInstall(ctx context.Context, acct Account, r Resuming) (*Install, error) {
	s, err := lookBack(ctx, acct, r, r.Journal.Past())
	if err != nil {
		return nil, err
	}
	req := s.request
	req.Allow = r.Allow
	p, err := previewInstall(ctx, acct, req, s.ledger.lost())
	if err != nil {
		return nil, err
	}
	p.Plan.Changes = append(s.unfinished(p.Plan), p.Plan.Changes...)
	p.Plan.Changes = append(p.Plan.Changes, s.discards(p)...)
	i := &Install{preview: p, acct: acct, journal: r.Journal, ledger: s.ledger}
	i.ledger.plan++
	i.recall()
	if err := i.usePlace(r, s.request.Handover); err != nil {
		return nil, err
	}
	i.refusal = p.refuse(i.place)
	i.record(func() error { return r.Journal.Plan(p.planned()) })
	return i, nil
}

// Allow gives the words for what the plan changes in access.
func (i *Install) Allow(a Allow) {
	i.preview.Request.Allow = a
	if i.refusal != nil {
		i.refusal = i.preview.refuse(i.place)
	}
}

// Refusal says why a new plan must not be carried out, or nil.
func (i *Install) Refusal() error { return i.refusal }

// discards delete the keys whose secret was lost, where no other key is made
// that they would make room for.
func (s *sight) discards(p *InstallPreview) []provision.Change {
	if p.MakesKey() {
		return nil
	}
	var out []provision.Change
	for n, id := range s.ledger.lost() {
		out = append(out, discardKey(fmt.Sprintf("discard-key-%d", n+1), p.Plan.Blueprint.User.Name, p.Identity.Place, id))
	}
	return out
}

func discardKey(id, user string, at provision.Place, key string) provision.Change {
	return provision.Change{
		ID: id, Mark: provision.Remove, Entity: provision.Entity{Type: provision.KeyEntity, Name: key},
		Title: "Delete access key " + key,
		Why:   "This run made it, and nobody has its secret.",
		Calls: []provision.Call{{
			Action: deleteKeyAction, Resource: at.UserARN(user),
			Params: []provision.Param{{Name: "UserName", Value: user}, {Name: "AccessKeyId", Value: key}},
		}},
	}
}

// unfinished are the changes of which the run has carried out a part that a
// new comparison would take for the whole, such as a bucket without its
// settings.
func (s *sight) unfinished(next provision.Plan) []provision.Change {
	var out []provision.Change
	for _, c := range s.plan.Plan.Changes {
		made := 0
		for n := range c.Calls {
			if s.ledger.made(c.ID, n) {
				made++
			}
		}
		again := slices.ContainsFunc(next.Changes, func(x provision.Change) bool { return x.ID == c.ID })
		if made == 0 || made == len(c.Calls) || again {
			continue
		}
		c.Title = "Finish: " + c.Title
		c.Calls = slices.Clone(c.Calls)[made:]
		c.Needs = nil
		out = append(out, c)
	}
	return out
}

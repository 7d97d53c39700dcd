package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
)

// verify looks at a root after its apply: the key's secret in the state is the
// same, and a fresh plan has nothing to do.
func (u *RootUpgrade) verify(dir string) checklist.Step {
	return checklist.Step{
		ID: at("verify", dir), Title: "Plan once more, and compare the secret in the state",
		Why: "Nothing may be left to do, and the secret must be the one that CI has.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, u.look(waiting, t, dir))
		},
	}
}

func (u *RootUpgrade) look(ctx context.Context, t *checklist.Task, dir string) error {
	r, err := u.root(dir)
	if err != nil {
		return err
	}
	after, err := r.PullState(ctx)
	if err != nil {
		return err
	}
	proofs := []Proof{u.secretProof(dir, after)}
	saved, err := r.Plan(ctx, tofu.PlanOptions{}, tell(t))
	if err != nil {
		return err
	}
	still := Proof{What: "a fresh plan of " + dir + " has nothing to do", Holds: true, Detail: "all no-op"}
	consent := u.preview.expectation(dir)
	verdict := guard.Judge(saved.Plan, guard.Expectation{
		Job: guard.Nothing, Allowed: consent.Allowed, AllowUnrelated: consent.AllowUnrelated, UserElsewhere: consent.UserElsewhere,
	})
	if again := len(verdict.Expected); again > 0 {
		still.Detail = fmt.Sprintf("all no-op, but for %d that was agreed to and comes with every plan: %s", again, verdict.Expected[0].Address)
	}
	if refused := verdict.Err(); refused != nil {
		still.Holds, still.Detail = false, refused.Error()
	}
	proofs = append(proofs, still)
	u.mu.Lock()
	u.result.Proofs = append(u.result.Proofs, proofs...)
	u.mu.Unlock()
	return errors.Join(saved.Discard(), unproven(proofs))
}

// secretProof compares each key's secret in the state of after with that of
// before, wherever it was.
func (u *RootUpgrade) secretProof(dir string, after *tofu.State) Proof {
	out := Proof{What: "the key's secret in the state of " + dir + " is the same", Holds: true}
	n := 0
	for _, s := range u.before {
		for _, key := range s.Resources {
			if key.Type != "aws_iam_access_key" || !u.preview.concerns(key.Values.Text("user")) {
				continue
			}
			now, there := keyOf(after, key.Values.Text("id"))
			switch {
			case !there && u.preview.Request.Receiver != "" && dir != u.preview.Request.Receiver:
				continue // It has moved to the receiver.
			case !there:
				out.Holds, out.Detail = false, fmt.Sprintf("key %s is not in the state", key.Values.Text("id"))
				return out
			case !now.SameSecret(key):
				out.Holds, out.Detail = false, fmt.Sprintf("key %s has another secret, or none", key.Values.Text("id"))
				return out
			}
			n++
		}
	}
	out.Detail = fmt.Sprintf("%d compared", n)
	return out
}

func keyOf(s *tofu.State, id string) (tofu.Resource, bool) {
	for _, r := range s.Resources {
		if r.Type == "aws_iam_access_key" && r.Values.Text("id") == id {
			return r, true
		}
	}
	return tofu.Resource{}, false
}

// concerns reports whether a user is one of those that are upgraded.
func (p *RootPreview) concerns(user string) bool {
	for _, c := range p.Clusters {
		if c.Identity.UserName == user {
			return true
		}
	}
	return false
}

// bridgeDown adds the steps that take the bridge away: that of this run, what
// an earlier one has left, and of contract 1.12 the attachment that the group's
// grant has taken the place of.
func bridgeDown(c *chain, acct Account, p *RootPreview, done func(string)) {
	var links []provision.Call
	var steps []checklist.Step
	for i, cluster := range p.Clusters {
		links = append(links, provision.LinkCalls(cluster.Plan().Blueprint)...)
		var down []provision.Change
		if !p.Request.NoBridge {
			down = append(down, p.Bridges[i].Down...)
		}
		down = append(down, p.direct(i)...)
		steps = append(steps, changeSteps(acct, down, cluster.Identity, done)...)
	}
	for _, l := range p.Leftover {
		for _, cluster := range p.Clusters {
			if l.Entity.To == cluster.Identity.UserName && !inSteps(steps, l.ID) {
				steps = append(steps, changeSteps(acct, []provision.Change{l}, cluster.Identity, done)...)
			}
		}
	}
	settledDown(c, acct, links, steps)
}

// settledDown adds the steps that take a bridge away, if there are any, behind
// one that waits until every reader sees the links of the group.
func settledDown(c *chain, acct Account, links []provision.Call, down []checklist.Step) {
	if len(down) == 0 {
		return
	}
	c.add(settleStep("settle", "Wait until every reader sees the group's grants",
		"The bridge is taken away only when nobody needs it.", acct, links))
	for _, s := range down {
		c.add(s)
	}
}

func inSteps(steps []checklist.Step, id string) bool {
	for _, s := range steps {
		if s.ID == id {
			return true
		}
	}
	return false
}

// direct are the changes of a cluster's plan that take a grant of the layout
// from the user itself. Only contract 1.12 has such grants by itself: there is
// no group yet, or an earlier run has taken the attachment out of the state.
// Anywhere else they are a person's, or a bridge's that the journal knows.
func (p *RootPreview) direct(i int) []provision.Change {
	var out []provision.Change
	forgot := p.forgot
	for _, c := range p.Clusters[i].Plan().Changes {
		forgot = forgot || c.ID == "create-group"
		if forgot && c.Mark == provision.Remove && c.Entity.ToType == provision.UserEntity {
			out = append(out, c)
		}
	}
	return p.apart(p.Clusters[i].Request.Cluster, out)
}

// proveRoot shows at the end what the accounts have come to.
func proveRoot(acct Account, p *RootPreview, keep func([]Proof)) checklist.Step {
	return checklist.Step{
		ID: "prove", Title: "Show that nothing was lost",
		Why: "The build user and its keys are the same, and what it may do is what was shown.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			var all []Proof
			for _, c := range p.Clusters {
				u := &AccountUpgrade{preview: c, acct: acct}
				err := u.proofs(waiting, t)
				all = append(all, p.ofCluster(c.Request.Cluster, u.Result().Proofs)...)
				keep(all)
				if err != nil {
					return stoppedOr(waiting, err)
				}
			}
			return nil
		},
	}
}

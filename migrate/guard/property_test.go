package guard_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
)

func anyAction() *rapid.Generator[tofu.Action] {
	return rapid.SampledFrom([]tofu.Action{
		tofu.NoOp, tofu.Create, tofu.Read, tofu.Update, tofu.Delete, tofu.Replace, tofu.ReplaceAfter, tofu.Forget, tofu.ReplaceForget, "something new",
	})
}

// anyPlan is one of the known plans with some of its changes altered.
func anyPlan() *rapid.Generator[*tofu.Plan] {
	return rapid.Custom(func(t *rapid.T) *tofu.Plan {
		p := rapid.SampledFrom([]func() *tofu.Plan{fourMoves, forgotten, twoMoves, renamedS3}).Draw(t, "plan")()
		for i := range p.Changes {
			if c := &p.Changes[i]; rapid.Bool().Draw(t, "alter") {
				c.Action = anyAction().Draw(t, "action")
				c.Imports = rapid.Bool().Draw(t, "imports")
				c.Deposed = rapid.SampledFrom([]string{"", "", "", "0a1b2c3d"}).Draw(t, "deposed")
				c.Changed = rapid.SliceOfN(rapid.SampledFrom([]string{"name", "user", "policy", "groups", "group", "status", "tags", "tags_all"}), 0, 2).Draw(t, "changed")
			}
		}
		for i := range p.Outputs {
			p.Outputs[i].Action = anyAction().Draw(t, "output")
		}
		return p
	})
}

func anyWant() *rapid.Generator[guard.Expectation] {
	return rapid.Custom(func(t *rapid.T) guard.Expectation {
		every := []string{oldUser, newUser, oldKey, newKey, oldGroup, newGroup, ecrGrant, ecrPolicy, s3Policy, oldS3, "output.ci_id", "output.ci_secret"}
		return guard.Expectation{
			Job:     rapid.SampledFrom(guard.Jobs()).Draw(t, "job"),
			Cluster: rapid.SampledFrom([]string{"", "demo", "prod"}).Draw(t, "cluster"),
			Allowed: rapid.SliceOf(rapid.SampledFrom(every)).Draw(t, "allowed"), AllowUnrelated: rapid.Bool().Draw(t, "unrelated"),
			UserElsewhere: rapid.Bool().Draw(t, "elsewhere"),
		}
	})
}

func isProtected(c tofu.Change) bool {
	return c.Type == "aws_iam_user" || c.Type == "aws_iam_access_key"
}

func onlyTags(names []string) bool {
	return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return n != "tags" && n != "tags_all" })
}

// Never rotate: whatever else a plan holds and whatever was consented to, a
// plan that is let through keeps user and key. Only an install may make them, and
// only the user's tags may change where that was agreed to.
func TestNoPlanThatTouchesTheKeyGetsThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, want := anyPlan().Draw(t, "plan"), anyWant().Draw(t, "want")
		v := guard.Judge(p, want)
		if v.Refused() {
			return
		}
		for _, c := range p.Changes {
			made := want.Job == guard.Install && c.Action == tofu.Create
			tagged := c.Type == "aws_iam_user" && c.Action == tofu.Update && onlyTags(c.Changed) &&
				(want.AllowUnrelated || slices.Contains(want.Allowed, c.Address))
			if isProtected(c) && (!c.Action.Harmless() && !made && !tagged || c.Deposed != "" || c.Imports && c.Type == "aws_iam_access_key") {
				t.Fatalf("let through: %s %s (%+v)", c.Action, c.Address, want)
			}
		}
		for _, o := range p.Outputs {
			if !slices.Contains([]tofu.Action{tofu.NoOp, tofu.Create}, o.Action) {
				t.Fatalf("let through: %s output %s", o.Action, o.Name)
			}
		}
	})
}

// Nothing is passed over: each change that does something is in one of the
// lists, and what goes away is expected only where the upgrade is about it.
func TestEveryChangeIsInTheVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, want := anyPlan().Draw(t, "plan"), anyWant().Draw(t, "want")
		v := guard.Judge(p, want)
		said := map[string]bool{}
		for _, f := range slices.Concat(v.Refusals, v.Unrelated, v.Expected) {
			said[f.Address] = true
		}
		for _, c := range p.Changes {
			if !c.Action.Harmless() && !said[c.Address] {
				t.Fatalf("nothing is said of %s %s", c.Action, c.Address)
			}
		}
	})
}

// More consent never makes a verdict harder.
func TestConsentOnlyOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, want := anyPlan().Draw(t, "plan"), anyWant().Draw(t, "want")
		before := guard.Judge(p, want)
		want.AllowUnrelated = true
		want.Allowed = append(want.Allowed, rapid.SampledFrom([]string{newKey, ecrGrant, oldS3, bucket}).Draw(t, "more"))
		after := guard.Judge(p, want)
		if len(after.Refusals) > len(before.Refusals) || len(after.Unrelated) > len(before.Unrelated) {
			t.Fatalf("more is refused with more consent:\n%v\n%v", before, after)
		}
	})
}

// A forgotten move is answered with the block that is missing.
func TestAdviceForAForgottenMove(t *testing.T) {
	v := guard.Judge(forgotten(), guard.Expectation{Job: guard.Upgrade})
	for from, to := range map[string]string{oldUser: newUser, oldKey: newKey, oldGroup: newGroup, oldMember: newMember} {
		if !slices.ContainsFunc(v.Refusals, func(f guard.Finding) bool {
			return f.Address == from && f.Move != nil && *f.Move == tofu.Move{From: from, To: to} && strings.Contains(f.Do, "moved block")
		}) {
			t.Errorf("no advice to move %s to %s in %v", from, to, v.Refusals)
		}
	}
	if text := v.Err().Error(); !strings.Contains(text, "nothing was applied") || !strings.Contains(text, oldKey) {
		t.Errorf("error: %s", text)
	}
}

// Only what takes a grant away for a moment is a gap: with everything moved,
// the membership and the attachment.
func TestGaps(t *testing.T) {
	want := guard.Expectation{Job: guard.Upgrade, Allowed: []string{ecrGrant}}
	lost := fourMoves()
	at(lost, ecrGrant).Action, at(lost, ecrGrant).After = tofu.Delete, nil
	for name, tt := range map[string]struct {
		plan *tofu.Plan
		gaps []string
	}{
		"four moves":       {fourMoves(), []string{"expected " + newMember, "expected " + ecrGrant}},
		"without the bond": {without(fourMoves(), newMember, ecrGrant), nil},
		"5.0 to 6.1":       {renamedS3(), []string{"expected " + oldS3In}},
		"with consent":     {lost, []string{"expected " + newMember, "grant " + ecrGrant}},
	} {
		if got := brief(guard.Judge(tt.plan, want).Gaps); !slices.Equal(got, tt.gaps) {
			t.Errorf("%s: gaps %v, want %v", name, got, tt.gaps)
		}
	}
}

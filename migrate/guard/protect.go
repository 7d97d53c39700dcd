package guard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// protected judges the build user and its keys: they stay, or are moved. An
// install may make them.
func (j *judge) protected(c tofu.Change, p part) {
	rule := RuleUser
	if p == key {
		rule = RuleKey
	}
	switch {
	case p == key && c.Imports:
		j.refuse(finding(c, rule, "the key is imported: its secret cannot be read back, so that the output would become empty").
			do("move the key in the state instead, or leave it out of the configuration"))
	case c.Action == tofu.NoOp && c.Deposed == "" && j.want.Job == Nothing:
		j.nothing(c, p)
	case c.Action.Harmless() && c.Deposed == "" && c.Imports && j.want.Job == Upgrade:
		j.refuse(finding(c, rule, "the build user is imported, and an upgrade finds it in the state").do("move it in the state instead"))
	case c.Action.Harmless() && c.Deposed == "" && (c.Moved() || c.Imports):
		j.expect(finding(c, RuleExpected, "the %s is kept as it is", p))
	case c.Action.Harmless() && c.Deposed == "":
		j.verdict.Kept++
	case p == user && c.Action == tofu.Update && c.Deposed == "" && !c.Imports && onlyTags(c) && j.want.Job != Nothing:
		j.unrelated(finding(c, RuleUnrelated, "the tags of the build user would change; user and key stay as they are").
			do("see that no policy asks for these tags, and consent; or apply that on its own before"))
	case p == user && j.takenOver(c):
		j.expect(finding(c, RuleExpected, "the build user is taken into the state as it is"))
	case j.want.Job == Install && c.Action == tofu.Create && j.ours(c):
		j.expect(finding(c, RuleExpected, "it is created"))
	default:
		j.refuse(j.harm(c, p, rule))
	}
}

// harm says what a change of user or key would do.
func (j *judge) harm(c tofu.Change, p part, rule Rule) Finding {
	switch {
	case c.Deposed != "":
		return finding(c, rule, "an earlier %s that still is there would be destroyed", p).do("find out whether CI uses it before anything else")
	case c.Action == tofu.Create:
		from := j.counterpart(c, p, func(o tofu.Change) bool { return o.Action == tofu.Delete || o.Action == tofu.Forget })
		f := finding(c, rule, "%s", createHarm(p))
		if from != "" {
			return f.do("move it here from %s", from)
		}
		return f.do("find out where the state has it and move it from there; across two states use state mv")
	case c.Action == tofu.Delete || c.Action == tofu.Forget:
		to := j.counterpart(c, p, func(o tofu.Change) bool { return o.Action == tofu.Create })
		return finding(c, rule, "%s", deleteHarm(p, c.Action)).moveTo(to)
	case goes(c) && slices.Contains(c.ReplacePaths, "user"):
		return finding(c, rule, "the key would be replaced by a new one, because its user changes: %s; CI would stop", beforeAfter(c, "user")).
			do("give the module the cluster name that it had, byte for byte")
	case goes(c):
		return finding(c, rule, "the %s would be replaced because of %s; CI would stop", p, orUnknown(c.ReplacePaths)).do("undo what changes it, and plan again")
	case c.Action == tofu.Update && slices.Contains(c.Changed, "name"):
		return finding(c, rule, "the build user would be renamed, which also replaces its key: %s", beforeAfter(c, "name")).
			do("give the module the cluster name that it had, byte for byte")
	case c.Action == tofu.Update:
		return finding(c, rule, "the %s would be changed in %s", p, orUnknown(c.Changed)).do("undo what changes it, or make that change on its own, before or after")
	}
	return finding(c, rule, "the plan does %q with the %s, which is not known here", c.Action, p).do("use a slipway that knows this version of the tool")
}

func createHarm(p part) string {
	if p == key {
		return "a new key would be made, and CI would get it in place of the one that works"
	}
	return "the build user would be created although it is there, which fails half-way or loses it with its key"
}

func deleteHarm(p part, a tofu.Action) string {
	if a == tofu.Forget {
		return fmt.Sprintf("the %s would leave the state, and cannot come back with its secret", p)
	}
	if p == key {
		return "the key with which CI publishes would be destroyed; it cannot be had back"
	}
	return "the build user would be destroyed, and its key with it"
}

// moveTo gives a finding about something that goes away the move that is
// missing, as far as its end is known.
func (f Finding) moveTo(to string) Finding {
	if to == "" {
		return f.do("keep it in the configuration, or move it to its new address with a moved block")
	}
	f.Move = &tofu.Move{From: f.Address, To: to}
	return f.do("a move was forgotten: add the moved block from %s to %s and plan again", f.Address, to)
}

// counterpart finds the address at which the same part is gone or comes to be.
func (j *judge) counterpart(c tofu.Change, p part, fits func(tofu.Change) bool) string {
	for _, o := range j.plan.Changes {
		if o.Address != c.Address && partOf(o) == p && sameCluster(c, o) && fits(o) {
			return o.Address
		}
	}
	return ""
}

func beforeAfter(c tofu.Change, attribute string) string {
	after := c.After.Text(attribute)
	if slices.Contains(c.Unknown, attribute) || after == "" {
		after = "a name that is known only after the apply"
	}
	return fmt.Sprintf("from %s to %s", c.Before.Text(attribute), after)
}

func orUnknown(names []string) string {
	if len(names) == 0 {
		return "something that the plan does not name"
	}
	return strings.Join(names, ", ")
}

var (
	keyReference = lazy(`build_workflow_access_key|aws_iam_access_key\.|access_key_(id|secret)|secret_access_key`)
	keyWord      = lazy(`(?i)access_?key|secret_?key`)
	bareModule   = lazy(`^module\.[^.]+$`)
)

// carriesKey reports whether an output carries the key or its secret, or might:
// a sensitive output whose source the plan does not name is taken to.
func carriesKey(o tofu.OutputChange) bool {
	if o.KeyID || keyWord.MatchString(o.Name) || slices.ContainsFunc(o.References, keyReference.MatchString) {
		return true
	}
	if !o.Sensitive {
		return false
	}
	return len(o.References) == 0 || slices.ContainsFunc(o.References, func(r string) bool {
		return strings.HasPrefix(r, "local.") || strings.HasPrefix(r, "data.terraform_remote_state.") || bareModule.MatchString(r)
	})
}

// output judges an output of the root.
func (j *judge) output(o tofu.OutputChange) {
	f := Finding{Address: "output." + o.Name, Action: o.Action}
	switch {
	case o.Action == tofu.NoOp:
	case j.want.Job == Install && o.Action == tofu.Create:
		f.Rule, f.Why = RuleExpected, "the output is created"
		j.expect(f)
	case carriesKey(o) && o.Action != tofu.Create:
		f.Rule = RuleOutput
		f.Why = fmt.Sprintf("the output carries the key or its secret, or may, and the plan does: %s", o.Action)
		f.Do = "keep the output's name, and point it at the output of the module that holds the key now; its value must not change"
		j.refuse(f)
	case j.want.Job == Nothing && !j.want.AllowUnrelated:
		f.Rule, f.Why, f.Do = RuleEmpty, fmt.Sprintf("the plan should be empty and does: %s", o.Action), "apply again, or see who has changed it"
		j.object(f)
	default:
		f.Rule, f.Why = RuleUnrelated, fmt.Sprintf("the output has nothing to do with this %s, and the plan does: %s", j.want.Job, o.Action)
		f.Do = "apply it on its own before, or consent"
		j.unrelated(f)
	}
}

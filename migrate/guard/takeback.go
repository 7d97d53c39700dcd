package guard

import (
	"slices"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// takeBack judges a change that is none of user and key against what it takes
// to go back from contract 5.0 or 6.1 to 3.4, or from 6.1 to 5.0: the upgrade's
// own changes turned round, and nothing else.
func (j *judge) takeBack(c tofu.Change, p part) {
	if !j.ours(c) {
		p = other
	}
	switch p {
	case group:
		if c.Action == tofu.Update && only(c, "name", "arn", "id") && oldGroup.MatchString(c.After.Text("name")) {
			j.expect(finding(c, RuleExpected, "the group gets its name of before, %s; members and policies stay", beforeAfter(c, "name")))
			return
		}
		j.foreign(c)
	case membership:
		j.memberBack(c)
	case grant:
		j.grantBack(c)
	case s3Policy:
		j.policyBack(c)
	case validation:
		j.expect(finding(c, RuleExpected, "it only checks inputs"))
	default:
		j.foreign(c)
	}
}

// memberBack judges the build user's place in the group.
func (j *judge) memberBack(c tofu.Change) {
	after := c.After.Texts("groups")
	left := slices.DeleteFunc(c.Before.Texts("groups"), func(g string) bool {
		return newGroup.MatchString(g) || slices.Contains(after, g)
	})
	if !slices.ContainsFunc(after, oldGroup.MatchString) || len(left) > 0 {
		j.foreign(c)
		return
	}
	f := finding(c, RuleExpected, "the membership follows the group")
	switch {
	case c.Action == tofu.Create:
		j.expect(f)
	case c.Action == tofu.Update && only(c, "groups", "id"):
		j.expect(f)
		j.gap(f)
	default:
		j.foreign(c)
	}
}

// grantBack judges an attachment of a policy to the group.
func (j *judge) grantBack(c tofu.Change) {
	same := c.Before.Text("policy_arn") == c.After.Text("policy_arn")
	name := policyName(c.Before.Text("policy_arn"))
	switch {
	case c.Action == tofu.Create && ofTheModules(c):
		j.expect(finding(c, RuleExpected, "the group gets the grant"))
	case (c.Action == tofu.Replace || c.Action == tofu.ReplaceAfter) && same && only(c, "group", "id"):
		f := finding(c, RuleExpected, "the attachment follows the group's name: it is taken away and comes back")
		j.expect(f)
		j.gap(f)
	case c.Action == tofu.Delete && s3New.MatchString(name):
		f := finding(c, RuleExpected, "the S3 grant that the upgrade has made goes")
		j.expect(f)
		j.gap(f)
	default:
		j.foreign(c)
	}
}

// policyBack judges the policy of the S3 grant: that of contract 5.0 comes back,
// and the one that the upgrade has made goes.
func (j *judge) policyBack(c tofu.Change) {
	switch {
	case c.Action == tofu.Create && s3Old.MatchString(c.After.Text("name")):
		j.expect(finding(c, RuleExpected, "the S3 policy of contract 5.0 comes back"))
	case c.Action == tofu.Delete && s3New.MatchString(c.Before.Text("name")):
		j.expect(finding(c, RuleExpected, "the S3 policy that the upgrade has made goes"))
	default:
		j.foreign(c)
	}
}

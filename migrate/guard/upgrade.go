package guard

import (
	"slices"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision/policy"
)

// upgrade judges a change that is none of user and key against what an upgrade
// across the split does.
func (j *judge) upgrade(c tofu.Change, p part) {
	if !j.ours(c) {
		p = other
	}
	switch p {
	case group:
		j.group(c)
	case membership:
		j.membership(c)
	case grant:
		j.grant(c)
	case direct:
		j.direct(c)
	case s3Policy, ecrPolicy:
		j.policy(c, p)
	case role:
		j.trust(c)
	case validation:
		j.expect(finding(c, RuleExpected, "it only checks inputs"))
	case crossPull:
		j.crossPull(c)
	case register:
		j.registration(c)
	default:
		j.foreign(c)
	}
}

// registration judges what is registered with nullplatform. Releases of
// asset/ecr up to 4.0.0 left it alone once it was made, and later ones send it
// again: with it CI gets the key that the state has.
func (j *judge) registration(c tofu.Change) {
	if c.Action != tofu.Update {
		j.foreign(c)
		return
	}
	j.unrelated(finding(c, RuleUnrelated, "the registration would be sent to nullplatform again, with key and role as the state has them").
		do("see that the key that CI uses today is that one, and consent"))
}

// foreign judges what the upgrade is not about.
func (j *judge) foreign(c tofu.Change) {
	if goes(c) {
		j.object(finding(c, RuleDestroy, "the %s does not destroy it, and the plan does: %s%s", j.want.Job, c.Action, because(c)).
			do("apply that on its own, or plan with -target; if it is meant, allow its address"))
		return
	}
	j.unrelated(j.stray(c))
}

func because(c tofu.Change) string {
	if len(c.ReplacePaths) == 0 {
		return ""
	}
	return " because of " + orUnknown(c.ReplacePaths)
}

// only reports whether nothing but the named attributes changes.
func only(c tofu.Change, names ...string) bool {
	return !slices.ContainsFunc(c.Changed, func(n string) bool { return !slices.Contains(names, n) })
}

// onlyTags reports whether tags change, and nothing else does: those of the
// resource, or those that the provider puts on everything.
func onlyTags(c tofu.Change) bool { return len(c.Changed) > 0 && only(c, "tags", "tags_all") }

// group judges the publishers group: it is renamed in place, or made where
// there was none.
func (j *judge) group(c tofu.Change) {
	switch {
	case c.Action == tofu.Update && only(c, "name", "arn", "id") && newGroup.MatchString(c.After.Text("name")):
		j.expect(finding(c, RuleExpected, "the group is renamed in place, %s; members and policies stay", beforeAfter(c, "name")))
	case c.Action == tofu.Create && newGroup.MatchString(c.After.Text("name")):
		j.expect(finding(c, RuleExpected, "the group is created"))
	case goes(c):
		to := j.counterpart(c, group, func(o tofu.Change) bool { return o.Action == tofu.Create })
		j.object(finding(c, RuleGrant, "the group through which CI has its grants would be destroyed; that fails half-way if anybody else is in it").moveTo(to))
	default:
		j.unrelated(j.stray(c))
	}
}

// membership judges the build user's place in the group.
func (j *judge) membership(c tofu.Change) {
	left := slices.DeleteFunc(c.Before.Texts("groups"), func(g string) bool {
		return oldGroup.MatchString(g) || slices.Contains(c.After.Texts("groups"), g)
	})
	joins := slices.ContainsFunc(c.After.Texts("groups"), newGroup.MatchString)
	switch {
	case c.Action == tofu.Create && joins:
		j.expect(finding(c, RuleExpected, "the build user joins the group"))
	case c.Action == tofu.Update && joins && only(c, "groups", "id") && len(left) == 0:
		f := finding(c, RuleExpected, "the membership follows the group")
		j.expect(f)
		j.gap(f)
	case goes(c):
		to := j.counterpart(c, membership, func(o tofu.Change) bool { return o.Action == tofu.Create })
		j.object(finding(c, RuleGrant, "the build user would leave its group before it joins another").moveTo(to))
	case c.Action == tofu.Update && len(left) > 0:
		j.object(finding(c, RuleGrant, "the build user would leave %s", orUnknown(left)).do("keep that group in the configuration; if it is meant, allow the address"))
	default:
		j.unrelated(j.stray(c))
	}
}

// gap notes a change that takes a grant away for a moment.
func (j *judge) gap(f Finding) { j.verdict.Gaps = append(j.verdict.Gaps, f) }

// grant judges an attachment of a policy to the group.
func (j *judge) grant(c tofu.Change) {
	same := c.Before.Text("policy_arn") == c.After.Text("policy_arn")
	switch {
	case c.Action == tofu.Create && ofTheModules(c):
		j.expect(finding(c, RuleExpected, "the group gets the grant"))
	case c.Action == tofu.Create:
		j.unrelated(finding(c, RuleUnrelated, "the group would get a policy that is none of the modules': %s", orUnknown(values(c, "policy_arn"))).
			do("leave it out, or consent"))
	case c.Action == tofu.ReplaceAfter && same && newGroup.MatchString(c.After.Text("group")):
		f := finding(c, RuleExpected, "the attachment follows the group's name")
		j.expect(f)
		j.gap(f)
	case c.Action == tofu.Replace && same && only(c, "group", "id") && newGroup.MatchString(c.After.Text("group")):
		f := finding(c, RuleExpected, "the attachment follows the group's name: it is taken away and comes back")
		j.expect(f)
		j.gap(f)
	case c.Action == tofu.ReplaceForget && same && newGroup.MatchString(c.After.Text("group")):
		j.expect(finding(c, RuleExpected, "the attachment follows the group's name, and nothing is taken away"))
	case c.Action == tofu.Forget:
		j.expect(finding(c, RuleExpected, "the attachment leaves the state and stays in the account"))
	case c.Action == tofu.Delete && s3Old.MatchString(policyName(c.Before.Text("policy_arn"))) && j.followed(c):
		f := finding(c, RuleExpected, "the S3 grant of contract 5.0 makes way for that of 6.1")
		j.expect(f)
		j.gap(f)
	default:
		j.object(finding(c, RuleGrant, "the group would lose %s, and the plan does: %s", orUnknown(values(c, "policy_arn")), c.Action).
			do("keep the attachment; if it is meant, allow the address"))
	}
}

// ofTheModules reports whether an attachment is one that the modules make: by
// the policy's ARN, or, while that is not known, by its label.
func ofTheModules(c tofu.Change) bool {
	if arn := c.After.Text("policy_arn"); arn != "" {
		name := policyName(arn)
		cluster := clustersOf(c)
		return slices.ContainsFunc([]pattern{ecrName, s3New, s3Old}, func(re pattern) bool {
			m := re.FindStringSubmatch(name)
			return m != nil && slices.Equal(cluster, m[1:])
		})
	}
	return slices.Contains(c.Unknown, "policy_arn") &&
		slices.Contains([]string{"ecr_manager_policy_group", "s3_policy_group", "s3_assets_policy_group"}, c.Name)
}

// followed reports whether the S3 grant of contract 6.1 is there or comes, for
// the cluster of the one that goes.
func (j *judge) followed(c tofu.Change) bool {
	return slices.ContainsFunc(j.plan.Changes, func(o tofu.Change) bool {
		return sameCluster(c, o) && o.Type == "aws_iam_policy" && s3New.MatchString(o.After.Text("name")) && !goes(o)
	}) && slices.ContainsFunc(j.plan.Changes, func(o tofu.Change) bool {
		return partOf(o) == grant && o.Address != c.Address && newGroup.MatchString(o.After.Text("group")) && j.grantsS3(o)
	})
}

// grantsS3 reports whether an attachment is one of the S3 grant of contract
// 6.1: by the policy's ARN, or, while that is not known, by its label.
func (j *judge) grantsS3(c tofu.Change) bool {
	if arn := c.After.Text("policy_arn"); arn != "" {
		return s3New.MatchString(policyName(arn))
	}
	return slices.Contains(c.Unknown, "policy_arn") && c.Name == "s3_policy_group"
}

// direct judges an attachment of a policy to the user itself, as contract 1.12
// had it. Taking it away is for later, when the group's grant is proven.
func (j *judge) direct(c tofu.Change) {
	switch {
	case c.Action == tofu.Forget:
		j.expect(finding(c, RuleExpected, "the attachment leaves the state and stays in the account"))
	case goes(c):
		j.object(finding(c, RuleGrant, "the build user would lose %s, perhaps before the group has it", orUnknown(values(c, "policy_arn"))).
			do("take it out of the state first (state rm, or a removed block with destroy = false) and detach it when the group's grant is proven; if it is meant, allow the address"))
	default:
		j.unrelated(j.stray(c))
	}
}

// policy judges the policies of the destinations.
func (j *judge) policy(c tofu.Change, p part) {
	switch {
	case c.Action == tofu.Create:
		j.created(c, p)
	case c.Action == tofu.Delete && p == s3Policy && s3Old.MatchString(c.Before.Text("name")) && j.replaces(c):
		j.expect(finding(c, RuleExpected, "the S3 policy of contract 5.0 makes way for that of 6.1"))
	case goes(c):
		j.object(finding(c, RuleGrant, "the %s would be destroyed%s, and what it grants with it", p, because(c)).
			do("undo what changes it, and plan again; if it is meant, allow the address"))
	case c.Action == tofu.Update && onlyTags(c):
		j.unrelated(finding(c, RuleUnrelated, "the tags of the %s would change; what it allows stays", p).do("consent, or apply that on its own before"))
	case c.Action == tofu.Update && onlyDocument(c) && p == ecrPolicy && covers(mostECR, c.After.Text("policy")) && covers(c.After.Text("policy"), c.Before.Text("policy")):
		j.widen(c, "the ECR policy allows more than before: all that the document of the modules does")
	case c.Action == tofu.Update && slices.Contains(c.Changed, "policy") && !covers(c.After.Text("policy"), c.Before.Text("policy")):
		j.object(finding(c, RuleGrant, "the %s would allow less than before, or it cannot be told", p).do("compare the two documents; if it is meant, allow the address"))
	default:
		j.unrelated(j.stray(c))
	}
}

// onlyDocument reports whether a policy changes in its document, and in nothing
// that has a say beside it.
func onlyDocument(c tofu.Change) bool {
	return slices.Contains(c.Changed, "policy") && only(c, "policy", "tags", "tags_all")
}

// trust judges the application role: contracts before 3.4 bind its trust to a
// region and a date, and later ones do not. A change of the trust is never a
// mere side of another one.
func (j *judge) trust(c tofu.Change) {
	if c.Action == tofu.Update && slices.Contains(c.Changed, "assume_role_policy") {
		if !only(c, "assume_role_policy", "tags", "tags_all") {
			j.object(finding(c, RuleGrant, "the trust of the application role would change, and with it %s", orUnknown(c.Changed)).
				do("make one change at a time; if it is meant, allow the address"))
			return
		}
		j.widen(c, "the trust of the application role changes; since contract 3.4 it has no conditions")
		return
	}
	j.foreign(c)
}

// widen judges a document that allows more than before.
func (j *judge) widen(c tofu.Change, why string) {
	if j.want.AllowBroadening {
		j.expect(finding(c, RuleExpected, "%s", why))
		return
	}
	j.unrelated(finding(c, RuleUnrelated, "%s", why).do("agree to it with --allow-broadening, or consent to its address"))
}

// created judges a policy that is made. What it allows beyond the modules' own
// documents is not a part of the job.
func (j *judge) created(c tofu.Change, p part) {
	most := mostS3
	if p == ecrPolicy {
		most = mostECR
	}
	if !covers(most, c.After.Text("policy")) {
		j.unrelated(finding(c, RuleUnrelated, "the %s that is created allows more than publishing, or it cannot be told", p).do("compare its document with that of the module, or consent"))
		return
	}
	j.expect(finding(c, RuleExpected, "the %s is created", p))
}

// The most that the policies of the modules allow, for any bucket.
const (
	mostS3  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws*:s3:::*/*"}]}`
	mostECR = `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:CreateRepository","ecr:DeleteRepository","ecr:DescribeRepositories","ecr:TagResource","ecr:SetRepositoryPolicy"],"Resource":"arn:aws*:ecr:*:*:repository/*"},` +
		`{"Effect":"Allow","Action":["sts:GetServiceBearerToken","ecr:GetAuthorizationToken"],"Resource":"*"}]}`
)

// replaces reports whether a policy of contract 6.1 allows all that the one of
// 5.0 does.
func (j *judge) replaces(old tofu.Change) bool {
	return slices.ContainsFunc(j.plan.Changes, func(o tofu.Change) bool {
		return o.Type == "aws_iam_policy" && sameCluster(old, o) && s3New.MatchString(o.After.Text("name")) &&
			covers(o.After.Text("policy"), old.Before.Text("policy"))
	})
}

// covers reports whether a document allows at least what another does. What
// cannot be read does not.
func covers(now, before string) bool {
	a, errA := policy.Parse(now)
	b, errB := policy.Parse(before)
	if errA != nil || errB != nil {
		return false
	}
	return len(policy.Compare(accessOf(b), accessOf(a)).Lost) == 0
}

func accessOf(d *policy.Document) policy.Access {
	return policy.AccessOf(&policy.Policies{Identity: []policy.Source{{Name: "policy", Document: d}}})
}

// crossPull judges what releases up to 4.1 had for pulls from other accounts.
func (j *judge) crossPull(c tofu.Change) {
	if goes(c) {
		j.object(finding(c, RuleDestroy, "other accounts pull images through it, and it would be destroyed: newer modules have a repository policy instead").
			do("see that the repositories have that policy, then allow the address"))
		return
	}
	j.unrelated(j.stray(c))
}

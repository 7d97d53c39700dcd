package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

func (p *planner) effect(root, address, why string, actions ...string) {
	p.out.Effects = append(p.out.Effects, Effect{Root: root, Address: address, Actions: actions, Why: why})
}

// instanceKeys are the instances of an identity: those of the state, else
// those of the configuration.
func instanceKeys(id *layout.Identity, c *layout.Call) []string {
	if len(id.Holdings) == 0 {
		return c.Repeat.Keys
	}
	var out []string
	for _, h := range id.Holdings {
		out = append(out, h.Instance)
	}
	return out
}

// effectsFromGrant says what the plan will do besides moves.
func (p *planner) effectsFromGrant(id *layout.Identity, user string) {
	root := p.l.Root.Dir
	if id.Contract == layout.Contract34 && id.ECR != nil && (len(id.Holdings) > 0 || p.l.Root.State == nil) {
		for _, key := range instanceKeys(id, id.ECR) {
			to := "module." + user + key + "."
			p.effect(root, to+groupRes, "the group is renamed in place", "update")
			p.effect(root, to+memberRes, "the membership follows the group's name", "update")
			p.effect(root, "module."+id.ECR.Name+key+"."+groupGrantRes, "the attachment names the group, and is made anew", "delete", "create")
		}
		p.gone(id.ECR)
	}
	p.effectsOfS3(id, root)
}

// gone are the resources of releases before 4.2.0 that no later one makes.
func (p *planner) gone(ecr *layout.Call) {
	if p.l.Root.State == nil {
		if v := layout.Release(ecr.Source.Ref); ecr.Has("enable_cross_account_pull") && (v == nil || v.Segments()[0] < 4 || v.Segments()[0] == 4 && v.Segments()[1] < 2) {
			p.tell(layout.WillReplace, ecr.Position, "4.2.0 removed the role for pulling from other accounts; where there is one, it will be deleted",
				"make sure that the repository policy lets those accounts pull before it is applied")
		}
		return
	}
	for _, i := range p.l.Root.State.Instances {
		if i.Name != "ecr_cross_account_pull" || !in(i, ecr) {
			continue
		}
		p.effect(p.l.Root.Dir, i.Address, "4.2.0 removed the role for pulling from other accounts", "delete")
		p.tell(layout.WillReplace, ecr.Position, fmt.Sprintf("%s will be deleted: 4.2.0 removed the role for pulling from other accounts", i.Address),
			"make sure that the repository policy lets those accounts pull before it is applied")
	}
}

// effectsOfS3 says what becomes of the S3 grant.
func (p *planner) effectsOfS3(id *layout.Identity, root string) {
	fresh, old := [2]string{"aws_iam_policy.nullplatform_s3_policy", "aws_iam_group_policy_attachment.s3_policy_group"},
		[2]string{"aws_iam_policy.nullplatform_s3_assets_policy", "aws_iam_group_policy_attachment.s3_assets_policy_group"}
	if p.opts.Contract == provision.Contract50 {
		fresh = old
	}
	for _, c := range id.S3 {
		if p.opts.Contract == provision.Contract61 && (c.Kind == layout.S3AssetsModule || p.holds(c, old[0])) {
			for _, key := range p.keysOf(c) {
				at := c.Address() + key + "."
				p.effect(root, at+old[0], "the policy has another name since 6.1", "delete")
				p.effect(root, at+old[1], "the policy has another name since 6.1", "delete")
				p.effect(root, at+fresh[0], "the policy has another name since 6.1", "create")
				p.effect(root, at+fresh[1], "the policy has another name since 6.1", "create")
			}
			p.tell(layout.WillReplace, c.Position,
				fmt.Sprintf("the S3 policy of module %q gets another name in 6.1, so it is made anew", c.Name),
				"publishing to S3 is bridged while it is applied; no moved block is written, since a moved policy would be deleted before its successor is there")
		}
	}
	if len(id.S3) == 0 && p.out.S3 != "" {
		p.effect(root, "module."+p.out.S3+"."+fresh[0], "the S3 grant is new", "create")
		p.effect(root, "module."+p.out.S3+"."+fresh[1], "the S3 grant is new", "create")
	}
}

// keysOf are the instances of a call: those of the configuration, or where it
// does not tell, those of the state.
func (p *planner) keysOf(c *layout.Call) []string {
	if c.Repeat.Known || p.l.Root.State == nil {
		return c.Repeat.Keys
	}
	var out []string
	for _, i := range p.l.Root.State.Instances {
		key, ok := strings.CutPrefix(i.Module, c.Address()+"[")
		if ok && !slices.Contains(out, "["+key) {
			out = append(out, "["+key)
		}
	}
	return out
}

// holds reports whether the state has a resource in a call.
func (p *planner) holds(c *layout.Call, resource string) bool {
	if p.l.Root.State == nil {
		return false
	}
	for _, i := range p.l.Root.State.Instances {
		if in(i, c) && i.Type+"."+i.Name == resource {
			return true
		}
	}
	return false
}

// in reports whether a resource is in a call, whichever instance.
func in(i layout.Instance, c *layout.Call) bool {
	rest, ok := strings.CutPrefix(i.Module, c.Address())
	return ok && (rest == "" || rest[0] == '[')
}

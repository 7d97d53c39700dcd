package layout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// hold finds in the state what the identities hold.
func (f *finder) hold() {
	s := f.in.Root.State
	if s == nil {
		f.tell(NoState, f.here(), "the state was not read, so the contract is taken from the configuration alone",
			"give slipway access to the state to have it checked")
		return
	}
	s = f.afterMoves(s)
	found := false
	for _, i := range s.Instances {
		if !isUser(i) {
			continue
		}
		found = true
		id := f.holder(i)
		if id == nil {
			continue
		}
		h := holding(s, i, id)
		contract := f.inForce(s, id, h)
		if contract == "" {
			f.refuse(NotUnderstood, f.here(),
				fmt.Sprintf("the state has the build user at %s, but nothing beside it tells which contract made it", i.Address),
				"compare the state with the layouts in the README; nothing is changed here")
			continue
		}
		if len(id.Holdings) == 0 || Older(contract, id.Contract) {
			id.Contract = contract
		}
		id.Holdings = append(id.Holdings, h)
	}
	if !found {
		f.tell(NoState, f.here(), "the state does not hold the build user",
			"if it was applied from another root or workspace, name that one; if it was never applied, there is nothing to move")
	}
}

// afterMoves is the state as it will be once the moved blocks of whole modules
// have been applied that are in the configuration already: a call that was
// renamed, or given an instance key.
func (f *finder) afterMoves(s *State) *State {
	moves := map[string]string{}
	for _, p := range f.files {
		for _, b := range p.body.Blocks {
			from, to := b.Body.Attributes["from"], b.Body.Attributes["to"]
			if b.Type != "moved" || from == nil || to == nil {
				continue
			}
			source, target := bare(p.text(from.Expr.Range())), bare(p.text(to.Expr.Range()))
			if wholeModule(source) && wholeModule(target) {
				moves[source] = target
			}
		}
	}
	if len(moves) == 0 {
		return s
	}
	out := *s
	out.Instances = slices.Clone(s.Instances)
	for n := range out.Instances {
		i := &out.Instances[n]
		for range len(moves) {
			at, target := moveOf(moves, i.Module)
			if target == "" {
				break
			}
			i.Address = target + strings.TrimPrefix(i.Address, at)
			i.Module = target + strings.TrimPrefix(i.Module, at)
		}
	}
	return &out
}

// moveOf gives the moved block that takes a module instance along: its own, or
// one from call to call, which takes all instances.
func moveOf(moves map[string]string, module string) (from, to string) {
	if to := moves[module]; to != "" {
		return module, to
	}
	name, _ := moduleName(module)
	from = "module." + name
	if to := moves[from]; to != "" && !strings.HasSuffix(to, "]") {
		return from, to
	}
	return "", ""
}

func bare(address string) string { return strings.Join(strings.Fields(address), "") }

func wholeModule(address string) bool {
	name, nested := moduleName(address)
	return name != "" && !nested
}

// holder gives the identity that a user in the state belongs to.
func (f *finder) holder(i Instance) *Identity {
	name, nested := moduleName(i.Module)
	switch {
	case name == "" || nested:
		f.refuse(NotEditable, f.here(),
			fmt.Sprintf("the build user is not in a module that the root calls: the state has it at %s", i.Address),
			"make the change by hand, or move it into a call in the root first")
		return nil
	case f.out.Call(name) == nil:
		f.refuse(StateDiffers, f.here(),
			fmt.Sprintf("the state has the build user at %s, but the configuration calls no module %q; the next apply would delete it with its key", i.Address, name),
			"bring the call back, or name the root and workspace that the state belongs to")
		return nil
	}
	c := f.out.Call(name)
	for _, id := range f.out.Identities {
		if id.Owner == c || id.User == c || id.ECR == c || slices.Contains(id.AssetECR, c) {
			return id
		}
	}
	f.refuse(StateDiffers, c.Position,
		fmt.Sprintf("the state has the build user at %s, but module %q no longer makes one and nothing else that would hold it was found", i.Address, name),
		"call infrastructure/aws/iam/ecr or ci-build-workflow-user in this root, or set the call back to its earlier ref and start from there")
	return nil
}

// moduleName gives the call's name of a module address, and whether there is
// a module within a module.
func moduleName(address string) (string, bool) {
	rest, ok := strings.CutPrefix(address, "module.")
	if !ok {
		return "", address != ""
	}
	end := len(rest)
	for i := range len(rest) {
		if rest[i] == '[' || rest[i] == '.' {
			end = i
			break
		}
	}
	name, rest := rest[:end], rest[end:]
	if strings.HasPrefix(rest, "[") {
		rest = rest[keyEnd(rest):]
	}
	return name, rest != ""
}

// keyEnd is where an instance key at the beginning of s ends.
func keyEnd(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == ']':
			return i + 1
		}
	}
	return len(s)
}

// holding is what stands beside a user in its module instance, and in that of
// the ECR grant: where user and key have been moved alone, as the release
// notes say, the group is still there.
func holding(s *State, user Instance, id *Identity) Holding {
	name, _ := moduleName(user.Module)
	h := Holding{
		Module: user.Module, Instance: strings.TrimPrefix(user.Module, "module."+name),
		User: user.Address, UserName: user.EntityName,
	}
	if h.UserName == "" {
		h.UserName = user.ID
	}
	h.Cluster, _ = clusterOf(h.UserName)
	beside := ""
	if id.ECR != nil {
		beside = id.ECR.Address() + h.Instance
	}
	for _, i := range s.Instances {
		if i.Module != user.Module && i.Module != beside {
			continue
		}
		own := i.Module == user.Module
		switch i.Type + "." + i.Name {
		case "aws_iam_access_key.nullplatform_build_workflow_user_key":
			h.AccessKey, h.KeyID, h.SecretDigest = i.Address, i.ID, i.SecretDigest
		case "aws_iam_group.nullplatform_ecr_managers", "aws_iam_group.asset_publishers":
			if own || h.Group == "" {
				h.Group = i.Address
			}
		case "aws_iam_user_group_membership.build_workflow_ecr_managers", "aws_iam_user_group_membership.asset_publishers":
			if own || h.Membership == "" {
				h.Membership = i.Address
			}
		case "aws_iam_group_policy_attachment.ecr_manager_policy_group":
			h.GroupAttachment = i.Address
		case "aws_iam_user_policy_attachment.ecr_manager_policy_user":
			h.UserAttachment = i.Address
		case "aws_iam_role.nullplatform_application_role":
			h.Role = i.Address
		case "aws_iam_policy.nullplatform_ecr_manager_policy":
			h.Policy = i.Address
		case "aws_iam_role_policy_attachment.ecr_manager_policy":
			h.RoleAttachment = i.Address
		case "terraform_data.validations":
			h.Validations = i.Address
		}
	}
	return h
}

// inForce is the contract that the state shows.
func (f *finder) inForce(s *State, id *Identity, h Holding) provision.Contract {
	switch {
	case strings.HasSuffix(h.Group, ".nullplatform_ecr_managers"):
		return Contract34
	case h.UserAttachment != "" && h.UserName == plainUser:
		return Contract10
	case h.UserAttachment != "":
		return Contract112
	case h.Group == "" && h.UserName != plainUser && strings.HasPrefix(h.Role, h.Module+".") && strings.HasPrefix(h.Policy, h.Module+"."):
		// An upgrade that was stopped has taken the user's own attachment
		// out of the state: role and policy beside the user, and no group.
		return Contract112
	case h.Group == "" && id.User != nil && Split(id.Written) && h.Module == id.User.Address()+h.Instance:
		// An apply that was cut off has moved the user, and the group is not
		// in the state yet.
		return id.Written
	case h.Group == "":
		return ""
	}
	out := provision.Contract("")
	for _, i := range s.Instances {
		name, _ := moduleName(i.Module)
		if i.Type != "aws_iam_policy" || !slices.ContainsFunc(id.S3, func(c *Call) bool { return c.Name == name }) {
			continue
		}
		switch i.Name {
		case "nullplatform_s3_assets_policy":
			return provision.Contract50
		case "nullplatform_s3_policy":
			out = provision.Contract61
		}
	}
	if out == "" && Split(id.Written) {
		return id.Written
	}
	if out == "" {
		return provision.Contract61
	}
	return out
}

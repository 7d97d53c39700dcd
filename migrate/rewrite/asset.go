package rewrite

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
)

// Arguments of asset/ecr that it has not had since 3.4.0, and what iam/ecr
// calls those that go there.
var lostByAsset = []struct{ asset, grant string }{
	{"np_api_key", ""},
	{"cluster_name", ""},
	{"application_manager_assume_role", "application_manager_assume_role"},
	{"enable_cross_account_pull", "enable_cross_account_pull"},
	{"repository_policy_pull_accounts", "pull_account_ids"},
}

// fromAsset takes the build user out of nullplatform/asset/ecr, in the same
// root or into another one.
func (p *planner) fromAsset(id *layout.Identity) {
	if len(id.AssetECR) != 1 {
		p.refuse(layout.UnknownContract, position(id), "the registration that holds the build user was not found", "name the root that calls nullplatform/asset/ecr")
		return
	}
	asset := id.AssetECR[0]
	f := p.file(p.l.Root.Dir, asset.Position.File)
	b := f.module(asset.Name)
	if b == nil {
		return
	}
	if asset.Has("dimensions") {
		p.refuse(layout.ByHand, asset.Position, fmt.Sprintf("module %q gives dimensions, which not every later release of asset/ecr takes; without them the registration would be made anew", asset.Name),
			"decide what becomes of the dimensions, and make the change by hand")
		return
	}
	if p.opts.Receiver != "" && p.opts.Receiver != p.l.Root.Dir {
		p.toReceiver(id, asset, f, b)
		return
	}
	if id.Owner == nil {
		p.refuse(layout.StateDiffers, asset.Position, fmt.Sprintf("module %q no longer holds the build user, but the state of this root does, and nothing here takes it over", asset.Name),
			"name the root that the user moves to")
		return
	}
	user, ecr := p.free(p.l.Root.Dir, p.opts.UserCall), p.free(p.l.Root.Dir, p.opts.ECRCall)
	p.out.User, p.out.ECR = user, ecr

	cluster := f.expression(b, "cluster_name")
	meta := p.meta(f, b, asset)
	f.afterBlock(b, f.inStyle(call(user, p.source(asset, userPath), meta, []argument{{"cluster_name", cluster}})))
	f.afterBlock(b, f.inStyle(call(ecr, p.source(asset, ecrPath), meta, p.grantArguments(f, b, cluster, group(user, asset.Repeat)))))
	at := "module." + ecr + asset.Repeat.Index() + "."
	p.turnAsset(asset, f, b, []argument{
		{"application_role_arn", at + "application_role_arn"},
		{layout.OutputKeyID, "module." + user + asset.Repeat.Index() + "." + layout.OutputKeyID},
		{layout.OutputKeySecret, "module." + user + asset.Repeat.Index() + "." + layout.OutputKeySecret},
	}, at+"ecr_repository_policy")

	p.movesFromAsset(id, asset, p.l.Root.Dir, user, ecr)
	p.writeMoves()
}

// call is a module block.
func call(name, source string, meta [][]argument, args []argument) string {
	groups := [][]argument{append([]argument{{"source", layout.Quote(source)}}, meta[0]...)}
	groups = append(groups, meta[1:]...)
	return block{kind: "module", labels: []string{name}, groups: append(groups, args)}.text()
}

// grantArguments are those of the ECR grant that is written for an asset call.
func (p *planner) grantArguments(f *patch, b *hclsyntax.Block, cluster, group string) []argument {
	out := []argument{{"cluster_name", cluster}, {"build_workflow_group_name", group}}
	for _, lost := range lostByAsset {
		if value := f.expression(b, lost.asset); value != "" && lost.grant != "" {
			out = append(out, argument{lost.grant, value})
		}
	}
	return out
}

// turnAsset makes a registration of what was the whole identity.
func (p *planner) turnAsset(asset *layout.Call, f *patch, b *hclsyntax.Block, args []argument, repositoryPolicy string) {
	if asset.Has("enable_cross_account_pull") {
		args = append(args, argument{"repository_policy", repositoryPolicy})
	}
	source := asset.Source.Sibling(assetECRPath, p.opts.Ref)
	if p.opts.Source != "" {
		source = from(p.opts.Source, assetECRPath, p.opts.Ref)
	}
	f.setSource(b, source)
	for _, lost := range lostByAsset {
		f.removeArgument(b, lost.asset)
	}
	f.addArguments(b, "nrn", args)
	if asset.Has("np_api_key") && !p.hasProvider(p.l.Root) {
		p.tell(layout.ByHand, asset.Position,
			fmt.Sprintf("module %q configured the nullplatform provider itself, and later releases leave that to the root, which has no provider \"nullplatform\" block", asset.Name),
			"add one with api_key = "+f.expression(b, "np_api_key")+", and nullplatform/nullplatform to required_providers")
	}
	p.tell(layout.ByHand, asset.Position,
		fmt.Sprintf("module %q ignored changes of its attributes up to 4.0.0; from now on key and role are sent to nullplatform as they are in the state", asset.Name),
		"check that the key that CI uses today is the one in the state")
}

func (p *planner) hasProvider(r layout.Root) bool {
	for _, f := range r.Files {
		body, _ := layout.Parse(f)
		for _, b := range body.Blocks {
			if b.Type == "provider" && len(b.Labels) == 1 && b.Labels[0] == "nullplatform" {
				return true
			}
		}
	}
	return false
}

// movesFromAsset are user and key to the user's module, and role, policy and
// their attachment to the ECR grant's. The direct attachment of the policy to
// the user has no successor: it goes once the group's is there.
func (p *planner) movesFromAsset(id *layout.Identity, asset *layout.Call, toRoot, user, ecr string) {
	from := p.l.Root.Dir
	move := func(source, target string) {
		switch {
		case from == toRoot:
			p.move(source, target)
		case source != "":
			p.out.Moves = append(p.out.Moves, Move{FromRoot: from, From: source, ToRoot: toRoot, To: target})
		}
	}
	holdings := id.Holdings
	if len(holdings) == 0 && p.l.Root.State == nil {
		for _, key := range asset.Repeat.Keys {
			at := asset.Address() + key + "."
			holdings = append(holdings, layout.Holding{
				Instance: key, User: at + userRes, AccessKey: at + keyRes, Role: at + roleRes,
				Policy: at + policyRes, RoleAttachment: at + roleGrantRes, UserAttachment: at + userGrantRes,
			})
		}
	}
	for _, h := range holdings {
		toUser, toECR := "module."+user+h.Instance+".", "module."+ecr+h.Instance+"."
		if from != toRoot {
			toUser, toECR = "module."+user+".", "module."+ecr+"."
		}
		move(h.User, toUser+userRes)
		move(h.AccessKey, toUser+keyRes)
		move(h.Role, toECR+roleRes)
		move(h.Policy, toECR+policyRes)
		move(h.RoleAttachment, toECR+roleGrantRes)
		move(h.Validations, toECR+validationsRes)
		p.effect(toRoot, toUser+groupRes, "the publishers group is new", "create")
		p.effect(toRoot, toUser+memberRes, "the build user goes into it", "create")
		p.effect(toRoot, toECR+groupGrantRes, "the ECR policy goes on the group", "create")
		if h.Validations == "" {
			p.effect(toRoot, toECR+validationsRes, "a check of the inputs, without anything in the account", "create")
		}
		if h.UserAttachment != "" {
			p.effect(from, h.UserAttachment, "the policy is no longer on the user itself", "delete")
		}
		p.effect(from, asset.Address()+h.Instance+".nullplatform_provider_config.ecr", "the registration is sent again, with the same key", "update")
	}
}

// toReceiver takes the build user into another root: calls and outputs there,
// the outputs read here, and the moves by `state mv`, since a moved block
// cannot cross states.
func (p *planner) toReceiver(id *layout.Identity, asset *layout.Call, f *patch, b *hclsyntax.Block) {
	receiver, ok := p.other(p.opts.Receiver)
	switch {
	case !ok:
		p.refuse(layout.NotARoot, layout.Position{Root: p.opts.Receiver}, "the receiving root was not read", "name it with the roots that are looked at")
		return
	case asset.Repeat.Mode != "":
		p.refuse(layout.ByHand, asset.Position, fmt.Sprintf("module %q is repeated; its instances cannot be taken into another root one by one", asset.Name),
			"move it within this root first")
		return
	case !id.Cluster.Known:
		p.refuse(layout.UnknownCluster, asset.Position, "the cluster's name is not known, and its expression means nothing in the other root", "give it with --cluster")
		return
	}
	if id.Owner == nil {
		p.received(id, asset, receiver)
		return
	}
	remote, ok := p.remote(receiver)
	if !ok {
		p.refuse(layout.ByHand, asset.Position, fmt.Sprintf("this root does not read the state of %s", receiver.Dir),
			"add a data \"terraform_remote_state\" with its backend and key first")
		return
	}
	w := newWriter(p, receiver, publishingFile)
	user, ecr := p.free(receiver.Dir, p.opts.UserCall), p.free(receiver.Dir, p.opts.ECRCall)
	p.out.User, p.out.ECR = user, ecr
	cluster := layout.Quote(id.Cluster.Value)
	w.block(call(user, p.source(asset, userPath), [][]argument{nil}, []argument{{"cluster_name", cluster}}))
	w.block(call(ecr, p.source(asset, ecrPath), [][]argument{nil}, p.grantArguments(f, b, cluster, group(user, layout.Repeat{}))))
	p.literalsOnly(asset, f, b)
	role := w.output("ecr_application_role_arn", "module."+ecr+".application_role_arn", false)
	keyID := w.output("ecr_"+layout.OutputKeyID, "module."+user+"."+layout.OutputKeyID, false)
	secret := w.output("ecr_"+layout.OutputKeySecret, "module."+user+"."+layout.OutputKeySecret, true)
	policy := ""
	if asset.Has("enable_cross_account_pull") {
		policy = remote + w.output("ecr_repository_policy", "module."+ecr+".ecr_repository_policy", false)
	}
	p.turnAsset(asset, f, b, []argument{
		{"application_role_arn", remote + role}, {layout.OutputKeyID, remote + keyID}, {layout.OutputKeySecret, remote + secret},
	}, policy)
	p.movesFromAsset(id, asset, receiver.Dir, user, ecr)
	p.out.StateMoves = p.out.Moves
}

// received lists the moves of roots that have been written already.
func (p *planner) received(id *layout.Identity, asset *layout.Call, receiver layout.Root) {
	there := layout.Find(layout.Input{Root: receiver})
	for _, c := range there.Calls {
		switch c.Kind {
		case layout.UserModule:
			p.out.User = c.Name
		case layout.ECRModule:
			p.out.ECR = c.Name
		}
	}
	if p.out.User == "" || p.out.ECR == "" {
		p.refuse(layout.NoCalls, layout.Position{Root: receiver.Dir}, "the receiving root does not call the modules that take the build user over", "set the registration back to its earlier ref, and start from there")
		return
	}
	p.movesFromAsset(id, asset, receiver.Dir, p.out.User, p.out.ECR)
	p.out.StateMoves = p.out.Moves
}

// literalsOnly refuses to carry expressions into another root, where their
// names mean something else or nothing.
func (p *planner) literalsOnly(asset *layout.Call, f *patch, b *hclsyntax.Block) {
	for _, lost := range lostByAsset {
		a := b.Body.Attributes[lost.asset]
		if a == nil || lost.grant == "" || len(a.Expr.Variables()) == 0 {
			continue
		}
		p.refuse(layout.ByHand, asset.Position, fmt.Sprintf("%s = %s cannot be carried into the other root", lost.asset, f.expression(b, lost.asset)),
			"write its value out first")
	}
}

func (p *planner) other(dir string) (layout.Root, bool) {
	for _, r := range p.l.Others {
		if r.Dir == dir {
			return r, true
		}
	}
	return layout.Root{}, false
}

// remote is how this root reads an output of another one.
func (p *planner) remote(r layout.Root) (string, bool) {
	backend := layout.BackendOf(r)
	for _, rs := range layout.RemoteStates(p.l.Root) {
		if surely, _ := rs.Backend.Reads(backend); !surely {
			continue
		}
		switch rs.Repeat.Mode {
		case "":
			return "data.terraform_remote_state." + rs.Name + ".outputs.", true
		case "count":
			return "data.terraform_remote_state." + rs.Name + "[0].outputs.", true
		}
	}
	return "", false
}

package rewrite

import (
	"fmt"

	version "github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

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
	if id.Owner != nil {
		p.localCopy(asset, id)
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
	if p.opts.Bucket != "" && p.oneBucket(asset) {
		f.afterBlock(b, f.inStyle(p.s3Call(p.l.Root.Dir, asset, meta, cluster, user)))
	}
	at := "module." + ecr + asset.Repeat.Index() + "."
	p.turnAsset(asset, f, b, []argument{
		{"application_role_arn", at + "application_role_arn"},
		{layout.OutputKeyID, "module." + user + asset.Repeat.Index() + "." + layout.OutputKeyID},
		{layout.OutputKeySecret, "module." + user + asset.Repeat.Index() + "." + layout.OutputKeySecret},
	}, at+"ecr_repository_policy")

	p.movesFromAsset(id, asset, p.l.Root.Dir, user, ecr)
	p.writeMoves()
	p.effectsOfS3(id, p.l.Root.Dir)
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
	var gone []string
	for _, lost := range lostByAsset {
		gone = append(gone, lost.asset)
	}
	f.removeArguments(b, gone)
	f.addArguments(b, "nrn", args)
	if asset.Has("np_api_key") && !p.hasProvider(p.l.Root) {
		p.tell(layout.ByHand, asset.Position,
			fmt.Sprintf("module %q configured the nullplatform provider itself, and later releases leave that to the root, which has no provider \"nullplatform\" block", asset.Name),
			"add one with api_key = "+f.expression(b, "np_api_key")+", and nullplatform/nullplatform to required_providers")
	}
	p.tooOldForAsset(asset)
	p.tell(layout.ByHand, asset.Position,
		fmt.Sprintf("module %q ignored changes of its attributes up to 4.0.0; from now on key and role are sent to nullplatform as they are in the state", asset.Name),
		"check that the key that CI uses today is the one in the state")
}

// tooOldForAsset tells of a root whose AWS provider asset/ecr no longer works
// with: since 1.32.1 it reads the region as provider 6 names it.
func (p *planner) tooOldForAsset(asset *layout.Call) {
	six := version.Must(version.NewVersion("6.0.0"))
	for _, f := range p.l.Root.Files {
		body, _ := p.l.Body(p.l.Root.Dir, f.Name)
		for _, constraint := range awsConstraints(body) {
			cs, err := version.NewConstraint(constraint)
			if err != nil || cs.Check(six) || cs.Check(version.Must(version.NewVersion("6.99.99"))) {
				continue
			}
			p.tell(layout.ByHand, asset.Position,
				fmt.Sprintf("the root asks for the AWS provider %q, and releases of asset/ecr since 1.32.1 need 6.0 or later", constraint),
				"raise it first, in a change of its own: it touches every resource of the root")
		}
	}
}

// awsConstraints are the versions of the AWS provider that a file asks for.
func awsConstraints(body *hclsyntax.Body) []string {
	var out []string
	for _, b := range body.Blocks {
		if b.Type != "terraform" {
			continue
		}
		for _, inner := range b.Body.Blocks {
			a := inner.Body.Attributes["aws"]
			if inner.Type != "required_providers" || a == nil {
				continue
			}
			v, diags := a.Expr.Value(nil)
			if !diags.HasErrors() && v.Type().IsObjectType() && v.Type().HasAttribute("version") {
				v = v.GetAttr("version")
			}
			if !diags.HasErrors() && v.Type() == cty.String && v.IsWhollyKnown() && !v.IsNull() {
				out = append(out, v.AsString())
			}
		}
	}
	return out
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
	if len(holdings) > 0 {
		p.tell(layout.Broadens, asset.Position,
			"the ECR policy allows ecr:SetRepositoryPolicy from 1.56.0 on and in every region, and the trust of the application role loses its conditions on region and date, where the release before had them",
			"the document is the modules' own; agree to it with --allow-broadening, or stay")
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
		p.effect(toRoot, toECR+roleRes, "its trust is no longer bound to a region and a date", "update")
		p.effect(toRoot, toECR+policyRes, "it allows ecr:SetRepositoryPolicy too, in every region", "update")
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

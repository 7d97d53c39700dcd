package rewrite

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// fromGrant brings an identity with a call of iam/ecr, or with the split
// behind it, to the contract.
func (p *planner) fromGrant(id *layout.Identity) {
	root := p.l.Root.Dir
	// 1. The build user's module, where there is none.
	user := ""
	switch {
	case id.User != nil:
		user = id.User.Name
		p.bump(id.User, userPath)
	case id.ECR != nil && id.ECR.Group != "":
		// The group comes from elsewhere, and so does the user.
	case id.ECR != nil:
		user = p.free(root, p.opts.UserCall)
		p.addUser(id.ECR, user)
	default:
		p.refuse(layout.UnknownContract, position(id), "there is neither a call of the build user nor of the ECR grant", "add one of them first")
		return
	}
	p.out.User = user

	// 2. The ECR grant takes the group from it.
	if c := id.ECR; c != nil {
		p.out.ECR = c.Name
		f := p.file(root, c.Position.File)
		if b := f.module(c.Name); b != nil && c.Group == "" {
			f.addArguments(b, "cluster_name", []argument{{"build_workflow_group_name", group(user, c.Repeat)}})
		}
		p.bump(c, ecrPath)
		p.localCopy(c, id)
	}

	// 3. The S3 grant.
	p.grantS3(id, user)

	// 4. The outputs.
	if c := id.ECR; c != nil && user != "" {
		p.repoint(c.Name, user)
	}

	// 5. The moves, and what the plan will do besides.
	if id.Contract == layout.Contract112 && id.ECR != nil && len(id.AssetECR) == 1 {
		p.movesFromAsset(id, id.AssetECR[0], root, user, id.ECR.Name)
		p.writeMoves()
	}
	p.movesFromGrant(id, user)
	p.effectsFromGrant(id, user)
}

// group is the reference to the publishers group from another call of the same
// make.
func group(user string, r layout.Repeat) string {
	return "module." + user + r.Index() + ".group_name"
}

// addUser writes the build user's call behind the ECR grant's.
func (p *planner) addUser(like *layout.Call, name string) {
	f := p.file(p.l.Root.Dir, like.Position.File)
	b := f.module(like.Name)
	if b == nil {
		return
	}
	cluster := argument{"cluster_name", f.expression(b, "cluster_name")}
	f.afterBlock(b, f.inStyle(call(name, p.source(like, userPath), p.meta(f, b, like), []argument{cluster})))
}

// meta are the arguments that a call of the same make needs as well: how it is
// repeated and which AWS provider it works with.
func (p *planner) meta(f *patch, b *hclsyntax.Block, like *layout.Call) [][]argument {
	out := [][]argument{nil}
	if m := like.Repeat.Mode; m != "" {
		out[0] = append(out[0], argument{m, f.expression(b, m)})
	}
	if providers := awsProviders(f, b); providers != "" {
		out = append(out, []argument{{"providers", providers}})
	}
	return out
}

// awsProviders are the providers of a call that the IAM modules know: AWS's
// alone.
func awsProviders(f *patch, b *hclsyntax.Block) string {
	a := b.Body.Attributes["providers"]
	if a == nil {
		return ""
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return f.expression(b, "providers")
	}
	for _, item := range object.Items {
		k, v := item.KeyExpr.Range(), item.ValueExpr.Range()
		if name := string(f.file.Data[k.Start.Byte:k.End.Byte]); strings.Trim(name, `"`) == "aws" {
			return "{\naws = " + string(f.file.Data[v.Start.Byte:v.End.Byte]) + "\n}"
		}
	}
	return ""
}

// source is where a module comes from, in the style of a call that is there.
func (p *planner) source(like *layout.Call, path string) string {
	if p.opts.Source != "" {
		return from(p.opts.Source, path, p.opts.Ref)
	}
	return like.Source.Sibling(path, p.refOf(like))
}

// from is a module's source below a repository or directory.
func from(base, path, ref string) string {
	base = strings.TrimRight(base, "/")
	if layout.ParseSource(base+"/").Form == layout.Local {
		return base + "/" + path
	}
	out := base + "//" + path
	if layout.ParseSource(out).RefKind != layout.NotApplicable {
		out += "?ref=" + ref
	}
	return out
}

// refOf is the ref that a call has afterwards: its own where that is a release
// of the contract already.
func (p *planner) refOf(c *layout.Call) string {
	kind := c.Kind
	if kind == layout.S3AssetsModule {
		kind = layout.S3Module
	}
	if layout.ContractOf(kind, c.Source.Ref) == p.opts.Contract {
		return c.Source.Ref
	}
	return p.opts.Ref
}

// bump sets the source of a call to a path at the contract's release.
func (p *planner) bump(c *layout.Call, path string) {
	f := p.file(p.l.Root.Dir, c.Position.File)
	b := f.module(c.Name)
	if b == nil {
		return
	}
	if p.opts.Source != "" {
		f.setSource(b, p.source(c, path))
		return
	}
	f.setSource(b, c.Source.Sibling(path, p.refOf(c)))
}

// localCopy says what cannot be seen from here: a local copy of a module has
// to be of the contract.
func (p *planner) localCopy(c *layout.Call, id *layout.Identity) {
	if c.Source.Form != layout.Local || p.opts.Source != "" || layout.Split(id.Written) && id.User != nil {
		return
	}
	p.tell(layout.ByHand, c.Position,
		fmt.Sprintf("module %q is a local copy (%s), and so is what is added beside it", c.Name, c.Source.Raw),
		fmt.Sprintf("put the modules of %s there before init, or name where they are with --module-source", p.opts.Ref))
}

// grantS3 wires, renames or adds the S3 grant.
func (p *planner) grantS3(id *layout.Identity, user string) {
	for _, c := range id.S3 {
		p.out.S3 = c.Name
		f := p.file(p.l.Root.Dir, c.Position.File)
		b := f.module(c.Name)
		if b == nil {
			continue
		}
		path := s3Path
		if p.opts.Contract == provision.Contract50 {
			path = s3AssetsPath
		}
		if c.Kind == layout.S3AssetsModule && p.opts.Contract != provision.Contract50 {
			f.renameArgument(b, "assets_bucket", "bucket")
		}
		p.bump(c, path)
		if c.Group == "" && user != "" {
			f.addArguments(b, "cluster_name", []argument{{"build_workflow_group_name", group(user, c.Repeat)}})
		}
	}
	if len(id.S3) == 0 && p.opts.Bucket != "" {
		p.addS3(id, user)
	}
}

// addS3 writes the S3 grant's call behind the ECR grant's, or the user's.
func (p *planner) addS3(id *layout.Identity, user string) {
	like := id.ECR
	if like == nil {
		like = id.User
	}
	if user == "" {
		p.refuse(layout.ByHand, like.Position, "the publishers group comes from elsewhere", "add the S3 grant where the build user is")
		return
	}
	if !p.oneBucket(like) {
		return
	}
	f := p.file(p.l.Root.Dir, like.Position.File)
	if b := f.module(like.Name); b != nil {
		f.afterBlock(b, f.inStyle(p.s3Call(p.l.Root.Dir, like, p.meta(f, b, like), f.expression(b, "cluster_name"), user)))
	}
}

// oneBucket refuses one bucket for several instances.
func (p *planner) oneBucket(like *layout.Call) bool {
	if like.Repeat.Mode == "" {
		return true
	}
	p.refuse(layout.ByHand, like.Position, fmt.Sprintf("module %q is repeated, so one bucket cannot be given to all of its instances", like.Name),
		"add the S3 grant by hand, with a bucket for each instance")
	return false
}

// s3Call is a call of the S3 grant that is written anew.
func (p *planner) s3Call(root string, like *layout.Call, meta [][]argument, cluster, user string) string {
	p.out.S3 = p.free(root, p.opts.S3Call)
	return call(p.out.S3, p.source(like, s3PathOf(p.opts.Contract)), meta, []argument{
		{"cluster_name", cluster},
		{"build_workflow_group_name", group(user, layout.Repeat{})},
		{bucketArgument(p.opts.Contract), layout.Quote(p.opts.Bucket)},
	})
}

func s3PathOf(c provision.Contract) string {
	if c == provision.Contract50 {
		return s3AssetsPath
	}
	return s3Path
}

func bucketArgument(c provision.Contract) string {
	if c == provision.Contract50 {
		return "assets_bucket"
	}
	return "bucket"
}

// repoint points every use of a moved output at the user's module.
func (p *planner) repoint(from, user string) {
	for _, u := range p.l.Uses {
		if u.Call != from || !layout.Moved(u.Output) || u.How == layout.Remote || u.Form == "" {
			continue
		}
		p.file(u.Position.Root, u.Position.File).replace(u.Start, u.End, fmt.Sprintf(u.Form, user))
	}
}

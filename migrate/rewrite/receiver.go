package rewrite

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
)

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
	like, ok := p.seenFrom(receiver, asset)
	if !ok {
		return
	}
	w := newWriter(p, receiver, publishingFile)
	user, ecr := p.free(receiver.Dir, p.opts.UserCall), p.free(receiver.Dir, p.opts.ECRCall)
	p.out.User, p.out.ECR = user, ecr
	cluster := layout.Quote(id.Cluster.Value)
	w.block(call(user, p.source(like, userPath), [][]argument{nil}, []argument{{"cluster_name", cluster}}))
	w.block(call(ecr, p.source(like, ecrPath), [][]argument{nil}, p.grantArguments(f, b, cluster, group(user, layout.Repeat{}))))
	if p.opts.Bucket != "" {
		w.block(p.s3Call(receiver.Dir, like, [][]argument{nil}, cluster, user))
	}
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
	p.effectsOfS3(id, receiver.Dir)
	p.out.StateMoves = p.out.Moves
}

// seenFrom is a call as its source has to be written in another root: a local
// path is another one from there.
func (p *planner) seenFrom(r layout.Root, c *layout.Call) (*layout.Call, bool) {
	if c.Providers != "" {
		p.tell(layout.ByHand, c.Position, fmt.Sprintf("module %q is given providers = %s, which is not carried into the other root", c.Name, c.Providers),
			"see that the AWS provider there works with the same account")
	}
	there := func(source string) (string, bool) {
		if !strings.HasPrefix(source, ".") {
			return source, true
		}
		rel, err := filepath.Rel(filepath.FromSlash(r.Dir), filepath.Join(filepath.FromSlash(p.l.Root.Dir), filepath.FromSlash(source)))
		rel = filepath.ToSlash(rel)
		if !strings.HasPrefix(rel, "../") {
			rel = "./" + rel
		}
		return rel, err == nil
	}
	out := *c
	raw, ok := there(c.Source.Raw)
	if !ok {
		p.refuse(layout.ByHand, c.Position, fmt.Sprintf("how %s is reached from %s is not known", c.Source.Raw, r.Dir), "name both roots in the same way, from one directory")
		return nil, false
	}
	out.Source = layout.ParseSource(raw)
	return &out, true
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

package migrate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// RootRequest is what an upgrade is asked to do with a root configuration. The
// zero value of every option is what most want.
type RootRequest struct {
	// Dir is the root that holds the build user.
	Dir string `json:"dir" yaml:"dir"`
	// Others are roots that read its outputs, and Receiver the one of them
	// that the user moves to; empty means that it stays.
	Others   []string `json:"others,omitempty" yaml:"others,omitempty"`
	Receiver string   `json:"receiver,omitempty" yaml:"receiver,omitempty"`
	// Tool is the binary of OpenTofu or Terraform, a name on the PATH or a
	// path; empty means the one that the lock file or the state tells of.
	Tool string `json:"tool,omitempty" yaml:"tool,omitempty"`
	// VarFiles and BackendConfigs are files that the tool is given.
	VarFiles       []string `json:"var_files,omitempty" yaml:"var_files,omitempty"`
	BackendConfigs []string `json:"backend_configs,omitempty" yaml:"backend_configs,omitempty"`
	// Ref is the release of the modules to go to, and Source where they come
	// from.
	Ref    string `json:"ref,omitempty" yaml:"ref,omitempty"`
	Source string `json:"source,omitempty" yaml:"source,omitempty"`
	// Patch is the file that the edits are written to; pipeline route only.
	Patch string `json:"patch,omitempty" yaml:"patch,omitempty"`
	// StateMoves asks for `state mv` instead of moved blocks.
	StateMoves bool `json:"state_moves,omitempty" yaml:"state_moves,omitempty"`
	// NoBridge goes without the bridge: CI may be denied during the apply.
	NoBridge bool `json:"no_bridge,omitempty" yaml:"no_bridge,omitempty"`
	// AcceptRefs agrees that refs which are no release are set to one.
	AcceptRefs bool `json:"accept_refs,omitempty" yaml:"accept_refs,omitempty"`
	// AcceptEdits agrees that files with uncommitted edits are changed.
	AcceptEdits bool `json:"-" yaml:"-"`
	// AllowAddresses and AllowUnrelated consent to what the guard would
	// refuse of a plan.
	AllowAddresses []string `json:"-" yaml:"-"`
	AllowUnrelated bool     `json:"-" yaml:"-"`
}

// RootPreview is what an upgrade would do with a root, before it does
// anything.
type RootPreview struct {
	Request RootRequest
	// Layout is what was found, and Rewrite the edits and moves.
	Layout  *layout.Layout
	Rewrite *rewrite.Result
	// Tool is what runs; the zero value for the pipeline route.
	Tool tofu.Tool
	// Clusters are the identities that the root holds, one preview each.
	Clusters []*UpgradePreview
	// Bridges carry the build users over the apply, in the order of Clusters.
	Bridges []provision.Bridge
	// Leftover takes away what an earlier run has left of a bridge.
	Leftover []provision.Change
	// Uncommitted are files that would change and have edits that are not
	// committed.
	Uncommitted []string

	state *tofu.State
	// environ is the person's environment, for the tool.
	environ []string
	// backups is a directory for copies of states and files. It is made when
	// it is needed, for its owner alone.
	backups string
	// private is a directory below it for what the tool works with: plans and
	// copies of states. A run that is killed leaves them there.
	private string
	// forgot says that an earlier run has taken the direct attachment of
	// contract 1.12 out of the state, and begun that one has begun to apply.
	forgot, begun bool
}

// Bridged reports whether a bridge is to be built.
func (p *RootPreview) Bridged() bool {
	return !p.Request.NoBridge && slices.ContainsFunc(p.Bridges, func(b provision.Bridge) bool { return !b.Empty() })
}

// Done reports whether the root and the account are there already.
func (p *RootPreview) Done() bool {
	return len(p.Rewrite.Edits) == 0 && len(p.pendingMoves()) == 0 && len(p.Leftover) == 0 && !p.AccountBehind()
}

// AccountBehind reports whether the account is not at the contract yet, but
// for grants on the user itself, which a bridge may have left.
func (p *RootPreview) AccountBehind() bool {
	return slices.ContainsFunc(p.Clusters, func(c *UpgradePreview) bool { return behind(c.Plan()) })
}

// behind reports whether a plan has more to do than to take grants from the
// user itself.
func behind(p provision.Plan) bool {
	return slices.ContainsFunc(p.Changes, func(c provision.Change) bool {
		return c.Mark != provision.Remove || c.Entity.ToType != provision.UserEntity
	})
}

// pendingMoves are the moves whose source is still in the state.
func (p *RootPreview) pendingMoves() []rewrite.Move {
	if p.state == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Rewrite.Moves), func(m rewrite.Move) bool {
		_, there := p.state.Resource(m.From)
		return !there
	})
}

// PreviewRoot finds how a root holds the identity, and plans its edits and the
// bridge. It writes nothing but what `init` keeps beside the configuration.
//
// It fails with [*layout.Problem] values for what refuses or has to be
// answered, and as [PreviewUpgrade] does for the account. Environ is the
// person's environment, for the tool. [RootPreview.Keep] is to follow.
func PreviewRoot(ctx context.Context, acct Account, req UpgradeRequest, environ []string) (*RootPreview, error) {
	if req.To == "" {
		req.To = provision.DefaultContract
	}
	p := &RootPreview{Request: *req.Root, environ: environ}
	// 1. The configuration and, where the tool runs here, the state.
	in, err := p.read(ctx, req)
	if err != nil {
		return nil, err
	}
	// 2. What it comes to.
	p.Layout = layout.Find(in)
	if err := refusals(p.Layout); err != nil {
		return nil, err
	}
	if err := p.narrow(req.Cluster); err != nil {
		return nil, err
	}
	p.Rewrite, err = rewrite.Plan(p.Layout, rewrite.Options{
		Contract: req.To, Ref: p.Request.Ref, Source: p.Request.Source, Bucket: req.Bucket,
		StateMoves: p.Request.StateMoves, Receiver: p.Request.Receiver,
	})
	if err != nil {
		return nil, err
	}
	// 3. The account of each identity, and the bridge.
	if err := p.accounts(ctx, acct, req); err != nil {
		return nil, err
	}
	if err := p.bridges(ctx, acct); err != nil {
		return nil, err
	}
	// 4. What the person is working on at the moment.
	p.Uncommitted = uncommitted(ctx, environ, p.Rewrite.Edits)
	return p, nil
}

// refusals gives what keeps a layout from being upgraded, questions that
// nobody has answered included.
func refusals(l *layout.Layout) error {
	errs := []error{l.Refused()}
	for _, q := range l.Open() {
		errs = append(errs, &q)
	}
	return errors.Join(errs...)
}

// read reads the roots, and the state of those that the tool runs on.
func (p *RootPreview) read(ctx context.Context, req UpgradeRequest) (layout.Input, error) {
	in := layout.Input{Answers: layout.Answers{Cluster: req.Cluster, AcceptRefs: p.Request.AcceptRefs}}
	var err error
	if in.Root, err = layout.Read(p.Request.Dir, p.Request.VarFiles...); err != nil {
		return in, err
	}
	for _, dir := range p.Request.Others {
		other, err := layout.Read(dir)
		if err != nil {
			return in, err
		}
		in.Others = append(in.Others, other)
	}
	if req.Route != RouteTofu || layout.Find(in).Refused() != nil {
		return in, nil // Without the tool there is enough to say.
	}
	if err := p.readState(ctx); err != nil {
		return in, err
	}
	in.Root.State, err = harmless(p.state)
	return in, err
}

// accounts previews each cluster that the root holds.
func (p *RootPreview) accounts(ctx context.Context, acct Account, req UpgradeRequest) error {
	for _, cluster := range p.clusterNames(req.Cluster) {
		req.Cluster = cluster
		up, err := previewAccount(ctx, acct, req)
		if err != nil {
			return err
		}
		if err := p.sameUser(up); err != nil {
			return err
		}
		if req.Route == RouteTofu && !up.Plan().Empty() {
			// The tool makes these changes with the same credentials.
			if err := up.Account.check(ctx, acct); err != nil {
				return err
			}
		}
		p.Clusters = append(p.Clusters, up)
	}
	return nil
}

// clusterNames are the clusters of the root's identities.
func (p *RootPreview) clusterNames(given string) []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, id := range p.Layout.Identities {
		for _, h := range id.Holdings {
			add(h.Cluster)
		}
		if len(id.Holdings) == 0 && id.Cluster.Known {
			add(id.Cluster.Value)
		}
	}
	if len(out) == 0 {
		add(given)
	}
	return out
}

// sameUser refuses a root whose state is about another account than the one
// that is signed in to.
func (p *RootPreview) sameUser(up *UpgradePreview) error {
	for _, id := range p.Layout.Identities {
		for _, h := range id.Holdings {
			if h.Cluster != up.Request.Cluster || h.KeyID == "" {
				continue
			}
			if !slices.ContainsFunc(up.Identity.Keys, func(k provision.KeyIdentity) bool { return k.ID == h.KeyID }) {
				return &provision.Problem{
					Field: "account", Rule: fmt.Sprintf("%s does not have the key %s that the state holds for %s", up.Account.Identity.Place.Account, h.KeyID, h.UserName),
					Way: "sign in to the account of this root, or choose its workspace",
				}
			}
		}
	}
	return nil
}

// Keep says where copies of states and files go, and what an earlier run of
// this upgrade has left behind by its journal.
func (p *RootPreview) Keep(backups string, past PastCalls) {
	p.backups, p.private = backups, filepath.Join(backups, privateDir)
	p.forgot, p.begun, p.Leftover = past.forgot(), past.begun(), nil
	for _, c := range p.Clusters {
		p.Leftover = append(p.Leftover, p.apart(c.Request.Cluster, bridgeLeft(past, c.Account.Inventory))...)
	}
}

// bridges plans the bridge of each cluster, and sees whether the caller may
// build it and take it away again.
func (p *RootPreview) bridges(ctx context.Context, acct Account) error {
	quotas, err := acct.Quotas(ctx)
	var refused *account.Error
	if err != nil && (!errors.As(err, &refused) || !refused.Denied()) {
		return err
	}
	for _, c := range p.Clusters {
		var b provision.Bridge
		if behind(c.Plan()) {
			b = provision.NewBridge(c.Plan().Blueprint, c.Account.Inventory, quotas)
		}
		b.Up, b.Down = p.apart(c.Request.Cluster, b.Up), p.apart(c.Request.Cluster, b.Down)
		p.Bridges = append(p.Bridges, b)
		if b.Empty() || p.Request.NoBridge {
			continue
		}
		var calls []provision.Call
		for _, ch := range slices.Concat(b.Up, b.Down) {
			calls = append(calls, ch.Calls...)
		}
		rights, err := acct.Rights(ctx, calls)
		if err != nil {
			return err
		}
		c.Account.blockRights(rights.Missing)
	}
	return nil
}

// blocked gives why the upgrade must not be carried out: the account's reasons
// that count for a root, and the bridge's.
func (p *RootPreview) blocked() error {
	var out []provision.Problem
	for i, c := range p.Clusters {
		out = append(out, c.Plan().Blockers...)
		if !p.Request.NoBridge {
			out = append(out, p.Bridges[i].Blockers...)
		}
	}
	if len(p.Uncommitted) > 0 && !p.Request.AcceptEdits {
		out = append(out, provision.Problem{
			Field: "files", Rule: fmt.Sprintf("have edits that are not committed: %v", p.Uncommitted),
			Way: "commit or stash them, or go on with --accept-edits",
		})
	}
	if len(out) == 0 {
		return nil
	}
	return &provision.BlockedError{Blockers: out}
}

// expectation is what the guard is told of the plan of a root.
func (p *RootPreview) expectation(dir string) guard.Expectation {
	e := guard.Expectation{
		Job: guard.Upgrade, Allowed: slices.Clone(p.Request.AllowAddresses), AllowUnrelated: p.Request.AllowUnrelated,
		UserElsewhere: p.Request.Receiver != "" && dir != p.Request.Receiver,
	}
	e.AllowBroadening = slices.ContainsFunc(p.Clusters, func(c *UpgradePreview) bool { return c.Request.Allow.Broadening })
	if len(p.Clusters) == 1 {
		e.Cluster = p.Clusters[0].Request.Cluster
	}
	for _, m := range p.Rewrite.Moves {
		if m.FromRoot == m.ToRoot && m.FromRoot == dir {
			e.Moves = append(e.Moves, tofu.Move{From: m.From, To: m.To})
		}
	}
	return e
}

// dirs are the roots to apply, the receiver first.
func (p *RootPreview) dirs() []string {
	if r := p.Request.Receiver; r != "" && filepath.Clean(r) != filepath.Clean(p.Request.Dir) {
		return []string{r, p.Request.Dir}
	}
	return []string{p.Request.Dir}
}

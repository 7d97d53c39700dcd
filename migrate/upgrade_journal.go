package migrate

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// UpgradeJob names an upgrade in a journal.
const UpgradeJob = "upgrade"

// OpenUpgrade gives the calls of an upgrade that is open in a journal, none
// where nothing is. It fails with an [*OpenRunError] when another job is open,
// or an upgrade that was asked to do something else.
func OpenUpgrade(j *checklist.Journal, req UpgradeRequest) (PastCalls, error) {
	open := OpenRun(j)
	if open == nil {
		return nil, nil
	}
	e := &OpenRunError{Job: open.Begin.Job, Cluster: open.Begin.Cluster, Since: open.At}
	if open.Begin.Job != UpgradeJob {
		return nil, e
	}
	was, err := UpgradeRequestOf(open)
	if err != nil {
		return nil, err
	}
	if req.To == "" {
		req.To = provision.DefaultContract
	}
	switch {
	case was.Route != req.Route:
		e.Differs = "another route"
	case was.To != req.To:
		e.Differs = "another contract"
	default:
		return CallsOf(open), nil
	}
	return nil, e
}

// UpgradeRequestOf reads what an upgrade was asked to do.
func UpgradeRequestOf(p *checklist.Past) (UpgradeRequest, error) {
	var req UpgradeRequest
	if err := json.Unmarshal(p.Begin.Request, &req); err != nil {
		return req, fmt.Errorf("read the request of the open upgrade: %w", err)
	}
	return req, nil
}

// BeginUpgrade records what was agreed to for each cluster, in the journal of
// the first: a new run, or a new plan of the one that is open. Nothing must be
// changed before.
func BeginUpgrade(k Keeping, req UpgradeRequest, clusters []*UpgradePreview, plan provision.Plan) error {
	p := clusters[0]
	agreed := planned{Identity: p.Account.Identity, Plan: plan, Inventory: p.Account.Inventory}
	for _, o := range clusters[1:] {
		agreed.Others = append(agreed.Others, plannedCluster{
			Cluster: o.Request.Cluster, Blueprint: o.Plan().Blueprint, Inventory: o.Account.Inventory,
		})
	}
	if open := OpenRun(k.Journal); open != nil && open.Begin.Job == UpgradeJob {
		return k.Journal.Plan(agreed)
	}
	if req.To == "" {
		req.To = provision.DefaultContract
	}
	if req.Root != nil {
		if req.Route == RoutePipeline && req.Root.Patch == "" {
			named := *req.Root
			named.Patch = defaultPatch
			req.Root = &named
		}
		root, err := req.Root.absolute()
		if err != nil {
			return err
		}
		req.Root = root
	}
	text, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("record the request: %w", err)
	}
	return k.Journal.Begin(checklist.Begin{
		Run: k.Run, Job: UpgradeJob, Account: p.Account.Identity.Place.Account, Cluster: p.Request.Cluster,
		Request: text, Settings: k.Settings,
	}, agreed)
}

// absolute is a request that means the same from any directory.
func (r *RootRequest) absolute() (*RootRequest, error) {
	out := *r
	out.Others = slices.Clone(r.Others)
	paths := []*string{&out.Dir, &out.Receiver, &out.Patch}
	for i := range out.Others {
		paths = append(paths, &out.Others[i])
	}
	for _, p := range paths {
		if *p == "" {
			continue
		}
		abs, err := filepath.Abs(*p)
		if err != nil {
			return nil, fmt.Errorf("record the request: %w", err)
		}
		*p = abs
	}
	return &out, nil
}

// Agreed is the plan of a root as a journal keeps it: what slipway itself does
// in the account.
func (p *RootPreview) Agreed() provision.Plan {
	plan := provision.Plan{Blueprint: p.Clusters[0].Plan().Blueprint, Changes: []provision.Change{}}
	if !p.Request.NoBridge {
		plan.Changes = append(plan.Changes, p.overAndBack()...)
	}
	for i := range p.Clusters {
		plan.Changes = append(plan.Changes, p.direct(i)...)
	}
	plan.Changes = append(plan.Changes, p.Leftover...)
	return plan
}

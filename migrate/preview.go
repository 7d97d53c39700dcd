package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/policy"
)

// InstallRequest is what install is asked to do.
type InstallRequest struct {
	Spec provision.Spec `json:"spec" yaml:"spec"`
	// Handover is where a new secret goes, such as "file:creds.env"; empty
	// means that it is not decided yet, which only a preview may be.
	Handover string `json:"handover,omitempty" yaml:"handover,omitempty"`
	// Register is where the destinations are registered with nullplatform;
	// without an NRN they are not.
	Register Register `json:"register,omitzero" yaml:"register,omitempty"`
	// Emit writes module calls into a root instead of changing the account
	// itself; nil does not. It is not a part of an answers file.
	Emit *EmitRequest `json:"emit,omitempty" yaml:"-"`
	// Allow are the words given for this run; they are never kept.
	Allow Allow `json:"-" yaml:"-"`
}

// InstallPreview is what install would do, before it does anything.
type InstallPreview struct {
	Request   InstallRequest
	Identity  account.Identity
	Inventory *provision.Inventory
	Plan      provision.Plan
	// Access is what the plan changes in what each principal may do, and
	// Consent what of it needs a word. Both are empty for an empty plan.
	Access  []provision.AccessChange
	Consent provision.Consent
	// Warnings are odd but allowed.
	Warnings []provision.Problem
	// Unchecked says what could not be checked beforehand, and why.
	Unchecked []string
	// Survey is what nullplatform has of it; nil when it was not asked.
	Survey *platform.Survey
	// Back is what an undo takes back at nullplatform, before everything else.
	Back []RegistrationBack
}

// Registers reports whether nullplatform is to be told something.
func (p *InstallPreview) Registers() bool {
	return p.Survey != nil && slices.ContainsFunc(p.Survey.Registrations, platform.Registration.Writes)
}

// UpdatesRegistration reports whether what is registered with nullplatform
// already is to be changed.
func (p *InstallPreview) UpdatesRegistration() bool {
	return p.Survey != nil && slices.ContainsFunc(p.Survey.Registrations, func(r platform.Registration) bool {
		return r.State == platform.Different
	})
}

// PreviewInstall reads the account and plans. It makes no write call.
//
// It fails for a spec that is not valid and for an account that cannot be
// read. What keeps the plan from being carried out (missing rights, quotas, a
// bucket of somebody else) is in the plan's blockers, all of it at once.
func PreviewInstall(ctx context.Context, acct Account, req InstallRequest) (*InstallPreview, error) {
	return previewInstall(ctx, acct, req, nil)
}

// previewInstall takes the keys that are going to be deleted for gone.
func previewInstall(ctx context.Context, acct Account, req InstallRequest, lost []string) (*InstallPreview, error) {
	// 1. What is asked for, as far as it can be judged without asking.
	req.Spec = req.Spec.WithDefaults()
	if err := req.Spec.Validate(); err != nil {
		return nil, err
	}
	p := &InstallPreview{Request: req}
	for _, w := range req.Spec.Problems() {
		if w.Warning {
			p.Warnings = append(p.Warnings, w)
		}
	}
	// 2. What is there. The names do not depend on the place, so the reading
	// starts at once and finds the place out on its way.
	nowhere, err := provision.NewBlueprint(withoutPartition(req.Spec), provision.Place{})
	if err != nil {
		return nil, err
	}
	if p.Inventory, err = acct.Read(ctx, nowhere.Scope()); err != nil {
		return nil, err
	}
	if p.Identity, err = acct.Identity(ctx); err != nil {
		return nil, err
	}
	// 3. The difference.
	blueprint, err := provision.NewBlueprint(req.Spec, p.Identity.Place)
	if err != nil {
		return nil, err
	}
	p.Plan = provision.NewPlan(blueprint, withoutKeys(p.Inventory, lost))
	if p.Plan.Empty() {
		return p, nil
	}
	// 4. What it changes in access. For that, more must be known of what is
	// there than for the difference.
	if p.Inventory, err = acct.Deepen(ctx, p.Inventory); err != nil {
		return nil, err
	}
	p.Plan = provision.NewPlan(blueprint, withoutKeys(p.Inventory, lost))
	p.checkBoundary()
	if p.Access, err = provision.AccessChanges(p.Plan, p.Inventory); err != nil {
		return nil, err
	}
	p.Consent = provision.NewConsent(p.Plan, p.Access)
	// 5. Whether it can be carried out.
	return p, p.check(ctx, acct)
}

// withoutKeys takes keys of the user for gone.
func withoutKeys(inv *provision.Inventory, gone []string) *provision.Inventory {
	if len(gone) == 0 || inv.User == nil {
		return inv
	}
	inv = inv.Clone()
	inv.User.Keys = slices.DeleteFunc(inv.User.Keys, func(k provision.Key) bool { return slices.Contains(gone, k.ID) })
	return inv
}

func withoutPartition(s provision.Spec) provision.Spec {
	s.Partition = ""
	return s
}

// checkBoundary blocks a plan whose permissions boundary is not there: IAM
// would refuse it after half of the calls.
func (p *InstallPreview) checkBoundary() {
	arn := p.Request.Spec.PermissionsBoundary
	unread := slices.ContainsFunc(p.Inventory.Missing(), func(g provision.Gap) bool { return g.Resource == arn })
	if arn != "" && !unread && p.Inventory.Policy(arn) == nil {
		p.block("permissions_boundary", fmt.Sprintf("%s does not exist", arn), "check the ARN, or make the policy first")
	}
}

// check adds to the blockers what only the account can tell.
func (p *InstallPreview) check(ctx context.Context, acct Account) error {
	var rights account.Rights
	var quotas provision.Quotas
	var refused *account.Error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		rights, err = acct.Rights(gctx, withNewNames(p.Plan.Calls()))
		return err
	})
	g.Go(func() (err error) {
		quotas, err = acct.Quotas(gctx)
		if errors.As(err, &refused) && refused.Denied() {
			return nil
		}
		return err
	})
	more := p.newVersions()
	var crowded []string
	var mu sync.Mutex
	for arn, adds := range more {
		g.Go(func() error {
			n, err := acct.Versions(gctx, arn)
			if err == nil && n+adds > policy.PolicyVersions {
				mu.Lock()
				defer mu.Unlock()
				crowded = append(crowded, fmt.Sprintf("%s has %d versions and the plan adds %d, and IAM keeps no more than %d", arn, n, adds, policy.PolicyVersions))
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if refused != nil {
		p.Unchecked = append(p.Unchecked, "quotas: "+refused.Why)
	}
	if rights.Unchecked != "" {
		p.Unchecked = append(p.Unchecked, "the caller's own rights: "+rights.Unchecked)
	}
	p.blockRights(rights.Missing)
	slices.Sort(crowded)
	for _, rule := range crowded {
		p.block("policy", rule, "delete versions that are not the default; slipway deletes none that it did not make")
	}
	p.Plan.Blockers = append(p.Plan.Blockers, provision.QuotaProblems(p.Plan, p.Inventory, quotas)...)
	return nil
}

// withNewNames adds to a rename the same call on the new name: AWS asks for the
// right on both.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_rename.html
func withNewNames(calls []provision.Call) []provision.Call {
	out := slices.Clone(calls)
	for _, c := range calls {
		if to := c.Param("NewGroupName"); to != "" {
			c.Resource = strings.TrimSuffix(c.Resource, c.Param("GroupName")) + to
			out = append(out, c)
		}
	}
	return out
}

// blockRights names the rights that are missing, one blocker for each entity.
func (p *InstallPreview) blockRights(missing []provision.Call) {
	var on []string
	actions := map[string][]string{}
	for _, c := range missing {
		if !slices.Contains(on, c.Resource) {
			on = append(on, c.Resource)
		}
		if !slices.Contains(actions[c.Resource], c.Action) {
			actions[c.Resource] = append(actions[c.Resource], c.Action)
		}
	}
	for _, resource := range on {
		list := strings.Join(actions[resource], ", ")
		p.block("rights", fmt.Sprintf("are missing: %s may not %s on %s", p.Identity.ARN, list, resource),
			fmt.Sprintf("allow it %s", list))
	}
}

// newVersions counts the versions that the plan adds to policies, by ARN.
func (p *InstallPreview) newVersions() map[string]int {
	out := map[string]int{}
	for _, c := range p.Plan.Calls() {
		if c.Action == "iam:CreatePolicyVersion" {
			out[c.Resource]++
		}
	}
	return out
}

func (p *InstallPreview) block(field, rule, way string) {
	b := provision.Problem{Field: field, Rule: rule, Way: way}
	if !slices.Contains(p.Plan.Blockers, b) {
		p.Plan.Blockers = append(p.Plan.Blockers, b)
	}
}

// MakesKey reports whether the plan makes an access key, and so needs a
// handover.
func (p *InstallPreview) MakesKey() bool {
	return slices.ContainsFunc(p.Plan.Changes, provision.Change.MakesKey)
}

package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// Route says who changes what in an upgrade.
type Route string

// The routes.
const (
	// RouteAccount changes the account through IAM, for installations that no
	// OpenTofu looks after.
	RouteAccount Route = "account"
	// RouteTofu edits a root, and plans and applies it here.
	RouteTofu Route = "tofu"
	// RoutePipeline writes the edits as a patch; the team's own pipeline
	// applies it.
	RoutePipeline Route = "pipeline"
)

// UpgradeRequest is what an upgrade is asked to do.
type UpgradeRequest struct {
	Cluster string `json:"cluster" yaml:"cluster"`
	// To is the contract to go to; empty means [provision.DefaultContract].
	To    provision.Contract `json:"to,omitempty" yaml:"to,omitempty"`
	Route Route              `json:"route" yaml:"route"`
	// Bucket names the bucket of the S3 grant: one to add, or the one that
	// the account does not tell.
	Bucket string `json:"bucket,omitempty" yaml:"bucket,omitempty"`
	// Root is the configuration to change; nil for the account route.
	Root *RootRequest `json:"root,omitempty" yaml:"root,omitempty"`
	// Allow are the words given for this run; they are never kept.
	Allow Allow `json:"-" yaml:"-"`
}

// UpgradePreview is what an upgrade would do in the account, before it does
// anything.
type UpgradePreview struct {
	Request  UpgradeRequest
	Standing provision.Standing
	// Identity is the build user's, which stays.
	Identity provision.Identity
	// Account is the plan and what it means, as views draw it.
	Account *InstallPreview
}

// Plan is the plan of the account route.
func (p *UpgradePreview) Plan() provision.Plan { return p.Account.Plan }

// PreviewUpgrade reads the account, finds the contract that it has, and plans.
// It makes no write call.
//
// It fails for a request that cannot be understood, for an account that cannot
// be read, and, with a [*provision.Problem], for what the account does not
// tell. What keeps the plan from being carried out is in its blockers.
func PreviewUpgrade(ctx context.Context, acct Account, req UpgradeRequest) (*UpgradePreview, error) {
	p, err := previewAccount(ctx, acct, req)
	if err != nil || p.Plan().Empty() {
		return p, err
	}
	return p, p.Account.check(ctx, acct)
}

// previewAccount is a preview that does not ask whether the caller may make
// the calls.
func previewAccount(ctx context.Context, acct Account, req UpgradeRequest) (*UpgradePreview, error) {
	// 1. What is asked for.
	if req.To == "" {
		req.To = provision.DefaultContract
	}
	if err := firstProblem(provision.CheckCluster(req.Cluster), provision.CheckContract(req.To), checkNamed(req.Bucket)); err != nil {
		return nil, err
	}
	// 2. What is there, and which contract that is.
	inv, err := readStanding(ctx, acct, req)
	if err != nil {
		return nil, err
	}
	p := &UpgradePreview{
		Request: req, Standing: provision.StandingOf(req.Cluster, inv),
		Identity: provision.IdentityOf(inv.User), Account: &InstallPreview{Inventory: inv},
	}
	if p.Account.Identity, err = acct.Identity(ctx); err != nil {
		return nil, err
	}
	if inv.User == nil {
		if err := nameless(ctx, acct); err != nil {
			return nil, err
		}
	}
	// 3. The difference, and what it changes in access.
	if err := p.plan(); err != nil || p.Plan().Empty() {
		return p, err
	}
	if p.Account.Access, err = provision.AccessChanges(p.Plan(), inv); err != nil {
		return nil, err
	}
	p.Account.Consent = upgradeConsent(p.Plan(), p.Account.Access)
	return p, nil
}

func firstProblem(lists ...[]provision.Problem) error {
	for _, p := range slices.Concat(lists...) {
		if !p.Warning {
			return &p
		}
	}
	return nil
}

// checkNamed checks a bucket that somebody named.
func checkNamed(bucket string) []provision.Problem {
	if bucket == "" {
		return nil
	}
	return provision.CheckBucket(bucket)
}

// readStanding reads what an upgrade has to know, and whether the bucket is
// there that was named or is granted today.
func readStanding(ctx context.Context, acct Account, req UpgradeRequest) (*provision.Inventory, error) {
	scope := provision.StandingScope(req.Cluster)
	scope.Bucket = req.Bucket
	inv, err := acct.Read(ctx, scope)
	if err != nil {
		return nil, err
	}
	s := provision.StandingOf(req.Cluster, inv)
	if i := slices.IndexFunc(s.Destinations, func(d provision.Destination) bool { return d.Kind == provision.S3 }); i >= 0 && req.Bucket == "" {
		found, err := acct.Read(ctx, provision.Scope{Bucket: s.Destinations[i].Bucket})
		if err != nil {
			return nil, err
		}
		inv.Buckets, inv.Unread = found.Buckets, append(inv.Unread, found.Unread...)
	}
	return acct.Deepen(ctx, inv)
}

// nameless refuses an account that holds contract 1.0, whose names do not tell
// the cluster: every later contract renames the user, which replaces its key.
func nameless(ctx context.Context, acct Account) error {
	name := provision.Contract10.Names("").User
	found, err := acct.Read(ctx, provision.Scope{User: name})
	if err != nil || found.User == nil {
		return err
	}
	return &provision.Problem{
		Field: "contract", Rule: fmt.Sprintf("is 1.0 here: the build user is %s, without a cluster in its name, and every later contract renames it, which replaces its key", name),
		Way: "set up a new identity beside it with slipway install, give CI its key, and take the old one out when nobody uses it any more",
	}
}

// plan makes the plan of what was read.
func (p *UpgradePreview) plan() error {
	inv := p.Account.Inventory
	spec, err := p.Standing.Spec(p.Request.Cluster, p.Request.To, p.Request.Bucket)
	if err != nil {
		return err
	}
	if len(spec.Destinations) == 0 {
		// Nothing to start from; the plan says so. It needs some blueprint.
		spec.Destinations = []provision.Destination{{Kind: provision.ECR}}
	}
	b, err := provision.NewBlueprint(spec, inv.Place)
	if err != nil {
		return err
	}
	p.Account.Request.Spec = b.Spec
	p.Account.Plan = provision.NewUpgrade(b, inv)
	return nil
}

// upgradeConsent is stricter than an install: an upgrade is to keep access as
// it is, so whatever is lost needs a word, narrowing too.
func upgradeConsent(p provision.Plan, access []provision.AccessChange) provision.Consent {
	c := provision.NewConsent(p, access)
	c.Loss = append(c.Loss, c.Narrowing...)
	c.Narrowing = []string{}
	return c
}

// UpgradeResult is what an upgrade came to.
type UpgradeResult struct {
	// Done are the IDs of the changes that were carried out.
	Done []string
	// Proofs are what was shown at the end; none when it did not come to it.
	Proofs []Proof
}

// Proof is one thing that an upgrade has to show at its end.
type Proof struct {
	// What is claimed, as a sentence.
	What string `json:"what"`
	// Holds says that it was seen to be so.
	Holds bool `json:"holds"`
	// Detail is what was seen.
	Detail string `json:"detail,omitempty"`
}

// ProofError says that something that was to be shown could not be.
type ProofError struct{ Failed []Proof }

// Error lists what does not hold.
func (e *ProofError) Error() string {
	s := "the upgrade is done, but not all of it can be shown:"
	for _, p := range e.Failed {
		s += fmt.Sprintf(" not so: %s (%s);", p.What, p.Detail)
	}
	return s + " look at slipway audit, and run again to see"
}

func unproven(proofs []Proof) error {
	bad := slices.DeleteFunc(slices.Clone(proofs), func(p Proof) bool { return p.Holds })
	if len(bad) == 0 {
		return nil
	}
	return &ProofError{Failed: bad}
}

package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/policy"
)

// Evidence is what a verification needs of an account; [*account.Account] is
// one.
type Evidence interface {
	Identity(ctx context.Context) (account.Identity, error)
	Read(ctx context.Context, s provision.Scope) (*provision.Inventory, error)
	Deepen(ctx context.Context, inv *provision.Inventory) (*provision.Inventory, error)
	BucketSettings(ctx context.Context, name string) (provision.DestinationBucket, error)
	OtherBuckets(ctx context.Context, beside string) ([]string, error)
	Simulate(ctx context.Context, user string, list []provision.Expectation) (account.Simulated, error)
	Probe(ctx context.Context, key provision.Credentials, t account.Trial, tell func(inARow int, why string)) (account.ProbeResult, error)
}

// Registry is what the jobs need of nullplatform; [*platform.Client] is one.
type Registry interface {
	Survey(ctx context.Context, wanted []platform.Wanted, newKey bool) (platform.Survey, error)
	Register(ctx context.Context, r platform.Registration, key provision.Credentials) (string, error)
	Host() string
	Configurations(ctx context.Context, nrn platform.NRN, slug string, above bool) ([]platform.Configuration, error)
	Own(ctx context.Context, nrn platform.NRN, slug string) ([]platform.Configuration, error)
	Configuration(ctx context.Context, id string) (*platform.Configuration, error)
	Remove(ctx context.Context, id string) error
	Restore(ctx context.Context, id string, was []platform.Value, key provision.Credentials) error
}

var (
	_ Evidence = (*account.Account)(nil)
	_ Registry = (*platform.Client)(nil)
)

// VerifyRequest is what verify is asked to look at.
type VerifyRequest struct {
	Cluster string
	// Destinations are those that CI is to publish to; empty means those
	// that the account's own policies name.
	Destinations []provision.Destination
	// Target is where the destinations are registered; without an NRN
	// nullplatform is not asked.
	Target platform.Target
	// Unregistered says why nullplatform is not asked; for people.
	Unregistered string
	// Rounds and Patience are those of the probe; zero means its defaults.
	Rounds   int
	Patience time.Duration
	// Name is the last part of the name of the object that the probe writes.
	Name string
}

// Verification is a look at one cluster, step by step, so that a person can be
// asked for the secret when the key is known. It changes nothing but for the
// probe's object.
type Verification struct {
	Request  VerifyRequest
	Identity account.Identity
	// Blueprint is what should be there; its destinations may come from what
	// is.
	Blueprint provision.Blueprint
	Inventory *provision.Inventory
	Checks    []Check
	// Probe is nil when it was not run.
	Probe *account.ProbeResult

	acct   Evidence
	own    *policy.Policies
	unread []string
	others []string
}

// Verify looks at everything that can be judged without the build user's
// secret:
//
//  1. the build user and its keys
//  2. what its policies allow, by our own evaluation and by AWS's simulation
//  3. what the bucket adds to that
//  4. what is registered with nullplatform
//
// The registry may be nil. It fails when the account cannot be read;
// everything else is a check.
func Verify(ctx context.Context, acct Evidence, reg Registry, req VerifyRequest) (*Verification, error) {
	if err := firstProblem(provision.CheckCluster(req.Cluster)); err != nil {
		return nil, err
	}
	v := &Verification{Request: req, acct: acct}
	inv, err := acct.Read(ctx, provision.StandingScope(req.Cluster))
	if err != nil {
		return nil, err
	}
	if v.Identity, err = acct.Identity(ctx); err != nil {
		return nil, err
	}
	if v.Inventory, err = acct.Deepen(ctx, inv); err != nil {
		return nil, err
	}
	if !v.checkUser() || !v.plan() {
		return v, nil
	}
	v.own, v.unread = v.Inventory.PoliciesOfUser()
	var grants, simulation, bucket, registered []Check
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		// Without the list of buckets there is one made up.
		v.others, _ = acct.OtherBuckets(gctx, v.Blueprint.Spec.Bucket())
		grants, simulation, err = v.checkAccess(gctx)
		return err
	})
	g.Go(func() (err error) {
		bucket, err = v.checkBucket(gctx, v.Blueprint.Spec.Bucket())
		return err
	})
	g.Go(func() error {
		registered = v.checkRegistered(gctx, reg)
		return gctx.Err()
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, list := range [][]Check{grants, simulation, bucket, registered} {
		v.Checks = append(v.Checks, list...)
	}
	return v, nil
}

func (v *Verification) add(c Check) { v.Checks = append(v.Checks, c) }

// checkUser looks at the build user and its keys. Without a user there is
// nothing more to look at.
func (v *Verification) checkUser() bool {
	const id, title = "build-user", "The build user has an active key"
	u := v.Inventory.User
	if u == nil {
		name := provision.DefaultContract.Names(v.Request.Cluster).User
		v.add(fails(id, title, "there is no user "+name+" in account "+v.Identity.Place.Account,
			"check --cluster and the account, or set it up with slipway install"))
		return false
	}
	active := v.ActiveKeys()
	if len(active) == 0 {
		v.add(fails(id, title, fmt.Sprintf("%s has %d keys, none of them active", u.Name, len(u.Keys)),
			"activate the key that CI uses, or make one with slipway install"))
		return true
	}
	v.add(passes(id, title, u.Name+", "+strings.Join(active, " and ")))
	return true
}

// ActiveKeys are the IDs of the build user's active keys.
func (v *Verification) ActiveKeys() []string {
	var out []string
	if v.Inventory != nil && v.Inventory.User != nil {
		for _, k := range v.Inventory.User.Keys {
			if k.Active {
				out = append(out, k.ID)
			}
		}
	}
	return out
}

// plan makes the blueprint that the rest is judged by.
func (v *Verification) plan() bool {
	spec := provision.Spec{Cluster: v.Request.Cluster, Destinations: v.Request.Destinations}
	if len(spec.Destinations) == 0 {
		spec.Destinations = v.Inventory.FoundDestinations(v.Request.Cluster)
	}
	const id, title = "destinations", "There is somewhere to publish to"
	if odd := v.Inventory.WithoutBucket(v.Request.Cluster); odd != "" && !hasBucket(v.Request.Destinations) {
		v.add(leftOpen(id, title, odd+" does not name the objects of one bucket, so which bucket is meant cannot be told", "say it with --s3 BUCKET"))
	}
	if len(spec.Destinations) == 0 {
		v.add(fails(id, title, "no policy of the cluster grants a destination",
			"name what CI is to publish to with --ecr and --s3 BUCKET, or set it up with slipway install"))
		return false
	}
	b, err := provision.NewBlueprint(spec, v.Identity.Place)
	if err != nil {
		v.add(fails(id, title, err.Error(), ""))
		return false
	}
	b.User.ID, b.User.ARN = v.Inventory.User.ID, v.Inventory.User.ARN
	v.Blueprint = b
	return true
}

func hasBucket(list []provision.Destination) bool {
	return slices.ContainsFunc(list, func(d provision.Destination) bool { return d.Bucket != "" })
}

// checkAccess asks the policies about each request that CI makes, and AWS's
// simulation the same. Where the two differ, both are shown.
func (v *Verification) checkAccess(ctx context.Context) (own, simulated []Check, err error) {
	list := provision.Expectations(v.Blueprint, v.others)
	var wrong, unclear []string
	decided := make([]string, len(list))
	for i, e := range list {
		d := e.Decide(v.Identity.Place, v.Blueprint.User, v.own)
		decided[i] = d.Outcome.String()
		say := fmt.Sprintf("%s on %s is %s (%s)", e.Action, e.Resource, d.Outcome, d.Why)
		switch {
		case d.Outcome == policy.Depends:
			unclear = append(unclear, say)
		case (d.Outcome == policy.Allowed) != e.Allowed:
			wrong = append(wrong, say)
		}
	}
	const id, title = "grants", "The policies allow what CI does, and nothing else that was asked"
	switch {
	case len(v.unread) > 0:
		own = append(own, leftOpen(id, title, "not all policies could be read: "+strings.Join(v.unread, ", "), "allow the operator to read them, and run again"))
	case len(wrong) > 0:
		own = append(own, fails(id, title, strings.Join(wrong, "; "), "see slipway install --check for the difference"))
	case len(unclear) > 0:
		own = append(own, leftOpen(id, title, strings.Join(unclear, "; "), "the probe tells"))
	default:
		own = append(own, passes(id, title, fmt.Sprintf("%d requests asked, all as they must be", len(list))))
	}
	sim, err := v.acct.Simulate(ctx, v.Blueprint.User.ARN, list)
	if err != nil {
		return nil, nil, err
	}
	return own, []Check{compareSimulation(list, decided, sim)}, nil
}

func compareSimulation(list []provision.Expectation, decided []string, sim account.Simulated) Check {
	const id, title = "simulation", "AWS's simulation agrees"
	if sim.Unchecked != "" {
		return notRun(id, title, sim.Unchecked, "allow the operator iam:SimulatePrincipalPolicy, if you want this")
	}
	var differ []string
	for i, e := range list {
		if sim.Verdicts[i] != decided[i] && sim.Verdicts[i] != "unclear" && decided[i] != policy.Depends.String() {
			differ = append(differ, fmt.Sprintf("%s on %s: here %s, AWS says %s", e.Action, e.Resource, decided[i], sim.Verdicts[i]))
		}
	}
	if len(differ) > 0 {
		return leftOpen(id, title, strings.Join(differ, "; "),
			"AWS knows of more: organisation policies and session limits. Trust the probe")
	}
	return passes(id, title, fmt.Sprintf("%d requests, no difference", len(list)))
}

// checkBucket looks at a bucket that CI publishes to.
func (v *Verification) checkBucket(ctx context.Context, name string) ([]Check, error) {
	if name == "" {
		return nil, nil
	}
	const id, title = "bucket", "Nothing about the bucket stands in the way"
	is, err := v.acct.BucketSettings(ctx, name)
	if err != nil {
		return nil, err
	}
	var out []Check
	for _, p := range is.Obstacles(v.Identity.Place, v.Blueprint.User, v.own) {
		if p.Warning {
			out = append(out, leftOpen(id, title, p.Rule, p.Way))
		} else {
			out = append(out, fails(id, title, p.Rule, p.Way))
		}
	}
	for _, g := range is.Unread {
		out = append(out, leftOpen(id, title, g.Reason, "the probe tells"))
	}
	if len(out) == 0 {
		out = append(out, passes(id, title, fmt.Sprintf("%s in %s, %s, its policy denies nothing", name, is.Region, is.Algorithm)))
	}
	return out, nil
}

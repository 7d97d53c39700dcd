package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/policy"
)

// The checks of what nullplatform knows against what the account holds.

const registeredTitle = "nullplatform knows the destinations"

// checkRegistered asks nullplatform. That it does not answer is a check too:
// the account's part stands by itself.
func (v *Verification) checkRegistered(ctx context.Context, reg Registry) []Check {
	if reg == nil || v.Request.Target.NRN.Empty() {
		return []Check{notRun("registered", registeredTitle, v.Request.Unregistered, "give --nrn, and "+platform.KeysWanted)}
	}
	s, err := reg.Survey(ctx, platform.WantedFor(v.Blueprint, v.Request.Target, v.theKey()), false)
	if err != nil {
		return []Check{leftOpen("registered", registeredTitle, err.Error(), "")}
	}
	var out []Check
	for _, b := range s.Blockers {
		out = append(out, fails("registered", registeredTitle, b.Field+" "+b.Rule, b.Way))
	}
	for _, r := range s.Registrations {
		out = append(out, v.checkRegistration(ctx, r)...)
	}
	return out
}

// theKey is the build user's active key if there is one and no other.
func (v *Verification) theKey() string {
	if keys := v.ActiveKeys(); len(keys) == 1 {
		return keys[0]
	}
	return ""
}

func (v *Verification) checkRegistration(ctx context.Context, r platform.Registration) []Check {
	name := platform.Name(r.Wanted.Specification)
	id, title := "registered-"+r.Wanted.Specification, name+" is registered with nullplatform"
	title = strings.ToUpper(title[:1]) + title[1:]
	var out []Check
	is := r.Found
	switch {
	case len(is) == 0 && len(r.Above) == 1:
		is = r.Above
		out = append(out, passes(id, title, fmt.Sprintf("at %s, above %s (%s)", is[0].NRN, r.Wanted.NRN, is[0].ID)))
	case len(is) == 0:
		return []Check{fails(id, title, fmt.Sprintf("there is nothing at %s", r.Wanted.NRN), "register it: slipway install --nrn "+r.Wanted.NRN.String())}
	case len(is) > 1:
		p := r.Blocked(true)
		return []Check{fails(id, title, fmt.Sprintf("it is there %d times at %s", len(is), r.Wanted.NRN), p.Way)}
	default:
		out = append(out, passes(id, title, fmt.Sprintf("at %s (%s)", is[0].NRN, is[0].ID)))
	}
	if r.Wanted.Specification == platform.ECRSpecification {
		return append(out, v.registeredKey(is[0]), v.registeredRole(is[0]), v.registeredRegion(is[0]))
	}
	return append(out, v.registeredBucket(ctx, is[0]))
}

// registeredKey checks that the key that CI gets is an active one of the build
// user. A key that cannot be read is unknown, not missing.
func (v *Verification) registeredKey(c platform.Configuration) Check {
	const id, title = "registered-key", "The registered key is an active key of the build user"
	value, there := c.Value("ci.access_key")
	switch {
	case there && value.Hidden:
		return leftOpen(id, title, "nullplatform does not tell which key it holds", "the probe tells whether a key works; a build tells which")
	case !there || value.Text == "":
		if role, ok := c.Value("ci.role_arn"); ok {
			return passes(id, title, "none is registered; CI assumes "+role.Text)
		}
		return fails(id, title, "none is registered", "register it: slipway install --nrn, with the key's secret")
	}
	for _, k := range v.Inventory.User.Keys {
		switch {
		case k.ID == value.Text && k.Active:
			return passes(id, title, k.ID)
		case k.ID == value.Text:
			return fails(id, title, k.ID+" is inactive", "activate it, if nothing speaks against it")
		}
	}
	return fails(id, title, value.Text+" is no key of "+v.Inventory.User.Name,
		"register the key that is in use: slipway install --nrn, with its secret")
}

func (v *Verification) registeredRole(c platform.Configuration) Check {
	const id, title = "registered-role", "The registered application role exists"
	value, _ := c.Value("setup.role_arn")
	role := v.Inventory.Role
	switch {
	case value.Hidden:
		return leftOpen(id, title, "nullplatform does not tell which role it holds", "")
	case role != nil && role.ARN == value.Text:
		return passes(id, title, role.ARN)
	case role == nil && slices.ContainsFunc(v.Inventory.Missing(), func(g provision.Gap) bool { return g.Action == "iam:GetRole" }):
		return leftOpen(id, title, value.Text+" is registered, and roles could not be read", "allow the operator iam:GetRole, and run again")
	case role == nil:
		return fails(id, title, value.Text+" is registered, and the cluster has no application role", "set it up with slipway install")
	}
	return fails(id, title, fmt.Sprintf("%s is registered, and the cluster's role is %s", value.Text, role.ARN),
		"register the cluster's role: slipway install --nrn")
}

func (v *Verification) registeredRegion(c platform.Configuration) Check {
	const id, title = "registered-region", "CI is sent to the region that was looked at"
	value, _ := c.Value("ci.region")
	if value.Text == v.Identity.Place.Region {
		return passes(id, title, value.Text)
	}
	return fails(id, title, fmt.Sprintf("%q is registered, and this is %s", value.Text, v.Identity.Place.Region),
		"run again with --region, or register the right one")
}

// registeredBucket checks that the registered bucket is there, in the region,
// and that the policies let CI write to it.
func (v *Verification) registeredBucket(ctx context.Context, c platform.Configuration) Check {
	const id, title = "registered-bucket", "The registered bucket exists and the grant names it"
	value, _ := c.Value("bucket.name")
	switch {
	case value.Hidden:
		return leftOpen(id, title, "nullplatform does not tell which bucket it holds", "")
	case value.Text == "":
		return fails(id, title, "none is named", "register it: slipway install --nrn")
	}
	is, err := v.acct.BucketSettings(ctx, value.Text)
	if err != nil {
		return leftOpen(id, title, err.Error(), "")
	}
	for _, p := range is.Obstacles(v.Identity.Place, v.Blueprint.User, v.own) {
		if !p.Warning {
			return fails(id, title, p.Rule, p.Way)
		}
	}
	at := v.Identity.Place
	e := provision.Expectation{Action: "s3:PutObject", Resource: "arn:" + at.Partition + ":s3:::" + value.Text + "/slipway-probe/object", Allowed: true}
	switch d := e.Decide(at, v.Blueprint.User, v.own); {
	case d.Outcome == policy.Allowed:
		return passes(id, title, value.Text)
	case len(v.unread) > 0 || d.Outcome == policy.Depends:
		return leftOpen(id, title, "whether the build user may write to "+value.Text+" cannot be told: "+d.Why, "the probe tells")
	}
	return fails(id, title, fmt.Sprintf("%s is registered, and the build user may not write to it", value.Text),
		"grant it (slipway install --s3 "+value.Text+"), or register the bucket that is granted")
}

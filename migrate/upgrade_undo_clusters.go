package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// returning is a cluster on its way back to what it was before an upgrade.
type returning struct {
	request UpgradeRequest
	// blueprint is what the upgrade led to.
	blueprint provision.Blueprint
	// was is its account before the upgrade, and now as it is.
	was, now *provision.Inventory
}

// returningOf gives the clusters of a run, those of the same root included, as
// they were agreed to and as they are now. It refuses with a
// [*provision.BlockedError] what could not be read: a bridge for grants that
// nobody saw would carry nothing.
func returningOf(ctx context.Context, acct Account, target *checklist.Past, agreed planned) ([]returning, error) {
	req, err := UpgradeRequestOf(target)
	if err != nil {
		return nil, err
	}
	all := append([]plannedCluster{{
		Cluster: target.Begin.Cluster, Blueprint: agreed.Plan.Blueprint, Inventory: agreed.Inventory,
	}}, agreed.Others...)
	var out []returning
	for _, c := range all {
		r := returning{request: req, blueprint: c.Blueprint, was: c.Inventory}
		r.request.Cluster = c.Cluster
		if r.now, err = readStanding(ctx, acct, r.request); err != nil {
			return nil, err
		}
		if gaps := r.now.Gaps(); len(gaps) > 0 {
			return nil, &provision.BlockedError{Blockers: gaps}
		}
		out = append(out, r)
	}
	return out, nil
}

// who is the build user as it is now.
func (r returning) who() provision.Identity { return provision.IdentityOf(r.now.User) }

// contract is the one that the cluster had before the upgrade.
func (r returning) contract() provision.Contract {
	return provision.StandingOf(r.request.Cluster, r.was).Contract
}

// former is the upgrade's blueprint with the group of before, as it was.
func (r returning) former() provision.Blueprint {
	b := r.blueprint
	b.Group = provision.Group{Name: b.Group.Name}
	for _, name := range r.was.User.Groups {
		if g := r.was.Group(name); g != nil && strings.HasPrefix(name, "nullplatform-"+r.request.Cluster+"-") {
			b.Group = *g
		}
	}
	return b
}

// proofs judges what the account shows at the end.
func (r returning) proofs(inv *provision.Inventory) []Proof {
	access := Proof{What: "the build user may do what it could do before the upgrade", Holds: true, Detail: "the same grants"}
	if covers, why := userAccess(inv).Covers(userAccess(r.was)); !covers {
		access.Holds, access.Detail = false, fmt.Sprint(why)
	}
	return []Proof{identityProof(provision.IdentityOf(r.was.User), inv), access}
}

// sameUsers fails unless every build user is who it was before the upgrade and
// is so still.
func sameUsers(ctx context.Context, acct Account, clusters []returning) error {
	var errs []error
	for _, r := range clusters {
		errs = append(errs, provision.IdentityOf(r.was.User).Same(r.who()), sameIdentity(ctx, acct, r.who()))
	}
	return errors.Join(errs...)
}

// owner is the cluster whose build user a call is about; the first where none
// is named.
func owner(clusters []returning, call provision.Call) int {
	name := call.Param("UserName")
	return max(0, slices.IndexFunc(clusters, func(r returning) bool {
		return name != "" && r.now.User != nil && r.now.User.Name == name
	}))
}

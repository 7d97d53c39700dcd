package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// AccountProofs judges what an account shows after an upgrade that was
// previewed so.
func AccountProofs(p *UpgradePreview, now *provision.Inventory) []Proof {
	return []Proof{
		identityProof(p.Identity, now),
		contractProof(p, now),
		accessProof(p, now),
		oldGroupProof(p, now),
		directProof(p, now),
	}
}

func identityProof(was provision.Identity, now *provision.Inventory) Proof {
	p := Proof{What: "the build user, its keys and their status are the same"}
	if err := was.Same(provision.IdentityOf(now.User)); err != nil {
		p.Detail = err.Error()
		return p
	}
	var keys []string
	for _, k := range was.Keys {
		word := "inactive"
		if k.Active {
			word = "active"
		}
		keys = append(keys, k.ID+" "+word)
	}
	p.Holds, p.Detail = true, fmt.Sprintf("%s, %s; %s", was.UserName, was.UserID, strings.Join(keys, ", "))
	return p
}

// contractProof plans once more: nothing may be left to do.
func contractProof(p *UpgradePreview, now *provision.Inventory) Proof {
	b := p.Plan().Blueprint
	out := Proof{What: "the account is as contract " + string(b.Spec.Contract) + " makes it"}
	left := provision.NewUpgrade(b, now)
	switch {
	case left.Blocked() != nil:
		out.Detail = left.Blocked().Error()
	case !left.Empty() && (p.Request.Route == RouteAccount || behind(left)):
		out.Detail = "still to do: " + left.Changes[0].Title
	default:
		out.Holds, out.Detail = true, "a new plan has nothing to do"
	}
	return out
}

// accessProof compares what the build user may do now with what it could do
// before, and with what was shown.
func accessProof(p *UpgradePreview, now *provision.Inventory) Proof {
	out := Proof{What: "the build user may do all that it could do before"}
	was, is := userAccess(p.Account.Inventory), userAccess(now)
	delta := policy.Compare(was, is)
	shown := p.shownLoss()
	lost := slices.DeleteFunc(delta.Lost, func(g policy.Grant) bool {
		return slices.Contains(shown, g.Action+" on "+g.Resource)
	})
	switch {
	case len(lost) > 0:
		out.Detail = fmt.Sprintf("%s on %s is gone", lost[0].Action, lost[0].Resource)
	case len(shown) > 0:
		out.Holds, out.What = true, "the build user may do all that it could do before, but for what was agreed to"
		out.Detail = fmt.Sprintf("%d grants kept, %d gained, %d given up", len(delta.Kept), len(delta.Gained), len(delta.Lost))
	case len(delta.Gained) == 0:
		out.Holds, out.Detail = true, fmt.Sprintf("%d grants, the same before and after", len(delta.Kept))
	default:
		out.Holds, out.Detail = true, fmt.Sprintf("%d grants kept, %d gained as shown", len(delta.Kept), len(delta.Gained))
	}
	return out
}

// shownLoss is what the preview said that the build user loses.
func (p *UpgradePreview) shownLoss() []string {
	var out []string
	for _, a := range p.Account.Access {
		if a.Principal.Type != provision.UserEntity || a.Principal.Name != p.Identity.UserName {
			continue
		}
		for _, g := range a.Lost {
			out = append(out, g.Action+" on "+g.Resource)
		}
	}
	return out
}

func userAccess(inv *provision.Inventory) policy.Access {
	policies, _ := inv.PoliciesOfUser()
	return policy.AccessOf(policies)
}

// oldGroupProof lets the group stay where the plan says why.
func oldGroupProof(p *UpgradePreview, now *provision.Inventory) Proof {
	name := provision.Contract34.Names(p.Request.Cluster).Group
	out := Proof{What: "the group of before the split is gone", Detail: name + " is still there"}
	if now.Group(name) == nil {
		out.Holds, out.Detail = true, name+" is not there"
		return out
	}
	for _, n := range provision.NewUpgrade(p.Plan().Blueprint, now).Notes {
		if n.Entity.Type == provision.GroupEntity && n.Entity.Name == name {
			out.What = "the group of before the split is gone, or stays for others"
			out.Holds, out.Detail = true, name+" "+n.Text
		}
	}
	return out
}

// directProof shows that no bridge and no grant of the modules is left on the
// user itself.
func directProof(p *UpgradePreview, now *provision.Inventory) Proof {
	out := Proof{What: "no grant of the modules is left on the build user itself"}
	if now.User == nil {
		out.Detail = "the user is gone"
		return out
	}
	for _, a := range now.User.Attached {
		if slices.Contains(p.Plan().Blueprint.Group.Attached, a) && !p.wasDirect(a) {
			out.Detail = a.Name + " is still attached"
			return out
		}
	}
	for _, i := range now.User.Inline {
		if i.Name == provision.BridgePolicy {
			out.Detail = "the inline policy " + i.Name + " is still there"
			return out
		}
	}
	out.Holds, out.Detail = true, "all go through the publishers group"
	return out
}

// wasDirect reports whether an attachment to the user itself was there before
// and is somebody's own: a route through a root touches no such attachment.
func (p *UpgradePreview) wasDirect(a provision.AttachedPolicy) bool {
	return p.Request.Route != RouteAccount && p.Standing.Contract != provision.Contract112 &&
		slices.Contains(p.Account.Inventory.User.Attached, a)
}

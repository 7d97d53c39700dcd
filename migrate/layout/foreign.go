package layout

import (
	"fmt"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// findForeign tells what hangs on the publishers group besides the modules'
// own. It stays where it is when the group is renamed in place.
func (f *finder) findForeign() {
	inv := f.in.Inventory
	if inv == nil {
		return
	}
	for _, id := range f.out.Identities {
		if !id.Cluster.Known {
			continue
		}
		names := provision.Contract61.Names(id.Cluster.Value)
		own := []string{names.ECRPolicy, names.S3Policy, provision.Contract50.Names(id.Cluster.Value).S3Policy}
		for _, name := range []string{LegacyGroup(id.Cluster.Value), names.Group} {
			if g := inv.Group(name); g != nil {
				id.Foreign = append(id.Foreign, foreignOf(g, names.User, own)...)
			}
		}
		if len(id.Foreign) == 0 {
			continue
		}
		at := f.here()
		if id.Owner != nil {
			at = id.Owner.Position
		}
		for _, what := range id.Foreign {
			f.tell(ForeignGrants, at, what, "it is kept: the group is renamed in place, not made anew")
		}
	}
}

func foreignOf(g *provision.Group, user string, own []string) []string {
	var out []string
	for _, m := range g.Members {
		if m != user {
			out = append(out, fmt.Sprintf("user %s is in group %s too", m, g.Name))
		}
	}
	for _, p := range g.Attached {
		if !slices.Contains(own, p.Name) {
			out = append(out, fmt.Sprintf("policy %s is attached to group %s too", p.Name, g.Name))
		}
	}
	for _, p := range g.Inline {
		out = append(out, fmt.Sprintf("group %s has the inline policy %s", g.Name, p.Name))
	}
	return out
}

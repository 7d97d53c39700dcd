package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// narrow leaves out the identities of clusters that nobody asked for: of several
// in one root one alone may be upgraded, where each has calls of its own. It
// refuses where one call holds several.
func (p *RootPreview) narrow(cluster string) error {
	if cluster == "" {
		return nil
	}
	var kept []*layout.Identity
	for _, id := range p.Layout.Identities {
		names := clustersIn(id)
		switch {
		case len(names) == 0:
			kept = append(kept, id) // Nothing tells; the layout says so.
		case !slices.Contains(names, cluster):
		case len(names) > 1:
			return &provision.Problem{
				Field: "cluster", Rule: fmt.Sprintf("%s is held by the same call as the others of %s, which change with it", cluster, strings.Join(names, ", ")),
				Way: "leave --cluster out to upgrade all of them, or give each cluster a call of its own first",
			}
		default:
			kept = append(kept, id)
		}
	}
	if len(kept) > 0 {
		p.Layout.Identities = kept
	}
	return nil
}

// clustersIn are the clusters whose build users an identity holds.
func clustersIn(id *layout.Identity) []string {
	var out []string
	for _, h := range id.Holdings {
		if h.Cluster != "" && !slices.Contains(out, h.Cluster) {
			out = append(out, h.Cluster)
		}
	}
	switch {
	case len(out) > 0:
	case len(id.Clusters) > 0:
		return id.Clusters
	case id.Cluster.Known:
		out = append(out, id.Cluster.Value)
	}
	return out
}

// overAndBack are the changes of all bridges in the order in which they are
// made: every one is built before the apply, and taken away after it.
func (p *RootPreview) overAndBack() []provision.Change {
	var up, down []provision.Change
	for _, b := range p.Bridges {
		up, down = append(up, b.Up...), append(down, b.Down...)
	}
	return append(up, down...)
}

// ofCluster are proofs that say which cluster they are about, where the root
// holds several.
func (p *RootPreview) ofCluster(cluster string, proofs []Proof) []Proof {
	if len(p.Clusters) < 2 {
		return proofs
	}
	out := slices.Clone(proofs)
	for i := range out {
		out[i].What = cluster + ": " + out[i].What
	}
	return out
}

// apart gives the changes of a cluster IDs of their own where the root holds
// several.
func (p *RootPreview) apart(cluster string, changes []provision.Change) []provision.Change {
	if len(p.Clusters) < 2 {
		return changes
	}
	out := slices.Clone(changes)
	for i := range out {
		out[i].ID += " of " + cluster
	}
	return out
}

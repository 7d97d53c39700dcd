package provision

import (
	"slices"
)

// FoundDestinations tells what a cluster's policies, as they are, let CI
// publish to. A bucket is taken from the S3 policy that names objects of one.
func (inv *Inventory) FoundDestinations(cluster string) []Destination {
	var out []Destination
	for _, c := range Contracts() {
		n := c.Names(cluster)
		if inv.Policy(inv.Place.PolicyARN(n.ECRPolicy)) != nil && !hasKind(out, ECR) {
			out = append(out, Destination{Kind: ECR})
		}
		if p := inv.Policy(inv.Place.PolicyARN(n.S3Policy)); p != nil && !hasKind(out, S3) {
			if bucket := bucketOf(inv.Place.Partition, p.Document); bucket != "" {
				out = append(out, Destination{Kind: S3, Bucket: bucket})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Destination) int { return kindOrder(a.Kind) - kindOrder(b.Kind) })
	return out
}

// WithoutBucket names the S3 policy of a cluster that grants something else than
// the objects of one bucket; empty when there is none such.
func (inv *Inventory) WithoutBucket(cluster string) string {
	for _, c := range Contracts() {
		name := c.Names(cluster).S3Policy
		if p := inv.Policy(inv.Place.PolicyARN(name)); p != nil && bucketOf(inv.Place.Partition, p.Document) == "" {
			return name
		}
	}
	return ""
}

func hasKind(list []Destination, k Kind) bool {
	return slices.ContainsFunc(list, func(d Destination) bool { return d.Kind == k })
}

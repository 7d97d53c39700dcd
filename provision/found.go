package provision

import "slices"

// FoundDestinations tells what a cluster's policies are made to let CI publish
// to, whether they are attached or not: the inventory is one of
// [StandingScope]. A grant that got lost is missed then.
func (inv *Inventory) FoundDestinations(cluster string) []Destination {
	var out []Destination
	if inv.Policy(inv.Place.PolicyARN(Contract61.Names(cluster).ECRPolicy)) != nil {
		out = append(out, Destination{Kind: ECR})
	}
	for _, p := range inv.s3Policies(cluster) {
		if bucket := bucketOf(inv.Place.Partition, p.Document); bucket != "" {
			return append(out, Destination{Kind: S3, Bucket: bucket})
		}
	}
	return out
}

// WithoutBucket names the S3 policy of a cluster that grants something else than
// one bucket; empty when there is none such.
func (inv *Inventory) WithoutBucket(cluster string) string {
	list := inv.s3Policies(cluster)
	i := slices.IndexFunc(list, func(p *Policy) bool { return bucketOf(inv.Place.Partition, p.Document) == "" })
	if i < 0 {
		return ""
	}
	return list[i].Name
}

// s3Policies are those of the contracts that have one, the newest first.
func (inv *Inventory) s3Policies(cluster string) []*Policy {
	var out []*Policy
	for _, c := range []Contract{Contract61, Contract50} {
		if p := inv.Policy(inv.Place.PolicyARN(c.Names(cluster).S3Policy)); p != nil {
			out = append(out, p)
		}
	}
	return out
}

package provision

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// IdentityScope is what has to be read to find a cluster's identity, whichever
// contract it was made with.
func IdentityScope(cluster string) Scope {
	s := Scope{Groups: []string{legacyGroup(cluster)}}
	for _, c := range Contracts() {
		n := c.Names(cluster)
		s.User, s.Role = n.User, n.Role
		for _, add := range []struct {
			to   *[]string
			name string
		}{{&s.Groups, n.Group}, {&s.Policies, n.ECRPolicy}, {&s.Policies, n.S3Policy}} {
			if !slices.Contains(*add.to, add.name) {
				*add.to = append(*add.to, add.name)
			}
		}
	}
	return s
}

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
			if bucket := bucketOf(p.Document, inv.Place.Partition); bucket != "" {
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
		if p := inv.Policy(inv.Place.PolicyARN(name)); p != nil && bucketOf(p.Document, inv.Place.Partition) == "" {
			return name
		}
	}
	return ""
}

func hasKind(list []Destination, k Kind) bool {
	return slices.ContainsFunc(list, func(d Destination) bool { return d.Kind == k })
}

// bucketOf gives the bucket that a document grants the objects of; empty when
// it names none or a pattern.
func bucketOf(document, partition string) string {
	doc, err := policy.Parse(document)
	if err != nil {
		return ""
	}
	for _, s := range doc.Statements {
		for _, r := range s.Resources {
			name, ok := strings.CutPrefix(r, "arn:"+partition+":s3:::")
			name, all := strings.CutSuffix(name, "/*")
			if ok && all && !strings.ContainsAny(name, "*?/") {
				return name
			}
		}
	}
	return ""
}

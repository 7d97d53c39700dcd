package audit

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// baseline is what one contract calls for, as far as the destinations that are
// in use go.
type baseline struct {
	contract provision.Contract
	// group is the publishers group, empty where the contract has none.
	group string
	// policies are in the order ECR, S3.
	policies []expected
	// extra are documents that grant a destination which the contract has no
	// policy for.
	extra []string
	// trust are the trust policies that the contract's releases made.
	trust []string
}

// expected is one policy that a contract calls for.
type expected struct {
	kind provision.Kind
	name string
	// documents are those that the releases of the contract made, newest
	// first. Any of them is right.
	documents []string
}

// contracts lists all contracts that an audit knows, newest first.
func contracts(cluster string) []provision.Contract {
	if cluster == "" {
		return []provision.Contract{provision.Contract10}
	}
	return []provision.Contract{provision.Contract61, provision.Contract50, provision.Contract34, provision.Contract112}
}

// destinations are the kinds in use, and the bucket if there is one and it is
// known.
type destinations struct {
	ecr, s3 bool
	buckets []string
}

// newBaseline says what a contract calls for. The documents come from the
// blueprint, so that an audit and an install cannot disagree.
func newBaseline(c provision.Contract, n allNames, at provision.Place, d destinations, manager string) baseline {
	b := baseline{contract: c}
	switch c {
	case provision.Contract61, provision.Contract50:
		b.group = n.publishers
	case provision.Contract34:
		b.group = n.legacy
	}
	bucket := "unknown-bucket"
	if len(d.buckets) > 0 {
		bucket = d.buckets[0]
	}
	made, err := provision.NewBlueprint(provision.Spec{
		Cluster: "any", ApplicationManager: manager,
		Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: bucket}},
	}, at)
	if err != nil {
		// Only the bucket's name or the manager's ARN can be what install
		// would refuse. What is there is compared with nothing then.
		made = provision.Blueprint{}
	}
	if len(made.Policies) == 2 {
		if d.ecr {
			b.policies = append(b.policies, expected{provision.ECR, n.ecr, ecrDocuments(c, made.Policies[0].Document)})
		}
		if d.s3 && slices.Contains(provision.Contracts(), c) {
			name := n.s3
			if c == provision.Contract50 {
				name = n.s3Assets
			}
			e := expected{kind: provision.S3, name: name}
			for _, bucket := range d.buckets {
				e.documents = append(e.documents, strings.ReplaceAll(made.Policies[1].Document, ":::"+d.buckets[0]+"/", ":::"+bucket+"/"))
			}
			b.policies = append(b.policies, e)
		}
	}
	for _, name := range d.buckets {
		b.extra = append(b.extra, publishing(name, at))
	}
	if made.Role != nil && d.ecr {
		b.trust = []string{made.Role.Trust}
		if c == provision.Contract112 || c == provision.Contract10 {
			b.trust = append(b.trust, early(made.Role.Trust, at.Region, true))
		}
	}
	return b
}

// ecrDocuments are the ECR policies that the releases of a contract made: the
// one of today, and before 3.4 the same without an action that came later,
// with and without the region.
func ecrDocuments(c provision.Contract, today string) []string {
	if c != provision.Contract112 && c != provision.Contract10 {
		return []string{today}
	}
	fewer := strings.Replace(today, `,"ecr:SetRepositoryPolicy"`, "", 1)
	return []string{today, fewer}
}

// early puts the conditions of the first releases into each statement on
// repositories or principals.
func early(text, region string, trust bool) string {
	condition := map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": []string{region}}}
	if trust {
		condition["DateGreaterThan"] = map[string]any{"aws:CurrentTime": "2024-01-01T00:00:00Z"}
	}
	var doc struct {
		Statement []map[string]any
		Version   string
	}
	if json.Unmarshal([]byte(text), &doc) != nil {
		return text
	}
	for _, s := range doc.Statement {
		if s["Resource"] != "*" {
			s["Condition"] = condition
		}
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return text
	}
	return string(out)
}

// policy gives what is expected of a policy by name.
func (b baseline) policy(name string) (expected, bool) {
	for _, e := range b.policies {
		if e.name == name {
			return e, true
		}
	}
	return expected{}, false
}

// equals reports whether a document is one that the contract's releases made.
// The first releases bound the grant to the region that they were applied in.
func (e expected) equals(document string, c provision.Contract) bool {
	for _, want := range e.documents {
		if policy.Equivalent(document, want) {
			return true
		}
		if c != provision.Contract112 && c != provision.Contract10 {
			continue
		}
		for _, region := range regionsIn(document) {
			if policy.Equivalent(document, early(want, region, false)) {
				return true
			}
		}
	}
	return false
}

// trusts reports whether a trust policy is one that the contract's releases
// made.
func (b baseline) trusts(document string) bool {
	for _, want := range b.trust {
		if policy.Equivalent(document, want) {
			return true
		}
	}
	if b.contract != provision.Contract112 && b.contract != provision.Contract10 || len(b.trust) == 0 {
		return false
	}
	for _, region := range regionsIn(document) {
		if policy.Equivalent(document, early(b.trust[0], region, true)) {
			return true
		}
	}
	return false
}

// regionsIn lists the regions that a document asks for.
func regionsIn(text string) []string {
	doc, err := policy.Parse(text)
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range doc.Statements {
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, "aws:RequestedRegion") {
				out = append(out, c.Values...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// access is what the contract lets the build user and the role do. Actions of
// ECR are taken on every resource: they know no others than repositories, and
// what a pattern says beyond those grants nothing.
func (b baseline) access() policy.Access {
	var p policy.Policies
	for _, e := range b.policies {
		for _, text := range e.documents {
			if e.kind == provision.ECR {
				text = everyResource(text)
			}
			if doc, err := policy.Parse(text); err == nil {
				p.Identity = append(p.Identity, policy.Source{Name: e.name, Document: doc})
			}
		}
	}
	for _, text := range b.extra {
		if doc, err := policy.Parse(text); err == nil {
			p.Identity = append(p.Identity, policy.Source{Name: "destination", Document: doc})
		}
	}
	return policy.AccessOf(&p)
}

func everyResource(text string) string {
	var doc struct {
		Statement []map[string]any
		Version   string
	}
	if json.Unmarshal([]byte(text), &doc) != nil {
		return text
	}
	for _, s := range doc.Statement {
		s["Resource"] = "*"
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return text
	}
	return string(out)
}

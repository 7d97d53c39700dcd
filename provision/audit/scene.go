package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// scene is a subject with what several checks need, worked out once.
type scene struct {
	Subject
	inv   *provision.Inventory
	names allNames
	// dest are the destinations in use.
	dest destinations
	base baseline
	// user and role are what decides for the two principals.
	user, role principal
	// broken are the documents that cannot be understood.
	broken []grantSource
	// told are the statements of which a grant finding speaks.
	told map[string]*Finding
	// grants are the findings about statements, by check.
	grants map[string][]Finding
	// under are the checks that another check's finding speaks for.
	under map[string]string
	// differences are from the baseline.
	differences []Difference
}

// principal is one who may act, with all that decides.
type principal struct {
	entity   provision.Entity
	sources  []grantSource
	policies *policy.Policies
	access   policy.Access
	gaps     []provision.Gap
}

func newScene(s Subject) *scene {
	c := &scene{
		Subject: s, inv: s.Survey.Inventory, names: namesOf(s.Survey.Cluster),
		told: map[string]*Finding{}, grants: map[string][]Finding{}, under: map[string]string{},
	}
	if c.Expect.ApplicationManager == "" {
		c.Expect.ApplicationManager = provision.DefaultApplicationManager
	}
	c.user = c.principalOf(provision.Entity{Type: provision.UserEntity, Name: c.names.user}, (*provision.Inventory).PoliciesOfUser)
	c.role = c.principalOf(provision.Entity{Type: provision.RoleEntity, Name: c.names.role}, (*provision.Inventory).PoliciesOfRole)
	c.collect()
	c.dest = c.destinations()
	c.base = c.closest()
	c.judgeGrants()
	c.differences = c.compare()
	return c
}

func (c *scene) principalOf(e provision.Entity, of func(*provision.Inventory) (*policy.Policies, []string)) principal {
	p := principal{entity: e}
	p.policies, _ = of(c.inv)
	p.access = policy.AccessOf(p.policies)
	return p
}

// collect gathers the policies of both principals, and what is missing.
func (c *scene) collect() {
	if u := c.inv.User; u != nil {
		c.carry(&c.user, c.user.entity, u.Attached, u.Inline)
		for _, name := range u.Groups {
			e := provision.Entity{Type: provision.GroupEntity, Name: name}
			if g := c.inv.Group(name); g != nil {
				c.carry(&c.user, e, g.Attached, g.Inline)
			}
			c.lacking(&c.user, "group/"+name)
		}
		c.lacking(&c.user, "user/"+u.Name)
		c.lacking(&c.user, u.Boundary)
	}
	if r := c.inv.Role; r != nil {
		c.carry(&c.role, c.role.entity, r.Attached, r.Inline)
		c.lacking(&c.role, "role/"+r.Name)
		c.lacking(&c.role, r.Boundary)
	}
}

// carry adds the policies that one entity carries.
func (c *scene) carry(p *principal, holder provision.Entity, attached []provision.AttachedPolicy, inline []provision.InlinePolicy) {
	add := func(g grantSource) {
		doc, err := policy.Parse(g.text)
		if err != nil {
			c.broken = append(c.broken, g)
			p.gaps = append(p.gaps, provision.Gap{
				Action: "read the document", Resource: g.key(), Asked: true, Reason: "it cannot be understood: " + err.Error(),
			})
			return
		}
		g.doc = doc
		p.sources = append(p.sources, g)
	}
	for _, a := range attached {
		c.lacking(p, a.ARN)
		if known := c.inv.Policy(a.ARN); known != nil && known.Document != "" {
			add(grantSource{name: a.Name, arn: a.ARN, version: known.Version, text: known.Document, holder: holder})
		}
	}
	for _, i := range inline {
		if i.Document != "" {
			add(grantSource{name: i.Name, text: i.Document, holder: holder, inline: true})
		}
	}
}

// grantReads are the reads without which effective access is not known.
var grantReads = []string{
	"iam:ListGroupsForUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies", "iam:GetUserPolicy",
	"iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies", "iam:GetGroupPolicy",
	"iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy",
	"iam:GetUser", "iam:GetPolicy", "iam:GetPolicyVersion",
}

// lacking adds the gaps about a resource to what a principal lacks.
func (c *scene) lacking(p *principal, resource string) {
	if resource == "" {
		return
	}
	p.gaps = append(p.gaps, c.gaps(resource, grantReads...)...)
}

// gaps lists the reads of a resource that are missing, of some actions.
func (c *scene) gaps(resource string, actions ...string) []provision.Gap {
	var out []provision.Gap
	for _, g := range c.inv.Unread {
		if g.Resource == resource && slices.Contains(actions, g.Action) {
			out = append(out, g)
		}
	}
	return out
}

// destinations finds out which kinds are in use. The bucket comes from who
// knows it, or else from the policies with the modules' own name or document.
func (c *scene) destinations() destinations {
	var d destinations
	d.ecr = c.inv.Role != nil || c.inv.Policy(c.policyARN(c.names.ecr)) != nil
	d.buckets = slices.Clone(c.Expect.Buckets)
	for _, name := range []string{c.names.s3, c.names.s3Assets} {
		p := c.inv.Policy(c.policyARN(name))
		if p == nil {
			continue
		}
		d.s3 = true
		if b := bucketsIn(p.Document, c.inv.Place); len(d.buckets) == 0 && len(b) > 0 {
			d.buckets = b[:1]
		}
	}
	if !d.s3 && len(d.buckets) == 0 {
		d.buckets = c.byHand()
	}
	d.s3 = d.s3 || len(d.buckets) > 0
	slices.Sort(d.buckets)
	d.buckets = slices.Compact(d.buckets)
	return d
}

// byHand lists the buckets of S3 grants that somebody made before the modules
// could: with the document that they make today, beside none of theirs.
func (c *scene) byHand() []string {
	var out []string
	for _, g := range c.user.sources {
		if b := bucketsIn(g.text, c.inv.Place); len(b) == 1 && policy.Equivalent(g.text, publishing(b[0], c.inv.Place)) {
			out = append(out, b[0])
		}
	}
	return out
}

// publishing is the document with which the modules grant one bucket.
func publishing(bucket string, at provision.Place) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"` +
		at.BucketARN(bucket) + `/*"}]}`
}

// bucketsIn lists the buckets whose objects a document allows, in its order:
// those named one by one and in full.
func bucketsIn(text string, at provision.Place) []string {
	doc, err := policy.Parse(text)
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range doc.Statements {
		for _, r := range s.Resources {
			name, isBucket := strings.CutPrefix(r, at.BucketARN(""))
			name, objects := strings.CutSuffix(name, "/*")
			if s.Effect == policy.Allow && isBucket && objects && len(provision.CheckBucket(name)) == 0 && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// policyARN is the ARN of one of the cluster's own policies. A policy with a
// path is found by its name.
func (c *scene) policyARN(name string) string {
	for _, p := range c.inv.Policies {
		if p.Name == name {
			return p.ARN
		}
	}
	return c.inv.Place.PolicyARN(name)
}

// closest picks the contract from which the inventory differs least; of two
// the newer.
func (c *scene) closest() baseline {
	var best baseline
	least := -1
	for _, contract := range contracts(c.Survey.Cluster) {
		b := newBaseline(contract, c.names, c.inv.Place, c.dest, c.Expect.ApplicationManager)
		if n := c.distance(b); least < 0 || n < least {
			best, least = b, n
		}
	}
	return best
}

// distance counts what would have to be made or unmade to reach a baseline,
// among the entities that contracts differ in.
func (c *scene) distance(b baseline) int {
	n := 0
	count := func(wanted, there bool) {
		if wanted != there {
			n++
		}
	}
	u := c.inv.User
	for _, group := range []string{c.names.publishers, c.names.legacy} {
		count(b.group == group, c.inv.Group(group) != nil)
		count(b.group == group, u != nil && slices.Contains(u.Groups, group))
		g := c.inv.Group(group)
		for _, name := range []string{c.names.ecr, c.names.s3, c.names.s3Assets} {
			_, wanted := b.policy(name)
			count(b.group == group && wanted, g != nil && carries(g.Attached, c.policyARN(name)))
		}
	}
	for _, name := range []string{c.names.ecr, c.names.s3, c.names.s3Assets} {
		_, wanted := b.policy(name)
		count(wanted, c.inv.Policy(c.policyARN(name)) != nil)
		count(b.group == "" && wanted, u != nil && carries(u.Attached, c.policyARN(name)))
	}
	return n
}

func carries(list []provision.AttachedPolicy, arn string) bool {
	return slices.ContainsFunc(list, func(a provision.AttachedPolicy) bool { return a.ARN == arn })
}

// own reports whether a policy is one that the baseline calls for.
func (c *scene) own(arn string) bool {
	for _, e := range c.base.policies {
		if c.policyARN(e.name) == arn {
			return true
		}
	}
	return false
}

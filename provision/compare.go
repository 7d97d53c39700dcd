package provision

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// One function an entity: what is missing is added, what differs is changed in
// place, what is equal is kept.

func (p *planner) user() {
	want, have := p.b.User, p.inv.User
	e := Entity{Type: UserEntity, Name: want.Name}
	if have == nil {
		p.change(Change{
			ID: "create-user", Mark: Add, Entity: e,
			Title: "Create user " + want.Name,
			Why:   "The identity with which CI publishes.",
			After: describeUser(want),
			Calls: []Call{p.calls.createUser(want)},
			Undo:  []Call{p.calls.deleteUser(want.Name)},
		})
		return
	}
	n := p.count()
	p.boundary(e, "user", want.Boundary, have.Boundary, p.calls.boundUser, p.calls.unboundUser)
	p.tags(e, "user", want.Tags, have.Tags, func(t map[string]string) Call { return p.calls.tagUser(want.Name, t) })
	if p.count() == n {
		p.keep(e)
	}
}

// boundary sets a permissions boundary that the spec asks for. One that it
// does not ask for is somebody's decision and stays.
func (p *planner) boundary(e Entity, id, want, have string, set func(name, arn string) Call, unset func(name string) Call) {
	switch want {
	case have:
	case "":
		p.note(e, "has the permissions boundary %s, which is left as it is", have)
	default:
		undo := unset(e.Name)
		if have != "" {
			undo = set(e.Name, have)
		}
		p.bounds = append(p.bounds, Change{
			ID: "bound-" + id, Mark: Update, Entity: e,
			Title:  fmt.Sprintf("Set the permissions boundary of %s %s", id, e.Name),
			Why:    "The spec asks for this boundary.",
			Before: have, After: want,
			Calls: []Call{set(e.Name, want)}, Undo: []Call{undo},
		})
	}
}

// tags adds the tags that the spec asks for and leaves all others.
func (p *planner) tags(e Entity, id string, want, have map[string]string, set func(map[string]string) Call) {
	missing, old := map[string]string{}, map[string]string{}
	for k, v := range want {
		if h, ok := have[k]; !ok || h != v {
			missing[k] = v
			if ok {
				old[k] = h
			}
		}
	}
	if len(missing) == 0 {
		return
	}
	c := Change{
		ID: "tag-" + id, Mark: Update, Entity: e,
		Title:  fmt.Sprintf("Tag %s", e),
		Why:    "The spec asks for these tags.",
		Before: describeTags(old), After: describeTags(missing),
		Calls: []Call{set(missing)},
	}
	if len(old) > 0 {
		c.Undo = append(c.Undo, set(old))
	}
	if fresh := without(missing, old); len(fresh) > 0 {
		c.Undo = append(c.Undo, untag(c.Calls[0], fresh))
	}
	p.change(c)
}

func without(m, drop map[string]string) map[string]string {
	out := maps.Clone(m)
	maps.DeleteFunc(out, func(k, _ string) bool { _, ok := drop[k]; return ok })
	return out
}

func (p *planner) group() {
	want := p.b.Group
	e := Entity{Type: GroupEntity, Name: want.Name}
	if p.inv.Group(want.Name) != nil {
		p.keep(e)
		return
	}
	p.change(Change{
		ID: "create-group", Mark: Add, Entity: e,
		Title: "Create group " + want.Name,
		Why:   "Each destination's grant attaches to it, and the build user gets them by being in it.",
		Calls: []Call{p.calls.createGroup(want.Name)},
		Undo:  []Call{p.calls.deleteGroup(want.Name)},
	})
}

// policyID names a policy within change IDs.
func (p *planner) policyID(arn string) string {
	if nameOfARN(arn) == p.b.Spec.Contract.Names(p.b.Spec.Cluster).ECRPolicy {
		return "ecr"
	}
	return "s3"
}

func (p *planner) policy(want Policy) {
	id := p.policyID(want.ARN)
	e := Entity{Type: PolicyEntity, Name: want.Name}
	have := p.inv.Policy(want.ARN)
	if have == nil {
		p.change(Change{
			ID: "create-" + id + "-policy", Mark: Add, Entity: e,
			Title: "Create policy " + want.Name,
			Why:   p.policyWhy(id),
			After: want.Document,
			Calls: []Call{p.calls.createPolicy(want)},
			Undo:  []Call{p.calls.deletePolicy(want.ARN)},
		})
		return
	}
	n := p.count()
	if !policy.Equivalent(have.Document, want.Document) {
		c := Change{
			ID: "update-" + id + "-policy", Mark: Update, Entity: e,
			Title:  "Change the document of policy " + want.Name,
			Why:    "It differs from what the contract says. The old version stays as a version that is not the default.",
			Before: have.Document, After: want.Document,
			Calls: []Call{p.calls.newVersion(want.ARN, want.Document)},
			Undo:  []Call{p.calls.defaultVersion(want.ARN, have.Version)},
		}
		if p.inEffect(want.ARN) {
			p.late = append(p.late, c)
		} else {
			p.change(c)
		}
	}
	if have.Description != want.Description {
		p.note(e, "has the description %q, which AWS cannot change; the modules would want %q", have.Description, want.Description)
	}
	p.tags(e, id+"-policy", want.Tags, have.Tags, func(t map[string]string) Call { return p.calls.tagPolicy(want.ARN, t) })
	if p.count() == n {
		p.keep(e)
	}
}

func (p *planner) policyWhy(id string) string {
	if id == "ecr" {
		return "Lets its bearer push and pull images in every repository of this account."
	}
	return fmt.Sprintf("Lets its bearer put and get objects in %s.", p.b.Spec.Bucket())
}

func (p *planner) role() {
	want, have := p.b.Role, p.inv.Role
	if want == nil {
		return
	}
	e := Entity{Type: RoleEntity, Name: want.Name}
	if have == nil {
		p.change(Change{
			ID: "create-role", Mark: Add, Entity: e,
			Title: "Create role " + want.Name,
			Why:   "nullplatform's application manager assumes it to make and look after repositories.",
			After: want.Trust,
			Calls: []Call{p.calls.createRole(*want)},
			Undo:  []Call{p.calls.deleteRole(want.Name)},
		})
		return
	}
	n := p.count()
	if !policy.Equivalent(have.Trust, want.Trust) {
		p.change(Change{
			ID: "update-trust", Mark: Update, Entity: e,
			Title:  "Change the trust policy of role " + want.Name,
			Why:    "It differs from what the contract says.",
			Before: have.Trust, After: want.Trust,
			Calls: []Call{p.calls.trust(want.Name, want.Trust)},
			Undo:  []Call{p.calls.trust(want.Name, have.Trust)},
		})
	}
	p.boundary(e, "role", want.Boundary, have.Boundary, p.calls.boundRole, p.calls.unboundRole)
	p.tags(e, "role", want.Tags, have.Tags, func(t map[string]string) Call { return p.calls.tagRole(want.Name, t) })
	if p.count() == n {
		p.keep(e)
	}
}

func (p *planner) bucket() {
	want := p.b.Bucket
	if want == nil {
		return
	}
	e := Entity{Type: BucketEntity, Name: want.Name}
	have := p.inv.Bucket(want.Name)
	switch {
	case have == nil:
		// Not looked at: a gap says why.
	case have.State == BucketOwn:
		p.keep(e)
		if have.Region != "" && have.Region != p.b.Place.Region {
			p.note(e, "is in %s, and CI will be told %s", have.Region, p.b.Place.Region)
		}
	case have.State == BucketForbidden:
		p.block("bucket", fmt.Sprintf("%q exists, but belongs to another account or may not be looked at (S3 answers 403 to HeadBucket)", want.Name),
			fmt.Sprintf("choose a bucket of account %s, or let %s call s3:ListBucket on %s",
				p.b.Place.Account, p.inv.Caller, p.b.Place.BucketARN(want.Name)))
	case !p.b.Spec.CreateBucket:
		p.block("bucket", fmt.Sprintf("%q does not exist (S3 answers 404 to HeadBucket)", want.Name),
			"check the name, or have it made with --create-bucket")
	default:
		p.change(Change{
			ID: "create-bucket", Mark: Add, Entity: e,
			Title: "Create bucket " + want.Name,
			Why:   "It is missing and was asked for: private, encrypted, TLS only.",
			After: tlsOnlyDocument(p.b.Place.BucketARN(want.Name)),
			Calls: p.calls.createBucket(want.Name, p.b.Spec.Tags),
			Undo:  []Call{p.calls.deleteBucket(want.Name)},
		})
	}
}

func (p *planner) membership() {
	user, group := p.b.User.Name, p.b.Group.Name
	e := Entity{Type: MembershipEntity, Name: user, To: group, ToType: GroupEntity}
	if p.inv.User != nil && slices.Contains(p.inv.User.Groups, group) {
		p.keep(e)
		return
	}
	p.change(Change{
		ID: "add-member", Mark: Add, Entity: e,
		Title: "Put the build user into the publishers group",
		Why:   "Whatever the group may do, the build user may do.",
		Calls: []Call{p.calls.addMember(group, user)},
		Undo:  []Call{p.calls.removeMember(group, user)},
		Needs: append(p.needs("create-user", "create-group"), p.documentsFirst()...),
	})
}

func (p *planner) groupAttachment(a AttachedPolicy) {
	id := p.policyID(a.ARN)
	e := Entity{Type: AttachmentEntity, Name: a.Name, To: p.b.Group.Name, ToType: GroupEntity}
	if g := p.inv.Group(p.b.Group.Name); g != nil && hasPolicy(g.Attached, a.ARN) {
		p.keep(e)
		return
	}
	p.change(Change{
		ID: "attach-" + id + "-to-group", Mark: Add, Entity: e,
		Title: fmt.Sprintf("Attach the %s grant to the publishers group", destinationWord(id)),
		Why:   p.policyWhy(id),
		Calls: []Call{p.calls.attachToGroup(p.b.Group.Name, a.ARN)},
		Undo:  []Call{p.calls.detachFromGroup(p.b.Group.Name, a.ARN)},
		// A bucket that is still to be made comes first: a grant to a name
		// that anyone else could take in between is no grant to give.
		Needs: slices.Concat(p.needs("create-group", "create-"+id+"-policy"), p.documentsFirst(), p.bucketFirst(id)),
	})
}

func (p *planner) bucketFirst(id string) []string {
	if id != "s3" {
		return nil
	}
	return p.needs("create-bucket")
}

func destinationWord(id string) string {
	if id == "ecr" {
		return "ECR"
	}
	return "S3"
}

func (p *planner) roleAttachments() {
	if p.b.Role == nil {
		return
	}
	for _, a := range p.b.Role.Attached {
		id := p.policyID(a.ARN)
		e := Entity{Type: AttachmentEntity, Name: a.Name, To: p.b.Role.Name, ToType: RoleEntity}
		if p.inv.Role != nil && hasPolicy(p.inv.Role.Attached, a.ARN) {
			p.keep(e)
			continue
		}
		p.change(Change{
			ID: "attach-" + id + "-to-role", Mark: Add, Entity: e,
			Title: fmt.Sprintf("Attach the %s grant to the application role", destinationWord(id)),
			Why:   "The application manager looks after repositories with it.",
			Calls: []Call{p.calls.attachToRole(p.b.Role.Name, a.ARN)},
			Undo:  []Call{p.calls.detachFromRole(p.b.Role.Name, a.ARN)},
			Needs: append(p.needs("create-role", "create-"+id+"-policy"), p.documentsFirst()...),
		})
	}
}

// key makes a key only for a user that has none: a key that exists is in use
// somewhere, or somebody's business.
func (p *planner) key() {
	user := p.b.User.Name
	if p.inv.User != nil && len(p.inv.User.Keys) > 0 {
		active := false
		for _, k := range p.inv.User.Keys {
			p.keep(Entity{Type: KeyEntity, Name: k.ID})
			active = active || k.Active
		}
		if !active {
			p.note(Entity{Type: UserEntity, Name: user}, "has keys, but none is active; they are left as they are")
		}
		return
	}
	var all []string
	for _, c := range p.plan.Changes {
		all = append(all, c.ID)
	}
	p.change(Change{
		ID: "create-key", Mark: Add,
		Entity: Entity{Type: KeyEntity, Name: user},
		Title:  "Create the access key and hand it over",
		Why:    "CI signs in with it. Its secret can be read only once, so it goes straight to the handover.",
		Calls:  []Call{p.calls.createKey(user)},
		Undo:   []Call{p.calls.deleteKey(user)},
		Needs:  all,
	})
}

func hasPolicy(list []AttachedPolicy, arn string) bool {
	return slices.ContainsFunc(list, func(a AttachedPolicy) bool { return a.ARN == arn })
}

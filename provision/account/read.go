package account

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// Read reads the inventory of one scope, live, in at most three round trips:
// what stands alone, what hangs on it, and the documents. What is not there
// costs no further reads.
//
// A read that the account refuses becomes a gap in the inventory; any other
// failure is an error, and no inventory is given.
func (a *Account) Read(ctx context.Context, s provision.Scope) (*provision.Inventory, error) {
	r := &reader{a: a, scope: s, inv: &provision.Inventory{}}
	rounds := []func(context.Context, *errgroup.Group){r.entities, r.links, r.documents}
	for i, round := range rounds {
		g, gctx := errgroup.WithContext(ctx)
		round(gctx, g)
		if err := g.Wait(); err != nil {
			return nil, err
		}
		if i == 0 {
			r.inv.Place, r.inv.Caller = r.identity.Place, r.identity.ARN
			if err := r.contradicted(ctx); err != nil {
				return nil, err
			}
		}
	}
	r.sort()
	return r.inv, nil
}

// reader collects one inventory. Its reads run side by side; each writes under
// the lock.
type reader struct {
	a        *Account
	scope    provision.Scope
	identity Identity
	// detail marks all gaps as such.
	detail bool

	mu  sync.Mutex
	inv *provision.Inventory
}

func (r *reader) locked(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// settle decides what a failed read means: absent, a gap, or an error.
func (r *reader) settle(op, action, on string, err error) error {
	switch {
	case err == nil, isAbsent(err):
		return nil
	}
	err = r.a.fail(op, action, on, err)
	var e *Error
	if errors.As(err, &e) && e.Denied() {
		g := gap(e)
		g.Detail = r.detail || slices.Contains(detailActions(), action)
		r.locked(func() { r.inv.Unread = append(r.inv.Unread, g) })
		return nil
	}
	return err
}

const (
	lastUseAction  = "iam:GetAccessKeyLastUsed"
	versionsAction = "iam:ListPolicyVersions"
)

// detailActions are the reads without which a plan can be made.
func detailActions() []string {
	return []string{
		lastUseAction, versionsAction, "iam:ListUserPolicies", "iam:GetUserPolicy", "iam:ListGroupPolicies",
		"iam:GetGroupPolicy", "iam:ListRolePolicies", "iam:GetRolePolicy",
	}
}

// notAsked lists reads that this scope leaves out.
func (r *reader) notAsked(action, on string) {
	r.locked(func() {
		r.inv.Unread = append(r.inv.Unread, provision.Gap{
			Action: action, Resource: on, Reason: "not needed for this, so not asked", Detail: true,
		})
	})
}

// 1. What stands alone.
func (r *reader) entities(ctx context.Context, g *errgroup.Group) {
	g.Go(func() (err error) {
		r.identity, err = r.a.Identity(ctx)
		return err
	})
	if r.scope.User != "" {
		g.Go(func() error { return r.user(ctx) })
	}
	for _, name := range r.scope.Groups {
		g.Go(func() error { return r.group(ctx, name) })
	}
	if r.scope.Role != "" {
		g.Go(func() error { return r.role(ctx) })
	}
}

func (r *reader) user(ctx context.Context) error {
	return r.settle("read user "+r.scope.User, "iam:GetUser", "user/"+r.scope.User, r.askUser(ctx))
}

func (r *reader) askUser(ctx context.Context) error {
	name := r.scope.User
	out, err := r.a.iam.GetUser(ctx, &iam.GetUserInput{UserName: &name})
	if err != nil {
		return err
	}
	u := &provision.User{
		Name: name, ARN: aws.ToString(out.User.Arn), ID: aws.ToString(out.User.UserId),
		Path: aws.ToString(out.User.Path), Created: aws.ToTime(out.User.CreateDate),
		Tags: tagsOf(out.User.Tags),
	}
	if b := out.User.PermissionsBoundary; b != nil {
		u.Boundary = aws.ToString(b.PermissionsBoundaryArn)
	}
	r.locked(func() { r.inv.User = u })
	return nil
}

func (r *reader) group(ctx context.Context, name string) error {
	var found *provision.Group
	pages := iam.NewGetGroupPaginator(r.a.iam, &iam.GetGroupInput{GroupName: &name})
	err := eachPage(ctx, pages, func(page *iam.GetGroupOutput) {
		if found == nil {
			found = &provision.Group{
				Name: name, ARN: aws.ToString(page.Group.Arn),
				ID: aws.ToString(page.Group.GroupId), Path: aws.ToString(page.Group.Path),
			}
		}
		for _, u := range page.Users {
			found.Members = append(found.Members, aws.ToString(u.UserName))
		}
	})
	if err != nil {
		return r.settle("read group "+name, "iam:GetGroup", "group/"+name, err)
	}
	if found != nil {
		slices.Sort(found.Members)
		r.locked(func() { r.inv.Groups = append(r.inv.Groups, *found) })
	}
	return nil
}

func (r *reader) role(ctx context.Context) error {
	name := r.scope.Role
	out, err := r.a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return r.settle("read role "+name, "iam:GetRole", "role/"+name, err)
	}
	role := &provision.Role{
		Name: name, ARN: aws.ToString(out.Role.Arn), ID: aws.ToString(out.Role.RoleId),
		Path: aws.ToString(out.Role.Path), Tags: tagsOf(out.Role.Tags),
		Trust: documentText(out.Role.AssumeRolePolicyDocument),
	}
	if b := out.Role.PermissionsBoundary; b != nil {
		role.Boundary = aws.ToString(b.PermissionsBoundaryArn)
	}
	r.locked(func() { r.inv.Role = role })
	return nil
}

// 2. What hangs on it. The place is known now, and with it the policies' ARNs.
func (r *reader) links(ctx context.Context, g *errgroup.Group) {
	for _, name := range r.scope.Policies {
		g.Go(func() error { return r.policy(ctx, r.identity.Place.PolicyARN(name)) })
	}
	if r.scope.Boundary != "" {
		g.Go(func() error { return r.policy(ctx, r.scope.Boundary) })
	}
	if r.scope.Bucket != "" {
		g.Go(func() error { return r.bucket(ctx, r.scope.Bucket) })
	}
	if r.inv.User != nil {
		g.Go(func() error { return r.keys(ctx) })
		g.Go(func() error { return r.memberships(ctx) })
		g.Go(func() error { return r.attachedToUser(ctx) })
		r.inline(ctx, g, r.userInline())
	}
	for i := range r.inv.Groups {
		g.Go(func() error { return r.attachedToGroup(ctx, &r.inv.Groups[i]) })
		r.inline(ctx, g, r.groupInline(&r.inv.Groups[i]))
	}
	if r.inv.Role != nil {
		g.Go(func() error { return r.attachedToRole(ctx) })
		r.inline(ctx, g, r.roleInline())
	}
}

func (r *reader) policy(ctx context.Context, arn string) error {
	out, err := r.a.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return r.settle("read policy "+arn, "iam:GetPolicy", arn, err)
	}
	p := provision.Policy{
		Name: aws.ToString(out.Policy.PolicyName), ARN: arn, ID: aws.ToString(out.Policy.PolicyId),
		Description: aws.ToString(out.Policy.Description), Tags: tagsOf(out.Policy.Tags),
		Version: aws.ToString(out.Policy.DefaultVersionId), Attachments: int(aws.ToInt32(out.Policy.AttachmentCount)),
	}
	r.locked(func() { r.inv.Policies = append(r.inv.Policies, p) })
	return nil
}

func (r *reader) keys(ctx context.Context) error {
	name := r.scope.User
	return r.hangOn(ctx, "list the keys of user "+name, "iam:ListAccessKeys", "user/"+name, func() error {
		var keys []provision.Key
		pages := iam.NewListAccessKeysPaginator(r.a.iam, &iam.ListAccessKeysInput{UserName: &name})
		err := eachPage(ctx, pages, func(page *iam.ListAccessKeysOutput) {
			for _, k := range page.AccessKeyMetadata {
				keys = append(keys, provision.Key{
					ID: aws.ToString(k.AccessKeyId), Active: k.Status == iamtypes.StatusTypeActive,
					Created: aws.ToTime(k.CreateDate),
				})
			}
		})
		if err == nil {
			r.locked(func() { r.inv.User.Keys = keys })
		}
		return err
	})
}

func (r *reader) memberships(ctx context.Context) error {
	name := r.scope.User
	return r.hangOn(ctx, "list the groups of user "+name, "iam:ListGroupsForUser", "user/"+name, func() error {
		groups, err := r.a.groupsOf(ctx, name)
		if err == nil {
			r.locked(func() { r.inv.User.Groups = groups })
		}
		return err
	})
}

func (r *reader) attachedToUser(ctx context.Context) error {
	return r.hangOn(ctx, "list the policies of user "+r.scope.User, "iam:ListAttachedUserPolicies", "user/"+r.scope.User, func() error {
		list, err := r.a.userPolicies(ctx, r.scope.User)
		if err == nil {
			r.locked(func() { r.inv.User.Attached = list })
		}
		return err
	})
}

func (r *reader) attachedToGroup(ctx context.Context, group *provision.Group) error {
	return r.hangOn(ctx, "list the policies of group "+group.Name, "iam:ListAttachedGroupPolicies", "group/"+group.Name, func() error {
		list, err := r.a.groupPolicies(ctx, group.Name)
		if err == nil {
			r.locked(func() { group.Attached = list })
		}
		return err
	})
}

func (r *reader) attachedToRole(ctx context.Context) error {
	return r.hangOn(ctx, "list the policies of role "+r.scope.Role, "iam:ListAttachedRolePolicies", "role/"+r.scope.Role, func() error {
		list, err := r.a.rolePolicies(ctx, r.scope.Role)
		if err == nil {
			r.locked(func() { r.inv.Role.Attached = list })
		}
		return err
	})
}

// 3. Documents, and the last use of keys.
func (r *reader) documents(ctx context.Context, g *errgroup.Group) {
	for i := range r.inv.Policies {
		p := &r.inv.Policies[i]
		g.Go(func() error { return r.document(ctx, p) })
		if slices.Contains(r.scope.Superseded, p.Name) {
			g.Go(func() error { return r.versions(ctx, p) })
		}
	}
	if r.inv.User == nil {
		return
	}
	for i := range r.inv.User.Keys {
		k := &r.inv.User.Keys[i]
		if !r.scope.Deep {
			r.notAsked(lastUseAction, k.ID)
			continue
		}
		g.Go(func() error { return r.lastUse(ctx, k) })
	}
}

func (r *reader) document(ctx context.Context, p *provision.Policy) error {
	return r.hangOn(ctx, "read version "+p.Version+" of policy "+p.ARN, "iam:GetPolicyVersion", p.ARN, func() error {
		out, err := r.a.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &p.ARN, VersionId: &p.Version})
		if err != nil {
			return err
		}
		text := documentText(out.PolicyVersion.Document)
		r.locked(func() { p.Document = text })
		return nil
	})
}

func (r *reader) versions(ctx context.Context, p *provision.Policy) error {
	n, err := r.a.countVersions(ctx, p.ARN)
	if err != nil {
		return r.settle("list the versions of policy "+p.ARN, versionsAction, p.ARN, err)
	}
	r.locked(func() { p.Versions = n })
	return nil
}

func (r *reader) lastUse(ctx context.Context, k *provision.Key) error {
	out, err := r.a.iam.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &k.ID})
	if err != nil {
		return r.settle("read the last use of key "+k.ID, lastUseAction, k.ID, err)
	}
	if u := out.AccessKeyLastUsed; u != nil && u.LastUsedDate != nil {
		use := &provision.LastUse{At: *u.LastUsedDate, Service: aws.ToString(u.ServiceName), Region: aws.ToString(u.Region)}
		r.locked(func() { k.LastUsed = use })
	}
	return nil
}

// sort makes the inventory independent of which answer came first.
func (r *reader) sort() {
	slices.SortFunc(r.inv.Groups, func(a, b provision.Group) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.inv.Policies, func(a, b provision.Policy) int { return strings.Compare(a.ARN, b.ARN) })
	slices.SortFunc(r.inv.Unread, func(a, b provision.Gap) int {
		return strings.Compare(a.Action+a.Resource, b.Action+b.Resource)
	})
	if u := r.inv.User; u != nil {
		slices.SortFunc(u.Keys, func(a, b provision.Key) int { return strings.Compare(a.ID, b.ID) })
	}
}

func tagsOf(tags []iamtypes.Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// documentText undoes the URL encoding in which IAM gives documents (RFC 3986,
// where a plus is a plus). Text that is not encoded is given as it is.
func documentText(encoded *string) string {
	text, err := url.PathUnescape(aws.ToString(encoded))
	if err != nil {
		return aws.ToString(encoded)
	}
	return text
}

package iam

import (
	"iter"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

type policyShape struct {
	PolicyName                    string
	PolicyID                      string `xml:"PolicyId"`
	Arn                           string
	Path                          string
	DefaultVersionID              string `xml:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `xml:",omitempty"`
	CreateDate                    string
	UpdateDate                    string
	Tags                          *wire.List[tagShape]
}

type versionShape struct {
	Document         string `xml:",omitempty"`
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	CreateDate       string
}

// policyOf is a policy with its number of uses. Lists leave out description
// and tags.
func policyOf(p *directory.Policy, grants, boundaries int, full bool) policyShape {
	shape := policyShape{
		PolicyName: p.Name, PolicyID: p.ID, Arn: p.ARN, Path: p.Path, DefaultVersionID: p.Default,
		AttachmentCount: grants, PermissionsBoundaryUsageCount: boundaries, IsAttachable: true,
		CreateDate: wire.Time(p.Created), UpdateDate: wire.Time(p.Updated),
	}
	if full {
		shape.Description = p.Description
		shape.Tags = tagsOf(p.Tags)
	}
	return shape
}

func versionOf(p *directory.Policy, v directory.Version, withDocument bool) versionShape {
	shape := versionShape{VersionID: v.ID, IsDefaultVersion: v.ID == p.Default, CreateDate: wire.Time(v.Created)}
	if withDocument {
		shape.Document = document(v.Document.Text)
	}
	return shape
}

func (q *query) createPolicy() (any, error) {
	name, err := q.need("PolicyName")
	if err != nil {
		return nil, err
	}
	text, err := q.need("PolicyDocument")
	if err != nil {
		return nil, err
	}
	p := directory.Policy{
		ID: q.mint.ID("ANPA"), Name: name, Path: q.path(), Description: q.p.Get("Description"),
		Created: q.call.Now, Tags: q.tags(),
	}
	var made *directory.Policy
	err = q.store.Change(func(s directory.State) (next directory.State, err error) {
		next, made, err = s.CreatePolicy(p, text)
		return next, err
	})
	if err != nil {
		return nil, err
	}
	shape := policyOf(made, 0, 0, true)
	shape.Description = ""
	return struct{ Policy policyShape }{shape}, nil
}

func (q *query) getPolicy() (any, error) {
	p, err := q.view.Policy(q.p.Get("PolicyArn"))
	if err != nil {
		return nil, err
	}
	grants, boundaries := q.view.Attachments()
	return struct{ Policy policyShape }{policyOf(p, grants[p.ARN], boundaries[p.ARN], true)}, nil
}

func (q *query) listPolicies() (any, error) {
	scope, prefix := q.p.Get("Scope"), q.p.Get("PathPrefix")
	attached, _ := strconv.ParseBool(q.p.Get("OnlyAttached"))
	grants, boundaries := q.view.Attachments()
	used := grants
	if q.p.Get("PolicyUsageFilter") == "PermissionsBoundary" {
		used = boundaries
	}
	items, more, err := paginate(q, func(after string) iter.Seq2[string, *directory.Policy] {
		return only(q.view.Policies(after), func(p *directory.Policy) bool {
			return strings.HasPrefix(p.Path, prefix) &&
				(scope != "Local" || !p.AWS) && (scope != "AWS" || p.AWS) &&
				(!attached || used[p.ARN] > 0)
		})
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Policies wire.List[policyShape]
		page
	}{convert(items, func(p *directory.Policy) policyShape {
		return policyOf(p, grants[p.ARN], boundaries[p.ARN], false)
	}), more}, nil
}

func (q *query) deletePolicy() (any, error) {
	arn := q.p.Get("PolicyArn")
	if _, err := q.view.Policy(arn); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.DeletePolicy(arn) })
}

func (q *query) createPolicyVersion() (any, error) {
	arn := q.p.Get("PolicyArn")
	if _, err := q.view.Policy(arn); err != nil {
		return nil, err
	}
	text, err := q.need("PolicyDocument")
	if err != nil {
		return nil, err
	}
	asDefault, _ := strconv.ParseBool(q.p.Get("SetAsDefault"))
	var shape versionShape
	err = q.store.Change(func(s directory.State) (directory.State, error) {
		next, v, err := s.AddVersion(arn, text, asDefault, q.call.Now)
		if err != nil {
			return s, err
		}
		p, err := next.Policy(arn)
		if err != nil {
			return s, err
		}
		shape = versionOf(p, v, false)
		return next, nil
	})
	if err != nil {
		return nil, err
	}
	return struct{ PolicyVersion versionShape }{shape}, nil
}

func (q *query) getPolicyVersion() (any, error) {
	p, err := q.view.Policy(q.p.Get("PolicyArn"))
	if err != nil {
		return nil, err
	}
	v, ok := p.Version(q.p.Get("VersionId"))
	if !ok {
		return nil, wire.Errorf("NoSuchEntity", "Policy %s version %s does not exist or is not attachable.", p.ARN, q.p.Get("VersionId"))
	}
	return struct{ PolicyVersion versionShape }{versionOf(p, v, true)}, nil
}

func (q *query) listPolicyVersions() (any, error) {
	p, err := q.view.Policy(q.p.Get("PolicyArn"))
	if err != nil {
		return nil, err
	}
	newestFirst := make([]directory.Version, 0, len(p.Versions))
	for i := range p.Versions {
		newestFirst = append(newestFirst, p.Versions[len(p.Versions)-1-i])
	}
	items, more, err := paginate(q, inOrder(newestFirst))
	if err != nil {
		return nil, err
	}
	return struct {
		Versions wire.List[versionShape]
		page
	}{convert(items, func(v directory.Version) versionShape { return versionOf(p, v, false) }), more}, nil
}

func (q *query) deletePolicyVersion() (any, error) {
	return nil, q.changePolicy(func(s directory.State, arn string) (directory.State, error) {
		return s.DeleteVersion(arn, q.p.Get("VersionId"), q.call.Now)
	})
}

func (q *query) setDefaultPolicyVersion() (any, error) {
	return nil, q.changePolicy(func(s directory.State, arn string) (directory.State, error) {
		return s.SetDefault(arn, q.p.Get("VersionId"), q.call.Now)
	})
}

func (q *query) tagPolicy() (any, error) {
	return nil, q.changePolicy(func(s directory.State, arn string) (directory.State, error) {
		return s.TagPolicy(arn, q.tags())
	})
}

func (q *query) untagPolicy() (any, error) {
	return nil, q.changePolicy(func(s directory.State, arn string) (directory.State, error) {
		return s.UntagPolicy(arn, q.p.List("TagKeys"))
	})
}

// changePolicy refuses a policy that the answering replica does not show yet.
func (q *query) changePolicy(change func(directory.State, string) (directory.State, error)) error {
	arn := q.p.Get("PolicyArn")
	if _, err := q.view.Policy(arn); err != nil {
		return err
	}
	return q.store.Change(func(s directory.State) (directory.State, error) { return change(s, arn) })
}

func (q *query) listPolicyTags() (any, error) {
	p, err := q.view.Policy(q.p.Get("PolicyArn"))
	if err != nil {
		return nil, err
	}
	return q.tagPage(p.Tags)
}

package iam

import (
	"path"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// nameOf returns the entity of the kind with which the call deals.
func (q *query) nameOf(kind directory.Kind) string {
	switch kind {
	case directory.Users:
		return q.p.Get("UserName")
	case directory.Groups:
		return q.p.Get("GroupName")
	default:
		return q.p.Get("RoleName")
	}
}

type attachedShape struct{ PolicyName, PolicyArn string }

func attach(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		name, arn := q.nameOf(kind), q.p.Get("PolicyArn")
		if _, err := q.view.Grants(kind, name); err != nil {
			return nil, err
		}
		if _, err := q.view.Policy(arn); err != nil {
			return nil, wire.Errorf("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
		}
		return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.Attach(kind, name, arn) })
	}
}

func detach(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		name := q.nameOf(kind)
		if _, err := q.view.Grants(kind, name); err != nil {
			return nil, err
		}
		return nil, q.store.Change(func(s directory.State) (directory.State, error) {
			return s.Detach(kind, name, q.p.Get("PolicyArn"))
		})
	}
}

func listAttached(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		g, err := q.view.Grants(kind, q.nameOf(kind))
		if err != nil {
			return nil, err
		}
		items, more, err := paginate(q, inOrder(q.attached(g, q.p.Get("PathPrefix"))))
		if err != nil {
			return nil, err
		}
		return struct {
			AttachedPolicies wire.List[attachedShape]
			page
		}{wire.ListOf(items), more}, nil
	}
}

// attached names the managed policies of an entity whose paths have the
// prefix.
func (q *query) attached(g directory.Grants, prefix string) []attachedShape {
	var out []attachedShape
	for _, arn := range g.Attached {
		p, err := q.view.Policy(arn)
		if err != nil {
			// The replica shows the attachment but not the policy; its name
			// is the last element of the ARN.
			out = append(out, attachedShape{path.Base(arn), arn})
			continue
		}
		if strings.HasPrefix(p.Path, prefix) {
			out = append(out, attachedShape{p.Name, p.ARN})
		}
	}
	return out
}

func putInline(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		name := q.nameOf(kind)
		if _, err := q.view.Grants(kind, name); err != nil {
			return nil, err
		}
		return nil, q.store.Change(func(s directory.State) (directory.State, error) {
			return s.PutInline(kind, name, q.p.Get("PolicyName"), q.p.Get("PolicyDocument"))
		})
	}
}

func getInline(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		i, err := q.view.Inline(kind, q.nameOf(kind), q.p.Get("PolicyName"))
		if err != nil {
			return nil, err
		}
		return struct {
			UserName       string `xml:",omitempty"`
			GroupName      string `xml:",omitempty"`
			RoleName       string `xml:",omitempty"`
			PolicyName     string
			PolicyDocument string
		}{
			when(kind == directory.Users, q.p.Get("UserName")),
			when(kind == directory.Groups, q.p.Get("GroupName")),
			when(kind == directory.Roles, q.p.Get("RoleName")),
			i.Name, document(i.Document.Text),
		}, nil
	}
}

func deleteInline(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		name := q.nameOf(kind)
		if _, err := q.view.Grants(kind, name); err != nil {
			return nil, err
		}
		return nil, q.store.Change(func(s directory.State) (directory.State, error) {
			return s.DeleteInline(kind, name, q.p.Get("PolicyName"))
		})
	}
}

func listInline(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		g, err := q.view.Grants(kind, q.nameOf(kind))
		if err != nil {
			return nil, err
		}
		items, more, err := paginate(q, inOrder(g.Inline))
		if err != nil {
			return nil, err
		}
		return struct {
			PolicyNames wire.List[string]
			page
		}{convert(items, func(i directory.Inline) string { return i.Name }), more}, nil
	}
}

func putBoundary(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) {
		arn, err := q.need("PermissionsBoundary")
		if err != nil {
			return nil, err
		}
		return nil, q.setBoundary(kind, arn)
	}
}

func deleteBoundary(kind directory.Kind) func(*query) (any, error) {
	return func(q *query) (any, error) { return nil, q.setBoundary(kind, "") }
}

func (q *query) setBoundary(kind directory.Kind, arn string) error {
	name := q.nameOf(kind)
	if _, err := q.view.Grants(kind, name); err != nil {
		return err
	}
	return q.store.Change(func(s directory.State) (directory.State, error) { return s.SetBoundary(kind, name, arn) })
}

// when returns the text if the condition holds, else "".
func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

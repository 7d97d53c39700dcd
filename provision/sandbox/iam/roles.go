package iam

import (
	"iter"
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

func (q *query) createRole() (any, error) {
	name, err := q.need("RoleName")
	if err != nil {
		return nil, err
	}
	trust, err := q.need("AssumeRolePolicyDocument")
	if err != nil {
		return nil, err
	}
	seconds, err := q.number("MaxSessionDuration", 3600)
	if err != nil {
		return nil, err
	}
	if err := q.trusted(trust); err != nil {
		return nil, err
	}
	r := directory.Role{
		ID: q.mint.ID("AROA"), Name: name, Path: q.path(), Created: q.call.Now, Tags: q.tags(),
		Description: q.p.Get("Description"), MaxSession: time.Duration(seconds) * time.Second,
	}
	var made *directory.Role
	err = q.store.Change(func(s directory.State) (directory.State, error) {
		next, role, err := s.CreateRole(r, trust)
		if err != nil {
			return s, err
		}
		made = role
		if arn := q.p.Get("PermissionsBoundary"); arn != "" {
			if next, err = next.SetBoundary(directory.Roles, name, arn); err != nil {
				return s, err
			}
			made, err = next.Role(name)
		}
		return next, err
	})
	if err != nil {
		return nil, err
	}
	return struct{ Role roleShape }{roleOf(made)}, nil
}

// trusted refuses a trust policy that names a principal which the answering
// replica does not show yet.
func (q *query) trusted(trust string) error { return q.view.CheckTrust(trust) }

func (q *query) getRole() (any, error) {
	r, err := q.view.Role(q.p.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	return struct{ Role roleShape }{roleOf(r)}, nil
}

func (q *query) listRoles() (any, error) {
	prefix := q.p.Get("PathPrefix")
	items, more, err := paginate(q, func(after string) iter.Seq2[string, *directory.Role] {
		return only(q.view.Roles(after), func(r *directory.Role) bool { return strings.HasPrefix(r.Path, prefix) })
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Roles wire.List[roleShape]
		page
	}{convert(items, plainRole), more}, nil
}

func (q *query) updateRole() (any, error) {
	var description *string
	if q.p.Has("Description") {
		d := q.p.Get("Description")
		description = &d
	}
	var session *time.Duration
	if q.p.Has("MaxSessionDuration") {
		seconds, err := q.number("MaxSessionDuration", 0)
		if err != nil {
			return nil, err
		}
		d := time.Duration(seconds) * time.Second
		session = &d
	}
	if _, err := q.changeRole(description, session); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

func (q *query) updateRoleDescription() (any, error) {
	description := q.p.Get("Description")
	r, err := q.changeRole(&description, nil)
	if err != nil {
		return nil, err
	}
	return struct{ Role roleShape }{roleOf(r)}, nil
}

func (q *query) changeRole(description *string, session *time.Duration) (changed *directory.Role, err error) {
	name := q.p.Get("RoleName")
	if _, err := q.view.Role(name); err != nil {
		return nil, err
	}
	err = q.store.Change(func(s directory.State) (next directory.State, err error) {
		next, changed, err = s.UpdateRole(name, description, session)
		return next, err
	})
	return changed, err
}

func (q *query) updateAssumeRolePolicy() (any, error) {
	name, trust := q.p.Get("RoleName"), q.p.Get("PolicyDocument")
	if _, err := q.view.Role(name); err != nil {
		return nil, err
	}
	if err := q.trusted(trust); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.SetTrust(name, trust) })
}

func (q *query) deleteRole() (any, error) {
	name := q.p.Get("RoleName")
	if _, err := q.view.Role(name); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.DeleteRole(name) })
}

func (q *query) tagRole() (any, error) {
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.TagRole(q.p.Get("RoleName"), q.tags())
	})
}

func (q *query) untagRole() (any, error) {
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.UntagRole(q.p.Get("RoleName"), q.p.List("TagKeys"))
	})
}

func (q *query) listRoleTags() (any, error) {
	r, err := q.view.Role(q.p.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	return q.tagPage(r.Tags)
}

func (q *query) listInstanceProfilesForRole() (any, error) {
	if _, err := q.view.Role(q.p.Get("RoleName")); err != nil {
		return nil, err
	}
	return emptyPage{List: named{"InstanceProfiles"}}, nil
}

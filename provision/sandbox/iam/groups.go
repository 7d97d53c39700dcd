package iam

import (
	"iter"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

func (q *query) createGroup() (any, error) {
	name, err := q.need("GroupName")
	if err != nil {
		return nil, err
	}
	g := directory.Group{ID: q.mint.ID("AGPA"), Name: name, Path: q.path(), Created: q.call.Now}
	var made *directory.Group
	err = q.store.Change(func(s directory.State) (next directory.State, err error) {
		next, made, err = s.CreateGroup(g)
		return next, err
	})
	if err != nil {
		return nil, err
	}
	return struct{ Group groupShape }{groupOf(made)}, nil
}

func (q *query) getGroup() (any, error) {
	g, err := q.view.Group(q.p.Get("GroupName"))
	if err != nil {
		return nil, err
	}
	items, more, err := paginate(q, inOrder(q.view.Members(g)))
	if err != nil {
		return nil, err
	}
	return struct {
		Group groupShape
		Users wire.List[userShape]
		page
	}{groupOf(g), convert(items, plainUser), more}, nil
}

func (q *query) listGroups() (any, error) {
	prefix := q.p.Get("PathPrefix")
	items, more, err := paginate(q, func(after string) iter.Seq2[string, *directory.Group] {
		return only(q.view.Groups(after), func(g *directory.Group) bool { return strings.HasPrefix(g.Path, prefix) })
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Groups wire.List[groupShape]
		page
	}{convert(items, groupOf), more}, nil
}

func (q *query) updateGroup() (any, error) {
	name := q.p.Get("GroupName")
	if _, err := q.view.Group(name); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.RenameGroup(name, q.p.Get("NewGroupName"), q.p.Get("NewPath"))
	})
}

func (q *query) deleteGroup() (any, error) {
	name := q.p.Get("GroupName")
	if _, err := q.view.Group(name); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.DeleteGroup(name) })
}

func (q *query) addUserToGroup() (any, error) {
	return nil, q.changeMembership(directory.State.Join)
}

func (q *query) removeUserFromGroup() (any, error) {
	return nil, q.changeMembership(directory.State.Leave)
}

// changeMembership refuses a user or a group that the answering replica does
// not show yet, as AWS does right after their creation.
func (q *query) changeMembership(change func(s directory.State, user, group string) (directory.State, error)) error {
	user, err := q.need("UserName")
	if err != nil {
		return err
	}
	group, err := q.need("GroupName")
	if err != nil {
		return err
	}
	if _, err := q.view.Group(group); err != nil {
		return err
	}
	if _, err := q.view.User(user); err != nil {
		return err
	}
	return q.store.Change(func(s directory.State) (directory.State, error) { return change(s, user, group) })
}

func (q *query) listGroupsForUser() (any, error) {
	u, err := q.view.User(q.p.Get("UserName"))
	if err != nil {
		return nil, err
	}
	items, more, err := paginate(q, inOrder(q.view.GroupsOf(u)))
	if err != nil {
		return nil, err
	}
	return struct {
		Groups wire.List[groupShape]
		page
	}{convert(items, groupOf), more}, nil
}

package directory

import (
	"slices"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// CreateGroup adds a group. ID, Name, Path and Created are the caller's; the
// ARN is derived. An existing name is EntityAlreadyExists.
func (s State) CreateGroup(g Group) (State, *Group, error) {
	if err := checkName("groupName", g.Name, maxGroupName); err != nil {
		return s, nil, err
	}
	if err := checkPath(g.Path); err != nil {
		return s, nil, err
	}
	if _, there := s.groups.Get(key(g.Name)); there {
		return s, nil, wire.Errorf("EntityAlreadyExists", "Group with name %s already exists.", g.Name)
	}
	if s.groups.Len() >= s.quotas.Groups {
		return s, nil, exceeded("GroupsPerAccount", s.quotas.Groups)
	}
	g.ARN = s.arn("group", g.Path, g.Name)
	s.groups = s.groups.With(key(g.Name), &g)
	return s, &g, nil
}

// RenameGroup gives a group another name or path; an empty one stays. The ID,
// the members and the policies stay.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_rename.html
func (s State) RenameGroup(name, newName, newPath string) (State, error) {
	g, err := s.Group(name)
	if err != nil {
		return s, err
	}
	next := *g
	if newName != "" {
		if err := checkName("newGroupName", newName, maxGroupName); err != nil {
			return s, err
		}
		if _, there := s.groups.Get(key(newName)); there && key(newName) != key(name) {
			return s, wire.Errorf("EntityAlreadyExists", "Group with name %s already exists.", newName)
		}
		next.Name = newName
	}
	if newPath != "" {
		if err := checkPath(newPath); err != nil {
			return s, err
		}
		next.Path = newPath
	}
	next.ARN = s.arn("group", next.Path, next.Name)
	if key(next.Name) != key(g.Name) {
		for _, u := range s.Members(g) {
			member := *u
			member.Groups = slices.Clone(u.Groups)
			member.Groups[slices.Index(u.Groups, key(g.Name))] = key(next.Name)
			s.users = s.users.With(key(u.Name), &member)
		}
	}
	s.groups = s.groups.Without(key(g.Name)).With(key(next.Name), &next)
	return s, nil
}

// DeleteGroup removes a group without members and policies, or answers
// DeleteConflict.
func (s State) DeleteGroup(name string) (State, error) {
	g, err := s.Group(name)
	if err != nil {
		return s, err
	}
	switch {
	case len(s.Members(g)) > 0:
		return s, conflict("must remove users from group first")
	case len(g.Grants.Attached) > 0:
		return s, conflict("must detach all policies first")
	case len(g.Grants.Inline) > 0:
		return s, conflict("must delete policies first")
	}
	s.groups = s.groups.Without(key(g.Name))
	return s, nil
}

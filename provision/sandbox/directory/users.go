package directory

import (
	"slices"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// CreateUser adds a user. ID, Name, Path and Created are the caller's; the ARN
// is derived, and Tags may be set. An existing name is EntityAlreadyExists.
func (s State) CreateUser(u User) (State, *User, error) {
	if err := checkName("userName", u.Name, maxUserName); err != nil {
		return s, nil, err
	}
	if err := checkPath(u.Path); err != nil {
		return s, nil, err
	}
	if err := checkTags(u.Tags, s.quotas.Tags); err != nil {
		return s, nil, err
	}
	if _, there := s.users.Get(key(u.Name)); there {
		return s, nil, wire.Errorf("EntityAlreadyExists", "User with name %s already exists.", u.Name)
	}
	if s.users.Len() >= s.quotas.Users {
		return s, nil, exceeded("UsersPerAccount", s.quotas.Users)
	}
	u.ARN = s.arn("user", u.Path, u.Name)
	s.users = s.users.With(key(u.Name), &u)
	return s, &u, nil
}

// RenameUser gives a user another name or path; an empty one stays. The ID,
// the groups, the policies and the keys stay.
func (s State) RenameUser(name, newName, newPath string) (State, error) {
	u, err := s.User(name)
	if err != nil {
		return s, err
	}
	next := *u
	if newName != "" {
		if err := checkName("newUserName", newName, maxUserName); err != nil {
			return s, err
		}
		if _, there := s.users.Get(key(newName)); there && key(newName) != key(name) {
			return s, wire.Errorf("EntityAlreadyExists", "User with name %s already exists.", newName)
		}
		next.Name = newName
	}
	if newPath != "" {
		if err := checkPath(newPath); err != nil {
			return s, err
		}
		next.Path = newPath
	}
	next.ARN = s.arn("user", next.Path, next.Name)
	for _, k := range s.KeysOf(u) {
		moved := *k
		moved.User = key(next.Name)
		s.keys = s.keys.With(k.ID, &moved)
	}
	s.users = s.users.Without(key(u.Name)).With(key(next.Name), &next)
	return s, nil
}

// DeleteUser removes a user that has nothing left, or answers DeleteConflict.
func (s State) DeleteUser(name string) (State, error) {
	u, err := s.User(name)
	if err != nil {
		return s, err
	}
	switch {
	case u.Login != nil:
		return s, conflict("must delete login profile first")
	case len(u.MFA) > 0:
		return s, conflict("must deactivate MFA device first")
	case len(u.Keys) > 0:
		return s, conflict("must delete access keys first")
	case len(u.Groups) > 0:
		return s, conflict("must remove users from group first")
	case len(u.Grants.Attached) > 0:
		return s, conflict("must detach all policies first")
	case len(u.Grants.Inline) > 0:
		return s, conflict("must delete policies first")
	}
	s.users = s.users.Without(key(u.Name))
	return s, nil
}

// SetLogin gives the user a console password, or takes it away with nil.
// A second password is EntityAlreadyExists, a missing one NoSuchEntity.
func (s State) SetLogin(name string, l *Login) (State, error) {
	u, err := s.User(name)
	if err != nil {
		return s, err
	}
	if l != nil && u.Login != nil {
		return s, wire.Errorf("EntityAlreadyExists", "Login Profile for user %s already exists.", u.Name)
	}
	if l == nil && u.Login == nil {
		return s, NoLogin(u.Name)
	}
	next := *u
	next.Login = l
	s.users = s.users.With(key(u.Name), &next)
	return s, nil
}

// NoLogin is the answer about a user without a console password.
func NoLogin(user string) error {
	return wire.Errorf("NoSuchEntity", "Login Profile for User %s cannot be found.", user)
}

// AddKey gives the user an access key. More than the quota is LimitExceeded.
func (s State) AddKey(user string, k AccessKey) (State, *AccessKey, error) {
	u, err := s.User(user)
	if err != nil {
		return s, nil, err
	}
	if len(u.Keys) >= s.quotas.AccessKeysPerUser {
		return s, nil, exceeded("AccessKeysPerUser", s.quotas.AccessKeysPerUser)
	}
	k.User = key(u.Name)
	s.keys = s.keys.With(k.ID, &k)
	next := *u
	next.Keys = append(slices.Clone(u.Keys), k.ID)
	s.users = s.users.With(key(u.Name), &next)
	return s, &k, nil
}

// SetKeyStatus makes a key of the user active or inactive. Twice is safe.
func (s State) SetKeyStatus(user, id string, active bool) (State, error) {
	k, err := s.keyOf(user, id)
	if err != nil {
		return s, err
	}
	next := *k
	next.Active = active
	s.keys = s.keys.With(id, &next)
	return s, nil
}

// DeleteKey removes an access key of the user.
func (s State) DeleteKey(user, id string) (State, error) {
	k, err := s.keyOf(user, id)
	if err != nil {
		return s, err
	}
	u, err := s.KeyOwner(k)
	if err != nil {
		return s, err
	}
	next := *u
	next.Keys = slices.DeleteFunc(slices.Clone(u.Keys), func(other string) bool { return other == id })
	s.users = s.users.With(key(u.Name), &next)
	s.keys = s.keys.Without(id)
	return s, nil
}

func (s State) keyOf(user, id string) (*AccessKey, error) {
	u, err := s.User(user)
	if err != nil {
		return nil, err
	}
	k, err := s.Key(id)
	if err != nil {
		return nil, err
	}
	if k.User != key(u.Name) {
		return nil, wire.Errorf("NoSuchEntity", "The Access Key with id %s cannot be found.", id)
	}
	return k, nil
}

// Join puts a user into a group. Twice is safe.
func (s State) Join(user, group string) (State, error) {
	g, err := s.Group(group)
	if err != nil {
		return s, err
	}
	u, err := s.User(user)
	if err != nil {
		return s, err
	}
	if slices.Contains(u.Groups, key(g.Name)) {
		return s, nil
	}
	if len(u.Groups) >= s.quotas.GroupsPerUser {
		return s, exceeded("GroupsPerUser", s.quotas.GroupsPerUser)
	}
	next := *u
	next.Groups = append(slices.Clone(u.Groups), key(g.Name))
	s.users = s.users.With(key(u.Name), &next)
	return s, nil
}

// Leave takes a user out of a group. A user who is not in it is left alone,
// as AWS does.
func (s State) Leave(user, group string) (State, error) {
	g, err := s.Group(group)
	if err != nil {
		return s, err
	}
	u, err := s.User(user)
	if err != nil {
		return s, err
	}
	next := *u
	next.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(k string) bool { return k == key(g.Name) })
	s.users = s.users.With(key(u.Name), &next)
	return s, nil
}

// LoginAt returns the circumstances of a new console password.
func LoginAt(created time.Time, reset bool) *Login {
	return &Login{Created: created, ResetRequired: reset}
}

func conflict(must string) error {
	return wire.Errorf("DeleteConflict", "Cannot delete entity, %s.", must)
}

func exceeded(quota string, limit int) error {
	return wire.Errorf("LimitExceeded", "Cannot exceed quota for %s: %d", quota, limit)
}

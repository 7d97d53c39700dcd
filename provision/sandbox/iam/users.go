package iam

import (
	"iter"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

func (q *query) createUser() (any, error) {
	name, err := q.need("UserName")
	if err != nil {
		return nil, err
	}
	u := directory.User{
		ID: q.mint.ID("AIDA"), Name: name, Path: q.path(), Created: q.call.Now, Tags: q.tags(),
	}
	var made *directory.User
	err = q.store.Change(func(s directory.State) (directory.State, error) {
		next, user, err := s.CreateUser(u)
		if err != nil {
			return s, err
		}
		made = user
		if arn := q.p.Get("PermissionsBoundary"); arn != "" {
			if next, err = next.SetBoundary(directory.Users, name, arn); err != nil {
				return s, err
			}
			made, err = next.User(name)
		}
		return next, err
	})
	if err != nil {
		return nil, err
	}
	return struct{ User userShape }{userOf(made)}, nil
}

func (q *query) getUser() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	u, err := q.view.User(name)
	if err != nil {
		return nil, err
	}
	return struct{ User userShape }{userOf(u)}, nil
}

func (q *query) listUsers() (any, error) {
	prefix := q.p.Get("PathPrefix")
	items, more, err := paginate(q, func(after string) iter.Seq2[string, *directory.User] {
		return only(q.view.Users(after), func(u *directory.User) bool { return strings.HasPrefix(u.Path, prefix) })
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Users wire.List[userShape]
		page
	}{convert(items, plainUser), more}, nil
}

func (q *query) updateUser() (any, error) {
	name, err := q.need("UserName")
	if err != nil {
		return nil, err
	}
	if _, err := q.view.User(name); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.RenameUser(name, q.p.Get("NewUserName"), q.p.Get("NewPath"))
	})
}

func (q *query) deleteUser() (any, error) {
	name, err := q.need("UserName")
	if err != nil {
		return nil, err
	}
	if _, err := q.view.User(name); err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.DeleteUser(name) })
}

func (q *query) tagUser() (any, error) {
	name, err := q.need("UserName")
	if err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.TagUser(name, q.tags()) })
}

func (q *query) untagUser() (any, error) {
	name, err := q.need("UserName")
	if err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.UntagUser(name, q.p.List("TagKeys"))
	})
}

func (q *query) listUserTags() (any, error) {
	u, err := q.view.User(q.p.Get("UserName"))
	if err != nil {
		return nil, err
	}
	return q.tagPage(u.Tags)
}

func (q *query) createLoginProfile() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	if q.p.Get("Password") == "" {
		return nil, wire.Errorf("ValidationError", "A password is required.")
	}
	reset, _ := strconv.ParseBool(q.p.Get("PasswordResetRequired"))
	l := directory.LoginAt(q.call.Now, reset)
	err = q.store.Change(func(s directory.State) (directory.State, error) { return s.SetLogin(name, l) })
	if err != nil {
		return nil, err
	}
	return struct{ LoginProfile loginShape }{loginOf(name, l)}, nil
}

func (q *query) getLoginProfile() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	u, err := q.view.User(name)
	if err != nil {
		return nil, err
	}
	if u.Login == nil {
		return nil, directory.NoLogin(u.Name)
	}
	return struct{ LoginProfile loginShape }{loginOf(u.Name, u.Login)}, nil
}

func (q *query) deleteLoginProfile() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.SetLogin(name, nil) })
}

// emptyOfUser answers with an empty list about a user who is there. The
// sandbox has no such credentials, but clients ask before they delete a user.
func emptyOfUser(list string) func(*query) (any, error) {
	return func(q *query) (any, error) {
		name, err := q.userName()
		if err != nil {
			return nil, err
		}
		if _, err := q.view.User(name); err != nil {
			return nil, err
		}
		return emptyPage{List: named{list}}, nil
	}
}

func listAccountAliases(*query) (any, error) {
	return emptyPage{List: named{"AccountAliases"}}, nil
}

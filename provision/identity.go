package provision

import (
	"fmt"
	"slices"
	"strings"
)

// Identity is what must never change of a build user: CI signs in with it.
type Identity struct {
	UserName string        `json:"user_name"`
	UserID   string        `json:"user_id"`
	Keys     []KeyIdentity `json:"keys"`
}

// KeyIdentity is what must never change of an access key.
type KeyIdentity struct {
	ID     string `json:"id"`
	Active bool   `json:"active"`
}

// IdentityOf gives the identity of a user; that of nobody is the zero value.
func IdentityOf(u *User) Identity {
	if u == nil {
		return Identity{}
	}
	id := Identity{UserName: u.Name, UserID: u.ID}
	for _, k := range u.Keys {
		id.Keys = append(id.Keys, KeyIdentity{ID: k.ID, Active: k.Active})
	}
	slices.SortFunc(id.Keys, func(a, b KeyIdentity) int { return strings.Compare(a.ID, b.ID) })
	return id
}

// IdentityError says that the build user or its keys are not what they were.
type IdentityError struct {
	Was, Is Identity
	// What differs, one sentence each.
	What []string
}

// Error says what differs and what to do.
func (e *IdentityError) Error() string {
	return fmt.Sprintf("the identity of the build user has changed: %s; slipway did not do this and goes no further; find out who did, and see that CI has a key that works",
		strings.Join(e.What, "; "))
}

// Same fails with an [*IdentityError] that names every difference.
func (id Identity) Same(now Identity) error {
	e := &IdentityError{Was: id, Is: now}
	add := func(format string, args ...any) { e.What = append(e.What, fmt.Sprintf(format, args...)) }
	switch {
	case now.UserName == "":
		add("user %s is gone", id.UserName)
	case now.UserName != id.UserName:
		add("user %s is called %s", id.UserName, now.UserName)
	case now.UserID != id.UserID:
		add("user %s is another one: its ID was %s and is %s", id.UserName, id.UserID, now.UserID)
	}
	find := func(list []KeyIdentity, key string) int {
		return slices.IndexFunc(list, func(k KeyIdentity) bool { return k.ID == key })
	}
	for _, k := range id.Keys {
		switch i := find(now.Keys, k.ID); {
		case i < 0:
			add("key %s is gone", k.ID)
		case now.Keys[i].Active != k.Active:
			add("key %s was %s and is %s", k.ID, status(k.Active), status(now.Keys[i].Active))
		}
	}
	for _, k := range now.Keys {
		if find(id.Keys, k.ID) < 0 {
			add("key %s is new", k.ID)
		}
	}
	if len(e.What) == 0 {
		return nil
	}
	return e
}

func status(active bool) string {
	if active {
		return "active"
	}
	return "inactive"
}

package crashtest

import (
	"slices"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// epoch stands for times that do not matter.
var epoch time.Time

// Standing is the account, and what nullplatform has of it.
type Standing struct {
	Account sandbox.Snapshot
	// Registered are the attributes of what is registered, by specification
	// and place. Of a key there is only whether its secret is with it.
	Registered map[string]map[string]string
}

// standing is the world as it is, without what is drawn anew each time.
func (w *World) standing() Standing {
	s := Standing{Account: plain(w.Account.Peek()), Registered: map[string]map[string]string{}}
	for _, c := range w.Account.Platform().Configurations() {
		name := c.Slug + " at " + c.NRN
		for s.Registered[name] != nil {
			name += ", again"
		}
		if id := c.Attributes["ci.access_key"]; id != "" {
			secret, _ := w.Account.TestOnlySecret(id)
			c.Attributes["ci.access_key"] = "a key"
			if c.Attributes["ci.secret_key"] != secret {
				c.Attributes["ci.access_key"] = "a key whose secret is another's"
			}
			c.Attributes["ci.secret_key"] = ""
		}
		s.Registered[name] = c.Attributes
	}
	return s
}

// plain is a snapshot without what AWS draws anew each time, and without what
// nobody decides: when something was made or used.
func plain(s sandbox.Snapshot) sandbox.Snapshot {
	for i := range s.Users {
		u := &s.Users[i]
		u.ID, u.Created = "", epoch
		keys := make([]sandbox.AccessKey, len(u.Keys))
		for k := range u.Keys {
			keys[k] = sandbox.AccessKey{Active: u.Keys[k].Active}
		}
		u.Keys = keys
	}
	for i := range s.Groups {
		s.Groups[i].ID = ""
	}
	for i := range s.Roles {
		s.Roles[i].ID = ""
	}
	for i := range s.Policies {
		s.Policies[i].ID = ""
	}
	for i := range s.Buckets {
		s.Buckets[i].Created = epoch
	}
	return sorted(s)
}

// sorted puts into order what has an order that nobody decides: which of two
// things that are done side by side comes first.
func sorted(s sandbox.Snapshot) sandbox.Snapshot {
	for i := range s.Users {
		slices.Sort(s.Users[i].Groups)
		slices.Sort(s.Users[i].Attached)
	}
	for i := range s.Groups {
		slices.Sort(s.Groups[i].Members)
		slices.Sort(s.Groups[i].Attached)
	}
	for i := range s.Roles {
		slices.Sort(s.Roles[i].Attached)
	}
	return s
}

// without is a snapshot without the entities of those names.
func without(s sandbox.Snapshot, names []string) sandbox.Snapshot {
	s.Users = slices.DeleteFunc(slices.Clone(s.Users), func(u sandbox.User) bool { return slices.Contains(names, u.Name) })
	s.Groups = slices.DeleteFunc(slices.Clone(s.Groups), func(g sandbox.Group) bool { return slices.Contains(names, g.Name) })
	s.Roles = slices.DeleteFunc(slices.Clone(s.Roles), func(r sandbox.Role) bool { return slices.Contains(names, r.Name) })
	s.Policies = slices.DeleteFunc(slices.Clone(s.Policies), func(p sandbox.Policy) bool { return slices.Contains(names, p.Name) })
	return s
}

// unused is a user without the times at which its keys were used.
func unused(u sandbox.User) sandbox.User {
	keys := append([]sandbox.AccessKey(nil), u.Keys...)
	for i := range keys {
		keys[i].LastUsed = epoch
	}
	u.Keys = keys
	return u
}

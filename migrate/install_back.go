package migrate

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/policy"
)

// titleBack says in the imperative how a change is taken back.
func titleBack(c provision.Change) string {
	e := c.Entity
	switch {
	case c.Mark == provision.Remove:
		return "Put " + e.String() + " back"
	case c.Mark == provision.Update:
		return fmt.Sprintf("Set %s back to what it was", e)
	case e.Type == provision.MembershipEntity:
		return "Take the build user out of the publishers group"
	case e.Type == provision.AttachmentEntity:
		return fmt.Sprintf("Detach %s from %s %s", e.Name, e.ToType, e.To)
	case e.Type == provision.BucketEntity:
		return "Delete bucket " + e.Name + ", if nothing is in it"
	}
	return fmt.Sprintf("Delete %s", e)
}

// textOf gives, as it is on paper now, the text that an update changed; false
// when its entity is gone.
func (w *wayBack) textOf(c provision.Change) (string, bool) {
	var tags map[string]string
	switch {
	case c.Entity.Type == provision.PolicyEntity:
		p := w.state.Policy(w.state.Place.PolicyARN(c.Entity.Name))
		if p == nil {
			return "", false
		}
		if !strings.HasPrefix(c.ID, "tag-") {
			return p.Document, true
		}
		tags = p.Tags
	case c.Entity.Type == provision.UserEntity && w.state.User != nil:
		if strings.HasPrefix(c.ID, "bound-") {
			return w.state.User.Boundary, true
		}
		tags = w.state.User.Tags
	case c.Entity.Type == provision.RoleEntity && w.state.Role != nil:
		switch {
		case strings.HasPrefix(c.ID, "bound-"):
			return w.state.Role.Boundary, true
		case !strings.HasPrefix(c.ID, "tag-"):
			return w.state.Role.Trust, true
		}
		tags = w.state.Role.Tags
	default:
		return "", false
	}
	return tagText(c, tags), true
}

// tagText gives the text that the change would show for the tags as they are
// now: only those that it changed count.
func tagText(c provision.Change, now map[string]string) string {
	all := func(want map[string]string) bool {
		for k, v := range want {
			if now[k] != v {
				return false
			}
		}
		return true
	}
	if all(c.Calls[0].Tags) {
		return c.After
	}
	old := map[string]string{}
	for _, undo := range c.Undo {
		maps.Copy(old, undo.Tags)
	}
	for k := range c.Calls[0].Tags {
		was, had := old[k]
		if is, has := now[k]; has != had || is != was {
			return "other tags"
		}
	}
	return c.Before
}

// original reports whether a document is as it was before the run, to which
// each of several changes of it goes back.
func (w *wayBack) original(c provision.Change, now string) bool {
	was := w.start.Policy(w.state.Place.PolicyARN(c.Entity.Name))
	return c.Entity.Type == provision.PolicyEntity && !strings.HasPrefix(c.ID, "tag-") && was != nil && sameText(now, was.Document)
}

// sameText compares documents by what they say and all else as it is.
func sameText(a, b string) bool {
	if strings.HasPrefix(strings.TrimSpace(a), "{") {
		return policy.Equivalent(a, b)
	}
	return a == b
}

// isConflict reports whether something cannot be deleted because something
// else still hangs on it.
func isConflict(err error) bool {
	var e *account.Error
	return errors.As(err, &e) && e.Code == "DeleteConflict"
}

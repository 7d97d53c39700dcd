package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// Remove deletes a configuration. One that is not there is deleted already, so
// that twice is safe.
func (c *Client) Remove(ctx context.Context, id string) error {
	err := c.do(ctx, call{
		op: "delete provider configuration " + id, method: http.MethodDelete, path: "/provider/" + url.PathEscape(id),
	}, nil)
	if failure := (*Error)(nil); errors.As(err, &failure) && failure.Absent() {
		return nil
	}
	return err
}

// Restore gives a configuration the values that it had before an update. What
// could not be read then is not written, unless it is the key's, and the key is
// given. It reads back and compares. Twice is safe.
func (c *Client) Restore(ctx context.Context, id string, was []Value, key provision.Credentials) error {
	c.seal.add(key.Secret)
	object, err := objectOf(was, key)
	if err != nil {
		return err
	}
	err = c.do(ctx, call{
		op: "put provider configuration " + id + " back", method: http.MethodPatch, path: "/provider/" + url.PathEscape(id),
		body: updateBody{Attributes: object},
	}, nil)
	if err != nil {
		return err
	}
	is, err := c.Configuration(ctx, id)
	if err != nil {
		return err
	}
	e := &Error{Op: "read back provider configuration " + id, Request: "GET /provider/" + id, Way: "run again to see", unsure: true}
	if is == nil {
		e.Why = "it is gone: somebody else deleted it"
		return e
	}
	if path := Apart(is.Values, withKey(was, key)); path != "" {
		e.Why = fmt.Sprintf("nullplatform does not keep what %s was before", path)
		return e
	}
	return nil
}

// withKey is values with a key's ID, if there is a key.
func withKey(values []Value, key provision.Credentials) []Value {
	if key.Secret.Empty() {
		return values
	}
	out := slices.DeleteFunc(slices.Clone(values), func(v Value) bool { return v.Path == keyPath })
	return append(out, Value{Path: keyPath, Text: key.KeyID})
}

// objectOf is values as the API takes them.
func objectOf(values []Value, key provision.Credentials) (map[string]any, error) {
	out := map[string]any{}
	for _, v := range values {
		switch {
		case v.Hidden:
		case v.JSON:
			var value any
			if err := json.Unmarshal([]byte(v.Text), &value); err != nil {
				return nil, fmt.Errorf("put %s back: %w", v.Path, err)
			}
			put(out, v.Path, value)
		default:
			put(out, v.Path, v.Text)
		}
	}
	if !key.Secret.Empty() {
		put(out, keyPath, key.KeyID)
		put(out, secretPath, key.Secret.Reveal())
	}
	return out, nil
}

// Apart gives the first path of what was there at which something else is there
// now, or nothing, as far as both can be read. It is empty when there is none.
// Policies are compared by what they say; what is there beside does not count.
func Apart(is, was []Value) string {
	find := func(list []Value, path string) (Value, bool) {
		i := slices.IndexFunc(list, func(v Value) bool { return v.Path == path })
		if i < 0 {
			return Value{}, false
		}
		return list[i], true
	}
	for _, w := range was {
		now, there := find(is, w.Path)
		switch {
		case w.Hidden || there && now.Hidden:
		case !there || !sameText(now.Text, w.Text):
			return w.Path
		}
	}
	return ""
}

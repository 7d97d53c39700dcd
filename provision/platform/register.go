package platform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/nullplatform/slipway/provision"
)

type createBody struct {
	NRN        string            `json:"nrn"`
	Spec       string            `json:"specification_id"`
	Dimensions map[string]string `json:"dimensions,omitempty"`
	Attributes map[string]any    `json:"attributes"`
}

type updateBody struct {
	Attributes map[string]any `json:"attributes"`
}

// Register carries a registration out and gives the configuration's ID. The
// key is needed where [Registration.NeedsSecret] says so. One that is adopted
// writes nothing, and several are refused.
//
// A create whose answer was lost is looked up, and what is found gets the
// attributes once more, which changes nothing if they are there. In the end it
// is read back and compared. An ID beside an error says that the configuration
// is there all the same.
func (c *Client) Register(ctx context.Context, r Registration, key provision.Credentials) (string, error) {
	if p := r.Blocked(!key.Secret.Empty()); p != nil {
		return "", p
	}
	if r.State == Adopted {
		return r.Found[0].ID, nil
	}
	c.seal.add(key.Secret)
	w := r.Wanted.With(key)
	if r.State == Different {
		id := r.Found[0].ID
		if err := c.update(ctx, id, w, key.Secret); err != nil {
			return "", err
		}
		return id, c.readBack(ctx, id, w)
	}
	id, err := c.create(ctx, r, w, key.Secret)
	if err != nil {
		return id, err
	}
	return id, c.readBack(ctx, id, w)
}

func (c *Client) update(ctx context.Context, id string, w Wanted, secret provision.Secret) error {
	return c.do(ctx, call{
		op: "update provider configuration " + id, method: http.MethodPatch, path: "/provider/" + id,
		body: updateBody{Attributes: w.object(secret)},
	}, nil)
}

func (c *Client) create(ctx context.Context, r Registration, w Wanted, secret provision.Secret) (string, error) {
	var made struct {
		ID ident `json:"id"`
	}
	err := c.do(ctx, call{
		op: "register " + Name(w.Specification), method: http.MethodPost, path: "/provider", once: true,
		body: createBody{NRN: w.NRN.String(), Spec: r.specification, Dimensions: w.Dimensions, Attributes: w.object(secret)},
	}, &made)
	if err == nil && made.ID != "" {
		return string(made.ID), nil
	}
	if failure := (*Error)(nil); errors.As(err, &failure) && !failure.unsure {
		return "", err
	}
	// The answer was lost, or it names nothing: see what came of it.
	found, lookErr := c.Configurations(ctx, w.NRN, w.Specification, false)
	if failure := (*Error)(nil); errors.As(lookErr, &failure) {
		failure.unsure = true
	}
	if lookErr != nil {
		return "", cmp.Or(err, lookErr)
	}
	now := Compare(w, found, false)
	switch {
	case len(now.Found) == 1:
		id := now.Found[0].ID
		return id, c.update(ctx, id, w, secret)
	case err != nil:
		return "", err
	}
	return "", &Error{
		Op: "register " + Name(w.Specification), Request: "POST /provider", Status: http.StatusOK,
		Why: fmt.Sprintf("the answer names no configuration, and %d are there", len(now.Found)), Way: "run again to see",
		unsure: true,
	}
}

// readBack compares what was written with what is there. Secrets stay unknown.
func (c *Client) readBack(ctx context.Context, id string, w Wanted) error {
	is, err := c.Configuration(ctx, id)
	if err != nil {
		return err
	}
	e := &Error{Op: "read back the registration of " + Name(w.Specification), Request: "GET /provider/" + id, Way: "run again to see"}
	if is == nil {
		e.Why = "it is gone already: somebody else deleted it"
		return e
	}
	r := Registration{Wanted: w}
	if r.compare(*is, false); len(r.Differences) > 0 {
		e.Why = "nullplatform keeps something else: " + r.Differences[0].String()
		return e
	}
	return nil
}

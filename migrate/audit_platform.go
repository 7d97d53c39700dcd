package migrate

import (
	"context"
	"errors"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/platform"
)

// Records is what an audit needs of nullplatform: reads alone.
type Records interface {
	Configurations(ctx context.Context, nrn platform.NRN, slug string, above bool) ([]platform.Configuration, error)
}

var _ Records = (*platform.Client)(nil)

// AuditRecords reads what nullplatform has on record at a place. An answer
// that does not come is a gap, so that its checks are unknown; only a stop is
// an error.
func AuditRecords(ctx context.Context, from Records, nrn platform.NRN) (*audit.Platform, error) {
	out := &audit.Platform{NRN: nrn.String()}
	for _, kind := range []struct {
		kind provision.Kind
		slug string
	}{{provision.ECR, platform.ECRSpecification}, {provision.S3, platform.S3Specification}} {
		found, err := from.Configurations(ctx, nrn, kind.slug, false)
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		if err != nil {
			out.Unread = append(out.Unread, provision.Gap{
				Action: "list the " + kind.slug + " configurations", Resource: nrn.String(), Reason: err.Error(), Asked: true,
			})
			continue
		}
		for _, c := range found {
			out.Registrations = append(out.Registrations, recorded(kind.kind, c))
		}
	}
	return out, nil
}

// recorded takes out of a configuration what an audit compares. What the
// platform hides is empty.
func recorded(kind provision.Kind, c platform.Configuration) audit.Registration {
	text := func(path string) string {
		v, _ := c.Value(path)
		return v.Text
	}
	return audit.Registration{
		ID: c.ID, NRN: c.NRN, Kind: kind, KeyID: text("ci.access_key"), CIRole: text("ci.role_arn"),
		ApplicationRole: text("setup.role_arn"), Bucket: text("bucket.name"), Region: text("ci.region"),
	}
}

package platform

import (
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// DefaultNamingRule is how nullplatform names the image repository of an
// application: a jq expression, its quotes included.
const DefaultNamingRule = `"\(.namespace.slug)/\(.application.slug)"`

// Target is where destinations are registered, and how.
type Target struct {
	NRN NRN
	// Dimensions narrow the registration of the bucket; ECR has none.
	Dimensions map[string]string
	// NamingRule names image repositories; empty means [DefaultNamingRule].
	NamingRule string
}

// Wanted is one provider configuration that should be there.
type Wanted struct {
	Specification string            `json:"specification"`
	NRN           NRN               `json:"nrn"`
	Dimensions    map[string]string `json:"dimensions,omitempty"`
	Attributes    []Attribute       `json:"attributes"`
}

// Attribute is one attribute that a configuration should have.
type Attribute struct {
	Path string `json:"path"`
	// Value is empty for a secret, which joins at the very end.
	Value  string `json:"value,omitempty"`
	Secret bool   `json:"secret,omitempty"`
}

// WantedFor lists the configurations that a blueprint calls for, the same that
// the modules nullplatform/asset/ecr and nullplatform/asset/s3 make. The key
// is the build user's; it is empty while it is yet to be made.
func WantedFor(b provision.Blueprint, t Target, keyID string) []Wanted {
	var out []Wanted
	if b.Role != nil {
		rule := t.NamingRule
		if rule == "" {
			rule = DefaultNamingRule
		}
		out = append(out, Wanted{Specification: ECRSpecification, NRN: t.NRN, Attributes: []Attribute{
			{Path: "ci.region", Value: b.Place.Region},
			{Path: "ci.access_key", Value: keyID},
			{Path: "ci.secret_key", Secret: true},
			{Path: "setup.region", Value: b.Place.Region},
			{Path: "setup.role_arn", Value: b.Role.ARN},
			{Path: "setup.naming_rule", Value: rule},
			{Path: "setup.policy", Value: b.RepositoryPolicy},
		}})
	}
	if bucket := b.Spec.Bucket(); bucket != "" {
		out = append(out, Wanted{
			Specification: S3Specification, NRN: t.NRN, Dimensions: t.Dimensions,
			Attributes: []Attribute{{Path: "bucket.name", Value: bucket}},
		})
	}
	return out
}

// Attribute gives an attribute's value by its path.
func (w Wanted) Attribute(path string) string {
	for _, a := range w.Attributes {
		if a.Path == path {
			return a.Value
		}
	}
	return ""
}

// CarriesSecret reports whether writing it takes the build user's secret.
func (w Wanted) CarriesSecret() bool {
	for _, a := range w.Attributes {
		if a.Secret {
			return true
		}
	}
	return false
}

// With fills in the key's ID, once it is known. The secret joins at the very
// end.
func (w Wanted) With(key provision.Credentials) Wanted {
	if !w.CarriesSecret() {
		return w
	}
	out := w
	out.Attributes = nil
	for _, a := range w.Attributes {
		if a.Path == keyPath {
			a.Value = key.KeyID
		}
		out.Attributes = append(out.Attributes, a)
	}
	return out
}

// object is the attributes as the API takes them.
func (w Wanted) object(secret provision.Secret) map[string]any {
	out := map[string]any{}
	for _, a := range w.Attributes {
		if a.Secret {
			put(out, a.Path, secret.Reveal())
			continue
		}
		put(out, a.Path, a.Value)
	}
	return out
}

// put sets what a path leads to, and makes the way.
func put(at map[string]any, path string, value any) {
	for {
		head, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			at[path] = value
			return
		}
		next, ok := at[head].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[head] = next
		}
		at, path = next, rest
	}
}

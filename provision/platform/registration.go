package platform

import (
	"fmt"
	"maps"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// State is how a wanted configuration stands to what is there.
type State string

// The states of a registration.
const (
	// Missing is not there and is to be created.
	Missing State = "missing"
	// Adopted is there as it should be, as far as it can be read.
	Adopted State = "adopted"
	// Different is there once, with other values; it is updated by consent.
	Different State = "different"
	// Several are there, and slipway does not guess which one counts.
	Several State = "several"
)

// Registration is one wanted configuration beside what is there.
type Registration struct {
	Wanted Wanted `json:"wanted"`
	State  State  `json:"state"`
	// Found are the configurations in the same place, with the same
	// dimensions.
	Found []Configuration `json:"found"`
	// Above are those of the same specification at places above, whose
	// values nullplatform uses where nothing closer is registered.
	Above []Configuration `json:"above"`
	// Differences are what an update would change.
	Differences []Difference `json:"differences"`
	// Unknown are the paths of wanted attributes that read back as null.
	Unknown []string `json:"unknown"`
	// Extra are attributes that are there and that slipway does not set.
	Extra []Value `json:"extra"`

	specification string // the specification's ID
}

// Difference is one attribute that is not as it should be.
type Difference struct {
	Path string `json:"path"`
	// Is is what is there; empty when nothing is, or when it is unknown.
	Is string `json:"is"`
	// Should is what is wanted; empty for a secret.
	Should string `json:"should"`
	Secret bool   `json:"secret,omitempty"`
}

// String says it in words.
func (d Difference) String() string {
	switch {
	case d.Secret:
		return d.Path + " becomes the new secret"
	case d.Path == keyPath && d.Should == "" && d.Is == "":
		return d.Path + " becomes the new key"
	case d.Path == keyPath && d.Should == "":
		return fmt.Sprintf("%s is %s and becomes the new key", d.Path, d.Is)
	case d.Is == "":
		return fmt.Sprintf("%s becomes %s", d.Path, d.Should)
	case d.Should == "":
		return fmt.Sprintf("%s is %s and becomes empty", d.Path, d.Is)
	}
	return fmt.Sprintf("%s is %s and becomes %s", d.Path, d.Is, d.Should)
}

// The attributes of the key in an ECR configuration.
const (
	keyPath    = "ci.access_key"
	secretPath = "ci.secret_key"
	rolePath   = "setup.role_arn"
	ciRolePath = "ci.role_arn"
	bucketPath = "bucket.name"
)

// Compare tells how a wanted configuration stands to those that were found.
// With newKey the key is made in the same run: a key that is unknown in what
// is there is another one for certain.
func Compare(w Wanted, found []Configuration, newKey bool) Registration {
	r := Registration{Wanted: w, State: Missing, Found: []Configuration{}, Above: []Configuration{}}
	for _, f := range found {
		at, err := ParseNRN(f.NRN)
		switch {
		case err != nil:
			continue
		case at.Equal(w.NRN) && sameDimensions(f.Dimensions, w.Dimensions):
			r.Found = append(r.Found, f)
		case !at.Equal(w.NRN) && w.NRN.Within(at):
			r.Above = append(r.Above, f)
		}
	}
	switch len(r.Found) {
	case 0:
	case 1:
		r.compare(r.Found[0], newKey)
	default:
		r.State = Several
	}
	return r
}

func sameDimensions(a, b map[string]string) bool {
	return len(a) == 0 && len(b) == 0 || maps.Equal(a, b)
}

func (r *Registration) compare(is Configuration, newKey bool) {
	set := map[string]bool{}
	for _, a := range r.Wanted.Attributes {
		set[a.Path] = true
		v, there := is.Value(a.Path)
		ofKey := a.Secret || a.Path == keyPath
		fresh := ofKey && newKey
		switch {
		case fresh:
			r.differ(a, v)
		case there && v.Hidden:
			r.Unknown = append(r.Unknown, a.Path)
		case a.Secret, a.Path == keyPath && a.Value == "":
			// Missing altogether, or not for us to judge.
			if !there {
				r.differ(a, v)
			}
		case !sameText(v.Text, a.Value):
			r.differ(a, v)
		}
	}
	for _, v := range is.Values {
		if !set[v.Path] {
			r.Extra = append(r.Extra, v)
		}
	}
	if r.State = Adopted; len(r.Differences) > 0 {
		r.State = Different
	}
}

func (r *Registration) differ(a Attribute, is Value) {
	r.Differences = append(r.Differences, Difference{Path: a.Path, Is: is.Text, Should: a.Value, Secret: a.Secret})
}

// As reports whether a configuration is as it is wanted, as far as it can be
// read.
func (w Wanted) As(is Configuration) bool {
	r := Registration{Wanted: w}
	r.compare(is, false)
	return len(r.Differences) == 0
}

// sameText compares values: policy documents by what they say, all else as
// text.
func sameText(a, b string) bool {
	return a == b || strings.HasPrefix(strings.TrimSpace(a), "{") && policy.Equivalent(a, b)
}

// Writes reports whether carrying it out writes something.
func (r Registration) Writes() bool { return r.State == Missing || r.State == Different }

// NeedsSecret reports whether carrying it out takes the build user's secret.
func (r Registration) NeedsSecret() bool { return r.Writes() && r.Wanted.CarriesSecret() }

// Title says what carrying it out does, in the imperative.
func (r Registration) Title() string {
	what := Name(r.Wanted.Specification)
	switch r.State {
	case Missing:
		return "Register " + what + " with nullplatform"
	case Different:
		return "Update the registration of " + what + " with nullplatform"
	case Adopted:
		return "Keep the registration of " + what + " with nullplatform"
	case Several:
	}
	return "Choose one registration of " + what
}

// Name is what a specification is about, for people.
func Name(slug string) string {
	switch slug {
	case ECRSpecification:
		return "ECR"
	case S3Specification:
		return "the bucket"
	}
	return slug
}

// Blocked says why it cannot be carried out; nil when it can, consent aside.
// Haveing the secret, or making it in the same run, is for the caller to say.
func (r Registration) Blocked(haveSecret bool) *provision.Problem {
	what := Name(r.Wanted.Specification)
	switch {
	case r.State == Several:
		ids := make([]string, len(r.Found))
		for i, f := range r.Found {
			ids[i] = f.ID
		}
		return &provision.Problem{
			Field: "registration",
			Rule: fmt.Sprintf("of %s is there %d times at %s (%s), and only nullplatform's people know which one counts",
				what, len(r.Found), r.Wanted.NRN, strings.Join(ids, ", ")),
			Way: "delete all but one in nullplatform (np provider delete --id ID), and run again",
		}
	case r.NeedsSecret() && !haveSecret:
		return &provision.Problem{
			Field: "registration", Rule: "of " + what + " takes the secret of the build user's key, which AWS does not show again",
			Way: "give it with BUILD_AWS_ACCESS_KEY and BUILD_AWS_SECRET_ACCESS_KEY, or with --credentials file:creds.env",
		}
	}
	return nil
}

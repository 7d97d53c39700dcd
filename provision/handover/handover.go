// Package handover gives the new secret to the place that keeps it.
//
// The secret of an access key can be read exactly once, when the key is made.
// So a [Place] is checked before the key is made, and takes the secret in one
// piece right after. A place that cannot keep it safely refuses in
// [Place.Check]: no safe place, no key.
package handover

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// Place is somewhere a secret can go.
type Place interface {
	// Check fails when the place could not take a secret now. It leaves
	// nothing behind and may be called more than once.
	Check(ctx context.Context) error
	// Put takes the credentials. When it returns nil the secret is kept;
	// when it fails, nothing of it is left half-written.
	Put(ctx context.Context, c provision.Credentials) error
	// String names the place without the secret, for people.
	String() string
}

// Edge is what places need of the process.
type Edge struct {
	// Stdout is where "stdout" prints.
	Stdout io.Writer
	// Reveal shows the credentials to a person once; nil where there is no
	// person to show them to.
	Reveal func(ctx context.Context, c provision.Credentials) error
}

// Parse reads a place as it is written on the command line: "file:PATH",
// "stdout" or "reveal". It does not look at the place.
func Parse(text string, e Edge) (Place, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch {
	case scheme == "file" && rest != "":
		return NewFile(rest)
	case text == "stdout":
		return &stdout{w: e.Stdout}, nil
	case text == "reveal" && e.Reveal != nil:
		return &reveal{show: e.Reveal}, nil
	case text == "reveal":
		return nil, problem(`"reveal" needs the wizard`, "use file:PATH without it")
	}
	return nil, problem(fmt.Sprintf("%q is not a place that slipway knows", text), "use file:PATH, or stdout")
}

func problem(rule, way string) error {
	return &provision.Problem{Field: "handover", Rule: rule, Way: way}
}

// Dotenv is the credentials with the names that nullplatform's CI actions use.
func Dotenv(c provision.Credentials) string {
	return fmt.Sprintf("# Access key of %s. Keep it secret.\nBUILD_AWS_ACCESS_KEY=%s\nBUILD_AWS_SECRET_ACCESS_KEY=%s\nBUILD_AWS_REGION=%s\n",
		c.User, c.KeyID, c.Secret.Reveal(), c.Region)
}

// stdout prints the credentials, for those who ask for it by name.
type stdout struct{ w io.Writer }

func (s *stdout) Check(context.Context) error { return nil }

func (s *stdout) Put(_ context.Context, c provision.Credentials) error {
	if _, err := io.WriteString(s.w, Dotenv(c)); err != nil {
		return fmt.Errorf("print the credentials: %w", err)
	}
	return nil
}

func (s *stdout) String() string { return "standard output" }

// reveal shows the credentials once.
type reveal struct {
	show func(context.Context, provision.Credentials) error
}

func (r *reveal) Check(context.Context) error { return nil }

func (r *reveal) Put(ctx context.Context, c provision.Credentials) error { return r.show(ctx, c) }

func (r *reveal) String() string { return "the screen, once" }

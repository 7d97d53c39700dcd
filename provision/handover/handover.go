// Package handover gives the new secret to the place that keeps it.
//
// The secret of an access key can be read exactly once, when the key is made.
// So a [Place] is checked before the key is made, takes the secret in one
// piece right after, and reads it back before it says that it has it. A place
// that cannot keep it safely refuses in [Place.Check]: no safe place, no key.
//
// The secret is in what a place keeps and nowhere else: not in its name, and
// not in an error, whoever made it.
package handover

import (
	"context"
	"errors"
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
	// Put takes the credentials. When it returns nil the secret is kept and,
	// where a place can be read, has been read back from it; when it fails,
	// nothing of it is left half-written.
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
	// Platform is the registration with nullplatform; nil where nothing is
	// registered.
	Platform Place
	// TestOnlyDisk, if any, is told each thing that a place does to the disk,
	// right after.
	TestOnlyDisk func(instant string)
}

// places are the ways to write a place, for those who wrote another.
const places = "file:PATH, age:RECIPIENT:PATH, keyring:SERVICE, platform or stdout"

// Parse reads a place as it is written on the command line: "file:PATH",
// "age:RECIPIENT:PATH", "keyring:SERVICE", "keyring:", "platform", "stdout" or
// "reveal".
// A path may hold colons. Parse does not look at the place; what it refuses is
// refused with a [provision.Problem].
func Parse(text string, e Edge) (Place, error) {
	if isPrivateKey(text) {
		return nil, errPrivateKey()
	}
	scheme, rest, _ := strings.Cut(text, ":")
	switch {
	case scheme == "file" && rest != "":
		f, err := NewFile(rest)
		if err == nil {
			e.watch(&f.file)
		}
		return f, err
	case scheme == "age":
		recipient, path, _ := strings.Cut(rest, ":")
		a, err := NewAge(recipient, path)
		if err == nil {
			e.watch(&a.file)
		}
		return a, err
	case scheme == "keyring":
		return NewKeyring(rest)
	case text == "platform" && e.Platform != nil:
		return e.Platform, nil
	case text == "platform":
		return nil, problem(`"platform" needs a place in nullplatform`, "give --nrn, and nullplatform's key with NULLPLATFORM_API_KEY")
	case text == "stdout":
		return &stdout{w: e.Stdout}, nil
	case text == "reveal" && e.Reveal != nil:
		return &reveal{show: e.Reveal}, nil
	case text == "reveal":
		return nil, problem(`"reveal" needs the wizard`, "without it, use "+places)
	}
	return nil, problem(fmt.Sprintf("%q is not a place that slipway knows", text), "use "+places)
}

func problem(rule, way string) error {
	return &provision.Problem{Field: "handover", Rule: rule, Way: way}
}

// sealed gives the error on, unless its text holds the secret: what an
// operating system, a keyring or a terminal says is not ours to trust. Then it
// is the text without the secret, and nothing that could be unwrapped.
func sealed(err error, secret provision.Secret) error {
	if err == nil || secret.Empty() || !strings.Contains(err.Error(), secret.Reveal()) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), secret.Reveal(), secret.String()))
}

// stdout prints the credentials, for those who ask for it by name. What is
// printed cannot be read back.
type stdout struct{ w io.Writer }

func (s *stdout) Check(context.Context) error { return nil }

func (s *stdout) Put(_ context.Context, c provision.Credentials) error {
	if _, err := io.WriteString(s.w, Dotenv(c)); err != nil {
		return fmt.Errorf("print the credentials: %w", sealed(err, c.Secret))
	}
	return nil
}

func (s *stdout) String() string { return "standard output" }

// reveal shows the credentials once, and takes the person's word for it.
type reveal struct {
	show func(context.Context, provision.Credentials) error
}

func (r *reveal) Check(context.Context) error { return nil }

func (r *reveal) Put(ctx context.Context, c provision.Credentials) error {
	return sealed(r.show(ctx, c), c.Secret)
}

func (r *reveal) String() string { return "the screen, once" }

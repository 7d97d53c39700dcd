package provision

import (
	"errors"
	"fmt"
	"log/slog"
)

// Secret is a secret access key on its way from AWS to its handover. It cannot
// be printed, logged or marshalled by accident; only [Secret.Reveal] gives the
// text, and only handovers call it.
//
// The text is behind a pointer, since package fmt does not ask values in
// unexported fields how they want to be printed.
type Secret struct{ text *string }

// NewSecret wraps a secret's text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal gives the secret's text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.Reveal() == "" }

const redacted = "[secret]"

// String gives a placeholder.
func (s Secret) String() string { return redacted }

// GoString gives a placeholder.
func (s Secret) GoString() string { return redacted }

// Format gives a placeholder, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue gives a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

var errSecret = errors.New("a secret is not to be marshalled")

// MarshalJSON always fails.
func (s Secret) MarshalJSON() ([]byte, error) { return nil, errSecret }

// MarshalText always fails.
func (s Secret) MarshalText() ([]byte, error) { return nil, errSecret }

// Credentials are what CI needs to publish.
type Credentials struct {
	// User is the build user's name.
	User string
	// KeyID is the access key's ID, which is no secret.
	KeyID  string
	Secret Secret
	Region string
}

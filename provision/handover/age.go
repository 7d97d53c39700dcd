package handover

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"filippo.io/age"
	"filippo.io/age/agessh"

	"github.com/nullplatform/slipway/provision"
)

// Age is a new file that only the holder of an age identity can read; see
// https://age-encryption.org/v1. It is encrypted in memory, so that the plain
// text never touches the disk. Inside is what a [File] would hold; a name that
// ends in .json.age asks for JSON.
type Age struct {
	file newFile
	to   age.Recipient
	// name is the recipient, as people know it.
	name string
}

var _ Place = (*Age)(nil)

// NewAge names the recipient and the file. The recipient is a public key of
// age (age1...) or of SSH (ssh-ed25519 or ssh-rsa, as in a .pub file, without
// a comment that holds a colon when it comes through [Parse]). What is not one,
// or cannot be encrypted to, is refused; a private key is never repeated.
func NewAge(recipient, path string) (*Age, error) {
	to, err := parseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, problem("names an age recipient, but no file", "use age:RECIPIENT:PATH, such as age:age1...:creds.env.age")
	}
	f, err := newFileAt(path)
	if err != nil {
		return nil, err
	}
	return &Age{file: f, to: to, name: recipientName(recipient)}, nil
}

// String is the path and the recipient; an SSH key by the fingerprint that
// ssh-keygen -l shows.
func (a *Age) String() string {
	return fmt.Sprintf("file %s, encrypted to %s", a.file.path, a.name)
}

// Check refuses what [File.Check] refuses.
func (a *Age) Check(context.Context) error { return a.file.check() }

// Put encrypts, writes and reads back what was written. That it can be
// decrypted only the holder of the identity can tell.
func (a *Age) Put(_ context.Context, c provision.Credentials) error {
	content, err := encrypt(textFor(a.file.path, c), marked{Recipient: a.to, keyID: c.KeyID})
	if err != nil {
		return fmt.Errorf("encrypt to %s: %w", a.name, sealed(err, c.Secret))
	}
	return sealed(a.file.write(content), c.Secret)
}

func encrypt(text string, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// parseRecipient leaves the library's own words out: they repeat the text,
// which may be anything that was in the clipboard.
func parseRecipient(text string) (age.Recipient, error) {
	if isPrivateKey(text) {
		return nil, errPrivateKey()
	}
	to, err := readRecipient(text)
	if err == nil {
		_, err = encrypt("", to)
	}
	if err != nil {
		return nil, problem(fmt.Sprintf("has %q as its age recipient, which is not a whole public key of age or SSH", shortened(text)),
			"use age:RECIPIENT:PATH with the line that age-keygen -y prints (age1...), or with an ssh-ed25519 or ssh-rsa public key; plugins are not supported")
	}
	return to, nil
}

func readRecipient(text string) (age.Recipient, error) {
	switch {
	case strings.ContainsFunc(text, unicode.IsControl):
		return nil, errors.New("more than one line")
	case strings.HasPrefix(text, "age1pq1"):
		return age.ParseHybridRecipient(text)
	case strings.HasPrefix(text, "age1"):
		return age.ParseX25519Recipient(text)
	case strings.HasPrefix(text, "ssh-"):
		return agessh.ParseRecipient(text)
	}
	return nil, errors.New("not a recipient")
}

// isPrivateKey also finds one in the middle of a text, of age or in PEM.
func isPrivateKey(text string) bool {
	upper := strings.ToUpper(text)
	return strings.Contains(upper, "AGE-SECRET-KEY-") || strings.Contains(upper, "-----BEGIN")
}

func errPrivateKey() error {
	return problem("holds a private key, which others may have seen by now",
		"make a new one, and use age:RECIPIENT:PATH with its public key (age-keygen -y prints it)")
}

// recipientName is the recipient, short enough for a line.
func recipientName(text string) string {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		return shortened(text)
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return shortened(text)
	}
	sum := sha256.Sum256(blob)
	return fields[0] + " SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// shortened keeps an X25519 recipient whole, and the beginning of what is
// longer.
func shortened(text string) string {
	const whole, head = 64, 24
	if len(text) <= whole {
		return text
	}
	return strings.ToValidUTF8(text[:head], "") + "..."
}

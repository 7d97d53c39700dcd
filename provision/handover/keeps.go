package handover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// Keeper is a [Place] that can be asked, after a run that ended in the middle,
// whether it has the secret of a key. Places that cannot be asked are none.
type Keeper interface {
	Place
	// Keeps reports whether the secret of the key is there. What an
	// interrupted handover of that key left half-written it removes. Twice is
	// safe.
	Keeps(ctx context.Context, user, keyID string) (bool, error)
}

var (
	_ Keeper = (*File)(nil)
	_ Keeper = (*Age)(nil)
	_ Keeper = (*Keyring)(nil)
)

// Absolute is a place as [Parse] reads it, with its path made absolute, so
// that it means the same from every directory.
func Absolute(text string) (string, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	head := scheme + ":"
	if scheme == "age" {
		var recipient string
		recipient, rest, _ = strings.Cut(rest, ":")
		head += recipient + ":"
	}
	if !ok || rest == "" || scheme != "file" && scheme != "age" {
		return text, nil
	}
	path, err := filepath.Abs(rest)
	if err != nil {
		return "", fmt.Errorf("find the handover file %s: %w", rest, err)
	}
	return head + path, nil
}

// Keeps reads the file. A file is there whole or not at all, so one that names
// the key has its secret.
func (f *File) Keeps(_ context.Context, _, keyID string) (bool, error) {
	return f.file.keeps(func(text string) bool { return namesKey(text, keyID) })
}

// Keeps reads the file's header, where the key's ID stands in the clear.
func (a *Age) Keeps(_ context.Context, _, keyID string) (bool, error) {
	return a.file.keeps(func(text string) bool { return markedWith(text, keyID) })
}

// Keeps asks the keyring for the entry.
func (k *Keyring) Keeps(ctx context.Context, user, keyID string) (bool, error) {
	var there bool
	err := bounded(ctx, func() error {
		secret, err := k.ring.Get(k.service, user+"/"+keyID)
		if errors.Is(err, errNoEntry) {
			return nil
		}
		there = err == nil && secret != ""
		return err
	}, func() {})
	if err != nil {
		return false, fmt.Errorf("ask the keyring for the secret of key %s: %w; unlock it and run again", keyID, err)
	}
	return there, nil
}

// largest is more than any handover file holds.
const largest = 1 << 16

// keeps looks into the file, and removes the drafts of it that an interrupted
// run has left.
func (f newFile) keeps(is func(text string) bool) (bool, error) {
	dir := filepath.Dir(f.path)
	// Not by a pattern of paths: the directory's own name may look like one.
	beside, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("look for what is left beside %s: %w", f.path, err)
	}
	for _, e := range beside {
		if isDraft, _ := filepath.Match(draftPattern, e.Name()); !isDraft {
			continue
		}
		d := filepath.Join(dir, e.Name())
		if text, err := f.peek(d); err == nil && is(text) {
			if err := f.removeIfThere(d); err != nil {
				return false, err
			}
		}
	}
	text, err := f.peek(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look into the handover file: %w; see who may read it, and run again", err)
	}
	return is(text), nil
}

// peek reads a file that is a plain one.
func (f newFile) peek(path string) (text string, err error) {
	info, err := f.disk.look(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", &os.PathError{Op: "read", Path: path, Err: errors.New("not a plain file")}
	}
	file, err := f.disk.open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	all, err := io.ReadAll(io.LimitReader(file, largest))
	return string(all), err
}

// namesKey reports whether a text is the credentials of the key, as [Dotenv]
// or [JSON] writes them.
func namesKey(text, keyID string) bool {
	var asJSON struct {
		KeyID  string `json:"access_key_id"`
		Secret string `json:"secret_access_key"`
	}
	if json.Unmarshal([]byte(text), &asJSON) == nil {
		return asJSON.KeyID == keyID && asJSON.Secret != ""
	}
	id, secret := false, false
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		id = id || name == envKeyID && value == keyID
		secret = secret || name == envSecret && value != ""
	}
	return id && secret
}

// keyStanza is the type of the stanza in an age file's header that names the
// key. Readers pass over stanzas that they do not know:
// https://github.com/C2SP/C2SP/blob/main/age.md
const keyStanza = "slipway-key"

// marked is a recipient whose files say in their header of which key they are.
type marked struct {
	age.Recipient
	keyID string
}

var _ age.RecipientWithLabels = marked{}

func (m marked) stanza() *age.Stanza {
	return &age.Stanza{Type: keyStanza, Args: []string{m.keyID}}
}

// Wrap adds the stanza.
func (m marked) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	s, _, err := m.WrapWithLabels(fileKey)
	return s, err
}

// WrapWithLabels adds the stanza and keeps the recipient's own labels.
func (m marked) WrapWithLabels(fileKey []byte) (s []*age.Stanza, labels []string, err error) {
	if labelled, ok := m.Recipient.(age.RecipientWithLabels); ok {
		s, labels, err = labelled.WrapWithLabels(fileKey)
	} else {
		s, err = m.Recipient.Wrap(fileKey)
	}
	if err != nil {
		return nil, nil, err
	}
	return append(s, m.stanza()), labels, nil
}

// markedWith reports whether an age file is of the key.
func markedWith(text, keyID string) bool {
	header, _, _ := strings.Cut(text, "\n---")
	for line := range strings.Lines(header) {
		if strings.TrimSpace(line) == "-> "+keyStanza+" "+keyID {
			return true
		}
	}
	return false
}

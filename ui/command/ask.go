package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// Asking outside the wizard is for one thing alone: the build user's secret,
// which may not stand on a command line.

// secretWhy says what the secret is wanted for, before it is asked for.
const secretWhy = `One proof is left: to publish as CI does. A small object is written, read and
removed with the build user's own key. Its secret is used for that, and kept
nowhere.`

// askSecret asks on the terminal, without showing what is typed. Nothing typed
// means that the probe is not run. With several active keys it asks which one,
// too.
func askSecret(ctx context.Context, e Edge, key provision.Credentials, active []string) (provision.Credentials, error) {
	in, ok := e.Stdin.(*os.File)
	if !ok {
		return key, nil
	}
	fmt.Fprintln(e.Stderr, secretWhy)
	if key.KeyID == "" {
		id, err := readHidden(ctx, e, in, fmt.Sprintf("Which key, %s (not shown)? ", strings.Join(active, " or ")))
		if err != nil || id == "" {
			return key, err
		}
		key.KeyID = id
	}
	secret, err := readHidden(ctx, e, in, fmt.Sprintf("Secret of %s (not shown; enter alone goes on without): ", key.KeyID))
	if err != nil {
		return key, err
	}
	key.Secret = provision.NewSecret(secret)
	return key, nil
}

// readHidden reads a line that the terminal does not show: not even what is
// typed before the prompt is there. When the person stops, the terminal is as
// it was before.
func readHidden(ctx context.Context, e Edge, in *os.File, prompt string) (string, error) {
	before, err := term.MakeRaw(in.Fd())
	if err != nil {
		return "", errNoPrompt
	}
	fmt.Fprint(e.Stderr, prompt)
	type line struct {
		text string
		err  error
	}
	typed := make(chan line, 1)
	go func() {
		text, err := readLine(in)
		typed <- line{text, err}
	}()
	var got line
	select {
	case <-ctx.Done():
		// The reader is left behind: nothing ends a read from a terminal.
		got.err = checklist.ErrStopped
	case got = <-typed:
	}
	if err := term.Restore(in.Fd(), before); err != nil {
		got.err = errors.Join(got.err, errNoPrompt)
	}
	fmt.Fprintln(e.Stderr)
	return got.text, got.err
}

// The keys that mean something on a line that is not shown.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	backspace = 0x08
	deleteKey = 0x7f
	longest   = 1024
)

// readLine reads keys up to enter. Ctrl+c stops.
func readLine(r io.Reader) (string, error) {
	var text []byte
	one := make([]byte, 1)
	for {
		if _, err := io.ReadFull(r, one); err != nil {
			return "", errNoPrompt
		}
		switch c := one[0]; {
		case c == '\r', c == '\n', c == ctrlD:
			return strings.TrimSpace(string(text)), nil
		case c == ctrlC:
			return "", checklist.ErrStopped
		case c == backspace, c == deleteKey:
			text = text[:max(0, len(text)-1)]
		case c >= ' ' && len(text) < longest:
			text = append(text, c)
		}
	}
}

// errNoPrompt does not repeat what the terminal said: it may hold what was
// typed.
var errNoPrompt = errors.New("read the secret: the terminal does not give it; use BUILD_AWS_SECRET_ACCESS_KEY or --credentials")

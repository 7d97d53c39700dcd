package handover

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nullplatform/slipway/provision"
)

// defaultService is the service under which entries are kept unless another is
// named.
const defaultService = "slipway"

// checkAccount is the account of the entry with which a keyring is tried out.
const checkAccount = "slipway-check"

const (
	// patience is how long a keyring may take, a person who unlocks it
	// included.
	patience = 2 * time.Minute
	// grace is how much of that is left once the person wants to stop. It is
	// not nothing: the secret may be on its way, and there is no other.
	grace = 3 * time.Second
)

// ring is what a keyring can do. Get and Delete fail with errNoEntry if there
// is nothing; Set replaces what is there.
type ring interface {
	Set(service, account, secret string) error
	Get(service, account string) (string, error)
	Delete(service, account string) error
}

var errNoEntry = errors.New("the keyring has no such entry")

// Keyring is the operating system's keyring: the Secret Service on Linux, the
// login keychain on macOS, the Credential Manager on Windows. The entry's
// account is the user name and the key ID with a slash between them, and what
// it keeps is the secret access key alone.
type Keyring struct {
	service string
	ring    ring
}

var _ Place = (*Keyring)(nil)

// serviceRule keeps a service to what every keyring takes and every shell
// passes on unquoted.
var serviceRule = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@+-]{0,99}$`)
})

// NewKeyring names the service; empty is "slipway". It refuses a service of
// other characters than letters, digits and ._/@+- or of more than 100.
func NewKeyring(service string) (*Keyring, error) {
	if service == "" {
		service = defaultService
	}
	if !serviceRule().MatchString(service) {
		return nil, problem(fmt.Sprintf("has %q as its keyring service", shortened(service)),
			"use keyring:SERVICE with at most 100 letters, digits and ._/@+- (it begins with a letter or a digit), or keyring: for the service "+defaultService)
	}
	return &Keyring{service: service, ring: systemRing{}}, nil
}

// String names the service, and how the account is made.
func (k *Keyring) String() string {
	return fmt.Sprintf("keyring, service %s, account USER/KEY-ID", k.service)
}

// account is where the secret of a key is kept.
func account(c provision.Credentials) string { return c.User + "/" + c.KeyID }

// Check sets, reads and deletes an entry without value. It refuses a keyring
// that cannot do all three, such as one that is not there or stays locked.
func (k *Keyring) Check(ctx context.Context) error {
	err := bounded(ctx, k.tryOut, func() {})
	if err == nil {
		return nil
	}
	return problem(fmt.Sprintf("is the keyring, which cannot be used: %v", err), missing(runtime.GOOS)+", or use age:RECIPIENT:PATH or file:PATH")
}

func (k *Keyring) tryOut() error {
	const value = "slipway was here"
	err := k.store(checkAccount, value)
	if gone := k.ring.Delete(k.service, checkAccount); err == nil && gone != nil {
		return fmt.Errorf("delete an entry: %w", gone)
	}
	if err != nil {
		return err
	}
	if _, err := k.ring.Get(k.service, checkAccount); !errors.Is(err, errNoEntry) {
		return errors.New("an entry that was deleted is still there")
	}
	return nil
}

// store sets an entry and reads it back.
func (k *Keyring) store(account, value string) error {
	if err := k.ring.Set(k.service, account, value); err != nil {
		return fmt.Errorf("set an entry: %w", err)
	}
	got, err := k.ring.Get(k.service, account)
	if err != nil {
		return fmt.Errorf("read an entry back: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(got), []byte(value)) != 1 {
		return errors.New("the entry does not hold what was set")
	}
	return nil
}

// missing says what a keyring needs there.
func missing(goos string) string {
	switch goos {
	case "darwin":
		return "unlock the login keychain (security unlock-keychain)"
	case "windows":
		return "use a session of a user who is signed in and has the Credential Manager"
	}
	return "start and unlock a Secret Service (GNOME Keyring, KWallet, KeePassXC) on the session's D-Bus"
}

// Put sets the entry and reads it back. An entry that is there already is
// never replaced. What fails leaves no entry; if that fails too, the error says
// so.
func (k *Keyring) Put(ctx context.Context, c provision.Credentials) error {
	name := account(c)
	err := bounded(ctx,
		func() error { return k.put(name, c.Secret.Reveal()) },
		func() { _ = k.forget(name) })
	if err != nil {
		return fmt.Errorf("put %s into the keyring under the service %s: %w", name, k.service, sealed(err, c.Secret))
	}
	return nil
}

func (k *Keyring) put(name, secret string) error {
	_, err := k.ring.Get(k.service, name)
	switch {
	case err == nil:
		return errors.New("an entry is there already, and is not replaced; use keyring:SERVICE with another service")
	case !errors.Is(err, errNoEntry):
		return fmt.Errorf("look for an entry: %w", err)
	}
	if err := k.store(name, secret); err != nil {
		return errors.Join(err, k.forget(name))
	}
	return nil
}

func (k *Keyring) forget(name string) error {
	if err := k.ring.Delete(k.service, name); err != nil && !errors.Is(err, errNoEntry) {
		return fmt.Errorf("delete the entry, which may be left behind: %w", err)
	}
	return nil
}

// bounded waits for do, but only so long: a keyring that nobody unlocks never
// answers, and cannot be told to stop. If do succeeds after that, it is undone.
func bounded(ctx context.Context, do func() error, undo func()) error {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	var decided atomic.Bool
	done := make(chan error, 1)
	go func() {
		err := do()
		if decided.CompareAndSwap(false, true) {
			done <- err
		} else if err == nil {
			undo()
		}
	}()
	select {
	case err := <-done:
		return err
	case <-limit.Done():
		if !decided.CompareAndSwap(false, true) {
			return <-done
		}
		return fmt.Errorf("it does not answer; a window may be waiting for its password: %w", context.Cause(limit))
	}
}

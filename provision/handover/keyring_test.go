package handover

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

const planted = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

func plantedCredentials() provision.Credentials {
	return provision.Credentials{User: "u", KeyID: "AKIAEXAMPLE", Secret: provision.NewSecret(planted), Region: "us-east-1"}
}

// memoryRing is a keyring in memory. Its faults repeat what they were given,
// as a careless one might.
type memoryRing struct {
	mu      sync.Mutex
	entries map[string]string
	calls   int
	// failAt are the numbers of the calls that fail; setThenFail has Set fail
	// after it has done its work.
	failAt      map[int]bool
	setThenFail bool
	// altered has Set keep something else.
	altered bool
	// hang, until closed, holds every call up.
	hang chan struct{}
}

func (r *memoryRing) enter(secret string) error {
	if r.hang != nil {
		<-r.hang
	}
	r.calls++
	if r.failAt[r.calls] {
		return fmt.Errorf("no keyring for %s, which has %v", secret, r.entries)
	}
	return nil
}

func (r *memoryRing) Set(service, account, secret string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.enter(secret)
	if err != nil && !r.setThenFail {
		return err
	}
	if r.altered {
		secret = strings.ToUpper(secret)
	}
	if r.entries == nil {
		r.entries = map[string]string{}
	}
	r.entries[service+" "+account] = secret
	return err
}

func (r *memoryRing) Get(service, account string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.enter(""); err != nil {
		return "", err
	}
	secret, ok := r.entries[service+" "+account]
	if !ok {
		return "", errNoEntry
	}
	return secret, nil
}

func (r *memoryRing) Delete(service, account string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.enter(""); err != nil {
		return err
	}
	if _, ok := r.entries[service+" "+account]; !ok {
		return errNoEntry
	}
	delete(r.entries, service+" "+account)
	return nil
}

func testOnlyKeyring(r ring) *Keyring { return &Keyring{service: "slipway", ring: r} }

func TestKeyringTakesTheSecret(t *testing.T) {
	r := &memoryRing{entries: map[string]string{"slipway other": "kept"}}
	k := testOnlyKeyring(r)
	for range 2 { // checking leaves nothing behind, so it can be done again
		if err := k.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Put(t.Context(), plantedCredentials()); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"slipway other": "kept", "slipway u/AKIAEXAMPLE": planted}
	if !maps.Equal(r.entries, want) {
		t.Errorf("the keyring has %v", r.entries)
	}
}

func TestKeyringReplacesNothing(t *testing.T) {
	r := &memoryRing{entries: map[string]string{"slipway u/AKIAEXAMPLE": "precious"}}
	err := testOnlyKeyring(r).Put(t.Context(), plantedCredentials())
	if err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("Put = %v", err)
	}
	if r.entries["slipway u/AKIAEXAMPLE"] != "precious" {
		t.Error("the entry was replaced")
	}
}

// Whatever call fails, in whatever way, the secret is kept whole and the
// keyring says so, or it is not kept, and no error tells it.
func TestKeyringIsWholeOrNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &memoryRing{failAt: map[int]bool{}, altered: rapid.Bool().Draw(t, "altered"), setThenFail: rapid.Bool().Draw(t, "setThenFail")}
		for _, n := range rapid.SliceOfN(rapid.IntRange(1, 5), 0, 2).Draw(t, "failAt") {
			r.failAt[n] = true
		}
		k := testOnlyKeyring(r)
		if rapid.Bool().Draw(t, "check") {
			err := k.Check(context.Background())
			if failed := r.altered || r.calls > 0 && anyUpTo(r.failAt, r.calls); failed != (err != nil) {
				t.Fatalf("Check = %v, failed %v", err, failed)
			}
			return
		}
		err := k.Put(context.Background(), plantedCredentials())
		kept, there := r.entries["slipway u/AKIAEXAMPLE"]
		switch {
		case err == nil && kept != planted:
			t.Fatalf("it says that it has the secret, and has %q", kept)
		case err != nil && strings.Contains(err.Error(), planted):
			t.Fatalf("the error tells the secret: %v", err)
		case err != nil && there && !strings.Contains(err.Error(), "may be left behind"):
			t.Fatalf("something is left: %v", err)
		}
	})
}

func anyUpTo(at map[int]bool, n int) bool {
	for i := range at {
		if i <= n {
			return true
		}
	}
	return false
}

func TestKeyringThatIsNotThereExplainsItself(t *testing.T) {
	err := testOnlyKeyring(&memoryRing{failAt: map[int]bool{1: true, 2: true}}).Check(t.Context())
	var p *provision.Problem
	if !errors.As(err, &p) || !strings.Contains(p.Rule, "set an entry") || !strings.Contains(p.Way, "age:RECIPIENT:PATH") {
		t.Errorf("Check = %v", err)
	}
	seen := map[string]bool{}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		seen[missing(goos)] = true
	}
	if len(seen) != 3 {
		t.Error("each system lacks something else")
	}
}

// A keyring that waits for its password is given up, and what it does after
// that does not stay.
func TestKeyringThatHangsIsGivenUp(t *testing.T) {
	for _, tt := range []struct {
		why  string
		stop bool
		want time.Duration
	}{
		{why: "nobody is there", want: patience},
		{why: "the person wants to stop", stop: true, want: grace},
	} {
		t.Run(tt.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &memoryRing{hang: make(chan struct{})}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.stop {
					cancel()
				}
				began := time.Now()
				err := testOnlyKeyring(r).Put(ctx, plantedCredentials())
				if err == nil || !strings.Contains(err.Error(), "does not answer") || time.Since(began) != tt.want {
					t.Errorf("Put = %v after %v, want %v", err, time.Since(began), tt.want)
				}
				close(r.hang)
				synctest.Wait()
				if len(r.entries) != 0 {
					t.Errorf("%d entries are left", len(r.entries))
				}
			})
		})
	}
}

// A stop that comes while the keyring works loses no secret.
func TestKeyringKeepsTheSecretInSpiteOfAStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &memoryRing{}
	if err := testOnlyKeyring(r).Put(ctx, plantedCredentials()); err != nil || r.entries["slipway u/AKIAEXAMPLE"] != planted {
		t.Errorf("Put = %v", err)
	}
}

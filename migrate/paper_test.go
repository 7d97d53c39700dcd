package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
)

// world is all that outlives a process: the account, the place for the secret
// and the state directory. It can be copied at any instant, which is what a
// process that is killed at that instant leaves.
type world struct {
	mu sync.Mutex
	// inv is the account; secrets are what AWS knows of its keys, and
	// versions the documents of its policies.
	inv      *provision.Inventory
	secrets  map[string]string
	versions map[string][]string
	made     int
	// kept is what the place holds: a key ID and its secret.
	keptKey, keptSecret string
	dir                 string
	// at is called at every instant at which a process may be killed. It is
	// not called while the world is locked.
	at func(instant string)
	// full says where the disk is full.
	full func(checklist.WritePoint) bool
	// failing is given instead of an answer, after the call took effect.
	failing func(c provision.Call) error
}

func freshWorld(t testing.TB) *world {
	t.Helper()
	return freshWorldIn(t.TempDir())
}

func freshWorldIn(dir string) *world {
	return &world{
		inv: &provision.Inventory{
			Place:   provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"},
			Caller:  "arn:aws:iam::123456789012:user/operator",
			Buckets: []provision.Bucket{{Name: "demo-assets", State: provision.BucketOwn, Region: "us-east-1"}},
		},
		secrets: map[string]string{}, versions: map[string][]string{}, dir: dir,
	}
}

// copyTo gives the world as it is now, with its state in another directory.
func (w *world) copyTo(dir string) (*world, error) {
	// The account first: whatever is done to it later is in the journal
	// before.
	w.mu.Lock()
	c := &world{
		inv: w.inv.Clone(), secrets: map[string]string{}, versions: map[string][]string{}, made: w.made,
		keptKey: w.keptKey, keptSecret: w.keptSecret, dir: dir,
	}
	for k, v := range w.secrets {
		c.secrets[k] = v
	}
	for k, v := range w.versions {
		c.versions[k] = append([]string(nil), v...)
	}
	w.mu.Unlock()
	text, err := os.ReadFile(filepath.Join(w.dir, "journal.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	return c, os.WriteFile(filepath.Join(dir, "journal.jsonl"), text, 0o600)
}

func (w *world) instant(format string, args ...any) {
	if w.at != nil {
		w.at(fmt.Sprintf(format, args...))
	}
}

var _ migrate.Account = (*world)(nil)

func (w *world) Identity(context.Context) (account.Identity, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return account.Identity{ARN: w.inv.Caller, Place: w.inv.Place}, nil
}

func (w *world) Read(context.Context, provision.Scope) (*provision.Inventory, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.inv.Clone(), nil
}

func (w *world) Deepen(_ context.Context, inv *provision.Inventory) (*provision.Inventory, error) {
	return inv.Clone(), nil
}

func (w *world) Quotas(context.Context) (provision.Quotas, error) { return provision.Quotas{}, nil }

func (w *world) Versions(_ context.Context, arn string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.versions[arn]), nil
}

func (w *world) Rights(context.Context, []provision.Call) (account.Rights, error) {
	return account.Rights{}, nil
}

func (w *world) Settle(_ context.Context, _ []provision.Call, agree int, tell func(int)) error {
	tell(agree)
	return nil
}

// Do has the effect that the call has on paper.
func (w *world) Do(_ context.Context, c provision.Call) (account.Result, error) {
	w.instant("before %s", c.Operation())
	res, err := w.do(c)
	w.instant("after %s", c.Operation())
	if err == nil && w.failing != nil {
		err = w.failing(c)
	}
	return res, err
}

func (w *world) do(c provision.Call) (account.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Action == "iam:SetDefaultPolicyVersion" {
		p := w.inv.Policy(c.Param("PolicyArn"))
		var n int
		if _, err := fmt.Sscanf(c.Param("VersionId"), "v%d", &n); err != nil || p == nil {
			return account.Result{}, &account.Error{Code: "NoSuchEntity", Op: c.Operation()}
		}
		p.Document, p.Version = w.versions[p.ARN][n-1], c.Param("VersionId")
		return account.Result{}, nil
	}
	if err := w.inv.Apply(c); err != nil {
		var effect *provision.EffectError
		if errors.As(err, &effect) {
			return account.Result{}, &account.Error{Code: effect.Code, Op: c.Operation(), Why: effect.What}
		}
		return account.Result{}, err
	}
	switch c.Action {
	case "iam:CreatePolicy":
		w.versions[c.Resource] = []string{c.Param("PolicyDocument")}
	case "iam:CreatePolicyVersion":
		w.versions[c.Resource] = append(w.versions[c.Resource], c.Param("PolicyDocument"))
		w.inv.Policy(c.Resource).Version = fmt.Sprintf("v%d", len(w.versions[c.Resource]))
		return account.Result{Version: w.inv.Policy(c.Resource).Version}, nil
	case "iam:CreateAccessKey":
		return account.Result{Key: w.newKey()}, nil
	}
	return account.Result{}, nil
}

// newKey names the key that was made last and gives it a secret.
func (w *world) newKey() *provision.Credentials {
	w.made++
	keys := w.inv.User.Keys
	id := fmt.Sprintf("AKIA%012d", w.made)
	keys[len(keys)-1].ID = id
	w.secrets[id] = fmt.Sprintf("secret-of-%d-that-nobody-else-may-see", w.made)
	return &provision.Credentials{User: w.inv.User.Name, KeyID: id, Secret: provision.NewSecret(w.secrets[id]), Region: w.inv.Place.Region}
}

// slot is the world's place: like a new file, it takes one secret.
type slot struct{ w *world }

var _ handover.Keeper = slot{}

func (s slot) String() string { return "the slot" }

func (s slot) Check(context.Context) error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.keptKey != "" {
		return errors.New("the slot is taken; empty it")
	}
	return nil
}

func (s slot) Put(_ context.Context, c provision.Credentials) error {
	s.w.instant("before the handover")
	s.w.mu.Lock()
	s.w.keptKey, s.w.keptSecret = c.KeyID, c.Secret.Reveal()
	s.w.mu.Unlock()
	s.w.instant("after the handover")
	return nil
}

func (s slot) Keeps(_ context.Context, _, keyID string) (bool, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.w.keptKey == keyID, nil
}

// clock runs: whatever is done later is later.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at
}

// process is one process in the world.
type process struct {
	w       *world
	journal *checklist.Journal
	clock   *clock
}

func (w *world) process(t failer) *process {
	t.Helper()
	p := &process{w: w, clock: &clock{at: time.Unix(1e9, 0)}}
	j, err := checklist.OpenJournal(w.dir, checklist.JournalOptions{
		Now:            p.clock.now,
		TestOnlyNoSync: true,
		TestOnlyFull:   w.full,
		TestOnlyHook:   func(at checklist.WritePoint) { w.instant("%s %s %s", at.Phase, at.Kind, at.Step) },
	})
	if err != nil {
		t.Fatalf("open the journal: %v", err)
	}
	p.journal = j
	return p
}

func (p *process) end(t failer) {
	t.Helper()
	if err := p.journal.Close(); err != nil {
		t.Fatalf("close the journal: %v", err)
	}
}

// failer is what testing and rapid have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func (p *process) keeping() migrate.Keeping {
	return migrate.Keeping{Journal: p.journal, Run: fmt.Sprintf("run-%d", len(p.journal.History().Runs)+1)}
}

func (p *process) resuming() migrate.Resuming {
	return migrate.Resuming{
		Journal: p.journal, Place: func(string) (handover.Place, error) { return slot{p.w}, nil },
		// Much later.
		Now: func() time.Time { return p.clock.now().Add(24 * time.Hour) },
	}
}

// install does what the same command does every time.
func (p *process) install(req migrate.InstallRequest) (*migrate.Install, error) {
	ctx := context.Background()
	req.Handover = "slot"
	var i *migrate.Install
	var err error
	if open := migrate.OpenRun(p.journal); open != nil {
		if err := migrate.SameRequest(open, req); err != nil {
			return nil, err
		}
		i, err = migrate.ResumeInstall(ctx, p.w, p.resuming())
	} else {
		var v *migrate.InstallPreview
		if v, err = migrate.PreviewInstall(ctx, p.w, req); err != nil || v.Plan.Empty() {
			return nil, err
		}
		i, err = migrate.NewInstall(v, p.w, slot{p.w}, p.keeping())
	}
	if err != nil {
		return nil, err
	}
	return i, p.carry(i)
}

type starter interface {
	Start(checklist.Options) (*checklist.Run, error)
}

func (p *process) carry(s starter) error {
	run, err := s.Start(checklist.Options{Now: p.clock.now})
	if err != nil {
		return err
	}
	return run.Do(context.Background())
}

func (p *process) undo() error {
	u, err := migrate.PreviewUndo(context.Background(), p.w, p.resuming(), p.keeping())
	if err != nil {
		return err
	}
	return p.carry(u)
}

// complete fails unless everything that was asked for is there, with one key
// whose secret is in the place, and no secret in the journal.
func (w *world) complete(t failer, req migrate.InstallRequest) {
	t.Helper()
	b, err := provision.NewBlueprint(req.Spec, w.inv.Place)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if left := provision.NewPlan(b, w.inv); !left.Empty() {
		t.Fatalf("still to be done: %s", left.Changes[0].Title)
	}
	keys := w.inv.User.Keys
	if len(keys) != 1 || !keys[0].Active || keys[0].ID != w.keptKey || w.keptSecret != w.secrets[w.keptKey] {
		t.Fatalf("keys %+v, and the place has %q", keys, w.keptKey)
	}
	w.sealed(t)
}

// sealed fails if a secret is in the state directory.
func (w *world) sealed(t failer) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.IsDir() {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for _, s := range w.secrets {
			if strings.Contains(string(text), s) {
				t.Fatalf("a secret is in %s", f)
			}
		}
	}
}

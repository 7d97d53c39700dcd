package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// machine is a cluster to which things happen in any order: the command is run
// and killed and run again, taken back, and others change the account in
// between.
type machine struct {
	t *rapid.T
	w *world
	// foreign is what others have put there, as calls that took effect.
	members, policies []string
	// theirs are keys that others made.
	theirs []string
}

const (
	publishers = "nullplatform-demo-asset-publishers"
	foreignDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`
)

// tolerated are the ways in which a run may stop without anything being wrong
// with it: it has seen what others did, and says so.
func tolerated(err error) bool {
	return err == nil || errors.As(err, new(*migrate.ChangedError)) || errors.As(err, new(*migrate.DoubtfulKeyError)) ||
		errors.As(err, new(*migrate.OpenRunError)) || errors.As(err, new(*migrate.ConsentError)) ||
		errors.As(err, new(*provision.BlockedError)) || errors.Is(err, migrate.ErrNothingToUndo)
}

// perhapsKilled runs a process, and goes on in the world as it was at one of
// its instants if it is to be killed.
func (m *machine) perhapsKilled(what string, run func(p *process) error) error {
	at := rapid.IntRange(0, 250).Draw(m.t, what+" is killed at instant")
	var mu sync.Mutex
	var dead *world
	n := 0
	m.w.at = func(string) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == at {
			dir, err := os.MkdirTemp(m.w.dir, "killed-*")
			if err == nil {
				dead, err = m.w.copyTo(dir)
			}
			if err != nil {
				m.t.Fatalf("copy the world: %v", err)
			}
		}
	}
	p := m.w.process(m.t)
	err := run(p)
	p.end(m.t)
	m.w.at = nil
	if dead != nil {
		m.w = dead
		return errKilled
	}
	return err
}

var errKilled = errors.New("killed")

// Install is the same command, time and again.
func (m *machine) Install(*rapid.T) {
	did := false
	err := m.perhapsKilled("install", func(p *process) error {
		i, err := p.install(request())
		did = i != nil
		return err
	})
	switch {
	case errors.Is(err, errKilled):
	case !tolerated(err):
		// A place that is taken is the one other reason.
		if m.w.keptKey == "" {
			m.t.Fatalf("install: %v", err)
		}
	case err == nil && did && len(m.theirs) == 0:
		m.w.complete(m.t, request())
	}
}

// NewPlan makes a new plan where the account has changed under a run.
func (m *machine) NewPlan(*rapid.T) {
	err := m.perhapsKilled("new plan", func(p *process) error {
		if open := migrate.OpenRun(p.journal); open == nil || open.Begin.Job != "install" {
			return nil
		}
		i, err := migrate.ReplanInstall(context.Background(), p.w, p.resuming())
		if err != nil {
			return err
		}
		if i.Refusal() != nil {
			return nil
		}
		return p.carry(i)
	})
	if !errors.Is(err, errKilled) && !tolerated(err) && m.w.keptKey == "" {
		m.t.Fatalf("new plan: %v", err)
	}
}

// Undo takes the last run back. The person then throws the dead secret away.
func (m *machine) Undo(*rapid.T) {
	err := m.perhapsKilled("undo", func(p *process) error { return p.undo() })
	if errors.Is(err, errKilled) {
		return
	}
	if !tolerated(err) {
		m.t.Fatalf("undo: %v", err)
	}
	if _, alive := m.key(m.w.keptKey); !alive {
		m.w.keptKey, m.w.keptSecret = "", ""
	}
}

func (m *machine) key(id string) (provision.Key, bool) {
	if m.w.inv.User == nil {
		return provision.Key{}, false
	}
	i := slices.IndexFunc(m.w.inv.User.Keys, func(k provision.Key) bool { return k.ID == id })
	if i < 0 {
		return provision.Key{}, false
	}
	return m.w.inv.User.Keys[i], true
}

// ForeignMember puts somebody else into the group.
func (m *machine) ForeignMember(t *rapid.T) {
	g := m.w.inv.Group(publishers)
	if g == nil || len(m.members) > 2 {
		t.Skip("there is no group")
	}
	name := fmt.Sprintf("somebody-%d", len(m.members))
	g.Members = append(g.Members, name)
	m.members = append(m.members, name)
}

// ForeignPolicy attaches somebody else's policy to the group.
func (m *machine) ForeignPolicy(t *rapid.T) {
	if m.w.inv.Group(publishers) == nil || len(m.policies) > 1 {
		t.Skip("there is no group")
	}
	name := fmt.Sprintf("theirs-%d", len(m.policies))
	for _, c := range []provision.Call{
		{Action: "iam:CreatePolicy", Resource: m.w.inv.Place.PolicyARN(name), Params: []provision.Param{{Name: "PolicyName", Value: name}, {Name: "PolicyDocument", Value: foreignDoc}}},
		{Action: "iam:AttachGroupPolicy", Params: []provision.Param{{Name: "GroupName", Value: publishers}, {Name: "PolicyArn", Value: m.w.inv.Place.PolicyARN(name)}}},
	} {
		if _, err := m.w.do(c); err != nil {
			t.Fatal(err)
		}
	}
	m.policies = append(m.policies, m.w.inv.Place.PolicyARN(name))
}

// ForeignKey makes another key for the build user, which somebody uses.
func (m *machine) ForeignKey(t *rapid.T) {
	if u := m.w.inv.User; u == nil || len(u.Keys) > 1 || len(m.theirs) > 0 {
		t.Skip("there is no room for a key")
	}
	if rapid.IntRange(0, 3).Draw(t, "rarely") > 0 {
		t.Skip("not now")
	}
	res, err := m.w.do(provision.Call{Action: "iam:CreateAccessKey", Params: []provision.Param{{Name: "UserName", Value: buildUser}}})
	if err != nil {
		t.Fatal(err)
	}
	keys := m.w.inv.User.Keys
	keys[len(keys)-1].LastUsed = &provision.LastUse{Service: "ecr"}
	m.theirs = append(m.theirs, res.Key.KeyID)
}

// Detached takes a grant away under the run's feet.
func (m *machine) Detached(t *rapid.T) {
	g := m.w.inv.Group(publishers)
	if g == nil || len(g.Attached) == 0 {
		t.Skip("nothing is attached")
	}
	arn := rapid.SampledFrom(g.Attached).Draw(t, "policy").ARN
	if slices.Contains(m.policies, arn) {
		t.Skip("that one is theirs")
	}
	if _, err := m.w.do(provision.Call{Action: "iam:DetachGroupPolicy", Params: []provision.Param{{Name: "GroupName", Value: publishers}, {Name: "PolicyArn", Value: arn}}}); err != nil {
		t.Fatal(err)
	}
}

// Check holds the laws after everything that happens.
func (m *machine) Check(t *rapid.T) {
	inv := m.w.inv
	for _, name := range m.members {
		if g := inv.Group(publishers); g == nil || !slices.Contains(g.Members, name) {
			t.Fatalf("the foreign member %s is gone", name)
		}
	}
	for _, arn := range m.policies {
		g := inv.Group(publishers)
		if inv.Policy(arn) == nil || g == nil || !slices.ContainsFunc(g.Attached, func(a provision.AttachedPolicy) bool { return a.ARN == arn }) {
			t.Fatalf("the foreign policy %s is gone", arn)
		}
	}
	for _, id := range m.theirs {
		if _, there := m.key(id); !there {
			t.Fatalf("the foreign key %s is gone", id)
		}
	}
	if inv.User != nil {
		ours := len(inv.User.Keys) - len(m.theirs)
		if ours > 1 {
			t.Fatalf("%d keys of this run are live: %+v", ours, inv.User.Keys)
		}
	}
	m.w.sealed(t)
}

// The laws hold after any sequence of installing, being killed, going on,
// taking back, and changes by others.
func TestAnythingMayHappen(t *testing.T) {
	sandboxtest.Draws(t, 40)
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "world-*")
		if err != nil {
			t.Fatal(err)
		}
		w := freshWorldIn(dir)
		if rapid.Bool().Draw(t, "the user was there") {
			w.inv.User = &provision.User{Name: buildUser, ARN: w.inv.Place.UserARN(buildUser), ID: "AIDA1", Path: "/"}
		}
		t.Repeat(rapid.StateMachineActions(&machine{t: t, w: w}))
	})
}

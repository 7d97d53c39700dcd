package crashtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// machines is how many operators an account has, each with a key of its own,
// by which the machines are told apart.
const machines = 2

// World is an emulated account and the machines from which it is worked on.
type World struct {
	// Account is the account.
	Account *sandbox.Sandbox
	// Before is what was in it before anything was run.
	Before sandbox.Snapshot

	t testing.TB
	// keys are the operators', toolKeys those with which each has the tool
	// work: so it can be told who makes a call.
	keys, toolKeys []sandbox.Key
	// canary plays CI all the while, in a world with a root.
	canary   *tofutest.Canary
	mu       sync.Mutex
	machines map[string]*Machine
}

// NewWorld fills an account as the job wants it. It lives as long as the test.
func NewWorld(t testing.TB, job Job) *World {
	t.Helper()
	w := &World{t: t, machines: map[string]*Machine{}, canary: &tofutest.Canary{}}
	w.Account = sandboxtest.Start(t, sandbox.Options{
		Scenario: job.Scenario, Platform: job.Platform, Hook: w.hook,
		Seeding: func(s *sandbox.Seed) error {
			for n := range machines {
				name := fmt.Sprintf("operator-%d", n+1)
				s.User(name, sandbox.Days(300))
				s.Attach(directory.Users, name, sandbox.AdministratorAccess)
				w.keys = append(w.keys, s.Key(name, sandbox.Days(300)))
				w.toolKeys = append(w.toolKeys, s.Key(name, sandbox.Days(200)))
			}
			neighbours(s)
			return nil
		},
	})
	w.Before = w.Account.Peek()
	return w
}

// neighbours are other people's things, with names that are close to ours.
func neighbours(s *sandbox.Seed) {
	s.User("ana", sandbox.Days(700))
	s.Key("ana", sandbox.Days(100))
	s.Login("ana", sandbox.Days(700))
	s.Inline(directory.Users, "ana", "own-keys", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"*"}]}`)
	s.Group("developers", sandbox.Days(700))
	s.Join("ana", "developers")
	s.Attach(directory.Groups, "developers", sandbox.ReadOnlyAccess)
	// The same identity for another cluster.
	s.User("nullplatform-demo2-build-workflow-user", sandbox.Days(90))
	s.Key("nullplatform-demo2-build-workflow-user", sandbox.Days(90))
	s.Group("nullplatform-demo2-asset-publishers", sandbox.Days(90))
	s.Join("nullplatform-demo2-build-workflow-user", "nullplatform-demo2-asset-publishers")
	arn := s.Policy("nullplatform-demo2-s3-policy", "", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo-other/*"}]}`, sandbox.Days(90))
	s.Attach(directory.Groups, "nullplatform-demo2-asset-publishers", arn)
	s.Role("nullplatform-demo2-application-role", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::283477532906:role/nullplatform"}}]}`, sandbox.Days(90))
}

// Machine is the next machine of the world, with an operator's key, a home and
// a state directory of its own.
func (w *World) Machine() *Machine {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.machines) == len(w.keys) {
		w.t.Fatalf("there are no more than %d machines", len(w.keys))
	}
	m := newMachine(w.t, w.Account, w.keys[len(w.machines)])
	m.toolKey = w.toolKeys[len(w.machines)]
	w.machines[m.key.ID] = m
	return m
}

// byKey reports whether a call is the only machine's although no operator signed
// it: nullplatform's, and what the build user's key does with objects.
func (w *World) byKey(e sandbox.Entry) bool {
	object := e.Service == "s3" && strings.HasSuffix(e.Action, "Object")
	return len(w.machines) == 1 && (e.Service == "platform" || object)
}

// hook passes each call on to the machine that it came from.
func (w *World) hook(e sandbox.Entry, phase sandbox.Phase) {
	w.mu.Lock()
	m, byTool := w.machines[e.KeyID], false
	if i := slices.IndexFunc(w.toolKeys, func(k sandbox.Key) bool { return k.ID == e.KeyID }); i >= 0 {
		m, byTool = w.machines[w.keys[i].ID], true
	}
	if m == nil && w.byKey(e) {
		m = w.machines[w.keys[0].ID]
		// A job on a root writes nothing there but through the tool.
		byTool = m.root != nil && e.Service == "platform" && !sandboxtest.IsRead(e)
	}
	w.mu.Unlock()
	// It looks after a call too that is never answered.
	defer w.canary.Watch(e, phase)
	if m != nil {
		m.calls.met(e, phase, byTool)
	}
}

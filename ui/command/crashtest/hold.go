package crashtest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// MustHold fails the test unless the job is through on the machine: the
// account holds what an undisturbed run leads to, everything that was there
// before is as it was, exactly one key is there, the handover holds its secret
// and it works, nothing else anywhere holds a secret, and the same command once
// more finds nothing to do.
func (w *World) MustHold(m *Machine, job Job, want Standing) {
	w.t.Helper()
	w.MustBeSafe(m, job)
	w.mustEqual(want)
	key := w.mustHaveOneKey(m, job)
	w.mustLeaveNothing(m)
	before := len(sandboxtest.Writes(w.Account))
	again := m.RunHere(nil, job.Args...)
	if again.Code != 0 {
		w.t.Errorf("once more: %s", again)
	}
	if writes := sandboxtest.Writes(w.Account)[before:]; len(writes) > 0 {
		w.t.Errorf("once more, it writes %v", writes)
	}
	if key != w.mustHaveOneKey(m, job) {
		w.t.Error("once more, and the key is another one")
	}
	w.mustKeepSecrets(job, false)
}

// MustBeSafe fails the test unless what must hold at every moment does: what
// was there before is as it was, and no secret is where it must not be.
func (w *World) MustBeSafe(_ *Machine, job Job) {
	w.t.Helper()
	w.mustKeepWhatWas(job)
	w.mustKeepSecrets(job, true)
}

// mustEqual compares the account with the one that an undisturbed run led to.
func (w *World) mustEqual(want Standing) {
	w.t.Helper()
	if d := cmp.Diff(want, w.standing()); d != "" {
		w.t.Errorf("the account (-after an undisturbed run +now):\n%s", d)
	}
}

// mustKeepWhatWas compares every entity that was there before with what it is
// now, IDs and keys included. Of those that the job changes, who they are must
// be the same, and which keys they have.
func (w *World) mustKeepWhatWas(job Job) {
	w.t.Helper()
	was, is := without(w.Before, job.Removes), w.Account.Peek()
	for _, u := range was.Users {
		now, _ := is.User(u.Name)
		if slices.Contains(job.Changes, u.Name) {
			u, now = sandbox.User{ID: u.ID, Keys: u.Keys}, sandbox.User{ID: now.ID, Keys: now.Keys}
		}
		w.mustBe("user "+u.Name, unused(u), unused(now))
	}
	for _, g := range was.Groups {
		now, _ := is.Group(g.Name)
		if slices.Contains(job.Changes, g.Name) {
			g, now = sandbox.Group{ID: g.ID}, sandbox.Group{ID: now.ID}
		}
		w.mustBe("group "+g.Name, g, now)
	}
	for _, r := range was.Roles {
		now, _ := is.Role(r.Name)
		if slices.Contains(job.Changes, r.Name) {
			r, now = sandbox.Role{ID: r.ID}, sandbox.Role{ID: now.ID}
		}
		w.mustBe("role "+r.Name, r, now)
	}
	for _, p := range was.Policies {
		now, _ := is.Policy(p.Name)
		if slices.Contains(job.Changes, p.Name) {
			p, now = sandbox.Policy{ID: p.ID}, sandbox.Policy{ID: now.ID}
		}
		w.mustBe("policy "+p.Name, p, now)
	}
}

func (w *World) mustBe(what string, was, is any) {
	w.t.Helper()
	if d := cmp.Diff(was, is); d != "" {
		w.t.Errorf("%s is not what it was (-before +now):\n%s", what, d)
	}
}

// mustHaveOneKey fails unless the user of the job has exactly one key, active,
// whose secret is in the handover and opens the account. It gives its ID.
func (w *World) mustHaveOneKey(m *Machine, job Job) string {
	w.t.Helper()
	if job.User == "" {
		return ""
	}
	user, _ := w.Account.Peek().User(job.User)
	if len(user.Keys) != 1 || !user.Keys[0].Active {
		w.t.Errorf("%s has the keys %+v, want one that is active", job.User, user.Keys)
		return ""
	}
	id := user.Keys[0].ID
	secret, _ := w.Account.TestOnlySecret(id)
	text, err := w.handedOver(m, job)
	if err != nil || !strings.Contains(text, id) || !strings.Contains(text, secret) {
		w.t.Errorf("the handover does not hold %s with its secret (%v)", id, err)
		return id
	}
	who, err := sandboxtest.Caller(w.t.Context(), w.Account, sandbox.Key{ID: id, Secret: secret})
	if err != nil || who != user.ARN {
		w.t.Errorf("the key that was handed over is that of %q, want %q (%v)", who, user.ARN, err)
	}
	return id
}

// handedOver is what the place for the secret holds.
func (w *World) handedOver(m *Machine, job Job) (string, error) {
	if !job.Registered {
		text, err := os.ReadFile(m.Path(job.Handover))
		return string(text), err
	}
	for _, c := range w.Account.Platform().Configurations() {
		if c.Slug == "ecr" {
			return c.Attributes["ci.access_key"] + " " + c.Attributes["ci.secret_key"], nil
		}
	}
	return "", errors.New("ECR is not registered")
}

// mustLeaveNothing fails when a draft of a handover is left that holds
// anything. That of a trial, which a kill left behind, holds empty lines.
func (w *World) mustLeaveNothing(m *Machine) {
	w.t.Helper()
	for _, path := range m.drafts() {
		text, err := os.ReadFile(path)
		if err != nil || strings.Trim(string(text), "\n") != "" {
			w.t.Errorf("a draft is left behind: %s (%v)", path, err)
		}
	}
}

// drafts are the drafts of handovers in the machine's directory.
func (m *Machine) drafts() []string {
	found, err := filepath.Glob(m.Path(".slipway-*"))
	if err != nil {
		m.t.Error(err)
	}
	return found
}

// mustKeepSecrets searches all that any machine has said or written. The draft
// of a handover may hold the secret while a run is not through.
func (w *World) mustKeepSecrets(job Job, drafts bool) {
	w.t.Helper()
	planted := sandboxtest.Plant(w.Account.TestOnlySecrets()...)
	for _, m := range w.machines {
		for _, e := range m.said() {
			if form := planted.In(e.String()); form != "" {
				w.t.Errorf("a secret is %s in what was said: %s", form, e)
			}
		}
		mayHold := append([]string{m.Path(job.Handover)}, m.root.mayHold(m)...)
		if drafts {
			mayHold = append(mayHold, m.drafts()...)
		}
		found, err := planted.InTree(m.Dir, mayHold...)
		if err != nil || len(found) > 0 {
			w.t.Errorf("secrets are in files: %v (%v)", found, err)
		}
	}
}

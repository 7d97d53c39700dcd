package checklist_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/ownfile"
	"github.com/nullplatform/slipway/provision/ownfile/ownfiletest"
)

func options() checklist.JournalOptions {
	return checklist.JournalOptions{Now: still, Holder: checklist.Holder{PID: 7, Host: "laptop", Command: "slipway install"}}
}

func openJournal(t testing.TB, dir string) *checklist.Journal {
	t.Helper()
	j, err := checklist.OpenJournal(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// journaled runs steps with a journal.
func journaled(j *checklist.Journal, steps ...checklist.Step) error {
	run, err := checklist.New(steps, checklist.Options{Now: still, Journal: j})
	if err != nil {
		return err
	}
	return run.Do(context.Background())
}

// effect is a step that changes one thing.
func effect(id string, result any, failure error) checklist.Step {
	return checklist.Step{ID: id, Title: id, Do: func(ctx context.Context, t *checklist.Task) error {
		return t.Effect(ctx, map[string]string{"call": id}, func(context.Context) (any, error) { return result, failure })
	}}
}

type refusal struct{}

func (refusal) Error() string { return "not allowed" }
func (refusal) Refused() bool { return true }

// What a run did is there for the next process, whatever came of it.
func TestAJournalTellsWhatWasDone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "demo")
	j := openJournal(t, dir)
	must(t, j.Begin(checklist.Begin{Run: "r1", Job: "install", Account: "1", Cluster: "demo"}, []string{"the plan"}))
	must(t, journaled(j, effect("made", map[string]string{"id": "X"}, nil)))
	for _, s := range []checklist.Step{effect("refused", nil, refusal{}), effect("lost", nil, errors.New("no answer"))} {
		if err := journaled(j, s); err == nil {
			t.Errorf("step %s did not fail", s.ID)
		}
	}
	must(t, j.Close())

	h, err := checklist.ReadJournal(dir)
	must(t, err)
	p := h.Last()
	if p.Begin.Job != "install" || string(p.Plans[0]) != `["the plan"]` || !p.Steps["made"] || p.Steps["lost"] {
		t.Errorf("past = %+v", p)
	}
	var got []string
	for _, e := range p.Effects {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", e.Step, e.State, e.Intent, e.Result, e.Error))
	}
	want := []string{
		`made done {"call":"made"} {"id":"X"} `,
		`refused not done {"call":"refused"}  not allowed`,
		`lost open {"call":"lost"}  no answer`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("effects (-want +got):\n%s", d)
	}
	if open := p.Open(); len(open) != 1 || open[0].Step != "lost" {
		t.Errorf("open = %+v", open)
	}

	// The next process finds out and goes on in the same journal.
	j = openJournal(t, dir)
	must(t, j.Found(p.Effects[2].Seq, checklist.EffectDone, map[string]string{"id": "Y"}))
	must(t, j.End(checklist.OutcomeDone))
	if last := j.Past(); len(last.Open()) != 0 || last.Outcome != checklist.OutcomeDone || string(last.Effects[2].Result) != `{"id":"Y"}` {
		t.Errorf("after the finding: %+v", last)
	}
}

func TestAJournalIsForItsOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	j := openJournal(t, dir)
	must(t, j.Begin(checklist.Begin{}, nil))
	private := func(path string) {
		if others, err := ownfile.OthersMayRead(path); others || err != nil {
			t.Errorf("others may read %s: %v, %v", path, others, err)
		}
	}
	private(dir)
	private(filepath.Dir(dir))
	private(j.Path())
	ownfiletest.NotOnWine(t, "hands a directory's access list down to no file")
	private(filepath.Join(dir, "lock"))
	private(filepath.Join(dir, "holder.json"))
}

// The intent is on disk before the thing is done: at that moment another
// reader sees it.
func TestTheIntentIsThereBefore(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir)
	must(t, j.Begin(checklist.Begin{Run: "r"}, nil))
	must(t, journaled(j, checklist.Step{ID: "s", Do: func(ctx context.Context, task *checklist.Task) error {
		return task.Effect(ctx, "the call", func(context.Context) (any, error) {
			h, err := checklist.ReadJournal(dir)
			if err != nil {
				return nil, err
			}
			if open := h.Last().Open(); len(open) != 1 || string(open[0].Intent) != `"the call"` {
				return nil, fmt.Errorf("while it is done the journal says %+v", open)
			}
			return nil, nil
		})
	}}))
}

// A secret cannot get in, neither with an intent nor with a result, and what
// was to be done with it in the intent is not done.
func TestNoSecretGetsIntoAJournal(t *testing.T) {
	const secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00"
	dir := t.TempDir()
	j := openJournal(t, dir)
	must(t, j.Begin(checklist.Begin{Run: "r"}, nil))
	key := provision.Credentials{User: "u", KeyID: "AKIA", Secret: provision.NewSecret(secret)}
	done := false
	err := journaled(j, checklist.Step{ID: "intent", Do: func(ctx context.Context, task *checklist.Task) error {
		return task.Effect(ctx, key, func(context.Context) (any, error) { done = true; return nil, nil })
	}})
	if err == nil || done {
		t.Errorf("an intent with a secret: err %v, done %v", err, done)
	}
	if err := journaled(j, effect("result", &key, nil)); err == nil {
		t.Error("a result with a secret was taken")
	}
	if err := j.Begin(checklist.Begin{}, key); err == nil {
		t.Error("a plan with a secret was taken")
	}
	text, err := os.ReadFile(j.Path())
	must(t, err)
	if strings.Contains(string(text), secret) {
		t.Error("the secret is in the journal")
	}
	if open := j.Past(); open == nil {
		t.Error("the journal is broken")
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir)
	_, err := checklist.OpenJournal(dir, options())
	var locked *checklist.LockedError
	if !errors.As(err, &locked) || locked.Holder.PID != 7 {
		t.Fatalf("err = %v", err)
	}
	for _, say := range []string{"slipway install", "process 7 on laptop", "since 1970", "nothing was changed"} {
		if !strings.Contains(err.Error(), say) {
			t.Errorf("%q does not say %q", err, say)
		}
	}
	if h, held := checklist.ReadHolder(dir); !held || h.Command != "slipway install" {
		t.Errorf("holder = %+v, %v", h, held)
	}
	must(t, j.Close())
	if _, held := checklist.ReadHolder(dir); held {
		t.Error("it is still held after its end")
	}
	again, err := checklist.OpenJournal(dir, options())
	must(t, err)
	must(t, again.Close())
}

// written is a journal of one run, as text.
func written(t testing.TB, dir string) []byte {
	t.Helper()
	j, err := checklist.OpenJournal(dir, options())
	must(t, err)
	must(t, j.Begin(checklist.Begin{Run: "r", Job: "install"}, map[string]int{"changes": 2}))
	must(t, journaled(j, effect("a", "A", nil)))
	must(t, journaled(j, effect("b", nil, nil)))
	must(t, j.End(checklist.OutcomeDone))
	path := j.Path()
	must(t, j.Close())
	text, err := os.ReadFile(path)
	must(t, err)
	return text
}

// However much of the end is missing, the rest is read, opened and added to;
// what was complete is never lost.
func TestATornEndIsTolerated(t *testing.T) {
	dir := t.TempDir()
	text := written(t, dir)
	path := filepath.Join(dir, "journal.jsonl")
	for cut := 0; cut < len(text); cut += 3 {
		must(t, os.WriteFile(path, text[:cut], 0o600))
		j, err := checklist.OpenJournal(dir, options())
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		whole := strings.Count(string(text[:cut]), "\n")
		must(t, j.Begin(checklist.Begin{Run: "next"}, nil))
		must(t, j.Close())
		h, err := checklist.ReadJournal(dir)
		if err != nil || h.Last().Begin.Run != "next" {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		got, err := os.ReadFile(path)
		must(t, err)
		if lines := strings.Count(string(got), "\n"); lines != whole+2 {
			t.Fatalf("cut at %d: %d lines, want %d and two more", cut, lines, whole)
		}
	}
}

// Any change within what is complete is noticed, and the file is left as it
// is.
func TestADamagedJournalIsRefused(t *testing.T) {
	dir := t.TempDir()
	text := written(t, dir)
	path := filepath.Join(dir, "journal.jsonl")
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(text)-2).Draw(t, "at")
		with := rapid.Byte().Draw(t, "with")
		if text[at] == with || text[at] == '\n' {
			t.Skip("nothing is changed")
		}
		bad := append([]byte(nil), text...)
		bad[at] = with
		must2(t, os.WriteFile(path, bad, 0o600))
		_, err := checklist.OpenJournal(dir, options())
		var journal *checklist.JournalError
		if !errors.As(err, &journal) {
			t.Fatalf("byte %d from %q to %q: err = %v", at, text[at], with, err)
		}
		if left, _ := os.ReadFile(path); string(left) != string(bad) {
			t.Fatal("the damaged journal was changed")
		}
	})
}

func must2(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestJournalsThatCannotBeUsed(t *testing.T) {
	newer, err := json.Marshal(map[string]any{"v": checklist.JournalVersion + 1, "sum": "", "record": map[string]any{}})
	must(t, err)
	for _, tt := range []struct {
		why   string
		setUp func(t *testing.T, dir string) string
		says  []string
	}{
		{why: "a newer slipway may have done what this one cannot undo", setUp: func(t *testing.T, dir string) string {
			must(t, os.WriteFile(filepath.Join(dir, "journal.jsonl"), append(newer, '\n'), 0o600))
			return dir
		}, says: []string{"version 2", "use the slipway that wrote it", "nothing was changed"}},
		{why: "a line in the middle is gone", setUp: func(t *testing.T, dir string) string {
			lines := strings.SplitAfter(string(written(t, dir)), "\n")
			must(t, os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(lines[0]+strings.Join(lines[2:], "")), 0o600))
			return dir
		}, says: []string{"line 2 is damaged", "move it away", "nothing was changed"}},
		{why: "text of something else", setUp: func(t *testing.T, dir string) string {
			must(t, os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte("hello\n"), 0o600))
			return dir
		}, says: []string{"line 1 is damaged", "not JSON"}},
		{why: "the state directory is a file", setUp: func(t *testing.T, dir string) string {
			must(t, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600))
			return filepath.Join(dir, "x")
		}, says: []string{"XDG_STATE_HOME", "nothing was changed"}},
		{why: "the journal is read-only", setUp: func(t *testing.T, dir string) string {
			if os.Getuid() == 0 {
				t.Skip("SKIPPED ALOUD: root may write to every file")
			}
			ownfiletest.NotOnWine(t, "writes to read-only files when root runs it")
			path := filepath.Join(dir, "journal.jsonl")
			must(t, os.WriteFile(path, nil, 0o600))
			must(t, os.Chmod(path, 0o400))
			t.Cleanup(func() { _ = os.Chmod(path, 0o600) }) // Else it stays where it is.
			return dir
		}, says: []string{"XDG_STATE_HOME", "nothing was changed"}},
		{why: "the state directory is read-only", setUp: func(t *testing.T, dir string) string {
			if os.Getuid() == 0 || runtime.GOOS == "windows" {
				t.Skip("SKIPPED ALOUD: root may write everywhere, and so may anybody in a directory that is marked as read-only on Windows")
			}
			must(t, os.Chmod(dir, 0o500))
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			return dir
		}, says: []string{"XDG_STATE_HOME", "nothing was changed"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, err := checklist.OpenJournal(tt.setUp(t, t.TempDir()), options())
			var journal *checklist.JournalError
			if !errors.As(err, &journal) {
				t.Fatalf("err = %v", err)
			}
			for _, say := range tt.says {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("%q does not say %q", err, say)
				}
			}
		})
	}
}

// A disk that is full takes no intent, so nothing is done; it takes no result,
// so the intent stays open. Nothing is written after that.
func TestAFullDisk(t *testing.T) {
	for _, tt := range []struct {
		why      string
		fullAt   checklist.RecordKind
		wantDone bool
	}{
		{why: "no intent, no deed", fullAt: checklist.IntentRecord},
		{why: "the deed is done and stays open", fullAt: checklist.ResultRecord, wantDone: true},
	} {
		t.Run(tt.why, func(t *testing.T) {
			dir := t.TempDir()
			full := false
			o := options()
			var j *checklist.Journal
			o.TestOnlyHook = func(p checklist.WritePoint) {
				if p.Kind == tt.fullAt && p.Phase == checklist.BeforeWrite {
					full = true
					checklist.FillDiskTestOnly(j)
				}
			}
			j, err := checklist.OpenJournal(dir, o)
			must(t, err)
			defer func() { _ = j.Close() }()
			must(t, j.Begin(checklist.Begin{Run: "r"}, nil))
			done, later := false, false
			err = journaled(j,
				checklist.Step{ID: "s", Do: func(ctx context.Context, task *checklist.Task) error {
					return task.Effect(ctx, "x", func(context.Context) (any, error) { done = true; return nil, nil })
				}},
				checklist.Step{ID: "later", Needs: []string{"s"}, Do: func(context.Context, *checklist.Task) error { later = true; return nil }})
			var journal *checklist.JournalError
			if !errors.As(err, &journal) || !strings.Contains(err.Error(), "make room") || !full {
				t.Fatalf("err = %v", err)
			}
			if done != tt.wantDone || later {
				t.Errorf("done %v, later %v", done, later)
			}
			if err := j.End(checklist.OutcomeDone); err == nil {
				t.Error("a broken journal takes more")
			}
			h, err := checklist.ReadJournal(dir)
			must(t, err)
			if open := len(h.Last().Open()); (open == 1) != tt.wantDone || h.Last().Outcome != checklist.OutcomeOpen {
				t.Errorf("%d are open", open)
			}
		})
	}
}

// The hook sees every point of every write, in order.
func TestTheHookSeesEveryPoint(t *testing.T) {
	var got []string
	o := options()
	o.TestOnlyHook = func(p checklist.WritePoint) { got = append(got, fmt.Sprintf("%d %s %s", p.Seq, p.Kind, p.Phase)) }
	j, err := checklist.OpenJournal(t.TempDir(), o)
	must(t, err)
	defer func() { _ = j.Close() }()
	must(t, j.Begin(checklist.Begin{}, nil))
	want := []string{"1 begin before", "1 begin half", "1 begin written", "1 begin synced", "2 plan before", "2 plan half", "2 plan written", "2 plan synced"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("points (-want +got):\n%s", d)
	}
}

func TestAMemoryJournalAndNoJournal(t *testing.T) {
	j := checklist.MemoryJournal(time.Now)
	must(t, j.Begin(checklist.Begin{Run: "r"}, nil))
	must(t, journaled(j, effect("a", "A", nil)))
	if p := j.Past(); len(p.Effects) != 1 || !p.Steps["a"] {
		t.Errorf("past = %+v", p)
	}
	must(t, j.Close())
	must(t, journaled(nil, effect("a", "A", nil)))
}

package crashtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// RootEnd is what a job on a root leads to, without what is drawn anew each
// time.
type RootEnd struct {
	Account sandbox.Snapshot
	// Files are those of the configuration, and Holdings what the state holds.
	Files    map[string]string
	Holdings []string
}

// rootEnd is how account, configuration and state are now.
func (w *World) rootEnd(m *Machine) RootEnd {
	w.t.Helper()
	holdings, err := m.root.holdings()
	if err != nil {
		w.t.Errorf("the state cannot be read: %v", err)
	}
	files := m.root.files(w.t)
	for name, text := range files {
		files[name] = strings.ReplaceAll(text, m.Dir, "{dir}")
		if name == "backend.tf" {
			delete(files, name) // It has an address that is drawn anew.
		}
	}
	return RootEnd{Account: plain(w.Account.Peek()), Files: files, Holdings: holdings}
}

// RootCourse is an undisturbed run of a job on a root.
type RootCourse struct {
	Course
	// Before is what there was, and After what the run led to.
	Before, After RootEnd
}

// RunRoot carries a job on a root out undisturbed and checks that it holds
// what it must.
func RunRoot(t testing.TB, job Job) RootCourse {
	t.Helper()
	w, m := ready(t, job)
	course := RootCourse{Before: w.rootEnd(m)}
	var mu sync.Mutex
	writes, book := m.Path("writes"), m.Path("book")
	e := m.Start(func(_ *Process, c Call, phase sandbox.Phase) {
		mu.Lock()
		defer mu.Unlock()
		if phase == sandbox.Before {
			course.Calls = append(course.Calls, c)
		}
	}, []string{envWrites + "=" + writes, envToolBook + "=" + book}, job.Args...).Wait()
	if e.Code != job.Code {
		t.Fatalf("undisturbed: %s", e)
	}
	var err error
	if course.Writes, err = readWrites(writes); err != nil {
		t.Fatal(err)
	}
	commands, err := readBook(book)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, c := range commands {
		counts[c]++
		course.Steps = append(course.Steps, Step{Command: c, Nth: counts[c]}, Step{Command: c, Nth: counts[c], After: true})
	}
	course.After = w.rootEnd(m)
	if job.Code == 0 && !slices.ContainsFunc(job.Args, func(a string) bool { return a == "--patch" }) {
		w.mustPlanNothing(m)
	}
	w.mustHoldRoot(m, job, course.Before, course.After)
	return course
}

// RootPoints are the moments at which a job on a root is killed: before every
// call, after those that change something, at every write to the disk and every
// instant of the tool; and the tool itself at each of its calls that change
// something.
func (c RootCourse) RootPoints() []Point {
	var out []Point
	for _, p := range c.Points() {
		if p.Call == (Call{}) || p.Call.Writes || p.Phase == sandbox.Before {
			out = append(out, p)
		}
		if p.Call.ByTool && p.Call.Writes {
			p.TheTool = true
			out = append(out, p)
		}
	}
	return out
}

// mustHoldRoot fails the test unless the job is through: account,
// configuration and state are as after an undisturbed run, the key and its
// secret are those of before, CI was never denied, nothing private is left, and
// the same command once more changes nothing.
func (w *World) mustHoldRoot(m *Machine, job Job, before, after RootEnd) {
	w.t.Helper()
	w.mustBeSafeRoot(m, job, before, after)
	if job.Pipeline == "" && len(before.Holdings) > 0 && w.canary.Calls() == 0 && len(sandboxtest.Writes(w.Account)) > 0 {
		w.t.Error("the canary was never asked")
	}
	if d := cmp.Diff(after, w.rootEnd(m)); d != "" {
		w.t.Errorf("(-after an undisturbed run +now):\n%s", d)
	}
	w.mustLeaveNothing(m)
	w.mustLeaveNothingOfTheTool(m)
	again := m.RunHere(nil, job.Args...)
	if again.Code != job.Code {
		w.t.Errorf("once more: %s", again)
	}
	if d := cmp.Diff(after, w.rootEnd(m)); d != "" {
		w.t.Errorf("once more changes (-before +now):\n%s\n%s", d, again)
	}
}

// mustBeSafeRoot fails the test unless what must hold at every moment does:
// what others have is as it was, each file is the old one or the new one, the
// state holds the build user's key with its secret, and CI was never denied.
func (w *World) mustBeSafeRoot(m *Machine, job Job, before, after RootEnd) {
	w.t.Helper()
	w.mustKeepWhatWas(job)
	w.mustKeepSecrets(job, true)
	if d := w.canary.Denied(); len(d) > 0 {
		w.t.Errorf("CI was denied: %v", d)
	}
	for name, text := range w.rootEnd(m).Files {
		if name == job.Passing {
			continue
		}
		if text != before.Files[name] && text != after.Files[name] {
			w.t.Errorf("%s is neither the old file nor the new one:\n%s", name, text)
		}
	}
	for name := range before.Files {
		if _, there := m.root.files(w.t)[name]; !there && after.Files[name] != "" {
			w.t.Errorf("%s is gone", name)
		}
	}
	if _, err := os.Stat(filepath.Join(m.root.dir, stateFile+".backup")); job.Root.Contract != "" && (err != nil || len(m.root.state()) > 0) {
		w.mustHoldTheSecret(m)
	}
}

// mustPlanNothing fails the test unless the tool itself, without slipway, finds
// nothing to do.
func (w *World) mustPlanNothing(m *Machine) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), m.root.mould.kit.Tool.Path, "plan", "-detailed-exitcode", "-no-color", "-input=false")
	cmd.Dir, cmd.Env = m.root.dir, m.environ()
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Errorf("the tool's own plan: %v\n%s", err, out)
	}
}

// mustHoldTheSecret fails the test unless the state holds the key that the
// build user had at first, and its secret.
func (w *World) mustHoldTheSecret(m *Machine) {
	w.t.Helper()
	u, _ := w.Before.User(user)
	secret, _ := w.Account.TestOnlySecret(u.Keys[0].ID)
	text := m.root.state()
	s, err := tofu.ParseState(text)
	if err != nil {
		w.t.Errorf("the state cannot be read: %v", err)
		return
	}
	for _, r := range s.Resources {
		if r.Type == "aws_iam_access_key" && r.Values.Text("id") == u.Keys[0].ID && r.HasSecret() && strings.Contains(string(text), secret) {
			return
		}
	}
	w.t.Errorf("the state does not hold %s with its secret", u.Keys[0].ID)
}

// goOn runs until the tool of the killed run has ended and the job is through.
// While that tool goes on, a run may refuse, and has changed nothing then.
func goOn(t testing.TB, m *Machine, job Job, args []string) []Ended {
	t.Helper()
	first := m.Run(args...)
	if first.Code == job.Code || first.Code == 0 {
		m.awaitTool()
		return []Ended{first}
	}
	mustBeAStop(t, first)
	m.awaitTool()
	m.putBack(first)
	return []Ended{first, m.Run(args...)}
}

// putBack does what a run has told a person to do about what a killed tool has
// left: a lock, or a state that was cut short.
func (m *Machine) putBack(e Ended) {
	m.t.Helper()
	if held := regexp.MustCompile(`release the lock with force-unlock ([0-9a-f-]+)`).FindStringSubmatch(e.Stderr); held != nil {
		cmd := exec.CommandContext(m.t.Context(), m.root.mould.kit.Tool.Path, "force-unlock", "-force", held[1])
		cmd.Dir, cmd.Env = m.root.dir, m.environ()
		if out, err := cmd.CombinedOutput(); err != nil {
			m.t.Errorf("force-unlock: %v\n%s", err, out)
		}
	}
	if _, _, bare := strings.Cut(e.Stderr, "then remove it with: rm "); bare && m.root.mould.state == nil {
		if err := os.Remove(filepath.Join(m.root.dir, stateFile)); err != nil {
			m.t.Error(err)
		}
	}
	_, rest, cut := strings.Cut(e.Stderr, "put the tool's copy back with: cp ")
	if !cut {
		return
	}
	paths := strings.Fields(strings.Split(rest, ";")[0])
	text, err := os.ReadFile(paths[0])
	if err == nil {
		err = os.WriteFile(paths[1], text, 0o600)
	}
	if err != nil {
		m.t.Error(err)
	}
}

// KillRootAndGoOn kills the job at the point in a world of its own, goes on
// with the same command or by resume, and checks that all is as after an
// undisturbed run.
func KillRootAndGoOn(t *testing.T, job Job, course RootCourse, p Point, resume bool) {
	t.Helper()
	w, m := ready(t, job)
	cut := m.Kill(t, p, job.Args...)
	if !p.goesOn() {
		w.mustBeSafeRoot(m, job, course.Before, course.After)
	}
	args := job.Args
	if resume && len(w.Account.Log()) > 0 && m.begun() {
		args = append([]string{"resume", "--cluster", "demo", "--yes"}, LogArgs()...)
	}
	runs := goOn(t, m, job, args)
	if last := runs[len(runs)-1]; last.Code != job.Code {
		t.Errorf("it does not go on: %s", last)
	}
	w.mustHoldRoot(m, job, course.Before, course.After)
	if t.Failed() {
		t.Logf("%s\nand then\n%v", cut, runs)
	}
}

// goesOn reports whether the tool is at work after a kill at the point: its
// files change then while they are looked at.
func (p Point) goesOn() bool { return !p.TheTool && (p.Call.ByTool || p.Step != (Step{})) }

// begun reports whether a run is open in the machine's journal.
func (m *Machine) begun() bool {
	m.t.Helper()
	e := m.RunHere(nil, "status", "--cluster", "demo")
	return strings.Contains(e.Stdout, "open")
}

// KillRootAndTakeBack kills the job at the point in a world of its own and
// undoes it. Then account, configuration and state are as they were. An apply
// that was cut off is finished first, as undo tells to; what an install has
// made through the modules stays, and the install is finished.
func KillRootAndTakeBack(t *testing.T, job Job, course RootCourse, p Point) {
	t.Helper()
	w, m := ready(t, job)
	runs := []Ended{m.Kill(t, p, job.Args...)}
	undo := append([]string{"undo", "--cluster", "demo", "--yes"}, LogArgs()...)
	// Killed at its last line, a run may be through, and is taken back as well.
	if m.begun() || strings.HasPrefix(p.Write.At, "journal end") {
		first := m.Run(undo...)
		runs = append(runs, first)
		m.awaitTool()
		m.putBack(first)
		switch {
		case strings.Contains(first.Stderr, "finish it with slipway resume"):
			resume := append([]string{"resume", "--cluster", "demo", "--yes"}, LogArgs()...)
			runs = append(append(runs, goOn(t, m, Job{}, resume)...), m.Run(undo...))
		case strings.Contains(first.Stderr, "emit is a run whose apply has begun"):
			goOn(t, m, job, job.Args)
			w.mustHoldRoot(m, job, course.Before, course.After)
			return
		case first.Code != 0:
			mustBeAStop(t, first)
			runs = append(runs, m.Run(undo...))
		}
		if last := runs[len(runs)-1]; last.Code != 0 {
			t.Errorf("it cannot be taken back: %s", last)
		}
	}
	m.awaitTool()
	// A group gets its old name back, and is the one that it was; a policy that
	// was deleted is made anew.
	back := Job{Root: job.Root, Handover: job.Handover, Changes: slices.Concat(job.Changes, job.Removes)}
	back.Removes = slices.DeleteFunc(slices.Clone(job.Removes), func(name string) bool { return !strings.HasSuffix(name, "-policy") })
	w.mustBeSafeRoot(m, back, course.Before, course.After)
	if d := cmp.Diff(course.Before, w.rootEnd(m)); d != "" {
		t.Errorf("it is not as it was (-before +now):\n%s", d)
	}
	w.mustLeaveNothing(m)
	w.mustLeaveNothingOfTheTool(m)
	if t.Failed() {
		t.Logf("%v", runs)
	}
}

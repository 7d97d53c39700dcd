package crashtest

import (
	"sync"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
)

// Job is a command line that is put through something, and what it starts
// from.
type Job struct {
	// Name is for people.
	Name string
	// Scenario is what the account holds at first, besides other people's
	// things.
	Scenario string
	// Platform is what nullplatform is like at first.
	Platform platform.Options
	// Root is a root configuration in "{dir}/root", nil for none. The job
	// runs the tool as "{dir}/bin/terraform".
	Root *Root
	// Passing is a file of the root that is there only while the job runs, "" for
	// none.
	Passing string
	// Prepare are command lines that are run before, undisturbed, and
	// PrepareCode is the exit code that they end with.
	Prepare     [][]string
	PrepareCode int
	// Pipeline is the patch, in the machine's directory, that a pipeline
	// applies before the job begins; "" for none.
	Pipeline string
	// Args is the command line; "{dir}" is the machine's directory.
	Args []string
	// Code is the exit code with which the job is through. A job that waits
	// for somebody else ends with that of an interruption.
	Code int
	// Changes are the names of entities that were there before and that the
	// job changes. They keep their IDs all the same.
	Changes []string
	// Removes are the names of entities that were there before and that the
	// job takes away.
	Removes []string
	// User is the user whose key the job makes or keeps; "" when no key of
	// the job's is to be left.
	User string
	// Handover is the file, in the machine's directory, that holds the
	// secret when the job is through.
	Handover string
	// Registered says that nullplatform holds the secret instead.
	Registered bool
}

// LogArgs make a run keep its log at the finest level, where it is searched
// for secrets.
func LogArgs() []string { return []string{"--log-file", "{dir}/run.log"} }

// ready is a new world with one machine, in which everything is prepared.
func ready(t testing.TB, job Job) (*World, *Machine) {
	t.Helper()
	w := NewWorld(t, job)
	m := w.Machine()
	w.plant(m, job)
	for _, args := range job.Prepare {
		if e := m.Run(args...); e.Code != job.PrepareCode {
			t.Fatalf("prepare: %s", e)
		}
	}
	m.runPipeline(job.Pipeline)
	w.Before = w.Account.Peek()
	w.Account.ClearLog()
	return w, m
}

// Course is an undisturbed run of a job: what it calls and writes, and what it
// leads to.
type Course struct {
	Calls  []Call
	Writes []Write
	// Steps are the instants of the tool's runs.
	Steps []Step
	// End is the world afterwards, without what is drawn anew each time.
	End Standing
}

// Run carries a job out undisturbed and checks that it holds what it must.
func Run(t testing.TB, job Job) Course {
	t.Helper()
	w, m := ready(t, job)
	var course Course
	var mu sync.Mutex
	writes := m.Path("writes")
	e := m.Start(func(p *Process, c Call, phase sandbox.Phase) {
		mu.Lock()
		defer mu.Unlock()
		if phase == sandbox.Before {
			course.Calls = append(course.Calls, c)
		}
		m.watchChildren(p)
	}, []string{envWrites + "=" + writes}, job.Args...).Wait()
	if e.Code != 0 {
		t.Fatalf("undisturbed: %s", e)
	}
	var err error
	if course.Writes, err = readWrites(writes); err != nil {
		t.Fatal(err)
	}
	course.End = w.standing()
	w.MustHold(m, job, course.End)
	return course
}

// writes is how many calls of the course change something.
func (c Course) writes() int {
	n := 0
	for _, call := range c.Calls {
		if call.Writes {
			n++
		}
	}
	return n
}

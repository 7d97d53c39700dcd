package crashtest_test

import (
	"sync"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// everything reports whether the whole matrices are asked for, with
// SLIPWAY_MATRIX=all; they take minutes. Without it, each run of the tests
// takes the points at which most is at stake and a sample of the others, always
// the same.
func everything() bool { return sandboxtest.Everything() }

// undisturbed are the courses of jobs, by their names.
var undisturbed sync.Map

// courseOf is the course of a job. All courses of one job are the same, so it
// is run once for all tests.
func courseOf(t *testing.T, job crashtest.Job) crashtest.Course {
	t.Helper()
	course, known := undisturbed.Load(job.Name)
	if !known {
		course = crashtest.Run(t, job)
		undisturbed.Store(job.Name, course)
	}
	return course.(crashtest.Course)
}

// report says how many there are of something and how many of them are met in
// this run.
func report(t *testing.T, what string, all, met int) {
	t.Helper()
	t.Logf("%s: %d points, %d of them in this run (SLIPWAY_MATRIX=all takes all)", what, all, met)
}

// sample takes one in so many. That number has no factor in common with how
// many points a call, a write or a kind of fault has, so that the sample goes
// through all of them.
func sample[P any](all []P, oneIn int) []P {
	if everything() {
		return all
	}
	var out []P
	for n := 0; n < len(all); n += oneIn {
		out = append(out, all[n])
	}
	return out
}

// pick takes a sample of the points, and if asked to, every point at a call
// that changes something.
func pick(points []crashtest.Point, writes bool) []crashtest.Point {
	if everything() {
		return points
	}
	var must, others []crashtest.Point
	for _, p := range points {
		if p.Call.Writes && writes {
			must = append(must, p)
		} else {
			others = append(others, p)
		}
	}
	return append(must, sample(others, 167)...)
}

// some takes a sample of what can go wrong, and everything that can go wrong
// when the key is made.
func some(all []crashtest.Disturbance) []crashtest.Disturbance {
	if everything() {
		return all
	}
	var key, others []crashtest.Disturbance
	for _, d := range all {
		if d.Action == "iam:CreateAccessKey" {
			key = append(key, d)
		} else {
			others = append(others, d)
		}
	}
	return append(key, sample(others, 127)...)
}

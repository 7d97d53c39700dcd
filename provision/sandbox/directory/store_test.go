package directory_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// clock is a time that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func addGroup(t interface{ Fatal(...any) }, s *directory.Store, name string) {
	err := s.Change(func(st directory.State) (directory.State, error) {
		next, _, err := st.CreateGroup(directory.Group{Name: name, Path: "/"})
		return next, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func shows(s directory.State, group string) bool {
	_, err := s.Group(group)
	return err == nil
}

func TestWithoutLagEveryReadSeesTheLatest(t *testing.T) {
	s := directory.NewStore(directory.New("1"), 0, 0, newClock().now)
	addGroup(t, s, "g")
	for range 20 {
		if !shows(s.View(), "g") {
			t.Fatal("a read does not see the change")
		}
	}
}

func TestReadsFlapAndThenSettle(t *testing.T) {
	c := newClock()
	s := directory.NewStore(directory.New("1"), time.Second, 7, c.now)
	addGroup(t, s, "g")
	if !shows(s.Truth(), "g") {
		t.Error("the truth does not have the change")
	}
	if shows(s.View(), "g") {
		t.Error("a read sees the change at the very moment")
	}
	flaps, last := 0, false
	for range 100 {
		c.t = c.t.Add(10 * time.Millisecond)
		if now := shows(s.View(), "g"); now != last {
			flaps, last = flaps+1, now
		}
	}
	if flaps < 3 {
		t.Errorf("reads changed their mind %d times, want old and new to alternate", flaps)
	}
	for range 50 {
		if !shows(s.View(), "g") {
			t.Fatal("after the lag a read still shows the old state")
		}
	}
}

// Whatever happens when: a read never shows a change that a truth of its time
// did not have, never misses one that is older than the lag, and shows changes
// in order.
func TestLagIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		lag := time.Duration(rapid.IntRange(1, 5000).Draw(t, "lag")) * time.Millisecond
		s := directory.NewStore(directory.New("1"), lag, rapid.Uint64().Draw(t, "seed"), c.now)
		var made []time.Time
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			c.t = c.t.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "pause")) * time.Millisecond)
			if rapid.Bool().Draw(t, "change") {
				addGroup(t, s, "g"+strconv.Itoa(len(made)))
				made = append(made, c.t)
				continue
			}
			view, shown := s.View(), true
			for i, at := range made {
				is := shows(view, "g"+strconv.Itoa(i))
				if is && !shown {
					t.Fatalf("change %d is shown, and one before it is not", i)
				}
				if !is && c.t.Sub(at) > lag {
					t.Fatalf("change %d is %s old and not shown under a lag of %s", i, c.t.Sub(at), lag)
				}
				shown = is
			}
		}
	})
}

func TestTheSameSeedSpreadsTheSameWay(t *testing.T) {
	run := func() (out []bool) {
		c := newClock()
		s := directory.NewStore(directory.New("1"), time.Second, 42, c.now)
		addGroup(t, s, "g")
		for range 50 {
			c.t = c.t.Add(20 * time.Millisecond)
			out = append(out, shows(s.View(), "g"))
		}
		return out
	}
	a, b := run(), run()
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("read %d differs between two runs", i)
		}
	}
}

func TestFrozenReadsShowTheMoment(t *testing.T) {
	c := newClock()
	s := directory.NewStore(directory.New("1"), 0, 0, c.now)
	s.Freeze(time.Second)
	addGroup(t, s, "g")
	if shows(s.View(), "g") {
		t.Error("a frozen read sees the change")
	}
	c.t = c.t.Add(2 * time.Second)
	if !shows(s.View(), "g") {
		t.Error("a read is still frozen")
	}
}

func TestAFailedChangeLeavesNothing(t *testing.T) {
	s := directory.NewStore(directory.New("1"), 0, 0, newClock().now)
	addGroup(t, s, "g")
	err := s.Change(func(st directory.State) (directory.State, error) {
		next, _, err := st.CreateGroup(directory.Group{Name: "h", Path: "/"})
		if err != nil {
			return st, err
		}
		_, _, err = next.CreateGroup(directory.Group{Name: "g", Path: "/"})
		return next, err
	})
	if err == nil || shows(s.Truth(), "h") {
		t.Errorf("half of a failed change stayed, error %v", err)
	}
}

package view

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
)

// halfway is a list with a step in every state.
func halfway() ChecklistState {
	list := ChecklistState{Steps: []checklist.Step{
		{ID: "check-handover", Title: "Check the place for the secret"},
		{ID: "create-user", Title: "Create user nullplatform-demo-build-workflow-user"},
		{ID: "create-role", Title: "Create role nullplatform-demo-application-role"},
		{ID: "create-bucket", Title: "Create bucket demo-assets"},
		{ID: "settle", Title: "Wait until every reader sees the grants"},
		{ID: "create-key", Title: "Create the access key and hand it over"},
		{ID: "read-back", Title: "Read back and compare"},
	}}
	for _, e := range []checklist.Event{
		{Step: "check-handover", State: checklist.Running, Detail: "file creds.env"},
		{Step: "check-handover", State: checklist.Done, Took: 40 * time.Millisecond},
		{Step: "create-user", State: checklist.Running, Detail: "CreateUser"},
		{Step: "create-user", State: checklist.Done, Took: 412 * time.Millisecond},
		{Step: "create-role", State: checklist.Running, Detail: "CreateRole"},
		{Step: "create-role", State: checklist.Failed, Took: 3 * time.Second, Err: errors.New("create role nullplatform-demo-application-role: ops may not iam:CreateRole; allow it and run again\nsecond line")},
		{Step: "create-bucket", State: checklist.Running, Detail: "PutBucketEncryption"},
		{Step: "create-bucket", State: checklist.Failed, Took: 75 * time.Second, Err: checklist.ErrStopped},
		{Step: "settle", State: checklist.Running},
		{Step: "read-back", State: checklist.NotRun},
	} {
		list.Apply(e)
	}
	return list
}

func TestChecklistStateFollowsEvents(t *testing.T) {
	var list ChecklistState
	list.Steps = []checklist.Step{{ID: "a"}, {ID: "b"}}
	if _, running := list.Current(); running {
		t.Error("nothing has begun, but something runs")
	}
	list.Apply(checklist.Event{Step: "b", State: checklist.Running, Detail: "reading"})
	if now, running := list.Current(); !running || now.ID != "b" {
		t.Errorf("running is %q %t, want b", now.ID, running)
	}
	list.Apply(checklist.Event{Step: "b", State: checklist.Done, Took: time.Second})
	if list.Details["b"] != "reading" {
		t.Error("an event without a detail took the last one away")
	}
	if done, all := list.Count(); done != 1 || all != 2 {
		t.Errorf("%d of %d done, want 1 of 2", done, all)
	}
}

// Every state is told by a word as well as by its glyph, but for those that
// say something of their own.
func TestChecklistSaysStatesInWords(t *testing.T) {
	drawing := Checklist(NewCanvas(80, false, false), halfway())
	for _, word := range []string{"failed", "stopped", "running", "not run"} {
		if !strings.Contains(drawing, word) {
			t.Errorf("%q is nowhere in:\n%s", word, drawing)
		}
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0.0 s",
		40 * time.Millisecond:         "0.0 s",
		412 * time.Millisecond:        "0.4 s",
		59960 * time.Millisecond:      "1m 00s",
		75 * time.Second:              "1m 15s",
		61 * time.Minute:              "1h 01m",
		99*time.Hour + 59*time.Minute: "99h 59m",
		100 * time.Hour:               "days",
	} {
		if got := Took(d); got != want || len(got) > timeWidth {
			t.Errorf("Took(%v) = %q, want %q", d, got, want)
		}
	}
}

// Where it is narrow the title comes first, and states are still words.
func TestNarrowChecklist(t *testing.T) {
	steps := []checklist.Step{
		{ID: "a", Title: "Create user nullplatform-demo-build-workflow-user"},
		{ID: "b", Title: "Put the build user into the publishers group"},
		{ID: "c", Title: "Create the access key"},
		{ID: "d", Title: "Read back"},
		{ID: "e", Title: "Tell the platform"},
	}
	s := ChecklistState{Steps: steps}
	s.Apply(checklist.Event{Step: "a", State: checklist.Done, Detail: "CreateUser", Took: 1500 * time.Millisecond})
	s.Apply(checklist.Event{Step: "b", State: checklist.Running, Detail: "AddUserToGroup"})
	s.Apply(checklist.Event{Step: "c", State: checklist.Failed, Err: checklist.ErrStopped})
	s.Apply(checklist.Event{Step: "d", State: checklist.NotRun})
	s.Apply(checklist.Event{Step: "e", State: checklist.Asking})
	want := strings.Join([]string{
		"v Create user nullplatform-...    1.5 s",
		"* Put the build user into t...  running",
		"x Create the access key         stopped",
		"- Read back                     not run",
		"? Tell the platform             waiting",
	}, "\n")
	if got := Checklist(NewCanvas(39, false, false), s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

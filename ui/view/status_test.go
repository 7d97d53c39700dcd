package view

import (
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
)

// standings are runs of every state.
func standings() []RunStatus {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.Local)
	changes := []migrate.ChangeStatus{
		{ID: "create-user", Title: "Create user nullplatform-demo-build-workflow-user", State: checklist.EffectDone},
		{ID: "create-group", Title: "Create group nullplatform-demo-asset-publishers", State: checklist.EffectOpen},
		{ID: "create-key", Title: "Create the access key and hand it over", State: checklist.EffectNotDone},
	}
	run := func(cluster string, state migrate.RunState) RunStatus {
		return RunStatus{RunStatus: &migrate.RunStatus{
			Job: "install", Account: "123456789012", Cluster: cluster, State: state, Begun: at, Last: at.Add(time.Minute), Changes: changes,
		}}
	}
	open, done := run("demo", migrate.RunOpen), run("web", migrate.RunDone)
	open.Lost = []string{"AKIAIOSFODNN7EXAMPLE"}
	done.Key, done.Handover = "AKIAI44QH8DHBEXAMPLE", "file /home/me/creds.env"
	held := run("held", migrate.RunOpen)
	held.Holder = &checklist.Holder{PID: 7, Command: "slipway install", Since: at}
	return []RunStatus{open, done, held, run("back", migrate.RunUndoing), run("gone", migrate.RunUndone)}
}

func TestRunStatus(t *testing.T) {
	for size, c := range canvases() {
		t.Run(size, func(t *testing.T) { golden(t, StatusText(c, standings())+"\n") })
	}
	t.Run("markdown", func(t *testing.T) { golden(t, StatusMarkdown(standings())+"\n") })
}

// A run that somebody is at is not to be gone on with by anyone else.
func TestStatusOffersOnlyWhatCanBeDone(t *testing.T) {
	for _, r := range standings() {
		text := StatusText(NewCanvas(100, true, false), []RunStatus{r})
		resume, undo := strings.Contains(text, "slipway resume --cluster "+r.Cluster), strings.Contains(text, "slipway undo --cluster "+r.Cluster)
		want := map[string][2]bool{"demo": {true, true}, "web": {false, true}, "held": {}, "back": {false, true}, "gone": {}}[r.Cluster]
		if got := [2]bool{resume, undo}; got != want {
			t.Errorf("%s: resume and undo offered %v, want %v", r.Cluster, got, want)
		}
	}
}

// What only a person can do is told before it is their turn, and when it is.
func TestChecklistTellsWhoseTurnItIs(t *testing.T) {
	list := ChecklistState{Steps: []checklist.Step{
		{ID: "route", Title: "Choose the route", Kind: checklist.Decision},
		{ID: "merge", Title: "Merge the patch", Kind: checklist.Manual},
		{ID: "apply", Title: "Apply"},
	}}
	c := NewCanvas(80, true, false)
	for _, say := range []string{"asks you", "yours to do"} {
		if text := Checklist(c, list); !strings.Contains(text, say) {
			t.Errorf("%q is not in\n%s", say, text)
		}
	}
	list.Apply(checklist.Event{Step: "merge", State: checklist.Asking, Detail: "Merge the patch"})
	if text := Checklist(c, list); !strings.Contains(text, "? Merge the patch") || !strings.Contains(text, "waits for you") {
		t.Errorf("whose turn it is cannot be told from\n%s", text)
	}
	if now, ok := list.Current(); !ok || now.ID != "merge" {
		t.Errorf("the current step is %q, %v", now.ID, ok)
	}
}

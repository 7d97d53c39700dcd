package wizard

import "testing"

// flows are all flows, under the names of what makes them.
func flows(s *session) map[string]flow {
	return map[string]flow{
		"home": homeFlow(s), "install": installFlow(s), "resume": resumeFlow(s),
		"upgrade": upgradeFlow(s), "resume upgrade": resumeUpgradeFlow(s), "audit": auditFlow(s),
	}
}

// The router knows two screens by their type, wherever they stand; what only
// looks has neither.
func TestPlacesInTheFlow(t *testing.T) {
	for name, f := range flows(drive(t, freshAccount(), nil).s) {
		if name == "home" || name == "audit" {
			if all := len(f.screens); f.preview() != all || f.checklist() != all {
				t.Errorf("%s has its preview at %d and its checklist at %d, want both at %d, behind all", name, f.preview(), f.checklist(), all)
			}
			continue
		}
		if f.preview() >= f.checklist() || f.checklist() >= len(f.screens) {
			t.Fatalf("%s has its preview at %d and its checklist at %d of %d screens", name, f.preview(), f.checklist(), len(f.screens))
		}
		if _, ok := f.screens[f.preview()].(*preview); !ok {
			t.Errorf("%s: screen %d is %T", name, f.preview(), f.screens[f.preview()])
		}
		if _, ok := f.screens[f.checklist()].(*checklistScreen); !ok {
			t.Errorf("%s: screen %d is %T", name, f.checklist(), f.screens[f.checklist()])
		}
	}
}

// Every key that is shown does something, and none that is not shown does.
func TestOnlyEnabledKeysAreObeyed(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	before := d.frame() // The account is still asked for: there is nothing to say yes to.
	d.press("enter", "r", "x", "tab", "up")
	if got := d.frame(); got != before {
		t.Errorf("the frame was\n%s\nand is\n%s", before, got)
	}
}

// An answer to a question that was given up is not taken.
func TestLateAnswers(t *testing.T) {
	s := drive(t, freshAccount(), nil).s
	var e errand[int]
	e.start(s, nil)
	first := e.ticket
	e.start(s, nil)
	if _, ok := e.take(answerMsg[int]{ticket: first, value: 1}); ok {
		t.Error("the answer to the question before was taken")
	}
	second := e.ticket
	if got, ok := e.take(answerMsg[int]{ticket: second, value: 2}); !ok || got.value != 2 {
		t.Error("the answer was not taken")
	}
	if _, ok := e.take(answerMsg[int]{ticket: second, value: 3}); ok {
		t.Error("an answer was taken twice")
	}
}

func TestHelpIsText(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	d.until("enter yes, go on").press("?").has("Help:", "esc close help").press("?").lacks("Help:")
	d.press("enter", "space", "enter", "de?").lacks("Help:").has("f1 help")
	d.press("f1").has("Help:").press("esc").has("de?")
}

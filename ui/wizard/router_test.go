package wizard

import "testing"

// The router knows two screens by their place.
func TestPlacesInTheFlow(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	if _, ok := d.r.flow.screens[d.r.flow.preview].(*preview); !ok {
		t.Errorf("screen %d is %T", d.r.flow.preview, d.r.flow.screens[d.r.flow.preview])
	}
	if _, ok := d.r.flow.screens[d.r.flow.checklist].(*checklistScreen); !ok {
		t.Errorf("screen %d is %T", d.r.flow.checklist, d.r.flow.screens[d.r.flow.checklist])
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

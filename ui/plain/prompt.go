package plain

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// say writes lines. What comes from the account or was typed is made inert.
func (t *talk) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		// Who cannot be told anything any more cannot be told that either.
		_, _ = fmt.Fprintln(t.o.Output, view.Inert(strings.TrimRight(l, " ")))
	}
}

// title begins a stop: a blank line and what it is about.
func (t *talk) title(format string, args ...any) {
	t.say("")
	t.say(format, args...)
}

// open says what this is and how to get along.
func (t *talk) open() {
	t.say("slipway%s, in lines.", strings.TrimRight(" "+t.o.Start, " "))
	if t.o.Sandbox != "" {
		t.say("This is the built-in sandbox %s: nothing here is real.", t.o.Sandbox)
	}
	t.say("Answer each question and press enter. Type back for the question before, help for more, quit to leave.")
	t.say("Nothing is changed before you have seen the plan and typed yes.")
}

// generalHelp holds at every question.
const generalHelp = `Enter alone keeps what is there already, if there is something.
Type back to go to the question before. What you said is kept.
Type quit to leave. The end of the input leaves too.
Type "back", "help" or "quit" in double quotes if you mean it as an answer.`

// prompt asks for one line. The words that hold everywhere come back as errors
// or are answered here; the last word is told by quoted, for text that was
// written in double quotes and is meant as it is.
func (t *talk) prompt(ctx context.Context, label, help string) (text string, quoted bool, err error) {
	for {
		t.label(label)
		text, err := t.in.next(ctx)
		switch {
		case errors.Is(err, errNoText):
			t.wrong(err.Error())
			continue
		case err != nil:
			return "", false, err
		}
		switch strings.ToLower(text) {
		case "back":
			return "", false, errBack
		case "quit", "exit":
			return "", false, errLeft
		case "help", "?":
			if help != "" {
				t.say("%s", help)
			}
			t.say("%s", generalHelp)
			continue
		}
		if inner, ok := unquoted(text); ok {
			return inner, true, nil
		}
		return text, false, nil
	}
}

// label begins the line that is asked for.
func (t *talk) label(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprint(t.o.Output, view.Inert(text)+": ")
}

func unquoted(text string) (string, bool) {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text, false
	}
	return text[1 : len(text)-1], true
}

func (t *talk) wrong(why string) { t.say("Not taken: %s", why) }

// choose asks for one of several, by number. Without a default, chosen is
// negative.
func (t *talk) choose(ctx context.Context, options []string, chosen int, help string) (int, error) {
	for i, o := range options {
		t.say("%d. %s", i+1, o)
	}
	label := "Number"
	if chosen >= 0 {
		label = fmt.Sprintf("Number, or enter for %d", chosen+1)
	}
	for {
		text, _, err := t.prompt(ctx, label, help)
		if err != nil {
			return 0, err
		}
		if text == "" && chosen >= 0 {
			return chosen, nil
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(options) {
			return n - 1, nil
		}
		t.wrong(fmt.Sprintf("type a number from 1 to %d.", len(options)))
	}
}

// empties is the word that takes a value away.
const empties = "none"

// question asks one question until the answer is good.
func (t *talk) question(ctx context.Context, q ask.Question) error {
	t.title("%s. %s", q.Label, q.Hint())
	if q.Chooses() {
		return t.choice(ctx, q)
	}
	t.values(q)
	for {
		text, quoted, err := t.prompt(ctx, q.Label, t.helpFor(q))
		if err != nil {
			return err
		}
		before := q.Text()
		switch {
		case text == empties && !quoted:
			q.SetText("")
		case text != "" || quoted:
			q.SetText(t.known(q, text, quoted))
		case before == "" && q.Suggested != "":
			q.SetText(q.Suggested)
		}
		if t.accepted(q) {
			return nil
		}
		q.SetText(before)
	}
}

func (t *talk) choice(ctx context.Context, q ask.Question) error {
	var options []string
	for _, o := range q.Options {
		options = append(options, o.Text)
	}
	i, err := t.choose(ctx, options, q.Chosen(), "")
	if err == nil {
		q.Choose(i)
	}
	return err
}

// mostKnown is how many values are listed to choose from.
const mostKnown = 20

// values tells what there is and what can be chosen by number.
func (t *talk) values(q ask.Question) {
	if len(q.Known) > 0 {
		t.say("Type a name, or the number of one that the account has.")
	}
	for i, v := range q.Known[:min(len(q.Known), mostKnown)] {
		t.say("%d. %s", i+1, v)
	}
	if more := len(q.Known) - mostKnown; more > 0 {
		t.say("There are %d more, which can be typed.", more)
	}
	switch now := q.Text(); {
	case now != "" && q.Needed:
		t.say("It is %s. Enter keeps it.", now)
	case now != "":
		t.say("It is %s. Enter keeps it, and the word %s takes it away.", now, empties)
	case !q.Needed:
		t.say("Enter leaves it at %s.", q.Empty)
	}
}

// known gives the value that a number stands for, where values were listed.
func (t *talk) known(q ask.Question, text string, quoted bool) string {
	n, err := strconv.Atoi(text)
	if quoted || err != nil || n < 1 || n > min(len(q.Known), mostKnown) {
		return text
	}
	return q.Known[n-1]
}

// accepted tells what is wrong with a value, and whether it may stay.
func (t *talk) accepted(q ask.Question) bool {
	problems := q.Problems()
	if q.Needed && q.Text() == "" {
		t.wrong("this is needed.")
		return false
	}
	wrong := ask.Wrong(problems)
	for _, p := range problems {
		if p.Warning {
			t.say("Note: %s%s", ask.Sentence(p), way(p))
		} else {
			t.wrong(ask.Sentence(p) + way(p))
		}
	}
	return len(wrong) == 0
}

func way(p provision.Problem) string {
	if p.Way == "" {
		return ""
	}
	return " " + ask.UpperFirst(p.Way) + "."
}

func (t *talk) helpFor(q ask.Question) string {
	text := q.Hint()
	if len(q.Known) > 0 {
		text += "\nA number stands for the name in the list above. A name that is itself a number goes in double quotes."
	}
	return text
}

package ask

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// Question is one thing to be said: what it is called, what it holds, and what
// there is to say about it. It reads and writes the answers that it was made
// of.
type Question struct {
	// Name is the field's name, the same wherever it is asked.
	Name  string
	Label string
	// Empty is said of a value that was not given.
	Empty string
	// Placeholder shows what a value looks like.
	Placeholder string
	// Options are what can be chosen; nil for text.
	Options []Option
	// Hint says what the value is for, as things stand.
	Hint func() string
	// Suggested is what counts when nothing is typed; empty for nothing.
	Suggested string
	// Needed says that the value must not stay empty.
	Needed bool
	// Solid says that the value holds no spaces, ever.
	Solid bool
	// Known are values that were found, to choose from: in the account, unless
	// Of names what they are.
	Known []string
	Of    string

	problems func() []provision.Problem
	text     *string
	chosen   func() int
	choose   func(int)
}

// Option is one that can be chosen.
type Option struct{ Text string }

// Chooses reports whether the answer is one of several, and not text.
func (q Question) Chooses() bool { return q.Options != nil }

// Text is the value as text: what was typed, or the words of what was chosen.
func (q Question) Text() string {
	if q.text != nil {
		return *q.text
	}
	if i := q.chosen(); i >= 0 {
		return q.Options[i].Text
	}
	return ""
}

// SetText takes text without the spaces around it. It is for text only.
func (q Question) SetText(text string) { *q.text = strings.TrimSpace(text) }

// Pasted is what was meant by text that was copied from somewhere: on one line,
// and where a value holds no spaces, without those that came along. A long ARN
// that was broken into lines is whole again.
func (q Question) Pasted(text string) string {
	if q.Solid {
		return strings.Join(strings.Fields(text), "")
	}
	return strings.TrimSpace(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(text))
}

// Chosen is the place of the option that is chosen; -1 when none is.
func (q Question) Chosen() int { return q.chosen() }

// Choose takes the option at a place. It is for choices only.
func (q Question) Choose(i int) { q.choose(i) }

// Problems are what is wrong with the value, warnings among them.
func (q Question) Problems() []provision.Problem {
	if q.problems == nil {
		return nil
	}
	return q.problems()
}

// Matches are the known values that hold what was typed so far, and are not
// just that.
func (q Question) Matches() []string {
	var out []string
	for _, v := range q.Known {
		if v != *q.text && strings.Contains(v, *q.text) {
			out = append(out, v)
		}
	}
	return out
}

// choice makes a question with options, each standing for a value.
func choice[T comparable](name, label string, value *T, values []T, texts []string, hint func() string) Question {
	q := Question{Name: name, Label: label, Hint: hint}
	for _, t := range texts {
		q.Options = append(q.Options, Option{Text: t})
	}
	q.chosen = func() int { return slices.Index(values, *value) }
	q.choose = func(i int) { *value = values[i] }
	return q
}

package wizard

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/ui/view"
)

// field is one huh field in a form of its own. Moving between fields, going
// back, help and errors are the wizard's, because a form with several fields
// keeps the person in one that is not valid.
//
// The form's own commands are dropped: they blink, ask for the terminal's size
// and go to the next field, none of which is wanted here. So a field draws
// nothing on its own account, and a key has its whole effect at once.
type field struct {
	form  *huh.Form
	rows  int
	width int
}

// newField makes a form of a field that draws so many rows.
func newField(c view.Canvas, f huh.Field, rows int) *field {
	theme := formTheme(c)
	form := huh.NewForm(huh.NewGroup(f)).
		WithTheme(huh.ThemeFunc(func(bool) *huh.Styles { return theme })).
		WithKeyMap(formKeys()).
		WithShowHelp(false).
		WithShowErrors(false)
	form.Init()
	return &field{form: form, rows: rows}
}

// press gives the field a key or a paste.
func (f *field) press(msg tea.Msg) { f.form.Update(msg) }

// submit presses enter and reports whether the field is content with what it
// holds. Afterwards the field is of no use any more.
func (f *field) submit(enter tea.KeyPressMsg) bool {
	f.form.Update(enter)
	f.form.NextGroup()
	return f.form.State == huh.StateCompleted
}

// lines draws the field.
func (f *field) lines(width int) []string {
	if width != f.width {
		f.width = width
		f.form.WithWidth(width).WithHeight(f.rows)
		// A form draws itself anew only when it is told something.
		f.form.Update(nil)
	}
	lines := strings.Split(f.form.View(), "\n")
	return lines[:min(len(lines), f.rows)]
}

// formKeys leaves the fields only the keys that change their value.
func formKeys() *huh.KeyMap {
	none := key.NewBinding(key.WithDisabled())
	k := huh.NewDefaultKeyMap()
	k.Quit = none
	k.Input.AcceptSuggestion = none
	k.Select.Filter, k.Select.SetFilter, k.Select.ClearFilter = none, none, none
	k.MultiSelect.Filter, k.MultiSelect.SetFilter, k.MultiSelect.ClearFilter = none, none, none
	return k
}

// formTheme makes huh's fields look like the rest.
func formTheme(c view.Canvas) *huh.Styles {
	t := huh.ThemeBase(false)
	plain := lipgloss.NewStyle()
	cursor := c.Theme.Selected.SetString(c.Glyphs.Cursor + " ")
	box := func(mark string) lipgloss.Style { return plain.SetString("[" + mark + "] ") }

	f := &t.Focused
	f.Base, f.Card = plain, plain
	f.Title, f.Description = c.Theme.Title, c.Theme.Muted
	f.ErrorIndicator, f.ErrorMessage = plain, plain
	f.SelectSelector, f.MultiSelectSelector = cursor, cursor
	f.Option, f.UnselectedOption = plain, plain
	f.SelectedOption = c.Theme.Selected
	f.SelectedPrefix, f.UnselectedPrefix = box("x"), box(" ")
	f.TextInput = huh.TextInputStyles{
		Cursor: c.Theme.Accent, CursorText: plain, Placeholder: c.Theme.Muted, Prompt: plain, Text: plain,
	}
	t.Blurred = t.Focused
	return t
}

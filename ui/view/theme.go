package view

import "charm.land/lipgloss/v2"

// Theme is the styles of a drawing, named by what they mean. Normal text has
// none. Only the sixteen colours of the terminal's own palette are used, and
// faint in place of a grey, so that it reads on light and on dark.
type Theme struct {
	// Title is for headings.
	Title lipgloss.Style
	// Muted is for what may be passed over.
	Muted lipgloss.Style
	// Accent is for the one thing on a screen to look at.
	Accent lipgloss.Style
	// Added, Changed and Removed are for marks and their words.
	Added, Changed, Removed lipgloss.Style
	// Danger, Warning and Success are for how things stand.
	Danger, Warning, Success lipgloss.Style
	// Selected is for the row that the cursor is on.
	Selected lipgloss.Style
	// Key is for the names of keys to press.
	Key lipgloss.Style
}

// ColorTheme is the theme for terminals with colour.
func ColorTheme() Theme {
	plain := lipgloss.NewStyle()
	return Theme{
		Title:    plain.Bold(true),
		Muted:    plain.Faint(true),
		Accent:   plain.Foreground(lipgloss.Cyan),
		Added:    plain.Foreground(lipgloss.Green),
		Changed:  plain.Foreground(lipgloss.Yellow),
		Removed:  plain.Foreground(lipgloss.Red),
		Danger:   plain.Foreground(lipgloss.Red).Bold(true),
		Warning:  plain.Foreground(lipgloss.Yellow),
		Success:  plain.Foreground(lipgloss.Green),
		Selected: plain.Foreground(lipgloss.Cyan).Bold(true),
		Key:      plain.Bold(true),
	}
}

// PlainTheme leaves all text as it is.
func PlainTheme() Theme { return Theme{} }

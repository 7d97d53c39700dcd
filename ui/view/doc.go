// Package view draws the jobs for people and for programs: as text for a
// terminal, as Markdown for a pull request, as JSON for a pipe.
//
// All of it is pure: a preview or a result goes in, a string comes out. A
// [Canvas] says how wide the text may be, which glyphs there are and which
// styles. The rules that every drawing keeps:
//
//   - No line is wider than the canvas and none ends in a space. What does not
//     fit is wrapped, or cut with a visible mark. The exception is a command
//     that is to be copied: its words stay whole.
//   - No drawing begins or ends with an empty line, or ends in a line feed. A
//     drawing with nothing to say is the empty string.
//   - Text that comes from the account is made inert first: control
//     characters, escape sequences and marks that reorder or hide text come
//     out as visible escapes.
//   - Colour and weight repeat what a word or a glyph says already, so that
//     nothing is lost without them. Without colour there is no escape byte.
//   - There are no secrets here: the values that go in hold none.
package view

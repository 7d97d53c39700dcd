package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Inert gives text that does nothing to a terminal but stand there: what
// controls, reorders or hides text comes out as a visible escape such as \x1b
// or \u202e. Line feeds and tabs are escaped too; split lines first.
func Inert(s string) string {
	if strings.IndexFunc(s, active) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !active(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// active reports whether a rune is more than ink: controls, formats, spaces
// that look like others, and what renderers leave out.
func active(r rune) bool {
	return !unicode.IsPrint(r) ||
		unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

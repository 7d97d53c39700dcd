package view

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestInert(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"names of AWS come through", "nullplatform-demo_+=,.@-user", "nullplatform-demo_+=,.@-user"},
		{"letters of all scripts come through", "Größe 大 عربي", "Größe 大 عربي"},
		{"an escape sequence loses its escape", "\x1b[31mred", `\x1b[31mred`},
		{"the one-byte form of CSI too", "\u009b31m", `\u009b31m`},
		{"a line feed cannot forge a line", "a\nb\r\tc", `a\x0ab\x0d\x09c`},
		{"nothing is deleted behind one's back", "a\bb\x7f", `a\x08b\x7f`},
		{"text cannot be turned round", "a\u202eb\u2066c\u200f", `a\u202eb\u2066c\u200f`},
		{"nor be invisible", "a\u200bb\ufeffc\u00add", `a\u200bb\ufeffc\u00add`},
		{"a blank that is a letter to Unicode", "a\u3164b\uffa0", `a\u3164b\uffa0`},
		{"a space that is none", "a\u00a0b\u2028", `a\u00a0b\u2028`},
		{"variation selectors change widths", "\u2764\ufe0f", "\u2764" + `\ufe0f`},
		{"tag characters beyond 16 bits", "a\U000e0041", `a\U000e0041`},
		{"bytes that are no text", "a\xff\xc3", `a\xff\xc3`},
		{"the replacement character itself is text", "\ufffd", "\ufffd"},
	} {
		if got := Inert(c.in); got != c.want {
			t.Errorf("%s: Inert(%q) = %q, want %q", c.why, c.in, got, c.want)
		}
	}
}

func TestInertIsInertAndSettled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Inert(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text"))
		if i := strings.IndexFunc(once, active); i >= 0 {
			t.Fatalf("%q is active at %d", once, i)
		}
		if twice := Inert(once); twice != once {
			t.Fatalf("inert text changed again: %q, then %q", once, twice)
		}
	})
}

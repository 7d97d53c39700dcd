package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		why   string
		in    string
		width int
		want  []string
	}{
		{"nothing is one line", "", 5, []string{""}},
		{"words stay whole", "the build user", 9, []string{"the build", "user"}},
		{"a name breaks behind its punctuation", "arn:aws:iam::1:user/x", 14, []string{"arn:aws:iam::", "1:user/x"}},
		{"but not so early that a line is wasted", "a-bcdefghijklmnop", 8, []string{"a-bcdefg", "hijklmno", "p"}},
		{"a long word begins on a line of its own", "user abcdefghijkl", 6, []string{"user", "abcdef", "ghijkl"}},
		{"wide characters count twice", "大大大", 4, []string{"大大", "大"}},
		{"a character wider than the line still gets out", "大", 1, []string{"大"}},
		{"no width at all is one column", "ab", 0, []string{"a", "b"}},
	} {
		if d := cmp.Diff(c.want, wrap(c.in, c.width)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.why, d)
		}
	}
}

func TestWrapLosesNothingAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Inert(rapid.String().Draw(t, "text") + strings.Repeat("-x", rapid.IntRange(0, 40).Draw(t, "tail")))
		width := rapid.IntRange(2, 60).Draw(t, "width")
		lines := wrap(text, width)
		if got, want := strings.Join(lines, ""), text; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Fatalf("wrapped to %q from %q", got, want)
		}
		if i := slices.IndexFunc(lines, func(l string) bool { return ansi.StringWidth(l) > width }); i >= 0 {
			t.Fatalf("line %q is wider than %d", lines[i], width)
		}
	})
}

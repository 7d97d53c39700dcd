package wizard

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		why, text string
		width     int
		want      []string
	}{
		{"words stay whole", "one two three", 8, []string{"one two", "three"}},
		{"a hyphen is no place to break while the word fits", "take demo-credentials.env", 22, []string{"take", "demo-credentials.env"}},
		{
			"an ARN that is longer than a line breaks behind a mark",
			"arn:aws:iam::123456789012:user/operator", 30,
			[]string{"arn:aws:iam::123456789012:", "user/operator"},
		},
		{"line feeds are kept", "one\ntwo", 10, []string{"one", "two"}},
		{"what moves the cursor is shown", "a\x1b[2Jb", 20, []string{`a\x1b[2Jb`}},
		{"nothing is one line", "", 10, []string{""}},
	} {
		if diff := cmp.Diff(tc.want, wrap(tc.text, tc.width)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.why, diff)
		}
	}
}

func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z:/ -]{0,80}`).Draw(t, "text")
		width := rapid.IntRange(1, 50).Draw(t, "width")
		lines := wrap(text, width)
		for _, l := range lines {
			if ansi.StringWidth(l) > width {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
		got := strings.ReplaceAll(strings.Join(lines, ""), " ", "")
		if want := strings.ReplaceAll(text, " ", ""); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

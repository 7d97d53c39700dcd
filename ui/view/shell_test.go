package view

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuote(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"nothing is still a word", "", "''"},
		{"names and ARNs need no quotes", "arn:aws:iam::1:role/a_b+c=,.@-d", "arn:aws:iam::1:role/a_b+c=,.@-d"},
		{"zsh looks up commands behind a leading equals sign", "=ls", "'=ls'"},
		{"documents are quoted whole", `{"a":"$HOME"}`, `'{"a":"$HOME"}'`},
		{"a quote cannot end the quotes", "it's", `'it'\''s'`},
		{"a home directory stays unexpanded", "~/x", "'~/x'"},
		{"what acts on a terminal is written as bytes", "a\x1b'b\\", `$'a\033\'b\\'`},
	} {
		if got := quote(c.in); got != c.want {
			t.Errorf("%s: quote(%q) = %s, want %s", c.why, c.in, got, c.want)
		}
	}
}

// The shell is the judge: what it reads is what was meant.
func TestShellReadsWhatWasQuoted(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to read the words")
	}
	words := []string{"", " ", "*", "a b", "it's", `\`, `"`, "$(id)", "`id`", "!x", "#x", "a\nb", "ü", "~", "-n", hostileName, "\u202e7", "\x1b7"}
	out, err := exec.CommandContext(t.Context(), bash, "--norc", "-c", "printf '%s\\0' "+command(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(words, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")); d != "" {
		t.Errorf("read back (-want +got):\n%s", d)
	}
}

package plain

import (
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/ask"
)

// The input may end at every question: then nothing was changed, and that is
// said on a line of its own.
func TestInputEndsAtEveryQuestion(t *testing.T) {
	all := both()
	for n := range all {
		s := newScript(t, sandbox.Options{}, all[:n]...)
		_, err := s.run(nil)
		if !errors.Is(err, ask.ErrCancelled) {
			t.Errorf("after %d lines: got %v", n, err)
		}
		if got := sandboxtest.Writes(s.sb); len(got) != 0 {
			t.Errorf("after %d lines: %v", n, got)
		}
		if !strings.HasSuffix(s.text(), ": \nNothing has been changed.\n") {
			t.Errorf("after %d lines it ends with %q", n, s.text()[max(0, len(s.text())-80):])
		}
	}
}

// Text at the end of the input without a line feed is a line, and what it asks
// for is done.
func TestLastLineWithoutAnEnd(t *testing.T) {
	s := newScript(t, sandbox.Options{})
	_, err := Run(t.Context(), Options{Start: ask.InstallTask, Open: s.open, Input: strings.NewReader("1\n3"), Output: s})
	if !errors.Is(err, ask.ErrCancelled) {
		t.Errorf("got %v", err)
	}
	s.has("Cluster: ")
}

// Bad input is refused in words, and the question stands.
func TestBadInput(t *testing.T) {
	toDetails := []string{"1", "3"}
	toOptions := []string{"1", "3", "demo", "demo-assets", "1", "DIR/c.env", "2", ""}
	for _, tc := range []struct {
		why   string
		lines []string
		says  string
	}{
		{"no number", []string{"yes"}, "type a number from 1 to 3"},
		{"a number that is none of them", []string{"4"}, "type a number from 1 to 3"},
		{"zero", []string{"0"}, "type a number from 1 to 3"},
		{"a number below", []string{"-1"}, "type a number from 1 to 3"},
		{"more than a number holds", []string{"99999999999999999999"}, "type a number from 1 to 3"},
		{"nothing, where there is no default", []string{""}, "type a number from 1 to 3"},
		{"an arrow key", []string{"\x1b[A"}, "keys or bytes that are no text"},
		{"bytes that are no text", []string{"\xff\xfe"}, "keys or bytes that are no text"},
		{"a line that never ends", []string{strings.Repeat("x", 3*longest)}, "keys or bytes that are no text"},
		{"a direction override", []string{"1", "3", "de\u202emo"}, "keys or bytes that are no text"},
		{"a cluster without a name", append(toDetails, ""), "this is needed"},
		{"a cluster with spaces", append(toDetails, "de mo"), "has characters that IAM does not allow"},
		{"a cluster that makes names too long", append(toDetails, strings.Repeat("x", 60)), "Not taken: "},
		{"a bucket with capitals", append(toDetails, "demo", "Demo"), "Not taken: \"Demo\""},
		{"a bucket that is needed", append(toDetails, "demo", "none"), "this is needed"},
		{"a path with a tilde", append(toDetails, "demo", "demo-assets", "1", "~/c.env"), "begins with ~"},
		{"a recipient that is none", append(toDetails, "demo", "demo-assets", "2", "age1x"), "is not a whole public key"},
		{"a service with a space", append(toDetails, "demo", "demo-assets", "3", "a b"), "keyring service"},
		{"a manager that is no ARN", append(toOptions, "manager"), "Not taken: "},
		{"accounts that are too short", append(toOptions, "", "12"), "Not taken: "},
		{"a boundary that is no policy", append(toOptions, "", "", "arn:aws:iam::1:user/x"), "Not taken: "},
		{"a tag without a value", append(toOptions, "", "", "", "team"), "has no ="},
	} {
		s := newScript(t, sandbox.Options{}, tc.lines...)
		_, err := s.run(nil)
		if !errors.Is(err, ask.ErrCancelled) {
			t.Errorf("%s: got %v", tc.why, err)
		}
		said := s.text()
		asked := said[strings.LastIndex(strings.TrimSuffix(said, ": \nNothing has been changed.\n"), "\n")+1:]
		label, _, _ := strings.Cut(asked, ":")
		refusal := strings.LastIndex(said, "Not taken: ")
		if refusal < 0 || !strings.Contains(said[refusal:], tc.says) {
			t.Errorf("%s: it was not said that %q\n%s", tc.why, tc.says, said)
		}
		if strings.Count(said, "\n"+label+": ") < 2 {
			t.Errorf("%s: %s was not asked again\n%s", tc.why, label, said)
		}
	}
}

// A private key that was typed by mistake is not repeated.
func TestPrivateKeyIsNotRepeated(t *testing.T) {
	const key = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"
	s := newScript(t, sandbox.Options{}, "1", "1", "demo", "2", key, "help")
	if _, err := s.run(nil); !errors.Is(err, ask.ErrCancelled) {
		t.Errorf("got %v", err)
	}
	if n := strings.Count(s.text(), key); n != 1 { // What was typed itself.
		t.Errorf("it is there %d times\n%s", n, s.text())
	}
}

// Whatever is typed, it ends when the input does, and nothing is changed
// unless the word was the answer to the last question.
func TestNothingIsAppliedWithoutTheWord(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	dir := t.TempDir()
	anyLine := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "1", "1", "1", "2", "3", "4", "5", "back", "help", "no", "none", "demo", "demo-assets", "demo-new", "YES", "y", "yes ",
			"team=ci", "111122223333", `"1"`, `""`, `"`, "go on", "\x03", "\x1b", "\x00",
		}),
		rapid.String(),
	)
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(anyLine, 0, 25).Draw(rt, "lines")
		if rapid.Bool().Draw(rt, "straight") {
			lines = append([]string{"1", "3", "demo", "demo-assets", "1", "DIR/creds.env", "1"}, lines...)
		}
		s := &script{t: t, sb: sb, dir: dir, lines: withoutYes(lines)}
		out, err := s.run(nil)
		if !errors.Is(err, ask.ErrCancelled) || out.Applied {
			rt.Fatalf("got %v, applied %v", err, out.Applied)
		}
		if got := sandboxtest.Writes(sb); len(got) != 0 {
			rt.Fatalf("it made %v\n%s", got, s.text())
		}
		if text := s.text(); strings.ContainsAny(typedOut(text, s), "\x1b\x00\x03") {
			rt.Fatalf("control characters were said: %q", text)
		}
	})
}

// withoutYes leaves the word out, however it comes about: alone, within quotes,
// or as a line of its own within a longer text.
func withoutYes(lines []string) []string {
	var out []string
	for _, l := range lines {
		if !strings.Contains(l, "yes") {
			out = append(out, strings.ReplaceAll(l, "\n", " "))
		}
	}
	return out
}

// typedOut leaves out of a transcript what was typed.
func typedOut(text string, s *script) string {
	for _, l := range s.lines {
		if l != "" {
			text = strings.Replace(text, l+"\n", "\n", 1)
		}
	}
	return text
}

// One byte at a time is the same as a line at a time, for terminals differ.
func TestOneByteAtATime(t *testing.T) {
	s := newScript(t, sandbox.Options{})
	text := strings.ReplaceAll(strings.Join(both(), "\r\n")+"\r\n", "DIR", s.dir)
	out, err := Run(t.Context(), Options{Start: ask.InstallTask, Open: s.open, Input: oneByte{strings.NewReader(text)}, Output: s})
	if err != nil || out.Err != nil || !out.Applied {
		t.Errorf("got %v, %v\n%s", err, out.Err, s.text())
	}
}

type oneByte struct{ from io.Reader }

// Read gives a byte a call.
func (o oneByte) Read(p []byte) (int, error) { return o.from.Read(p[:1]) }

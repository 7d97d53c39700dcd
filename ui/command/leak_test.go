package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// tape remembers all that the runs of a script said, and where they were asked
// to put secrets.
type tape struct {
	said     []string
	mayHold  []string // files
	accounts []*sandbox.Sandbox
}

// record takes down a run that is over. What was printed because it was asked
// for by name may hold the secret.
func (t *tape) record(ts *testscript.TestScript, args []string) {
	t.said = append(t.said, "$ "+strings.Join(args, " "), ts.ReadFile("stderr"))
	place := handoverOf(args)
	if path, ok := strings.CutPrefix(place, "file:"); ok {
		t.mayHold = append(t.mayHold, ts.MkAbs(path))
	}
	if place != "stdout" {
		t.said = append(t.said, ts.ReadFile("stdout"))
	}
}

// handoverOf is the place that a command line names, "" for none. The command
// may be one that a shell runs.
func handoverOf(args []string) string {
	m := regexp.MustCompile(`--handover[ =]('[^']*'|\S+)`).FindStringSubmatch(strings.Join(args, " "))
	if m == nil {
		return ""
	}
	return strings.Trim(m[1], "'")
}

// search fails the test when a secret is anywhere but where it was to go: the
// secrets of all accounts of the script, and those that were handed over by an
// account in a run's own process.
func (t *tape) search(tb testing.TB, dir string) {
	var secrets []string
	for _, sb := range t.accounts {
		secrets = append(secrets, sb.TestOnlySecrets()...)
	}
	for _, path := range t.mayHold {
		secrets = append(secrets, secretsIn(path)...)
	}
	planted := sandboxtest.Plant(secrets...)
	for _, text := range t.said {
		if form := planted.In(text); form != "" {
			tb.Errorf("a secret is %s in what a run said:\n%s", form, text)
		}
	}
	found, err := planted.InTree(dir, t.mayHold...)
	if err != nil || len(found) > 0 {
		tb.Errorf("secrets are in files: %q (%v)", found, err)
	}
}

// secretsIn are the secrets of a handover file, in either of its forms.
func secretsIn(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // The run was refused, or had nothing to hand over.
	}
	var out []string
	for _, m := range regexp.MustCompile(`SECRET_ACCESS_KEY"?[=:] ?"?([A-Za-z0-9/+]{40})`).FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	return out
}

// A search that finds nothing because it looks at nothing is no proof.
func TestTheSearchOfScriptsFinds(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	secret := sb.Operator().Secret
	for why, hide := range map[string]func(dir string, tp *tape){
		"said":         func(_ string, tp *tape) { tp.said = []string{"key: " + secret} },
		"in the state": func(dir string, _ *tape) { put(t, filepath.Join(dir, "state", "journal"), secret) },
		"handed over twice": func(dir string, tp *tape) {
			other := strings.Repeat("x", 12) + "/" + strings.Repeat("y", 14) + "+" + strings.Repeat("z", 12)
			tp.mayHold = []string{filepath.Join(dir, "creds.env")}
			put(t, tp.mayHold[0], "BUILD_AWS_SECRET_ACCESS_KEY="+other+"\n")
			put(t, filepath.Join(dir, "copy"), other)
		},
	} {
		t.Run(why, func(t *testing.T) {
			dir := t.TempDir()
			tp := &tape{accounts: []*sandbox.Sandbox{sb}}
			hide(dir, tp)
			var heard listener
			if tp.search(&heard, dir); len(heard.errors) == 0 {
				t.Error("nothing was found")
			}
		})
	}
	if !slices.Equal(secretsIn(""), nil) {
		t.Error("a file that is not there holds secrets")
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// listener is a test that only takes note.
type listener struct {
	testing.TB
	errors []string
}

func (l *listener) Errorf(format string, _ ...any) { l.errors = append(l.errors, format) }

package tofutest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// World is a sandbox and root configurations that work on it.
type World struct {
	*Kit
	Sandbox *sandbox.Sandbox
	// Canary plays CI.
	Canary *Canary
	// Dir is the folder of the root; see [World.Another] for a second one.
	Dir string
	// Environ is the environment for the tool.
	Environ []string
	// Temp is where temporary files go.
	Temp string
}

// World starts a sandbox, fresh unless the options say otherwise, with a canary
// and an empty root.
func (k *Kit) World(t testing.TB, o sandbox.Options) *World {
	t.Helper()
	canary := &Canary{}
	o.Hook = canary.hook(o.Hook)
	sb := sandboxtest.Start(t, o)
	canary.Live(sb)
	w := k.Bare(t)
	w.Sandbox, w.Canary = sb, canary
	w.Environ = append(w.Environ, sb.Environment()...)
	return w
}

// Bare is a world without an account, for roots that need none.
func (k *Kit) Bare(t testing.TB) *World {
	t.Helper()
	w := &World{Kit: k, Dir: t.TempDir(), Temp: t.TempDir()}
	w.Environ = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc([]string{"AWS_", "TF_", "GIT_"}, func(p string) bool { return strings.HasPrefix(v, p) })
	})
	w.Environ = append(w.Environ,
		"HOME="+t.TempDir(), "TMPDIR="+w.Temp,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
	)
	w.Environ = append(w.Environ, k.environ...)
	return w
}

// Another is the same world with another root.
func (w *World) Another(t testing.TB) *World {
	t.Helper()
	o := *w
	o.Dir = t.TempDir()
	return &o
}

// Set sets a variable of the environment.
func (w *World) Set(name, value string) { w.Environ = append(w.Environ, name+"="+value) }

// Write writes a file of the root.
func (w *World) Write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.Dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Open opens the root. Tests set the options that they are about.
func (w *World) Open(t testing.TB, set ...func(*tofu.Options)) *tofu.Root {
	t.Helper()
	o := tofu.Options{Dir: w.Dir, Tool: w.Tool, Environ: w.Environ}
	for _, f := range set {
		f(&o)
	}
	r, err := tofu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Run runs the tool without the package under test and gives what it printed.
func (w *World) Run(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.Tool.Path, args...)
	cmd.Dir, cmd.Env = w.Dir, w.Environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", w.Tool, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Install writes the root of a contract and applies it, as somebody did once
// upon a time. The canary begins afterwards.
func (w *World) Install(t testing.TB, contract string, c Calls) {
	t.Helper()
	w.Write(t, "main.tf", w.Root(contract, c))
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	w.Canary.Begin(t)
}

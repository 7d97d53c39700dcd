package tofutest

import (
	"context"
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
}

// World starts a sandbox, fresh unless the options say otherwise, with a canary
// and an empty root.
func (k *Kit) World(t testing.TB, o sandbox.Options) *World {
	t.Helper()
	canary := &Canary{}
	o.Hook = canary.hook(o.Hook)
	sb := sandboxtest.Start(t, o)
	canary.start(sb)
	return &World{Kit: k, Sandbox: sb, Canary: canary, Dir: t.TempDir(), Environ: k.environ(t, sb)}
}

// Another is the same world with another root.
func (w *World) Another(t testing.TB) *World {
	t.Helper()
	o := *w
	o.Dir = t.TempDir()
	return &o
}

// environ is the process's environment, pointed at the sandbox and at the
// mirror. The published source of the modules leads to their copies here.
func (k *Kit) environ(t testing.TB, sb *sandbox.Sandbox) []string {
	out := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "TF_") || strings.HasPrefix(v, "GIT_")
	})
	out = append(out, sb.Environment()...)
	return append(out,
		"TF_CLI_CONFIG_FILE="+k.cliFile,
		"HOME="+t.TempDir(), "TMPDIR="+t.TempDir(),
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
	)
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
	cmd := exec.CommandContext(context.Background(), w.Tool.Path, args...)
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

package tofu_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

// A state file that was cut short is no root without a state: it is told, with
// the copy to put back, where the tool has made one.
func TestAStateThatWasCutShort(t *testing.T) {
	t.Parallel()
	w := tofutest.Tool(t, tofu.Terraform).Bare(t)
	w.Write(t, "main.tf", "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n")
	w.Run(t, "init", "-no-color", "-input=false")
	w.Run(t, "apply", "-no-color", "-input=false", "-auto-approve")
	path := filepath.Join(w.Dir, "terraform.tfstate")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		why, text, says string
		backup          bool
	}{
		{why: "empty", text: "", says: "then remove it with: rm " + path},
		{why: "half", text: string(whole[:len(whole)/2]), says: "then remove it with: rm " + path},
		{why: "empty, with a copy", text: "", backup: true, says: "cp " + path + ".backup " + path},
		{why: "half, with a copy", text: string(whole[:len(whole)/2]), backup: true, says: "cp " + path + ".backup " + path},
	} {
		w.Write(t, "terraform.tfstate", tt.text)
		if tt.backup {
			w.Write(t, "terraform.tfstate.backup", string(whole))
		}
		_, err := w.Open(t).PullState(t.Context())
		var cut *tofu.CutStateError
		if !errors.As(err, &cut) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v; want %q", tt.why, err, tt.says)
		}
	}
	// Another workspace has a file of its own, which was never there.
	for _, set := range [][2]string{{"TF_WORKSPACE", "prod"}, {"TF_DATA_DIR", "elsewhere"}} {
		o := *w
		o.Set(set[0], set[1])
		if set[0] == "TF_DATA_DIR" {
			o.Run(t, "workspace", "new", "staging")
		}
		if s, err := o.Open(t).PullState(t.Context()); err != nil || !s.Empty() {
			t.Errorf("another workspace by %s: %v", set[0], err)
		}
	}
	// Whole again, or never there, it is what it is.
	w.Write(t, "terraform.tfstate", string(whole))
	if s, err := w.Open(t).PullState(t.Context()); err != nil || s.Empty() {
		t.Errorf("a whole state: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s, err := w.Open(t).PullState(t.Context()); err != nil || !s.Empty() {
		t.Errorf("no state: %v", err)
	}
}

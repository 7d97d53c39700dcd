package command_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/ui/command"
)

// guardIn runs slipway guard with a world's environment.
func guardIn(w *tofutest.World, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = command.Run(context.Background(), append([]string{"guard"}, args...), command.Edge{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: append(w.Environ, "LANG=C.UTF-8"),
	})
	return code, out.String(), errs.String()
}

// A plan file is read by the tool that made it, in the root that it was made
// in, and by no other.
func TestGuardReadsPlanFiles(t *testing.T) {
	kit := tofutest.Tool(t, tofu.Terraform)
	w := kit.Bare(t)
	w.Write(t, "main.tf", "resource \"terraform_data\" \"a\" {\n  input = \"hunter2\"\n}\n")
	w.Run(t, "init")
	w.Run(t, "plan", "-out=plan.bin")
	plan := filepath.Join(w.Dir, "plan.bin")

	code, out, errs := guardIn(w, plan, "--dir", w.Dir, "--user-elsewhere")
	if code != 4 || !strings.Contains(out, "terraform_data.a") || strings.Contains(out+errs, "hunter2") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	code, out, errs = guardIn(w, plan, "--dir", w.Dir, "--user-elsewhere", "--allow", "terraform_data.a", "--tool", kit.Tool.Path)
	if code != 0 || !strings.Contains(out, "Nothing to refuse: 1 change is expected") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	w.Write(t, "broken.bin", "PK\x03\x04 and nothing else")
	code, out, errs = guardIn(w, filepath.Join(w.Dir, "broken.bin"), "--dir", w.Dir)
	if code != 1 || out != "" || !strings.Contains(errs, "Terraform show in") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	code, _, errs = guardIn(w, plan, "--dir", t.TempDir())
	if code != 1 || !strings.Contains(errs, "is not a root configuration") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	w.Set("PATH", t.TempDir())
	code, _, errs = guardIn(w, plan, "--dir", w.Dir)
	if code != 1 || !strings.Contains(errs, "Terraform was not found") || !strings.Contains(errs, "OpenTofu was not found") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}

package roottest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
)

const bareRoot = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n\nprovider \"aws\" {}\n"

// An install through the modules from the command line: shown, applied, nothing
// to do, and its secret only where it belongs.
func TestInstallThroughTheModules(t *testing.T) {
	w := empty(t)
	w.Write(t, "main.tf", bareRoot)
	args := []string{"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--emit", "tofu", "--tool", w.Tool.Path, "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0")}
	out, _ := slipway(t, w, 3, append(args, "--check")...)
	says(t, out, "1 file is written", "The secret of the key goes into the state", "16 actions gained")
	if _, err := os.Stat(filepath.Join(w.Dir, ".terraform")); err == nil {
		t.Error("--check has initialised the root")
	}
	out, errs := slipway(t, w, 0, append(args, "--yes")...)
	says(t, errs, "done     Apply exactly that plan")
	says(t, out, "Done: demo is installed", "the account is what the choices call for", "the state holds the key and its secret",
		"a fresh plan has nothing to do", "output -raw")
	u, _ := w.Sandbox.Peek().User(buildUser)
	if len(u.Keys) != 1 {
		t.Fatalf("the user is %+v", u)
	}
	secret, ok := w.Sandbox.TestOnlySecret(u.Keys[0].ID)
	if told := w.Run(t, "output", "-raw", "build_workflow_access_key_secret"); !ok || told != secret {
		t.Error("the output does not carry the secret")
	}
	if strings.Contains(out+errs, secret) {
		t.Error("the secret was printed")
	}
	noSecretIn(t, state(w), secret)
	out, _ = slipway(t, w, 0, append(args, "--yes")...)
	says(t, out, "Nothing to do: files, state and account are there")
	_, errs = slipway(t, w, 2, "undo", "--cluster", "demo", "--yes")
	says(t, errs, "whose apply has begun")
}

// A run that broke off is told by status and gone on with by resume; while it
// is open, nobody installs directly.
func TestAnInstallThroughTheModulesThatBreaksOff(t *testing.T) {
	w := empty(t)
	w.Write(t, "main.tf", bareRoot)
	args := []string{"install", "--cluster", "demo", "--ecr", "--emit", "tofu", "--tool", w.Tool.Path, "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
	w.Sandbox.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "iam:AttachGroupPolicy"})
	out, errs := slipway(t, w, 1, args...)
	says(t, out, "Failed.", "go on with:")
	says(t, errs, "what was made is in the state")
	_, errs = slipway(t, w, 4, "install", "--cluster", "demo", "--ecr", "--handover", "file:"+filepath.Join(t.TempDir(), "c.env"), "--yes")
	says(t, errs, "a run of install --emit for cluster demo is open")
	out, _ = slipway(t, w, 0, "resume", "--cluster", "demo", "--yes")
	says(t, out, "Done: demo is installed")
	if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Keys) != 1 {
		t.Errorf("the user has %d keys", len(u.Keys))
	}
}

// What the guard refuses is not applied, and undo takes the files back.
func TestAnInstallThroughTheModulesThatTheGuardRefuses(t *testing.T) {
	w := empty(t)
	w.Write(t, "main.tf", bareRoot+"\nresource \"aws_iam_group\" \"team\" {\n  name = \"team\"\n}\n")
	args := []string{"install", "--cluster", "demo", "--ecr", "--emit", "tofu", "--tool", w.Tool.Path, "--dir", w.Dir, "--module-source", filepath.Join(w.Modules, "v6.1.0"), "--yes"}
	_, errs := slipway(t, w, 4, args...)
	says(t, errs, "aws_iam_group.team", "--allow-unrelated", "slipway undo takes them back")
	if _, there := w.Sandbox.Peek().User(buildUser); there {
		t.Error("a refused plan was applied")
	}
	slipway(t, w, 0, "undo", "--cluster", "demo", "--yes")
	if _, err := os.Stat(filepath.Join(w.Dir, "publishing_identity.tf")); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

// state is the directory that slipway keeps its own state in.
func state(w *tofutest.World) string {
	for _, v := range w.Environ {
		if dir, ok := strings.CutPrefix(v, "XDG_STATE_HOME="); ok {
			return dir
		}
	}
	return ""
}

// noSecretIn fails when a file under a directory holds the secret, backups of
// the state apart. It fails too when there is no file.
func noSecretIn(t *testing.T, dir, secret string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), secret) {
			t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil || n == 0 {
		t.Errorf("%d files were looked at: %v", n, err)
	}
}

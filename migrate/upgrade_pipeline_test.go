package migrate_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// pipelineRun is a run of the pipeline route whose person does what they are
// told, or is not there.
func pipelineRun(t *testing.T, w *tofutest.World, a migrate.Account, past migrate.PastCalls, j *checklist.Journal, papers string, person func()) (migrate.UpgradeResult, error) {
	t.Helper()
	req := rootRequest(w, provision.Contract61)
	req.Route = migrate.RoutePipeline
	p, err := previewRoot(t, w, a, req, past)
	must(t, err)
	var list []migrate.Paper
	if patch := p.Rewrite.Diff(w.Dir); patch != "" {
		name := filepath.Join(papers, "upgrade.patch")
		list = []migrate.Paper{
			{Path: name, Text: patch},
			{Path: filepath.Join(papers, "upgrade.md"), Text: migrate.PullRequest(p, name, "slipway resume")},
		}
	}
	u, err := migrate.NewPipelineUpgrade(p, a, list)
	must(t, err)
	o := checklist.Options{Now: time.Now, Journal: j}
	if person != nil {
		o.Ask = func(context.Context, checklist.Question) (string, error) {
			person()
			return checklist.AnswerDone, nil
		}
	}
	run, err := checklist.New(u.Steps(), o)
	must(t, err)
	err = run.Do(t.Context())
	return u.Result(), err
}

// applyPatch is the team's pipeline: the patch, then init and apply.
func applyPatch(t *testing.T, w *tofutest.World, patch string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "apply", patch)
	cmd.Dir = w.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	w.Run(t, "init", "-input=false")
	w.Run(t, "apply", "-input=false", "-auto-approve")
}

// Slipway writes the patch and holds the bridge open; somebody else applies.
func TestUpgradeThroughAPipeline(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH; install it to run this test")
	}
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	papers, asked := t.TempDir(), 0
	_, err := pipelineRun(t, w, a, nil, nil, papers, func() {
		asked++
		if u, _ := w.Sandbox.Peek().User(buildUser); len(u.Attached) != 1 {
			t.Errorf("while the person is asked, the bridge is not open: %v", u.Attached)
		}
		if asked == 2 { // The first time they were too quick.
			applyPatch(t, w, filepath.Join(papers, "upgrade.patch"))
		}
	})
	must(t, err)
	if asked != 2 {
		t.Errorf("asked %d times, want until the account shows it", asked)
	}
	u, _ := w.Sandbox.Peek().User(buildUser)
	if len(u.Attached)+len(u.Inline) > 0 || len(u.Groups) != 1 || u.Groups[0] != "nullplatform-demo-asset-publishers" {
		t.Errorf("the user is %+v", u)
	}
	if d := w.Canary.Denied(); len(d) > 0 || w.Canary.Calls() == 0 {
		t.Errorf("%d of %d calls were denied: %v", len(d), w.Canary.Calls(), d)
	}
	text, err := os.ReadFile(filepath.Join(papers, "upgrade.md"))
	must(t, err)
	for _, say := range []string{"slipway guard", "git apply", "move `module.ecr.aws_iam_access_key"} {
		if !strings.Contains(string(text), say) {
			t.Errorf("the checklist does not say %q:\n%s", say, text)
		}
	}
}

// Nobody is there: the run stops with the bridge open. A later run, which may
// be days after, knows from the journal that the bridge is slipway's, and takes
// it away when the account shows that it was applied.
func TestTheBridgeSurvivesTheProcess(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH; install it to run this test")
	}
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	w.Install(t, tofutest.Contract34, tofutest.Calls{})
	a := open(t, w.Sandbox, w.Sandbox.Operator())
	dir, papers := t.TempDir(), t.TempDir()
	begin := func() *checklist.Journal {
		j, err := checklist.OpenJournal(dir, checklist.JournalOptions{Now: time.Now})
		must(t, err)
		return j
	}
	j := begin()
	must(t, j.Begin(checklist.Begin{Run: "r", Job: "upgrade"}, nil))
	_, err := pipelineRun(t, w, a, nil, j, papers, nil)
	var waiting *checklist.WaitingError
	if !errors.As(err, &waiting) || !errors.Is(err, checklist.ErrStopped) {
		t.Fatalf("without a person: %v", err)
	}
	must(t, j.Close())
	applyPatch(t, w, filepath.Join(papers, "upgrade.patch"))

	j = begin()
	defer func() { must(t, j.Close()) }()
	_, err = pipelineRun(t, w, a, migrate.CallsOf(j.Past()), j, papers, nil)
	must(t, err)
	u, _ := w.Sandbox.Peek().User(buildUser)
	if len(u.Attached)+len(u.Inline) > 0 {
		t.Errorf("the bridge is still there: %v", u.Attached)
	}
	if d := w.Canary.Denied(); len(d) > 0 {
		t.Errorf("denied: %v", d)
	}
}

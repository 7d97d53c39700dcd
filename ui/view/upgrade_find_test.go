package view

import (
	"errors"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/provision"
)

func rootFindings(t testing.TB) map[string]*migrate.RootFinding {
	t.Helper()
	find := func(text string) *layout.Layout {
		return layout.Find(layout.Input{Root: layout.Root{
			Dir: "infrastructure", Workspace: "prod", Files: []layout.File{{Name: "main.tf", Data: []byte(text)}},
		}})
	}
	return map[string]*migrate.RootFinding{
		"with a tool": {Dir: "infrastructure", Layout: find(rootText), Tool: tofu.Tool{Product: tofu.OpenTofu, Path: "tofu", Version: tofu.Version{Major: 1, Minor: 11, Patch: 4}}},
		// What a tool says is broken into lines for its own width, and may hold
		// what moves a cursor.
		"without one": {Dir: "infrastructure", Layout: find(rootText), Untooled: errors.New("init failed:\n  could not\nresolve \x1b[2Jhost; check the network")},
		"a branch":    {Dir: "infrastructure", Layout: find(strings.Replace(rootText, "v4.3.0", "main", 1)), Untooled: &tofu.MissingToolError{Product: tofu.Terraform, Err: errors.New("no terraform on the PATH")}},
	}
}

func TestRootFound(t *testing.T) {
	for name, f := range rootFindings(t) {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, RootFound(c, f)+"\n") })
		}
	}
}

// What is in the way comes first, and the changes follow it.
func TestRootChanges(t *testing.T) {
	p := rootPreview(t)
	blocked := &provision.BlockedError{Blockers: []provision.Problem{{Field: "files", Rule: "have edits that are not committed: [main.tf]", Way: "commit or stash them"}}}
	for name, no := range map[string]error{"open": nil, "blocked": blocked} {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, RootChanges(c, p, no)+"\n") })
		}
	}
}

func TestRootHeadline(t *testing.T) {
	p := rootPreview(t)
	if got, want := RootHeadline(p), "2 files in the patch, 4 moves, 1 change in the account, over a bridge"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Tool.Path, p.Request.NoBridge = "tofu", true
	if got, want := RootHeadline(p), "2 files edited, 4 moves, 1 change in the account"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHowAFileChanges(t *testing.T) {
	for _, tc := range []struct {
		why, before, after, signs, words string
	}{
		{"a new file has no lines that go", "", "a\n", "new, 1 line", "new, with 1 line"},
		{"lines that come and go are counted", "a\nb\n", "a\nc\nd\n", "+2 -1", "2 lines added, 1 removed"},
		{"a line that begins with signs is a line", "--- a\n", "+++ b\n", "+1 -1", "1 line added, 1 removed"},
	} {
		e := rewrite.Edit{Root: "r", File: "f.tf", After: []byte(tc.after)}
		if tc.before != "" {
			e.Before = []byte(tc.before)
		}
		if got := EditCounts(e); got != tc.signs {
			t.Errorf("%s: got %q, want %q", tc.why, got, tc.signs)
		}
		if got := EditWords(e); got != tc.words {
			t.Errorf("%s: got %q, want %q", tc.why, got, tc.words)
		}
	}
	text := FileEdit(canvases()["80"], rewrite.Edit{Root: "r", File: "f.tf", Before: []byte("a\n"), After: []byte("b\x1b[2J\n")})
	if strings.Contains(text, "\x1b[2J") || !strings.Contains(text, "+++ b/f.tf") {
		t.Errorf("the drawing is %q", text)
	}
}

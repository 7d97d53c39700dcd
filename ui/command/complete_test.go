package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// offered asks for completions as a shell does.
func offered(t *testing.T, environ []string, words ...string) string {
	t.Helper()
	var out bytes.Buffer
	edge := Edge{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &bytes.Buffer{}, Environ: environ}
	if code := Run(t.Context(), append([]string{"__complete"}, words...), edge); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	return out.String()
}

func TestShellsAreOfferedValues(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	state := filepath.Join(dir, "state")
	for _, cluster := range []string{"111122223333/demo", "111122223333/other", "444455556666/demo"} {
		if err := os.MkdirAll(filepath.Join(state, "slipway", cluster), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join("state", "slipway", "notes"), "none of ours")
	write(filepath.Join("state", "slipway", "111122223333", "file"), "no cluster")
	environ := []string{
		"XDG_STATE_HOME=" + state,
		"AWS_CONFIG_FILE=" + write("config", "[default]\nregion = x\n[profile ops]\n# [profile no]\n[ profile  spaced ]\n[sso-session corp]\n"),
		"AWS_SHARED_CREDENTIALS_FILE=" + write("credentials", "[ops]\naws_access_key_id = x\n[old]\n"),
	}
	for _, tt := range []struct {
		why   string
		words []string
		want  []string
		not   []string
	}{
		{why: "scenarios say what they hold", words: []string{"install", "--sandbox="}, want: []string{"fresh\tan account in which nothing", "legacy\t"}},
		{why: "the same for a sandbox that stays", words: []string{"sandbox", "--scenario", ""}, want: []string{"messy\t"}},
		{why: "profiles of both files, each once, and no SSO session", words: []string{"install", "--profile", ""}, want: []string{"default\n", "ops\n", "old\n", "spaced\n"}, not: []string{"corp", "no\n", "ops\nops"}},
		{why: "places, without a space behind the colon", words: []string{"install", "--handover", ""}, want: []string{"file:\n", "age:\n", ":6\n"}},
		{why: "formats of a plan", words: []string{"install", "--output", ""}, want: []string{"markdown\n"}},
		{why: "a version is no Markdown", words: []string{"version", "--output", ""}, want: []string{"json\n"}, not: []string{"markdown"}},
		{why: "clusters that were worked on, each once", words: []string{"status", "--cluster", ""}, want: []string{"demo\tin 111122223333, 444455556666\n", "other\tin 111122223333\n", ":4\n"}, not: []string{"notes", "file"}},
		{why: "also for a new run", words: []string{"install", "--cluster", ""}, want: []string{"demo\t"}},
		{why: "commands, with what they do", words: []string{""}, want: []string{"install\t", "sandbox\t"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			got := offered(t, environ, tt.words...)
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is not offered:\n%s", w, got)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(got, n) {
					t.Errorf("%q is offered:\n%s", n, got)
				}
			}
		})
	}
}

// Without a state directory there are no clusters to offer, and nothing fails.
func TestNoClustersToOffer(t *testing.T) {
	for _, home := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		if got := keptClusters(Edge{Environ: []string{"HOME=" + home, "XDG_STATE_HOME=" + home}}); len(got) != 0 {
			t.Errorf("offered %q", got)
		}
	}
}

// A home without AWS files is no reason to fail.
func TestNoProfilesToOffer(t *testing.T) {
	if got := profiles(Edge{Environ: []string{"HOME=" + t.TempDir()}}); len(got) != 0 {
		t.Errorf("offered %q", got)
	}
}

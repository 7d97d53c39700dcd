package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command that --help shows has a page, with its example, and writing
// the pages again gives the same bytes.
func TestManualPages(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("SKIPPED ALOUD: go is not on the PATH")
	}
	write := func() string {
		dir := filepath.Join(t.TempDir(), "man1")
		cmd := exec.CommandContext(t.Context(), "go", "run", "./ui/manual", dir, "1.2.3", "2026-05-06T07:08:09Z")
		cmd.Dir = filepath.Join("..", "..")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return dir
	}
	first, second := write(), write()
	pages := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" {
			return
		}
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		page, err := os.ReadFile(filepath.Join(first, name))
		if err != nil {
			t.Error(err)
			return
		}
		pages++
		for _, want := range []string{"May 2026", "slipway 1.2.3", c.Name()} {
			if !strings.Contains(string(page), want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		if c.Example != "" && !strings.Contains(string(page), "EXAMPLE") {
			t.Errorf("%s lacks the example", name)
		}
		if again, _ := os.ReadFile(filepath.Join(second, name)); string(again) != string(page) {
			t.Errorf("%s differs the second time", name)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(Edge{}))
	if pages < 4 {
		t.Errorf("only %d pages", pages)
	}
}

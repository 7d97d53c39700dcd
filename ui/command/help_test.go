package command

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls back for each command that help shows.
func everyCommand(t *testing.T, visit func(*cobra.Command)) {
	t.Helper()
	n := 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" {
			return
		}
		n++
		visit(c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(Edge{}))
	if n < 4 {
		t.Fatalf("only %d commands", n)
	}
}

func helpOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(t.Context(), args, Edge{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}); code != 0 {
		t.Fatalf("%v: exit code %d, %s", args, code, errs.String())
	}
	return out.String()
}

func TestHelpFitsOnASmallScreen(t *testing.T) {
	everyCommand(t, func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		text := helpOf(t, append(path, "--help")...)
		if n := strings.Count(text, "\n"); n > 24 {
			t.Errorf("%s --help has %d lines:\n%s", c.CommandPath(), n, text)
		}
		for _, l := range strings.Split(text+helpOf(t, append([]string{"help"}, path...)...), "\n") {
			if utf8.RuneCountInString(l) > helpWidth {
				t.Errorf("%s: a line is too wide: %q", c.CommandPath(), l)
			}
			if strings.TrimRight(l, " ") != l {
				t.Errorf("%s: a line ends in blanks: %q", c.CommandPath(), l)
			}
		}
	})
}

func TestHelpCommandHasAllFlags(t *testing.T) {
	everyCommand(t, func(c *cobra.Command) {
		text := helpOf(t, append([]string{"help"}, strings.Fields(c.CommandPath())[1:]...)...)
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && f.Name != "help" && !strings.Contains(text, "--"+f.Name) {
				t.Errorf("slipway help %s lacks --%s", c.Name(), f.Name)
			}
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") || f.Value.Type() == "string" && !strings.Contains(f.Usage, "`") {
				t.Errorf("%s --%s: the text %q should name its value and end without a full stop", c.CommandPath(), f.Name, f.Usage)
			}
		})
	})
}

// Every command shows how it is used, in the sandbox, so that the lines can be
// pasted by somebody who has no account to try them on.
func TestHelpHasExamplesForTheSandbox(t *testing.T) {
	everyCommand(t, func(c *cobra.Command) {
		if c.Name() == "slipway" {
			return
		}
		if c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		needs := c.Flags().Lookup("sandbox") != nil
		for line := range strings.Lines(c.Example) {
			if needs && !strings.Contains(line, "--sandbox") {
				t.Errorf("%s: an example is not for the sandbox: %s", c.CommandPath(), line)
			}
		}
	})
}

// The lines that need no terminal are run as they stand.
func TestHelpExamplesWork(t *testing.T) {
	everyCommand(t, func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			if !strings.Contains(line, "--sandbox") || strings.ContainsAny(line, "|>&") || !strings.Contains(line, "--check") && !strings.Contains(line, "--yes") {
				continue
			}
			t.Run(line, func(t *testing.T) {
				t.Chdir(t.TempDir())
				var out, errs bytes.Buffer
				edge := Process()
				edge.Stdin, edge.Stdout, edge.Stderr = strings.NewReader(""), &out, &errs
				if code := Run(t.Context(), strings.Fields(line)[1:], edge); code != exitDone && code != exitCheck {
					t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
				}
			})
		}
	})
}

func TestHelpOfWhatThereIsNot(t *testing.T) {
	var errs bytes.Buffer
	edge := Edge{Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &errs}
	if code := Run(t.Context(), []string{"help", "instal"}, edge); code != exitUsage || !strings.Contains(errs.String(), "did you mean install?") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
}

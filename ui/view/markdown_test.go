package view

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// outsideOfCode is what is left of Markdown when fences and code spans are
// taken out, as CommonMark reads them:
// https://spec.commonmark.org/0.31.2/#fenced-code-blocks
func outsideOfCode(t rapid.TB, text string) string {
	t.Helper()
	var out strings.Builder
	fence := ""
	for _, l := range strings.Split(text, "\n") {
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		switch {
		case fence != "":
			if len(ticks) >= len(fence) && strings.TrimSpace(l) == ticks {
				fence = ""
			}
		case len(ticks) >= 3 && !strings.Contains(l[len(ticks):], "`"):
			fence = ticks
		default:
			out.WriteString(withoutSpans(l) + "\n")
		}
	}
	if fence != "" {
		t.Fatalf("a fence is still open at the end of:\n%s", text)
	}
	return out.String()
}

// withoutSpans takes out code spans: from a run of backticks to the next run
// of the same length.
func withoutSpans(line string) string {
	out := ""
	for line != "" {
		i := strings.IndexByte(line, '`')
		if i < 0 {
			return out + line
		}
		rest := strings.TrimLeft(line[i:], "`")
		ticks := line[i : len(line)-len(rest)]
		end := -1
		for at := 0; at < len(rest); {
			j := strings.IndexByte(rest[at:], '`')
			if j < 0 {
				break
			}
			run := rest[at+j:]
			n := len(run) - len(strings.TrimLeft(run, "`"))
			if n == len(ticks) {
				end = at + j + n
				break
			}
			at += j + n
		}
		if end < 0 {
			out, line = out+line[:i]+ticks, rest
			continue
		}
		out, line = out+line[:i], rest[end:]
	}
	return out
}

func TestMarkdownKeepsTheAccountInCode(t *testing.T) {
	var all []string
	for _, s := range scenes(t) {
		all = append(all, PlanMarkdown(s.preview))
	}
	for _, e := range endings(t) {
		all = append(all, SummaryMarkdown(e.summary))
	}
	for _, text := range all {
		bare := outsideOfCode(t, text)
		for _, sign := range []string{"script", "everyone", "eve", "not a heading", "nullplatform-demo", "demo-assets", "`"} {
			if strings.Contains(bare, sign) {
				t.Errorf("%q stands outside of code:\n%s", sign, bare)
			}
		}
		for _, l := range strings.Split(text, "\n") {
			if i := strings.IndexFunc(l, active); i >= 0 {
				t.Errorf("a line is not inert: %q", l)
			}
		}
	}
}

func TestFencesHoldAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.StringMatching("`{0,6}[a~<> ]?")).Draw(t, "lines"), "\n")
		var m markdown
		m.paragraph("before")
		m.fence("text", text)
		m.paragraph("after")
		if got := strings.Fields(outsideOfCode(t, m.String())); len(got) != 2 || got[0] != "before" || got[1] != "after" {
			t.Fatalf("outside of the fence stands %q:\n%s", got, m.String())
		}
	})
}

func TestCodeSpansHoldAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := codeSpan(rapid.StringMatching("[`a <]{0,9}").Draw(t, "text"))
		if got := withoutSpans("before " + span + " after"); got != "before  after" {
			t.Fatalf("%s leaves %q", span, got)
		}
	})
}

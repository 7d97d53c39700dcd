package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/aymanbagabas/go-udiff"
)

// contextLines are shown around each change.
const contextLines = 3

// Diff is all edits as one unified diff, each file by its path from base, for
// a person to read.
func (r *Result) Diff(base string) string { return Patch(r.Edits, base) }

// Patch gives edits as a patch that `git apply` takes in the directory base.
// Paths are those of the roots as the layout names them, relative to base
// where they are below it.
func Patch(edits []Edit, base string) string {
	var out strings.Builder
	for _, e := range edits {
		if bytes.Equal(e.Before, e.After) {
			continue
		}
		name := below(base, path.Join(e.Root, e.File))
		from, to := "a/"+name, "b/"+name
		fmt.Fprintf(&out, "diff --git %s %s\n", from, to)
		if e.Before == nil {
			out.WriteString("new file mode 100644\n")
			from = "/dev/null"
		}
		before, after := string(e.Before), string(e.After)
		edits := udiff.Lines(before, after)
		text, err := udiff.ToUnified(from, to, before, edits, contextLines)
		if err != nil {
			continue // Edits of Lines are in order and do not overlap.
		}
		out.WriteString(renumbered(text))
	}
	return out.String()
}

// renumbered corrects the line numbers of hunks in the new file: the library
// leaves the lines between two changes of one hunk out of its count. Those in
// the old file, and the counts, are right.
func renumbered(diff string) string {
	var out strings.Builder
	shift := 0
	for line := range strings.SplitAfterSeq(diff, "\n") {
		if h := hunk().FindStringSubmatch(line); h != nil {
			from, fromCount, toCount := number(h[1]), number(cmp.Or(h[2], "1")), number(cmp.Or(h[4], "1"))
			if fromCount > 0 {
				line = fmt.Sprintf("@@ -%s%s +%d%s @@\n", h[1], counted(h[2]), from+shift, counted(h[4]))
			}
			shift += toCount - fromCount
		}
		out.WriteString(line)
	}
	return out.String()
}

var hunk = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^@@ -([0-9]+)(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@`)
})

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func counted(s string) string {
	if s == "" {
		return ""
	}
	return "," + s
}

// below is a path from base; a path that is not below base stays.
func below(base, name string) string {
	base = path.Clean(base)
	if base == "." {
		return strings.TrimPrefix(path.Clean(name), "./")
	}
	if rest, ok := strings.CutPrefix(path.Clean(name), base+"/"); ok {
		return rest
	}
	return strings.TrimPrefix(path.Clean(name), "/")
}

package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/<test name>.golden.
func golden(t *testing.T, got string) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(t.Name())+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update and read it", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// canvases are the sizes and alphabets that goldens are drawn in.
func canvases() map[string]Canvas {
	out := map[string]Canvas{}
	for _, w := range []int{80, 120} {
		out[fmt.Sprintf("%d", w)] = NewCanvas(w, true, false)
		out[fmt.Sprintf("%d-ascii", w)] = NewCanvas(w, false, false)
	}
	return out
}

func TestDrawings(t *testing.T) {
	for _, s := range scenes(t) {
		for size, c := range canvases() {
			t.Run(s.name+"/"+size, func(t *testing.T) {
				all := drawings(c, s.preview)
				text := "# " + s.why + "\n"
				for _, name := range []string{"headline", "consent", "changes", "reach", "access", "graph", "remarks", "documents", "calls"} {
					text += "\n## " + name + "\n\n" + all[name] + "\n"
				}
				golden(t, text)
			})
		}
	}
}

func TestPlanMarkdown(t *testing.T) {
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) { golden(t, PlanMarkdown(s.preview)) })
	}
}

func TestPlanJSON(t *testing.T) {
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) {
			b, err := PlanJSON(s.preview)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(b))
		})
	}
}

func TestSummary(t *testing.T) {
	for _, e := range endings(t) {
		for size, c := range canvases() {
			t.Run(e.name+"/"+size, func(t *testing.T) {
				golden(t, "# "+e.why+"\n\n"+Summary(c, e.summary)+"\n")
			})
		}
		t.Run(e.name+"/markdown", func(t *testing.T) { golden(t, SummaryMarkdown(e.summary)) })
		t.Run(e.name+"/json", func(t *testing.T) {
			b, err := ResultJSON(e.summary)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(b))
		})
	}
}

func TestChecklist(t *testing.T) {
	for size, c := range canvases() {
		t.Run(size, func(t *testing.T) { golden(t, Checklist(c, halfway())+"\n") })
	}
}

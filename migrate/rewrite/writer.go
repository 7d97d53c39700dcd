package rewrite

import (
	"fmt"

	"github.com/nullplatform/slipway/migrate/layout"
)

// publishingFile is where calls are written that have no neighbour to stand
// beside.
const publishingFile = "publishing_identity.tf"

// writer adds blocks to one file of a root.
type writer struct {
	patch *patch
	// outputs are the names of root outputs that are taken.
	outputs map[string]bool
}

func newWriter(p *planner, root layout.Root, file string) *writer {
	w := &writer{patch: p.file(root.Dir, file), outputs: map[string]bool{}}
	for _, f := range root.Files {
		body, _ := layout.Parse(f)
		for _, b := range body.Blocks {
			if b.Type == "output" && len(b.Labels) == 1 {
				w.outputs[b.Labels[0]] = true
			}
		}
	}
	return w
}

func (w *writer) block(text string) { w.patch.atEnd(w.patch.inStyle(text)) }

// output writes a root output and gives its name, with a number where it is
// taken.
func (w *writer) output(name, value string, sensitive bool) string {
	free := name
	for i := 2; w.outputs[free]; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	w.outputs[free] = true
	args := []argument{{"value", value}}
	if sensitive {
		args = append(args, argument{"sensitive", "true"})
	}
	w.block(block{kind: "output", labels: []string{free}, groups: [][]argument{args}}.text())
	return free
}

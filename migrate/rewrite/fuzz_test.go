package rewrite

import (
	"testing"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/layout/layouttest"
)

// Whatever is in a file or a state, nothing panics, what is given out parses,
// and doing it again changes nothing.
func FuzzPlan(f *testing.F) {
	for _, s := range scenes() {
		in, _ := s.input(f)
		state := []byte{}
		if s.state != nil {
			state = s.state.JSON()
		}
		for _, file := range in.Root.Files {
			f.Add(file.Data, state)
		}
	}
	f.Add([]byte("module \"ecr\" {\n  source = \"./iam/ecr\"\n  cluster_name = \"x\" }"), (&layouttest.State{}).Legacy(ecr, "x").JSON())
	f.Fuzz(func(t *testing.T, config, state []byte) {
		in := layout.Input{
			Root:    layout.Root{Dir: "root", Workspace: "default", Files: []layout.File{{Name: "main.tf", Data: config}}},
			Answers: layout.Answers{AcceptRefs: true, Cluster: "demo"},
		}
		if s, err := layout.DecodeState(state, nil); err == nil {
			in.Root.State = s
		}
		for _, opts := range []Options{{}, {Contract: "5.0", Bucket: "files", StateMoves: true}, {Source: "../modules"}} {
			got, err := Plan(layout.Find(in), opts)
			if err != nil {
				continue
			}
			again, err := Plan(layout.Find(written(in, got.Edits)), opts)
			if err != nil {
				t.Fatalf("the result is refused: %v\n%s", err, got.Diff(""))
			}
			if len(again.Edits) > 0 {
				t.Fatalf("a second rewrite changes more:\n%s\nafter\n%s", again.Diff(""), got.Diff(""))
			}
		}
	})
}

package tofu_test

import (
	"testing"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// moves are the four moves as the package has them.
func moves(c tofutest.Calls) []tofu.Move {
	var out []tofu.Move
	for _, m := range tofutest.Moves(c) {
		out = append(out, tofu.Move{From: m[0], To: m[1]})
	}
	return out
}

func TestFourMoves(t *testing.T) {
	w := tofutest.Need(t, tofu.Terraform).World(t, sandbox.Options{})
	calls := tofutest.Calls{}
	w.Install(t, tofutest.Contract34, calls)
	root := w.Open(t)
	before, err := root.PullState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	calls.More = tofutest.Moved(tofutest.Moves(calls))
	calls.Bucket = "demo-assets"
	w.Write(t, "main.tf", w.Root(tofutest.Contract61, calls))
	if _, err := root.Init(t.Context(), tofu.InitOptions{}); err != nil {
		t.Fatal(err)
	}
	saved, err := root.Plan(t.Context(), tofu.PlanOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := guard.Judge(saved.Plan, guard.Expectation{Job: guard.Upgrade, Cluster: "demo", Moves: moves(calls)})
	t.Logf("%+v", v)
	for _, o := range saved.Plan.Outputs {
		t.Logf("%+v", o)
	}
	if err := v.Err(); err != nil {
		t.Fatal(err)
	}
	if err := root.Apply(t.Context(), saved, func(e tofu.Event) { t.Log(e) }); err != nil {
		t.Fatal(err)
	}
	after, err := root.PullState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(w.Canary.Calls(), w.Canary.Denied())
	t.Log(before.ChangedOutputs(after))
}

package rewrite

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/layout/layouttest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/<test name>.golden.
func golden(t *testing.T, got string) {
	t.Helper()
	name := filepath.Join("testdata", filepath.FromSlash(t.Name())+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; write it with -update and read it", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// roots reads the roots of a txtar archive, by directory.
func roots(t testing.TB, name string) (map[string]layout.Root, string) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "roots", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]layout.Root{}
	for _, f := range archive.Files {
		dir, base := path.Split(f.Name)
		f.Data = spelt(f.Data)
		dir = strings.TrimSuffix(dir, "/")
		r := out[dir]
		r.Dir, r.Workspace = dir, "default"
		if file := (layout.File{Name: base, Data: f.Data}); strings.HasSuffix(base, ".tfvars") {
			r.Vars = append(r.Vars, file)
		} else {
			r.Files = append(r.Files, file)
		}
		out[dir] = r
	}
	return out, strings.TrimSpace(string(archive.Comment))
}

// spelt makes of a file what an archive of text cannot hold: a first line that
// begins with "CRLF:" asks for the line ends of Windows, "BOM:" for a byte order
// mark and no newline at the end.
func spelt(data []byte) []byte {
	if rest, ok := bytes.CutPrefix(data, []byte("CRLF:")); ok {
		return bytes.ReplaceAll(rest, []byte("\n"), []byte("\r\n"))
	}
	if rest, ok := bytes.CutPrefix(data, []byte("BOM:")); ok {
		return append([]byte("\xef\xbb\xbf"), bytes.TrimSuffix(rest, []byte("\n"))...)
	}
	return data
}

// input makes one root the one that is looked at, and the rest others.
func input(t testing.TB, all map[string]layout.Root, dir string, state *layouttest.State) layout.Input {
	t.Helper()
	in := layout.Input{Root: all[dir]}
	if state != nil {
		s, err := layout.DecodeState(state.JSON(), []byte("salt"))
		if err != nil {
			t.Fatal(err)
		}
		in.Root.State = s
	}
	for _, other := range slices.Sorted(maps.Keys(all)) {
		if other != dir {
			in.Others = append(in.Others, all[other])
		}
	}
	return in
}

// written is an input after the edits.
func written(in layout.Input, edits []Edit) layout.Input {
	in.Root = with(in.Root, edits)
	others := in.Others
	in.Others = nil
	for _, r := range others {
		in.Others = append(in.Others, with(r, edits))
	}
	return in
}

func with(r layout.Root, edits []Edit) layout.Root {
	files := r.Files
	r.Files = nil
	for _, f := range files {
		for _, e := range edits {
			if e.Root == r.Dir && e.File == f.Name {
				f.Data = e.After
			}
		}
		r.Files = append(r.Files, f)
	}
	for _, e := range edits {
		if e.Root == r.Dir && e.Before == nil {
			r.Files = append(r.Files, layout.File{Name: e.File, Data: e.After})
		}
	}
	return r
}

var (
	ecr    = layouttest.Module{Call: "ecr"}
	ecrIAM = layouttest.Module{Call: "ecr_iam"}
)

// misspelt is a call's name as real roots spell it.
const misspelt = "asset_res" + "pository"

// scene is one root and what is wanted of it.
type scene struct {
	name  string
	roots string
	dir   string
	state *layouttest.State
	opts  Options
	say   layout.Answers
}

func scenes() []scene {
	legacy := func(m layouttest.Module) *layouttest.State { return (&layouttest.State{}).Legacy(m, "demo") }
	asset := layouttest.Module{Call: "asset_repository"}
	v61 := Options{Ref: "v6.1.0"}
	return []scene{
		{name: "three layers", roots: "three_layers", state: (&layouttest.State{OpenTofu: true}).Legacy(ecrIAM, "acme-default"), opts: v61},
		{name: "three layers, to 5.0, with a bucket", roots: "three_layers", state: (&layouttest.State{OpenTofu: true}).Legacy(ecrIAM, "acme-default"), opts: Options{Contract: "5.0", Bucket: "acme-files"}},
		{name: "styles", roots: "styles", state: legacy(layouttest.Module{Call: "foundations_" + misspelt}), opts: Options{UserCall: "build-user"}},
		{name: "uses", roots: "uses", state: legacy(ecr)},
		{name: "for_each", roots: "for_each", opts: v61, state: (&layouttest.State{}).
			Legacy(layouttest.Module{Call: "ecr", Key: "dev.eu"}, "acme-dev").Legacy(layouttest.Module{Call: "ecr", Key: "prod"}, "acme-prod")},
		{name: "for_each without state", roots: "for_each"},
		{name: "count", roots: "count", state: legacy(layouttest.Module{Call: "ecr", Key: 0})},
		{name: "half", roots: "half", state: legacy(ecr), opts: v61},
		{name: "forgotten moves", roots: "forgotten", state: legacy(ecr)},
		{name: "state mv", roots: "uses", state: legacy(ecr), opts: Options{StateMoves: true}},
		{name: "s3 assets", roots: "s3_assets", opts: v61, state: (&layouttest.State{}).
			Split(layouttest.Module{Call: "ci_build_workflow_user"}, ecrIAM, "demo").S3Assets(layouttest.Module{Call: "s3_assets_iam"})},
		{name: "current", roots: "current", state: (&layouttest.State{}).Split(layouttest.Module{Call: "user"}, ecr, "demo").S3(layouttest.Module{Call: "s3"})},
		{name: "asset direct", roots: "asset_direct", state: (&layouttest.State{}).Direct(layouttest.Module{Call: "nullplatform_" + misspelt}, "demo")},
		{name: "asset with pulls, without state", roots: "asset_pull", opts: v61},
		{name: "asset, two roots", roots: "asset_two_roots", dir: "bindings", state: (&layouttest.State{}).Direct(asset, "demo"), opts: Options{Receiver: "infrastructure", Ref: "v6.1.0"}},
		{name: "asset, a local copy, two roots", roots: "asset_local", dir: "bindings", state: (&layouttest.State{}).Direct(asset, "demo"), opts: Options{Receiver: "infrastructure/aws/"}},
		{name: "local copy", roots: "local_copy", state: legacy(ecr)},
		{name: "local copy, from elsewhere", roots: "local_copy", state: legacy(ecr), opts: Options{Source: "../modules-6.1/"}},
		{name: "mirror", roots: "uses", state: legacy(ecr), opts: Options{Source: "git::https://git.example.com/mirror/tofu-modules.git", Ref: "v6.2.0"}},
		{name: "branch", roots: "branch", say: layout.Answers{AcceptRefs: true}, state: (&layouttest.State{}).Split(layouttest.Module{Call: "build_user"}, ecrIAM, "demo")},
		{name: "map of objects", roots: "map_of_objects", opts: v61, state: (&layouttest.State{}).
			Legacy(layouttest.Module{Call: "ecr", Key: "eu-dev"}, "acme-dev").Legacy(layouttest.Module{Call: "ecr", Key: "eu-prod"}, "acme-prod")},
		{name: "provider alias", roots: "provider_alias", state: legacy(ecr), opts: v61},
		{name: "names from locals", roots: "names_from_locals", state: (&layouttest.State{}).Legacy(ecrIAM, "acme-main"), opts: v61},
		{name: "generated", roots: "generated", state: legacy(ecr), opts: v61},
		{name: "heredocs", roots: "heredocs", state: legacy(ecr), opts: v61},
		{name: "tabs and CRLF", roots: "tabs_crlf", state: legacy(ecr), opts: v61},
		{name: "comments between", roots: "comments_between", state: legacy(ecr), opts: v61},
		{name: "every use", roots: "every_use", state: legacy(ecr), opts: v61},
		{name: "override output", roots: "override_output", state: legacy(ecr), opts: v61},
		{name: "moved before", roots: "moved_before", state: legacy(layouttest.Module{Call: "ecr", Key: "demo"}), opts: v61},
		{name: "byte order mark", roots: "bom", state: legacy(ecr), opts: v61},
		{name: "two clusters, one split already", roots: "two_one", opts: v61, state: (&layouttest.State{}).
			Legacy(layouttest.Module{Call: "ecr_dev"}, "acme-dev").Split(layouttest.Module{Call: "user_prod"}, layouttest.Module{Call: "ecr_prod"}, "acme-prod")},
		{name: "local copy, to 5.0", roots: "local_copy", state: legacy(ecr), opts: Options{Contract: "5.0", Source: "../modules-5.0/"}},
		{name: "no ref", roots: "no_ref", state: legacy(ecr), say: layout.Answers{AcceptRefs: true}},
	}
}

func (s scene) input(t testing.TB) (layout.Input, string) {
	t.Helper()
	all, why := roots(t, s.roots)
	dir := s.dir
	if dir == "" {
		dir = "infrastructure"
	}
	in := input(t, all, dir, s.state)
	in.Answers = s.say
	return in, why
}

// What becomes of every root, as a person sees it.
func TestPlan(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			in, why := s.input(t)
			got, err := Plan(layout.Find(in), s.opts)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "# "+strings.ReplaceAll(why, "\n", "\n# ")+"\n\n"+told(got))

			// Twice changes nothing, before the apply and after it.
			again, err := Plan(layout.Find(written(in, got.Edits)), s.opts)
			if err != nil {
				t.Fatalf("again: %v", err)
			}
			if len(again.Edits) > 0 {
				t.Errorf("a second rewrite changes more:\n%s", again.Diff(""))
			}
			if d := cmp.Diff(got.Moves, again.Moves); d != "" && in.Root.State != nil {
				t.Errorf("a second rewrite has other moves (-first +second):\n%s", d)
			}
		})
	}
}

// told is a result in words.
func told(r *Result) string {
	var out strings.Builder
	for _, p := range r.Problems {
		out.WriteString("told: " + p.Error() + "\n")
	}
	for _, m := range r.StateMoves {
		out.WriteString("state mv: " + m.FromRoot + " " + m.From + "\n       -> " + m.ToRoot + " " + m.To + "\n")
	}
	for _, e := range r.Effects {
		out.WriteString("expect: " + e.Root + " " + e.Address + ": " + strings.Join(e.Actions, ", ") + " (" + e.Why + ")\n")
	}
	// A line end of Windows is made to be seen, and to outlive a checkout.
	out.WriteString("\n" + strings.ReplaceAll(r.Diff(""), "\r", "<CR>"))
	return out.String()
}

// Roots that are not edited, each with what a person is told.
func TestRootsThatAreNotEdited(t *testing.T) {
	legacy := func(m layouttest.Module) *layouttest.State { return (&layouttest.State{}).Legacy(m, "demo") }
	for _, tt := range []struct {
		roots string
		state *layouttest.State
		says  string
	}{
		{roots: "in_child", state: legacy(layouttest.Module{Call: "publishing.module.ecr"}), says: "in a module of your own"},
		{roots: "json_call", state: legacy(ecr), says: "main.tf.json: module \"ecr\" is written in JSON"},
		{roots: "json_beside", state: legacy(ecr), says: "outputs.tf.json: the file uses the key"},
		{roots: "override", state: legacy(ecr), says: "dev_override.tf:1:1: module \"ecr\" is changed by an override file"},
		{roots: "variable_source", state: legacy(ecr), says: "put together from variables"},
		{roots: "whole_module", state: legacy(ecr), says: "as one value"},
	} {
		t.Run(tt.roots, func(t *testing.T) {
			in, _ := scene{roots: tt.roots, state: tt.state}.input(t)
			got, err := Plan(layout.Find(in), Options{})
			if err == nil || got != nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, %v; want an error with %q", got, err, tt.says)
			}
		})
	}
}

// A refusal, or a question without an answer, gives no edit.
func TestPlanRefuses(t *testing.T) {
	in, _ := scene{roots: "branch", state: (&layouttest.State{}).Split(layouttest.Module{Call: "build_user"}, ecrIAM, "demo")}.input(t)
	got, err := Plan(layout.Find(in), Options{})
	var p *layout.Problem
	if got != nil || !errors.As(err, &p) || p.Code != layout.BranchRef {
		t.Errorf("a branch that nobody has agreed to: %v, %v", got, err)
	}
	for name, opts := range map[string]Options{
		"a contract that is none to go to": {Contract: "3.4"},
		"a release of another contract":    {Contract: "5.0", Ref: "v6.1.0"},
		"a root that was not read":         {Receiver: "elsewhere"},
		"a name that is none":              {UserCall: "build user"},
	} {
		in, _ := scene{roots: "uses", state: (&layouttest.State{}).Legacy(ecr, "demo")}.input(t)
		if got, err := Plan(layout.Find(in), opts); err == nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// The patch is what git takes.
func TestPatchApplies(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			in, _ := s.input(t)
			got, err := Plan(layout.Find(in), s.opts)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Edits) == 0 {
				return
			}
			dir := t.TempDir()
			for _, r := range append(in.Others, in.Root) {
				for _, f := range r.Files {
					write(t, filepath.Join(dir, r.Dir, f.Name), f.Data)
				}
			}
			gitApply(t, dir, Patch(got.Edits, "."))
			for _, e := range got.Edits {
				after, err := os.ReadFile(filepath.Join(dir, e.Root, e.File))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(after, e.After) {
					t.Errorf("%s/%s (-edit +git):\n%s", e.Root, e.File, cmp.Diff(string(e.After), string(after)))
				}
			}
		})
	}
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

package tofu_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

const aState = `{
 "version": 4, "terraform_version": "1.12.6", "serial": 7, "lineage": "abc",
 "outputs": {"id": {"value": "AKIAEXAMPLEEXAMPLE12", "type": "string"}, "secret": {"value": "SECRET-output", "type": "string", "sensitive": true}},
 "resources": [
  {"module": "module.ecr[\"prod\"]", "mode": "managed", "type": "aws_iam_access_key", "name": "k", "provider": "provider[\"registry.opentofu.org/hashicorp/aws\"].stg",
   "instances": [{"attributes": {"id": "AKIAEXAMPLEEXAMPLE12", "user": "ci", "secret": "SECRET-key", "ses_smtp_password_v4": "SECRET-smtp"}, "sensitive_attributes": []}]},
  {"mode": "managed", "type": "aws_iam_role", "name": "r", "provider": "module.x.provider[\"registry.opentofu.org/hashicorp/aws\"]",
   "instances": [
    {"index_key": 0, "attributes": {"id": "zero", "name": "zero", "hidden": "SECRET-marked"}, "sensitive_attributes": [[{"type": "get_attr", "value": "hidden"}]]},
    {"index_key": 0, "deposed": "0a1b2c3d", "attributes": {"id": "old"}},
    {"index_key": "a\"b", "attributes": {"id": "quoted"}}]},
  {"mode": "data", "type": "aws_region", "name": "d", "provider": "provider[\"registry.opentofu.org/hashicorp/aws\"]", "instances": [{"attributes": {"id": "us-east-1"}}]},
  {"module": "module.a", "mode": "managed", "type": "nullplatform_provider_config", "name": "ecr", "provider": "provider[\"registry.opentofu.org/nullplatform/nullplatform\"]",
   "instances": [{"attributes": {"id": "cfg", "nrn": "organization=1", "type": "ecr", "attributes": "{\"ci\":{\"access_key\":\"AKIAEXAMPLEEXAMPLE12\",\"secret_key\":\"SECRET-key\"}}"}}]},
  {"mode": "managed", "type": "nullplatform_provider_config", "name": "s3", "provider": "provider[\"registry.opentofu.org/nullplatform/nullplatform\"]",
   "instances": [{"attributes": {"id": "cfg-2", "type": "s3-configuration", "attributes": "SECRET-and no JSON"}}]},
  {"mode": "managed", "type": "db", "name": "d", "provider": "provider[\"mirror.internal/corp/db\"]", "instances": [{"attributes": {"id": "1", "password": "SECRET-db"}}]}
 ]}`

func TestParseState(t *testing.T) {
	t.Parallel()
	s, err := tofu.ParseState([]byte("Warning: something\n" + aState))
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for _, r := range s.Resources {
		addresses = append(addresses, r.Address)
	}
	if want := []string{`module.ecr["prod"].aws_iam_access_key.k`, "aws_iam_role.r[0]", "aws_iam_role.r[0]", `aws_iam_role.r["a\"b"]`, "data.aws_region.d", "module.a.nullplatform_provider_config.ecr", "nullplatform_provider_config.s3", "db.d"}; !slices.Equal(addresses, want) {
		t.Errorf("addresses %q", addresses)
	}
	key, _ := s.Resource(`module.ecr["prod"].aws_iam_access_key.k`)
	if key.Values.Text("user") != "ci" || !key.HasSecret() || key.Module != `module.ecr["prod"]` || key.Provider != "registry.opentofu.org/hashicorp/aws" {
		t.Errorf("key %+v", key)
	}
	if r, ok := s.Resource("aws_iam_role.r[0]"); !ok || r.Values.Text("name") != "zero" || r.Deposed != "" || r.Key != "[0]" {
		t.Errorf("role %+v", r)
	}
	if r, ok := s.Resource("module.a.nullplatform_provider_config.ecr"); !ok || r.Values.Text("id") != "cfg" || !r.Registers("AKIAEXAMPLEEXAMPLE12") || r.Registers("AKIAEXAMPLEEXAMPLE13") {
		t.Errorf("registration %+v", r)
	}
	if r, _ := s.Resource("nullplatform_provider_config.s3"); r.Values.Text("type") != "s3-configuration" || r.Registers("") {
		t.Errorf("registration without a key %+v", r)
	}
	if p, ok := s.Product(); !ok || p != tofu.OpenTofu || s.Serial != 7 || s.Lineage != "abc" || s.Wrote != "1.12.6" || s.Empty() {
		t.Errorf("%v %v %+v", p, ok, s)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		for _, part := range []any{s.Resources, s.Outputs} {
			if text := fmt.Sprintf(verb, part); strings.Contains(text, "SECRET") {
				t.Errorf("%s prints a secret: %s", verb, text)
			}
		}
	}
}

func TestParseStateRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, says string }{
		{`{"version":5}`, "its version is 5"},
		{`{"version":4`, "not JSON"},
		{`SECRET`, "not JSON"},
		{`{"version":4,"serial":"SECRET"}`, "not a state"},
	} {
		_, err := tofu.ParseState([]byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", tt.text, err)
		}
	}
	if s, err := tofu.ParseState([]byte(" \n")); err != nil || !s.Empty() {
		t.Errorf("no state: %+v, %v", s, err)
	}
}

func TestCompareStates(t *testing.T) {
	t.Parallel()
	parse := func(replace ...string) *tofu.State {
		s, err := tofu.ParseState([]byte(strings.NewReplacer(replace...).Replace(aState)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := parse()
	if got := a.ChangedOutputs(parse("SECRET-output", "another", `"id": {"value"`, `"new": {"value"`)); !slices.Equal(got, []string{"id", "new", "secret"}) {
		t.Errorf("changed outputs %v", got)
	}
	if got := a.ChangedOutputs(parse(`"sensitive": true`, `"sensitive": false`)); len(got) != 0 {
		t.Errorf("changed outputs %v", got)
	}
	for name, tt := range map[string]struct {
		other *tofu.State
		same  bool
	}{
		"the same":         {parse(), true},
		"another":          {parse("SECRET-key", "another"), false},
		"after an import":  {parse(`"SECRET-key"`, "null"), false},
		"an empty one too": {parse("SECRET-key", ""), false},
	} {
		if got := a.Resources[0].SameSecret(tt.other.Resources[0]); got != tt.same {
			t.Errorf("%s: %v", name, got)
		}
	}
	if imported := parse(`"SECRET-key"`, "null").Resources[0]; imported.HasSecret() || imported.SameSecret(imported) {
		t.Error("a key without a secret equals itself")
	}
	other := parse("registry.opentofu.org", "registry.terraform.io")
	if p, _ := other.Product(); p != tofu.Terraform {
		t.Errorf("product %v", p)
	}
}

// A state of the other tool is left alone, with the way out.
func TestOtherTool(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	backend := tofutest.NewBackend(t)
	_, r := initialised(t, kit, simple+backend.HCL())
	backend.Put([]byte(aState))
	s, err := r.PullState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refuses[*tofu.OtherToolError](t, r.CheckTool(s), "written by OpenTofu", "use tofu")
	_, err = r.MoveState(t.Context(), []tofu.Move{{From: "db.d", To: "db.e"}}, filepath.Join(t.TempDir(), "b"))
	refuses[*tofu.OtherToolError](t, err)
	if backend.Writes() != 0 {
		t.Error("it was written")
	}
}

const twoThings = "resource \"terraform_data\" \"a\" {\n  input = \"SECRET\"\n}\n\nresource \"terraform_data\" \"b\" {}\n"

// stored is a root with two things in a backend's state.
func stored(t *testing.T, hcl string) (*tofutest.World, *tofu.Root, *tofutest.Backend) {
	t.Helper()
	backend := tofutest.NewBackend(t)
	w, r := initialised(t, tofutest.Need(t, tofu.Terraform), hcl+backend.HCL())
	w.Run(t, "apply", "-auto-approve", "-no-color")
	return w, r, backend
}

func addressesOf(t *testing.T, r *tofu.Root) []string {
	t.Helper()
	s, err := r.PullState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range s.Resources {
		out = append(out, x.Address)
	}
	slices.Sort(out)
	return out
}

var oneMove = []tofu.Move{{From: "terraform_data.a", To: "terraform_data.c"}}

// Somebody pushes between the pull and the push, at either of the moments at
// which that can happen: their state stays, and ours is refused.
func TestMoveStateConflicts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		read    int
		lineage string
	}{
		"before the second look": {2, ""},
		"after the second look":  {3, ""},
		"another state before":   {2, "other"},
		"another state after":    {3, "other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, r, backend := stored(t, twoThings)
			theirs := strings.ReplaceAll(string(backend.State()), `"SECRET"`, `"THEIRS"`)
			serial := fmt.Sprintf(`"serial": %d`, serialOf(t, r)+1)
			theirs = strings.Replace(theirs, fmt.Sprintf(`"serial": %d`, serialOf(t, r)), serial, 1)
			if tt.lineage != "" {
				s, _ := tofu.ParseState(backend.State())
				theirs = strings.Replace(theirs, s.Lineage, tt.lineage, 1)
			}
			reads := 0
			backend.OnRead(func() {
				if reads++; reads == tt.read {
					backend.Put([]byte(theirs))
				}
			})
			_, err := r.MoveState(t.Context(), oneMove, filepath.Join(t.TempDir(), "backup"))
			e := want[*tofu.StateConflictError](t, err, "nothing was pushed")
			if e.Lineage != (tt.lineage != "") || reads < tt.read {
				t.Errorf("%+v after %d reads", e, reads)
			}
			if string(backend.State()) != theirs {
				t.Error("their state was written over")
			}
			nothingPrivate(t, w)
		})
	}
}

func serialOf(t *testing.T, r *tofu.Root) uint64 {
	t.Helper()
	s, err := r.PullState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Serial
}

// What goes wrong leaves the state as it was, and no copies.
func TestMoveStateFails(t *testing.T) {
	t.Parallel()
	w, r, backend := stored(t, twoThings)
	before := string(backend.State())
	there := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	free := func() string { return filepath.Join(t.TempDir(), "backup") }
	for name, tt := range map[string]struct {
		moves  []tofu.Move
		backup string
		says   string
	}{
		"neither is there":    {[]tofu.Move{{From: "terraform_data.x", To: "terraform_data.y"}}, free(), "neither is in the state"},
		"both are there":      {[]tofu.Move{{From: "terraform_data.a", To: "terraform_data.b"}}, free(), "both are in the state"},
		"the backup is there": {oneMove, there, "back the state up"},
		"an address is none":  {[]tofu.Move{{From: "terraform_data.a", To: "not an address"}}, free(), "state mv"},
	} {
		if _, err := r.MoveState(t.Context(), tt.moves, tt.backup); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
	backend.OnWrite(func([]byte) bool { return false })
	if _, err := r.MoveState(t.Context(), oneMove, free()); err == nil || !strings.Contains(err.Error(), "state push") {
		t.Errorf("the backend is full: %v", err)
	}
	backend.OnWrite(nil)
	backend.Hold(t, "1-2-3", "ana", "OperationTypeApply")
	_, err := r.MoveState(t.Context(), oneMove, free())
	refuses[*tofu.LockedError](t, err, "force-unlock 1-2-3")
	if string(backend.State()) != before {
		t.Errorf("the state has changed: %s", backend.State())
	}
	nothingPrivate(t, w)
}

// Across two roots everything of the old call moves into the state of another
// root; the receiver is applied first, and both are empty afterwards.
func TestMoveAcross(t *testing.T) {
	t.Parallel()
	calls := tofutest.Calls{}
	u := installed(t, tofutest.Contract34, calls)
	receiver := u.Another(t)
	receiver.Write(t, "main.tf", simple)
	receiver.Run(t, "init", "-no-color")
	receiver.Run(t, "apply", "-auto-approve", "-no-color")

	all := moves(calls)
	for _, label := range []string{
		"aws_iam_group_policy_attachment.ecr_manager_policy_group", "aws_iam_policy.nullplatform_ecr_manager_policy",
		"aws_iam_role.nullplatform_application_role", "aws_iam_role_policy_attachment.ecr_manager_policy", "terraform_data.validations",
	} {
		all = append(all, tofu.Move{From: "module.ecr." + label, To: "module.ecr." + label})
	}
	dir := t.TempDir()
	backups := []string{filepath.Join(dir, "source"), filepath.Join(dir, "receiver")}
	to := receiver.Open(t)
	done, err := tofu.MoveAcross(t.Context(), u.root, to, all, backups[0], backups[1])
	if err != nil || len(done) != 9 {
		t.Fatalf("%v, %v", done, err)
	}
	private(t, backups[0], u.secret())
	private(t, backups[1], "terraform_data")
	nothingPrivate(t, u.World)
	if again, err := tofu.MoveAcross(t.Context(), u.root, to, all, backups[0], backups[1]); err != nil || len(again) != 0 {
		t.Errorf("a second time: %v, %v", again, err)
	}
	if left := addressesOf(t, u.root); len(left) != 0 {
		t.Errorf("the source still has %v", left)
	}
	// The receiver first.
	after := &upgrading{World: receiver, root: to, before: u.before, user: u.user}
	after.Write(t, "simple.tf", simple)
	after.rewrite(t, tofutest.Contract61, calls)
	saved := after.plan(t)
	outputs := []string{"output.access_key_id", "output.access_key_secret"}
	if err := guard.Judge(saved.Plan, guard.Expectation{Job: guard.Upgrade, Cluster: "demo", Moves: moves(calls), Allowed: outputs}).Err(); err != nil {
		t.Fatal(err)
	}
	if err := to.Apply(t.Context(), saved, nil); err != nil {
		t.Fatal(err)
	}
	after.proofs(t, calls)
	// Then the source, which has nothing of it any more.
	u.Write(t, "main.tf", simple)
	rest := u.plan(t)
	v := guard.Judge(rest.Plan, guard.Expectation{Job: guard.Upgrade, UserElsewhere: true, AllowUnrelated: true})
	if len(v.Refusals) != 2 || v.Refusals[0].Rule != guard.RuleOutput {
		t.Errorf("only the outputs should be left to refuse: %v", v.Refusals)
	}
	if slices.ContainsFunc(rest.Plan.Changes, func(c tofu.Change) bool { return c.Action.Destroys() }) {
		t.Errorf("the source would destroy: %v", rest.Plan.Changes)
	}
}

// The receiver has the resource and the source could not be pushed: the error
// says to apply neither, and a second try finishes the move.
func TestMoveAcrossIsFinished(t *testing.T) {
	t.Parallel()
	ws, source, sourceBackend := stored(t, twoThings)
	wr, receiver, _ := stored(t, "resource \"terraform_data\" \"r\" {}\n")
	backup := func(n string) string { return filepath.Join(t.TempDir(), n) }
	sourceBackend.OnWrite(func([]byte) bool { return false })
	_, err := tofu.MoveAcross(t.Context(), source, receiver, oneMove, backup("s"), backup("r"))
	if err == nil || !strings.Contains(err.Error(), "apply neither root, run again") {
		t.Fatal(err)
	}
	if got := addressesOf(t, receiver); !slices.Equal(got, []string{"terraform_data.c", "terraform_data.r"}) {
		t.Errorf("the receiver has %v", got)
	}
	sourceBackend.OnWrite(nil)
	done, err := tofu.MoveAcross(t.Context(), source, receiver, oneMove, backup("s"), backup("r"))
	if err != nil || len(done) != 1 {
		t.Errorf("%v, %v", done, err)
	}
	if got := addressesOf(t, source); !slices.Equal(got, []string{"terraform_data.b"}) {
		t.Errorf("the source has %v", got)
	}
	if got := addressesOf(t, receiver); !slices.Equal(got, []string{"terraform_data.c", "terraform_data.r"}) {
		t.Errorf("the receiver has %v", got)
	}
	// Another thing at the receiver's address is not taken for the same.
	_, err = tofu.MoveAcross(t.Context(), source, receiver, []tofu.Move{{From: "terraform_data.b", To: "terraform_data.r"}}, backup("s"), backup("r"))
	if err == nil || !strings.Contains(err.Error(), "has another one there") {
		t.Error(err)
	}
	nothingPrivate(t, ws)
	nothingPrivate(t, wr)
}

package ask

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/guard"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// What flags gave of a root comes out as it went in, so that walking through
// changes nothing, also what is never asked.
func TestProjectKeepsARequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyRoot(t)
		got := ProjectOf(want).Request(migrate.UpgradeRequest{To: want.To, Bucket: want.Bucket})
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v %+v\nwant %+v %+v", got, got.Root, want, want.Root)
		}
	})
}

func anyRoot(t *rapid.T) migrate.UpgradeRequest {
	maybe := func(label, value string) string {
		return rapid.SampledFrom([]string{"", value}).Draw(t, label)
	}
	files := func(label string) []string {
		return rapid.SampledFrom([][]string{nil, {"a b.tfvars"}, {"a", "../b"}}).Draw(t, label)
	}
	yes := func(label string) bool { return rapid.Bool().Draw(t, label) }
	req := migrate.UpgradeRequest{
		Cluster: maybe("cluster", "demo"), To: provision.Contract61, Bucket: maybe("bucket", "assets"),
		Route: rapid.SampledFrom([]migrate.Route{migrate.RouteTofu, migrate.RoutePipeline}).Draw(t, "route"),
		Root: &migrate.RootRequest{
			Dir: "infra", Others: files("others"), Receiver: maybe("receiver", "a"), Tool: maybe("tool", "tofu"),
			VarFiles: files("vars"), BackendConfigs: files("backend"), Ref: maybe("ref", "v6.1.0"), Source: maybe("source", "../m"),
			StateMoves: yes("moves"), NoBridge: yes("bridge"), AcceptRefs: yes("refs"), AcceptEdits: yes("edits"),
			AllowAddresses: files("allow"), AllowUnrelated: yes("unrelated"),
		},
	}
	if req.Route == migrate.RoutePipeline {
		req.Root.Patch = maybe("patch", "up.patch")
	}
	return req
}

func TestWhatHoldsTheInstallation(t *testing.T) {
	found := []migrate.Project{{Dir: "infra", Layout: &layout.Layout{}}}
	for _, tc := range []struct {
		why   string
		given migrate.UpgradeRequest
		found []migrate.Project
		want  Project
	}{
		{"a root that is found is the answer", migrate.UpgradeRequest{}, found, Project{Kept: true, Dir: "infra"}},
		{"without one, nothing holds it", migrate.UpgradeRequest{}, nil, Project{}},
		{"a route that was named is not overruled", migrate.UpgradeRequest{Route: migrate.RouteAccount}, found, Project{}},
		{"nor is a directory", migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: "other"}}, found, Project{Kept: true, Dir: "other"}},
	} {
		p := ProjectOf(tc.given)
		p.Found(tc.found)
		if p.Kept != tc.want.Kept || p.Dir != tc.want.Dir {
			t.Errorf("%s: got %v, %q", tc.why, p.Kept, p.Dir)
		}
	}
	named := ProjectOf(migrate.UpgradeRequest{Cluster: "demo"})
	named.Found(found)
	if req := named.Request(migrate.UpgradeRequest{}); req.Cluster != "demo" {
		t.Errorf("a cluster that was named is lost: %+v", req)
	}
	p := Project{Kept: true, Dir: "infra", Route: migrate.RouteTofu}
	p.Kept = false
	if req := p.Request(migrate.UpgradeRequest{Cluster: "demo"}); req.Root != nil || req.Route != migrate.RouteAccount || req.Cluster != "demo" {
		t.Errorf("without a root the request is %+v", req)
	}
}

// The first question alone counts where nothing holds it; a cluster is asked
// for only where the root does not tell.
func TestProjectDetails(t *testing.T) {
	names := func(p *Project) string {
		var out []string
		for _, q := range ProjectDetails(p, &migrate.UpgradeRequest{}, nil) {
			out = append(out, q.Name)
		}
		return strings.Join(out, " ")
	}
	for _, tc := range []struct {
		why  string
		p    Project
		want string
	}{
		{"nothing holds it", Project{}, "kept"},
		{"a root does", Project{Kept: true}, "kept dir to more"},
		{"it does not tell the cluster", Project{Kept: true, askCluster: true}, "kept dir to cluster more"},
		{"with options", Project{Kept: true, More: true}, "kept dir to more module_ref module_source tool var_files backend_configs others move bridge patch"},
		{"a receiver is one of others", Project{Kept: true, More: true, Others: "b"}, "kept dir to more module_ref module_source tool var_files backend_configs others receiver move bridge patch"},
	} {
		if got := names(&tc.p); got != tc.want {
			t.Errorf("%s: got %s", tc.why, got)
		}
	}
	p := Project{Kept: true, More: true, Ref: "main", Others: "a, b", Receiver: "c", Dir: "~/infra"}
	for _, q := range ProjectDetails(&p, &migrate.UpgradeRequest{}, nil) {
		wrong := len(q.Problems()) > 0
		if want := q.Name == "module_ref" || q.Name == "receiver" || q.Name == "dir"; wrong != want {
			t.Errorf("%s is wrong: %v", q.Name, wrong)
		}
	}
}

// Ways that are not open say why; at least their words are always there.
func TestRoutes(t *testing.T) {
	no := errors.New("no")
	f := &migrate.RootFinding{Offers: []migrate.RouteOffer{{Route: migrate.RouteTofu, Refusal: no}, {Route: migrate.RoutePipeline}}}
	all := Routes(f)
	if len(all) != 3 || all[0].Refusal == nil || all[1].Refusal != nil || all[2].Refusal == nil {
		t.Fatalf("got %+v", all)
	}
	if open := OpenRoutes(all); len(open) != 1 || open[0].Route != migrate.RoutePipeline {
		t.Errorf("open are %+v", open)
	}
}

func TestReportFile(t *testing.T) {
	endings := []string{".md", ".json"}
	var path string
	q := ReportFile(&path, []audit.Report{{Cluster: "demo"}}, endings)
	if q.Suggested != "slipway-audit-demo.md" {
		t.Errorf("suggested is %q", q.Suggested)
	}
	if many := ReportFile(&path, make([]audit.Report, 2), endings); many.Suggested != "slipway-audit.md" {
		t.Errorf("of many, suggested is %q", many.Suggested)
	}
	for text, fine := range map[string]bool{"": false, "a.md": true, "a.JSON": true, "a.doc": false, "a": false, "~/a.md": false} {
		if path = text; (len(q.Problems()) == 0) != fine {
			t.Errorf("%q: %v", text, q.Problems())
		}
	}
}

func TestSaveNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.md")
	if err := SaveNew(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	var p *provision.Problem
	if err := SaveNew(path, []byte("two")); !errors.As(err, &p) {
		t.Errorf("over a file that is there: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "one" {
		t.Errorf("it holds %q, %v", text, err)
	}
	if err := SaveNew(filepath.Join(dir, "nowhere", "a.md"), nil); err == nil || !strings.Contains(err.Error(), "name another file") {
		t.Errorf("into a directory that is not there: %v", err)
	}
}

// What was agreed to of one root is not agreed to of another.
func TestConsentIsOfOneRoot(t *testing.T) {
	p := Project{Kept: true, Dir: "a", Route: migrate.RouteTofu, Cluster: "demo"}
	p.AcceptRefs()
	p.AcceptEdits()
	p.AskCluster()
	p.Consent([]guard.Finding{{Address: "x.y"}, {Address: "x.y"}})
	req := p.Request(migrate.UpgradeRequest{})
	if r := req.Root; !r.AcceptRefs || !r.AcceptEdits || len(r.AllowAddresses) != 1 || req.Cluster != "demo" {
		t.Errorf("what was said is lost: %+v, %+v", req, r)
	}
	p.Dir = "b"
	req = p.Request(migrate.UpgradeRequest{})
	if r := req.Root; r.AcceptRefs || r.AcceptEdits || len(r.AllowAddresses) > 0 || req.Cluster != "" {
		t.Errorf("it counts for another root: %+v, %+v", req, r)
	}
	for _, q := range ProjectDetails(&p, &migrate.UpgradeRequest{}, nil) {
		if q.Name == "cluster" {
			t.Error("another root's cluster is asked for")
		}
	}
	p.Dir = "a"
	if r := p.Request(migrate.UpgradeRequest{}).Root; !r.AcceptRefs {
		t.Error("back at the first, it is lost")
	}
}

// Which instances a call has is asked for until it is said, and is of one root.
func TestInstancesAreSaid(t *testing.T) {
	p := ProjectOf(migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: "a", Instances: map[string][]string{"ecr": {"dev"}}}})
	question := func() *Question {
		for _, q := range ProjectDetails(&p, &migrate.UpgradeRequest{}, nil) {
			if q.Name == InstancesQuestion {
				return &q
			}
		}
		return nil
	}
	if question() != nil {
		t.Error("it is asked before anybody has to say it")
	}
	p.AskInstances([]string{"ecr"})
	p.AskInstances([]string{"ecr"})
	q := question()
	if q == nil || *q.text != "dev" || len(q.problems()) > 0 {
		t.Fatalf("the question is %+v", q)
	}
	*q.text = " , "
	if len(q.problems()) == 0 {
		t.Error("no key is no problem")
	}
	*q.text = "dev, prod"
	if got := p.Request(migrate.UpgradeRequest{}).Root.Instances["ecr"]; !slices.Equal(got, []string{"dev", "prod"}) {
		t.Errorf("what was said is lost: %v", got)
	}
	p.Dir = "b"
	if got := p.Request(migrate.UpgradeRequest{}).Root.Instances; len(got) > 0 || question() != nil {
		t.Errorf("it counts for another root: %v", got)
	}
}

// What instances are is said in one way, and everything else is refused with it.
func TestParseInstances(t *testing.T) {
	got, err := ParseInstances([]string{"ecr=dev, prod", "other = 0"})
	if err != nil || !slices.Equal(got["ecr"], []string{"dev", "prod"}) || !slices.Equal(got["other"], []string{"0"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range [][]string{{"ecr"}, {"=dev"}, {"ecr=,"}, {"ecr=dev", "ecr=prod"}} {
		if got, err := ParseInstances(bad); err == nil || !strings.Contains(err.Error(), "KEY,KEY") {
			t.Errorf("%v: %v, %v", bad, got, err)
		}
	}
}

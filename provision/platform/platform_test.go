package platform_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
	"github.com/nullplatform/slipway/provision/sandbox"
	fake "github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

func TestMain(m *testing.M) {
	if err := os.Unsetenv("HTTPS_PROXY"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// planted is the build user's secret. It must not come out anywhere.
const planted = "pLanted/Secret+Key/0123456789abcdefghij="

func key() provision.Credentials {
	return provision.Credentials{
		User: "nullplatform-demo-build-workflow-user", KeyID: "AKIAABCDEFGHIJKLMNOP",
		Secret: provision.NewSecret(planted), Region: "us-east-1",
	}
}

// start runs a sandbox whose nullplatform is in a scenario.
func start(t *testing.T, scenario string) *sandbox.Sandbox {
	t.Helper()
	return sandboxtest.Start(t, sandbox.Options{Platform: fake.Options{Scenario: scenario, ShowKeyID: true}})
}

func options(sb *sandbox.Sandbox) platform.Options {
	return platform.Options{
		Host: sb.PlatformHost(), APIKey: provision.NewSecret(sb.PlatformKey()), From: "NULLPLATFORM_API_KEY",
		Pause: time.Millisecond, Patience: 20 * time.Second,
	}
}

func open(t *testing.T, o platform.Options) *platform.Client {
	t.Helper()
	c, err := platform.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func nrn(t testing.TB, text string) platform.NRN {
	t.Helper()
	n, err := platform.ParseNRN(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wanted is what the demo cluster's blueprint calls for.
func wanted(t testing.TB, at, keyID string, pull ...string) []platform.Wanted {
	t.Helper()
	b, err := provision.NewBlueprint(provision.Spec{
		Cluster:          "demo",
		Destinations:     []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
		CrossAccountPull: len(pull) > 0, PullAccounts: pull,
	}, provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return platform.WantedFor(b, platform.Target{NRN: nrn(t, at)}, keyID)
}

func survey(t *testing.T, c *platform.Client, ws []platform.Wanted, newKey bool) platform.Survey {
	t.Helper()
	s, err := c.Survey(t.Context(), ws, newKey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// platformWrites are the requests that change a configuration.
func platformWrites(sb *sandbox.Sandbox) []string {
	var out []string
	for _, e := range sb.Log() {
		if e.Service == "platform" && slices.Contains([]string{"CreateProvider", "UpdateProvider", "DeleteProvider"}, e.Action) {
			out = append(out, e.Action)
		}
	}
	return out
}

// The attributes are those of the modules, to the letter: an import shows no
// difference then.
func TestRegisterAsTheModulesDo(t *testing.T) {
	sb := start(t, "ready")
	c := open(t, options(sb))
	s := survey(t, c, wanted(t, fake.NRN, "", "210987654321"), true)
	if len(s.Blockers) != 0 || len(s.Registrations) != 2 {
		t.Fatalf("survey = %+v", s)
	}
	for _, r := range s.Registrations {
		if r.State != platform.Missing {
			t.Fatalf("%s is %s", r.Wanted.Specification, r.State)
		}
		if _, err := c.Register(t.Context(), r, key()); err != nil {
			t.Fatal(err)
		}
	}
	there := sb.Platform().Configurations()
	if len(there) != 3 {
		t.Fatalf("%d configurations, want the account's and two", len(there))
	}
	want := []map[string]string{{
		"ci.region": "us-east-1", "ci.access_key": key().KeyID, "ci.secret_key": planted,
		"setup.region": "us-east-1", "setup.role_arn": "arn:aws:iam::123456789012:role/nullplatform-demo-application-role",
		"setup.naming_rule": `"\(.namespace.slug)/\(.application.slug)"`,
		"setup.policy":      `{"Statement":[{"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability"],"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::210987654321:root"]},"Sid":"CrossAccountPull"}],"Version":"2012-10-17"}`,
	}, {"bucket.name": "demo-assets"}}
	for i, w := range want {
		if got := there[i+1].Attributes; fmt.Sprint(got) != fmt.Sprint(w) {
			t.Errorf("attributes = %v\nwant %v", got, w)
		}
	}

	// Again: what is there is adopted, and nothing is written.
	sb.ClearLog()
	again := survey(t, c, wanted(t, fake.NRN, key().KeyID, "210987654321"), false)
	for _, r := range again.Registrations {
		if r.State != platform.Adopted {
			t.Errorf("%s is %s: %v", r.Wanted.Specification, r.State, r.Differences)
		}
		if _, err := c.Register(t.Context(), r, provision.Credentials{}); err != nil {
			t.Error(err)
		}
	}
	if w := platformWrites(sb); len(w) != 0 {
		t.Errorf("%v were written the second time", w)
	}
	if got := again.Registrations[0].Unknown; !slices.Equal(got, []string{"ci.secret_key"}) {
		t.Errorf("unknown = %v, want the secret", got)
	}
}

func TestSurveyTellsHowThingsStand(t *testing.T) {
	const own = fake.NRN
	for _, tt := range []struct {
		why, scenario, at string
		states            []platform.State
		blocked, noted    []string
	}{
		{"nothing is registered", "ready", own, []platform.State{platform.Missing, platform.Missing}, nil, nil},
		{"a module has registered both", "registered", own, []platform.State{platform.Adopted, platform.Adopted}, nil, nil},
		{"somebody has registered other values", "different", own, []platform.State{platform.Different, platform.Different}, nil, nil},
		{"by hand and by a module: no guessing", "duplicates", own, []platform.State{platform.Several, platform.Adopted}, nil, nil},
		{"it was deleted by hand, and a list may know it still", "deleted", own, []platform.State{platform.Missing, platform.Missing}, nil, nil},
		{
			"the organisation has one for everybody", "above", own,
			[]platform.State{platform.Missing, platform.Missing},
			nil,
			[]string{"ECR is registered at organization=4242 too"},
		},
		{
			"an installation without the specification", "no-s3-specification", own,
			[]platform.State{platform.Missing},
			[]string{`"s3-configuration", which this nullplatform does not have`, "ask nullplatform's support"},
			nil,
		},
		{
			"ECR depends on an account", "no-account", own,
			[]platform.State{platform.Missing, platform.Missing},
			[]string{"needs an AWS account (aws-configuration) at organization=4242:account=77 or above it"},
			nil,
		},
		{
			"a key of this organisation and an NRN of another", "ready", "organization=1:account=2",
			[]platform.State{},
			[]string{"belongs to organisation 4242", "use an NRN of organisation 4242"},
			nil,
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			sb := start(t, tt.scenario)
			keyID := ""
			if tt.scenario == "registered" {
				keyID = "AKIAEXAMPLEOFNOBODY2"
			}
			s := survey(t, open(t, options(sb)), wanted(t, tt.at, keyID), false)
			var states []platform.State
			for _, r := range s.Registrations {
				states = append(states, r.State)
			}
			if !slices.Equal(states, tt.states) {
				t.Errorf("states = %v, want %v", states, tt.states)
			}
			var blocked []string
			for _, b := range s.Blockers {
				blocked = append(blocked, b.Error())
			}
			if (len(blocked) > 0) != (tt.blocked != nil) {
				t.Errorf("blockers = %q", blocked)
			}
			for _, say := range tt.blocked {
				if !strings.Contains(strings.Join(blocked, "\n"), say) {
					t.Errorf("blockers = %q, want %q said", blocked, say)
				}
			}
			for _, say := range tt.noted {
				if !strings.Contains(strings.Join(s.Notes, "\n"), say) {
					t.Errorf("notes = %q, want %q said", s.Notes, say)
				}
			}
			if w := platformWrites(sb); len(w) != 0 {
				t.Errorf("a survey wrote: %v", w)
			}
		})
	}
}

// An update writes what is wanted and nothing that was read: the API here
// replaces all attributes, so a null read back and written would stay.
func TestUpdateWritesNoNull(t *testing.T) {
	sb := start(t, "different")
	c := open(t, options(sb))
	s := survey(t, c, wanted(t, fake.NRN, key().KeyID), false)
	r := s.Registrations[0]
	if p := r.Blocked(false); p == nil || !strings.Contains(p.Error(), "BUILD_AWS_SECRET_ACCESS_KEY") {
		t.Errorf("without the secret: %v", p)
	}
	if _, err := c.Register(t.Context(), r, provision.Credentials{}); err == nil {
		t.Error("it was updated without the secret")
	}
	if w := platformWrites(sb); len(w) != 0 {
		t.Fatalf("written: %v", w)
	}
	for _, r := range s.Registrations {
		if _, err := c.Register(t.Context(), r, key()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range sb.Platform().Configurations() {
		for path, v := range c.Attributes {
			if v == "<null>" {
				t.Errorf("%s of %s is null", path, c.Slug)
			}
		}
	}
	if got := sb.Platform().Configurations()[1].Attributes["ci.secret_key"]; got != planted {
		t.Error("the secret did not arrive")
	}
}

func TestSeveralAreRefused(t *testing.T) {
	sb := start(t, "duplicates")
	c := open(t, options(sb))
	r := survey(t, c, wanted(t, fake.NRN, ""), true).Registrations[0]
	_, err := c.Register(t.Context(), r, key())
	var p *provision.Problem
	if !errors.As(err, &p) || !strings.Contains(err.Error(), r.Found[0].ID) || !strings.Contains(err.Error(), r.Found[1].ID) {
		t.Errorf("err = %v, want both named", err)
	}
	if w := platformWrites(sb); len(w) != 0 {
		t.Errorf("written: %v", w)
	}
}

// A configuration that a list names and that is gone when it is read is none.
func TestGoneSinceItWasListed(t *testing.T) {
	sb := start(t, "registered")
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultNoSuchEntity, Service: "platform", Action: "ReadProvider", Times: -1})
	for _, r := range survey(t, open(t, options(sb)), wanted(t, fake.NRN, ""), false).Registrations {
		if r.State != platform.Missing {
			t.Errorf("%s is %s", r.Wanted.Specification, r.State)
		}
	}
}

// All pages are read, whatever the API gives at once.
func TestLongLists(t *testing.T) {
	sb := start(t, "ready")
	c := open(t, options(sb))
	w := wanted(t, fake.NRN, "")[1]
	r := platform.Compare(w, nil, false)
	for range 230 {
		sb.Platform().TestOnlyAdd(fake.NRN, "s3-configuration", map[string]any{"bucket": map[string]any{"name": "b"}})
	}
	got, err := c.Configurations(t.Context(), w.NRN, platform.S3Specification, false)
	if err != nil || len(got) != 230 {
		t.Errorf("%d configurations, %v", len(got), err)
	}
	if r.State != platform.Missing {
		t.Errorf("nothing found is %s", r.State)
	}
}

// What a key that is yet to be made changes is told without a name for it.
func TestADifferenceInWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d    platform.Difference
		says string
	}{
		{platform.Difference{Path: "ci.access_key"}, "ci.access_key becomes the new key"},
		{platform.Difference{Path: "ci.access_key", Is: "AKIAOLD"}, "ci.access_key is AKIAOLD and becomes the new key"},
		{platform.Difference{Path: "ci.access_key", Is: "AKIAOLD", Should: "AKIANEW"}, "ci.access_key is AKIAOLD and becomes AKIANEW"},
		{platform.Difference{Path: "ci.secret_key", Secret: true}, "ci.secret_key becomes the new secret"},
		{platform.Difference{Path: "setup.policy", Is: "{}"}, "setup.policy is {} and becomes empty"},
		{platform.Difference{Path: "setup.policy", Should: "{}"}, "setup.policy becomes {}"},
	} {
		if got := tt.d.String(); got != tt.says {
			t.Errorf("%+v: %q", tt.d, got)
		}
	}
}

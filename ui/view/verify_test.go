package view

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/platform"
)

// verifications are the ways in which a verification ends.
func verifications(t testing.TB) map[string]*migrate.Verification {
	t.Helper()
	nrn, err := platform.ParseNRN("organization=1:account=2")
	if err != nil {
		t.Fatal(err)
	}
	at := provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"}
	b, err := provision.NewBlueprint(provision.Spec{
		Cluster: "demo", Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
	}, at)
	if err != nil {
		t.Fatal(err)
	}
	with := func(checks ...migrate.Check) *migrate.Verification {
		return &migrate.Verification{
			Request:  migrate.VerifyRequest{Cluster: "demo", Target: platform.Target{NRN: nrn}},
			Identity: account.Identity{ARN: "arn:aws:iam::123456789012:user/operator", Place: at}, Blueprint: b, Checks: checks,
		}
	}
	pass := migrate.Check{ID: "build-user", Title: "The build user has an active key", Verdict: migrate.Pass, Found: b.User.Name + ", AKIAEXAMPLE"}
	well := with(pass, migrate.Check{ID: "probe", Title: "Publishing works with the build user's key", Verdict: migrate.Pass, Found: "s3:PutObject on demo-assets/slipway-probe/x, 3 rounds in a row"})
	well.Probe = &account.ProbeResult{Proofs: []account.Proof{{Action: "s3:PutObject", On: "demo-assets/slipway-probe/x", OK: true, Tried: true}}, InARow: 3, Wanted: 3, Rounds: 3, Left: []string{}}
	return map[string]*migrate.Verification{
		"well": well,
		"open": with(pass,
			migrate.Check{ID: "registered-key", Title: "The registered key is an active key of the build user", Verdict: migrate.Unknown, Found: "nullplatform does not tell which key it holds", Way: "the probe tells whether a key works; a build tells which"},
			migrate.Check{ID: "probe", Title: "Publishing works with the build user's key", Verdict: migrate.NotRun, Found: "the build user's secret was not given", Way: migrate.SecretWanted}),
		// Names and texts come from others, and may try to draw.
		"no": with(pass,
			migrate.Check{ID: "registered-bucket", Title: "The registered bucket exists and the grant names it", Verdict: migrate.Fail, Found: "bad\x1b[31m-bucket ``` is registered, and the build user may not write to it", Way: "grant it, or register the bucket that is granted"}),
	}
}

func TestVerification(t *testing.T) {
	for name, v := range verifications(t) {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, Verification(c, v)+"\n") })
		}
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, VerificationMarkdown(v)) })
		t.Run(name+"/json", func(t *testing.T) {
			b, err := VerificationJSON(v)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(b))
		})
	}
}

// No line is too wide at any width, and nothing of others acts on a terminal.
func TestVerificationFits(t *testing.T) {
	for _, v := range verifications(t) {
		for width := 20; width < 130; width++ {
			text := Verification(NewCanvas(width, true, false), v)
			for _, line := range strings.Split(text, "\n") {
				if widest(line) > width || strings.HasSuffix(line, " ") || strings.Contains(line, "\x1b") {
					t.Fatalf("at %d: %q", width, line)
				}
			}
		}
	}
}

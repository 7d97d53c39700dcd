package view

import (
	"errors"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// upgradeScene is an upgrade with the reason why it is worth looking at.
type upgradeScene struct {
	name    string
	why     string
	preview *migrate.UpgradePreview
}

func upgradeScenes(t testing.TB) []upgradeScene {
	t.Helper()
	return []upgradeScene{
		{"rename", "contract 3.4, and somebody else in the group", upgradePreview(t, legacyAccount(t, provision.Contract34))},
		{"direct", "contract 1.12: most of all that can happen", upgradePreview(t, legacyAccount(t, provision.Contract112))},
		{"split", "contract 5.0: the S3 grant gets its new name", upgradePreview(t, legacyAccount(t, provision.Contract50))},
		{"nothing", "already there", upgradePreview(t, legacyAccount(t, provision.Contract61))},
		{"blocked", "nothing to start from", upgradePreview(t, emptyAccount("demo-assets"))},
	}
}

// legacyAccount is an account of an older contract, on paper.
func legacyAccount(t testing.TB, c provision.Contract) *provision.Inventory {
	t.Helper()
	spec := demo()
	if c == provision.Contract50 {
		spec.Contract = c
	}
	inv := installed(t, spec)
	inv.User.ID = "AIDAEXAMPLE00000000"
	for i := range inv.Policies {
		inv.Policies[i].Versions = 1
	}
	if c == provision.Contract50 || c == provision.Contract61 {
		return inv
	}
	// Before 5.0 there is no S3 grant, and the group has another name or is
	// not there.
	publishers := inv.Groups[0].Name
	ecr := inv.Groups[0].Attached[0]
	for _, call := range []provision.Call{
		{Action: "iam:DetachGroupPolicy", Params: []provision.Param{{Name: "GroupName", Value: publishers}, {Name: "PolicyArn", Value: inv.Groups[0].Attached[1].ARN}}},
		{Action: "iam:DeletePolicy", Params: []provision.Param{{Name: "PolicyArn", Value: inv.Groups[0].Attached[1].ARN}}},
		{Action: "iam:UpdateGroup", Params: []provision.Param{{Name: "GroupName", Value: publishers}, {Name: "NewGroupName", Value: c.Names("demo").Group}}},
	} {
		if c == provision.Contract112 && call.Action == "iam:UpdateGroup" {
			continue
		}
		if err := inv.Apply(call); err != nil {
			t.Fatal(err)
		}
	}
	if c == provision.Contract34 {
		inv.Groups[0].Members = append(inv.Groups[0].Members, "ana")
		return inv
	}
	inv.Groups, inv.User.Groups, inv.User.Attached = nil, nil, []provision.AttachedPolicy{ecr}
	inv.Policies[0].Document = `{"Statement":[{"Action":["ecr:PutImage"],"Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1"]}},"Effect":"Allow","Resource":["arn:aws:ecr:*:*:repository/*"]}],"Version":"2012-10-17"}`
	return inv
}

func upgradePreview(t testing.TB, inv *provision.Inventory) *migrate.UpgradePreview {
	t.Helper()
	standing := provision.StandingOf("demo", inv)
	spec, err := standing.Spec("demo", provision.Contract61, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(spec.Destinations) == 0 {
		spec.Destinations = []provision.Destination{ecr()}
	}
	b, err := provision.NewBlueprint(spec, testPlace)
	if err != nil {
		t.Fatal(err)
	}
	return &migrate.UpgradePreview{
		Request:  migrate.UpgradeRequest{Cluster: "demo", To: provision.Contract61, Route: migrate.RouteAccount},
		Standing: standing, Identity: provision.IdentityOf(inv.User),
		Account: judged(t, &migrate.InstallPreview{
			Request:   migrate.InstallRequest{Spec: b.Spec},
			Identity:  account.Identity{ARN: testPlace.UserARN("ops"), Place: testPlace},
			Inventory: inv, Plan: provision.NewUpgrade(b, inv),
		}),
	}
}

// upgradeEndings are ways in which an upgrade ends.
func upgradeEndings(t testing.TB) map[string]UpgradeSummary {
	t.Helper()
	p := upgradePreview(t, legacyAccount(t, provision.Contract50))
	var all []string
	after := p.Account.Inventory.Clone()
	for _, c := range p.Plan().Changes {
		all = append(all, c.ID)
		for _, call := range c.Calls {
			if err := after.Apply(call); err != nil {
				t.Fatal(err)
			}
		}
	}
	return map[string]UpgradeSummary{
		"done": {Preview: p, Result: migrate.UpgradeResult{Done: all, Proofs: migrate.AccountProofs(p, after)}, Sandbox: true},
		"refused": {Preview: p, Result: migrate.UpgradeResult{Done: all, Proofs: migrate.AccountProofs(p, after)}, Publishing: []migrate.Publishing{{
			Cluster: "demo", Denied: true, Checks: []migrate.Check{
				{ID: "grants", Title: "The policies allow what CI does, and nothing else that was asked", Verdict: migrate.Pass, Found: "10 requests asked, all as they must be"},
				{ID: "probe", Title: "Publishing works with the build user's key", Verdict: migrate.Fail, Found: "s3:PutObject on demo-assets/slipway-probe/x: a policy of the organisation denies it", Way: "see the checks above; if the key is new, run again in a minute"},
			},
		}}},
		"not proved": {Preview: p, Result: migrate.UpgradeResult{Done: all, Proofs: migrate.AccountProofs(p, p.Account.Inventory)}, Err: &checklist.StepError{
			Step: checklist.Step{ID: "prove", Title: "Show that nothing was lost"}, Err: errors.New("the account is as before"),
		}},
		"failed": {Preview: p, Result: migrate.UpgradeResult{Done: all[:2]}, Err: &checklist.StepError{
			Step: checklist.Step{ID: all[2], Title: p.Plan().Changes[2].Title}, Err: errors.New("the caller may not iam:DetachGroupPolicy; allow it and run again"),
		}},
		"stopped": {Preview: p, Result: migrate.UpgradeResult{Done: all[:1]}, Err: checklist.ErrStopped},
	}
}

func TestUpgradeDrawings(t *testing.T) {
	for _, s := range upgradeScenes(t) {
		for size, c := range canvases() {
			t.Run(s.name+"/"+size, func(t *testing.T) {
				golden(t, "# "+s.why+"\n\n"+UpgradeText(c, s.preview, Changes)+"\n")
			})
		}
		t.Run(s.name+"/markdown", func(t *testing.T) { golden(t, UpgradeMarkdown(s.preview)) })
	}
}

func TestUpgradeSummaries(t *testing.T) {
	for name, s := range upgradeEndings(t) {
		for size, c := range canvases() {
			t.Run(name+"/"+size, func(t *testing.T) { golden(t, UpgradeSummaryText(c, s)+"\n") })
		}
		t.Run(name+"/markdown", func(t *testing.T) { golden(t, UpgradeSummaryMarkdown(s)) })
		t.Run(name+"/json", func(t *testing.T) {
			b, err := UpgradeResultJSON(s)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(b))
		})
	}
}

// upgradeReports are all JSON that upgrades write, by name.
func upgradeReports(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	keep := func(name string, b []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	for _, s := range upgradeScenes(t) {
		b, err := UpgradePlanJSON(s.preview)
		keep("upgrade plan "+s.name, b, err)
	}
	for name, s := range upgradeEndings(t) {
		b, err := UpgradeResultJSON(s)
		keep("upgrade result "+name, b, err)
	}
	return out
}

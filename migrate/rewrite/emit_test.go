package rewrite

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

func spec() provision.Spec {
	return provision.Spec{
		Cluster:      "demo",
		Destinations: []provision.Destination{{Kind: provision.S3, Bucket: "demo-assets"}, {Kind: provision.ECR}},
	}
}

// account is what an install of the spec has made.
func account() *provision.Inventory {
	names := provision.Contract61.Names("demo")
	place := provision.Place{Partition: "aws", Account: "123456789012", Region: "us-east-1"}
	ecr, s3 := place.PolicyARN(names.ECRPolicy), place.PolicyARN(names.S3Policy)
	return &provision.Inventory{
		Place:    place,
		User:     &provision.User{Name: names.User, Groups: []string{names.Group}, Keys: []provision.Key{{ID: "AKIATEST", Active: true}}},
		Groups:   []provision.Group{{Name: names.Group, Members: []string{names.User}, Attached: []provision.AttachedPolicy{{Name: names.ECRPolicy, ARN: ecr}, {Name: names.S3Policy, ARN: s3}}}},
		Role:     &provision.Role{Name: names.Role, Attached: []provision.AttachedPolicy{{Name: names.ECRPolicy, ARN: ecr}}},
		Policies: []provision.Policy{{Name: names.ECRPolicy, ARN: ecr}, {Name: names.S3Policy, ARN: s3}},
	}
}

// What is written for each kind of install.
func TestEmit(t *testing.T) {
	existing := layout.Root{Dir: "root", Files: []layout.File{{Name: "main.tf", Data: []byte(
		"module \"ecr_iam\" {\n  source = \"./something\"\n}\noutput \"application_role_arn\" {\n  value = 1\n}\n")}}}
	pull := spec()
	pull.CrossAccountPull, pull.PullAccounts = true, []string{"111111111111", "222222222222"}
	pull.ApplicationManager = "arn:aws:iam::999999999999:role/manager"
	old := spec()
	old.Contract = provision.Contract50
	bucketOnly := spec()
	bucketOnly.Destinations = bucketOnly.Destinations[:1]
	imagesOnly := spec()
	imagesOnly.Destinations = imagesOnly.Destinations[1:]
	for _, tt := range []struct {
		why  string
		opts EmitOptions
	}{
		{"both destinations, registered with nullplatform", EmitOptions{Spec: spec(), NRN: "organization=1:account=2"}},
		{"names that are taken get a number", EmitOptions{Spec: spec(), Root: existing, Ref: "v6.1.0"}},
		{"contract 5.0 from a mirror", EmitOptions{Spec: old, Source: "git@git.example.com:mirror/tofu-modules.git"}},
		{"with pulls, from a local copy", EmitOptions{Spec: pull, Source: "../modules/", NRN: "organization=1"}},
		{"an account that was set up directly", EmitOptions{Spec: spec(), Adopt: account()}},
		{"an account that was installed and registered directly", EmitOptions{
			Spec: spec(), Adopt: account(), NRN: "organization=1", Registered: map[provision.Kind]string{provision.ECR: "cfg-ecr", provision.S3: "${cfg}"},
		}},
		{"a bucket, whose registration carries no key", EmitOptions{
			Spec: bucketOnly, Adopt: account(), NRN: "organization=1", Registered: map[provision.Kind]string{provision.ECR: "of no call", provision.S3: "cfg-s3"},
		}},
		{"an account with the user alone", EmitOptions{Spec: imagesOnly, Adopt: &provision.Inventory{User: &provision.User{Name: provision.Contract61.Names("demo").User}}}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			tt.opts.Root.Dir = "root"
			got, err := Emit(tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, p := range got.Problems {
				out.WriteString(string(p.Severity) + ": " + p.Error() + "\n")
			}
			for _, e := range got.Edits {
				out.WriteString("\n-- " + e.File + " --\n" + string(e.After))
				if want := hclwrite.Format(e.After); string(want) != string(e.After) {
					t.Errorf("%s is not formatted", e.File)
				}
			}
			golden(t, out.String())

			after := tt.opts
			after.Root = with(tt.opts.Root, got.Edits)
			again, err := Emit(after)
			if err != nil || len(again.Edits) > 0 {
				t.Errorf("again: %v, %+v", err, again)
			}
		})
	}
}

// What is emitted is a layout that is found, whole and at its contract.
func TestEmittedIsFound(t *testing.T) {
	for _, c := range provision.Contracts() {
		s := spec()
		s.Contract = c
		got, err := Emit(EmitOptions{Spec: s, Root: layout.Root{Dir: "root"}, NRN: "organization=1"})
		if err != nil {
			t.Fatal(err)
		}
		l := layout.Find(layout.Input{Root: with(layout.Root{Dir: "root"}, got.Edits)})
		if len(l.Identities) != 1 || l.Contract() != c || l.Refused() != nil || len(l.Open()) > 0 {
			t.Fatalf("%s: found %s, %d identities: %v", c, l.Contract(), len(l.Identities), l.Problems)
		}
		id := l.Identities[0]
		if id.User.Name != got.User || id.ECR.Name != got.ECR || len(id.S3) != 1 || id.S3[0].Name != got.S3 || len(id.AssetECR) != 1 {
			t.Errorf("%s: %+v", c, id)
		}
		plan, err := Plan(l, Options{Contract: c})
		if err != nil || len(plan.Edits) > 0 {
			t.Errorf("%s: there is something left to do: %v, %+v", c, err, plan)
		}
	}
}

func TestEmitRefuses(t *testing.T) {
	tagged, bounded, bucket := spec(), spec(), spec()
	tagged.Tags = map[string]string{"a": "b"}
	bounded.PermissionsBoundary = "arn:aws:iam::123456789012:policy/b"
	bucket.CreateBucket = true
	held := layout.Root{Dir: "root", Files: []layout.File{{Name: "main.tf", Data: []byte(
		"module \"u\" {\n  source = \"git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0\"\n  cluster_name = \"demo\"\n}\n")}}}
	changed := layout.Root{Dir: "root", Files: []layout.File{{Name: publishingFile, Data: []byte("# mine\n")}}}
	for why, o := range map[string]EmitOptions{
		"tags":                        {Spec: tagged},
		"a boundary":                  {Spec: bounded},
		"a bucket":                    {Spec: bucket},
		"the user is called here":     {Spec: spec(), Root: held},
		"a file of somebody else":     {Spec: spec(), Root: changed},
		"a spec that is none":         {},
		"a release of other contract": {Spec: spec(), Ref: "v5.0.0"},
	} {
		got, err := Emit(o)
		if err == nil || got != nil {
			t.Errorf("%s: %+v", why, got)
			continue
		}
		var p *layout.Problem
		if errors.As(err, &p) && p.Way == "" {
			t.Errorf("%s: no way out: %v", why, err)
		}
	}
}

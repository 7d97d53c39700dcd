package provision_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

func ecrAndS3() []provision.Destination {
	return []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}}
}

func TestSpecProblems(t *testing.T) {
	long := strings.Repeat("c", 32)
	for _, tt := range []struct {
		why   string
		spec  provision.Spec
		field string
		says  string
		warns bool
	}{
		{why: "a plain spec has none", spec: provision.Spec{Cluster: "demo", Destinations: ecrAndS3()}},
		{why: "31 characters just fit", spec: provision.Spec{Cluster: long[:31], Destinations: ecrAndS3()}},
		{why: "an empty cluster would name things after nobody", spec: provision.Spec{Destinations: ecrAndS3()}, field: "cluster", says: "is empty"},
		{why: "32 characters push the user name over 64", spec: provision.Spec{Cluster: long, Destinations: ecrAndS3()}, field: "cluster", says: "at most 31"},
		{why: "a space is not in IAM's set", spec: provision.Spec{Cluster: "my cluster", Destinations: ecrAndS3()}, field: "cluster", says: "characters"},
		{why: "a letter outside ASCII is not in IAM's set", spec: provision.Spec{Cluster: "café", Destinations: ecrAndS3()}, field: "cluster", says: "characters"},
		{why: "a slash would be a path", spec: provision.Spec{Cluster: "a/b", Destinations: ecrAndS3()}, field: "cluster", says: "characters"},
		{why: "the prefix doubles", spec: provision.Spec{Cluster: "nullplatform-demo", Destinations: ecrAndS3()}, field: "cluster", says: "nullplatform-nullplatform-", warns: true},
		{why: "nothing to publish to", spec: provision.Spec{Cluster: "demo"}, field: "destinations", says: "empty"},
		{
			why:   "the S3 policy's name has room for one bucket",
			spec:  provision.Spec{Cluster: "demo", Destinations: []provision.Destination{{Kind: provision.S3, Bucket: "one"}, {Kind: provision.S3, Bucket: "two"}}},
			field: "destinations", says: "2 times",
		},
		{why: "a kind that nobody grants", spec: provision.Spec{Cluster: "demo", Destinations: []provision.Destination{{Kind: "gcr"}}}, field: "destinations", says: "gcr"},
		{why: "a bucket on ecr is a slip", spec: provision.Spec{Cluster: "demo", Destinations: []provision.Destination{{Kind: provision.ECR, Bucket: "b"}}}, field: "destinations", says: "has none"},
		{why: "an unknown contract", spec: provision.Spec{Cluster: "demo", Contract: "3.4", Destinations: ecrAndS3()}, field: "contract", says: "3.4"},
		{why: "creating a bucket needs a bucket", spec: provision.Spec{Cluster: "demo", CreateBucket: true, Destinations: ecrAndS3()[:1]}, field: "create_bucket", says: "no S3"},
		{why: "not an ARN", spec: provision.Spec{Cluster: "demo", ApplicationManager: "role/x", Destinations: ecrAndS3()}, field: "application_manager", says: "not the ARN"},
		{why: "an ARN of a policy is no principal", spec: provision.Spec{Cluster: "demo", ApplicationManager: "arn:aws:iam::123456789012:policy/x", Destinations: ecrAndS3()}, field: "application_manager", says: "not the ARN"},
		{why: "pull without accounts", spec: provision.Spec{Cluster: "demo", CrossAccountPull: true, Destinations: ecrAndS3()}, field: "pull_accounts", says: "empty"},
		{why: "accounts without pull", spec: provision.Spec{Cluster: "demo", PullAccounts: []string{"123456789012"}, Destinations: ecrAndS3()}, field: "pull_accounts", says: "off"},
		{why: "eleven digits", spec: provision.Spec{Cluster: "demo", CrossAccountPull: true, PullAccounts: []string{"12345678901"}, Destinations: ecrAndS3()}, field: "pull_accounts", says: "not an account ID"},
		{why: "the same account twice", spec: provision.Spec{Cluster: "demo", CrossAccountPull: true, PullAccounts: []string{"123456789012", "123456789012"}, Destinations: ecrAndS3()}, field: "pull_accounts", says: "twice"},
		{why: "pull is about images", spec: provision.Spec{Cluster: "demo", CrossAccountPull: true, PullAccounts: []string{"123456789012"}, Destinations: ecrAndS3()[1:]}, field: "cross_account_pull", says: "no ECR"},
		{why: "a boundary is a policy", spec: provision.Spec{Cluster: "demo", PermissionsBoundary: "arn:aws:iam::123456789012:role/x", Destinations: ecrAndS3()}, field: "permissions_boundary", says: "not the ARN"},
		{why: "AWS's own policy may be a boundary", spec: provision.Spec{Cluster: "demo", PermissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess", Destinations: ecrAndS3()}},
		{why: "an unknown partition", spec: provision.Spec{Cluster: "demo", Partition: "aws-mars", Destinations: ecrAndS3()}, field: "partition", says: "aws-mars"},
		{why: "AWS keeps a prefix for itself", spec: provision.Spec{Cluster: "demo", Tags: map[string]string{"AWS:x": "y"}, Destinations: ecrAndS3()}, field: "tags", says: "keeps aws:"},
		{why: "tag keys are the same whatever their case", spec: provision.Spec{Cluster: "demo", Tags: map[string]string{"Team": "a", "team": "b"}, Destinations: ecrAndS3()}, field: "tags", says: "the same"},
		{why: "an angle bracket is not in IAM's set", spec: provision.Spec{Cluster: "demo", Tags: map[string]string{"a": "<b>"}, Destinations: ecrAndS3()}, field: "tags", says: "characters"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			problems := tt.spec.Problems()
			if tt.field == "" {
				if len(problems) != 0 {
					t.Fatalf("problems = %v, want none", problems)
				}
				return
			}
			if len(problems) != 1 {
				t.Fatalf("problems = %v, want one about %s", problems, tt.field)
			}
			p := problems[0]
			if p.Field != tt.field || !strings.Contains(p.Rule, tt.says) || p.Warning != tt.warns {
				t.Errorf("problem = %+v, want field %s, a rule with %q, warning %v", p, tt.field, tt.says, tt.warns)
			}
			if p.Way == "" {
				t.Error("the problem names no way out")
			}
			if err := tt.spec.Validate(); (err == nil) != tt.warns {
				t.Errorf("Validate() = %v", err)
			}
		})
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	err := provision.Spec{Contract: "9"}.Validate()
	var p *provision.Problem
	if !errors.As(err, &p) {
		t.Fatalf("Validate() = %v, want problems", err)
	}
	for _, field := range []string{"cluster", "contract", "destinations"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%q does not name %s", err, field)
		}
	}
}

func TestCheckBucket(t *testing.T) {
	for name, says := range map[string]string{
		"demo-assets":                       "",
		"abc":                               "",
		strings.Repeat("a", 63):             "",
		"":                                  "empty",
		"ab":                                "3 to 63",
		strings.Repeat("a", 64):             "3 to 63",
		"Demo":                              "lower case",
		"demo_assets":                       "lower case",
		"-demo":                             "letter or digit",
		"demo.":                             "letter or digit",
		"de..mo":                            "dots",
		"192.168.5.4":                       "IP address",
		"xn--demo":                          "xn--",
		"sthree-demo":                       "sthree-",
		"amzn-s3-demo-bucket":               "amzn-s3-demo-",
		"demo-s3alias":                      "-s3alias",
		"demo--ol-s3":                       "--ol-s3",
		"demo.mrap":                         ".mrap",
		"demo--x-s3":                        "--x-s3",
		"demo--table-s3":                    "--table-s3",
		"s3://demo-assets":                  "lower case",
		"arn:aws:s3:::demo":                 "lower case",
		"demo assets":                       "lower case",
		"demo.assets":                       "TLS", // allowed, with a warning
		"1.2.3.4.5":                         "TLS",
		"nullplatform-demo-assets-us-east1": "",
	} {
		problems := provision.CheckBucket(name)
		if says == "" {
			if len(problems) != 0 {
				t.Errorf("CheckBucket(%q) = %v, want none", name, problems)
			}
			continue
		}
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), says) {
			t.Errorf("CheckBucket(%q) = %v, want one with %q", name, problems, says)
		}
		if warns := says == "TLS"; len(problems) == 1 && problems[0].Warning != warns {
			t.Errorf("CheckBucket(%q) warns = %v, want %v", name, problems[0].Warning, warns)
		}
	}
}

// A cluster name that is accepted never gives a name that IAM would refuse.
func TestAcceptedClustersGiveValidNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cluster := rapid.StringMatching(`[ -~]{0,40}`).Draw(t, "cluster")
		contract := rapid.SampledFrom(provision.Contracts()).Draw(t, "contract")
		for _, p := range provision.CheckCluster(cluster) {
			if !p.Warning {
				return
			}
		}
		n := contract.Names(cluster)
		for name, limit := range map[string]int{n.User: 64, n.Role: 64, n.Group: 128, n.ECRPolicy: 128, n.S3Policy: 128} {
			if len(name) > limit {
				t.Fatalf("%s has %d characters, over %d", name, len(name), limit)
			}
			if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-") != "" {
				t.Fatalf("%q has characters outside IAM's set", name)
			}
		}
	})
}

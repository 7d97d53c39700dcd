package provision_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision"
)

func TestCallsAsCLI(t *testing.T) {
	spec := provision.Spec{
		Cluster: "demo", Destinations: ecrAndS3(), CreateBucket: true,
		Tags: map[string]string{"team": "platform", "cost": "42"},
	}
	inv := fresh("demo-assets")
	inv.Buckets[0].State = provision.BucketAbsent
	got := map[string]string{}
	for _, c := range planFor(t, spec, inv).Calls() {
		got[c.Action] = strings.Join(c.CLI(), " ")
	}
	for action, want := range map[string]string{
		"iam:CreateUser":                "aws iam create-user --user-name nullplatform-demo-build-workflow-user --tags Key=cost,Value=42 Key=team,Value=platform",
		"iam:CreateGroup":               "aws iam create-group --group-name nullplatform-demo-asset-publishers",
		"iam:CreateAccessKey":           "aws iam create-access-key --user-name nullplatform-demo-build-workflow-user",
		"s3:CreateBucket":               "aws s3api create-bucket --bucket demo-assets",
		"s3:PutBucketTagging":           "aws s3api put-bucket-tagging --bucket demo-assets --tagging TagSet=[{Key=cost,Value=42},{Key=team,Value=platform}]",
		"s3:PutEncryptionConfiguration": `aws s3api put-bucket-encryption --bucket demo-assets --server-side-encryption-configuration {"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`,
	} {
		if d := cmp.Diff(want, got[action]); d != "" {
			t.Errorf("%s (-want +got):\n%s", action, d)
		}
	}
}

func TestBucketOutsideTheFirstRegionNamesItsLocation(t *testing.T) {
	at := home
	at.Region = "eu-west-1"
	b, err := provision.NewBlueprint(provision.Spec{Cluster: "demo", Destinations: ecrAndS3()[1:], CreateBucket: true}, at)
	if err != nil {
		t.Fatal(err)
	}
	inv := fresh("demo-assets")
	inv.Buckets[0].State = provision.BucketAbsent
	for _, c := range provision.NewPlan(b, inv).Calls() {
		if c.Action == "s3:CreateBucket" && c.Param("LocationConstraint") != "eu-west-1" {
			t.Errorf("location = %q", c.Param("LocationConstraint"))
		}
	}
}

// A secret must not come out by any of the ways in which values come out.
func TestSecretStaysSecret(t *testing.T) {
	const text = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	c := provision.Credentials{User: "u", KeyID: "AKIA", Secret: provision.NewSecret(text), Region: "r"}
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "secret", c.Secret, "credentials", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", c.Secret, "credentials", c)
	marshalled, err := json.Marshal(c)
	if err == nil {
		t.Error("marshalling a secret must fail")
	}
	out := []string{log.String(), string(marshalled)}
	hidden := struct{ inner provision.Credentials }{c}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		out = append(out, fmt.Sprintf(verb, hidden), fmt.Sprintf(verb, &hidden))
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out = append(out, fmt.Sprintf(verb, c.Secret), fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	out = append(out, fmt.Errorf("it: %v", c).Error())
	for _, o := range out {
		if strings.Contains(o, text) || strings.Contains(o, fmt.Sprintf("%x", text)) {
			t.Errorf("the secret is in %q", o)
		}
	}
	if c.Secret.Reveal() != text {
		t.Error("Reveal must give the text")
	}
}

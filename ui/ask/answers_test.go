package ask

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// What flags or a file gave comes out as it went in, so that walking through
// the wizard changes nothing.
func TestAnswersKeepARequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyRequest(t)
		got := AnswersOf(want).Request()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

// anyRequest is a request as the wizard would write it: defaults spelt out or
// left out, one way each.
func anyRequest(t *rapid.T) migrate.InstallRequest {
	maybe := func(label, value string) string {
		return rapid.SampledFrom([]string{"", value}).Draw(t, label)
	}
	req := migrate.InstallRequest{
		Spec: provision.Spec{
			Cluster:             maybe("cluster", "demo"),
			Contract:            rapid.SampledFrom(provision.Contracts()).Draw(t, "contract"),
			PermissionsBoundary: maybe("boundary", "arn:aws:iam::123456789012:policy/b"),
			Partition:           maybe("partition", "aws-cn"),
		},
		Handover: rapid.SampledFrom([]string{"", "file:a b.env", "reveal", "keyring:ci", "keyring:", "age:age1xyz:c:d.age", "stdout"}).Draw(t, "handover"),
	}
	if rapid.Bool().Draw(t, "tags") {
		req.Spec.Tags = map[string]string{"team": "ci", "cost centre": "1=2"}
	}
	if rapid.Bool().Draw(t, "ecr") {
		req.Spec.Destinations = append(req.Spec.Destinations, provision.Destination{Kind: provision.ECR})
		req.Spec.ApplicationManager = maybe("manager", "arn:aws:iam::123456789012:role/m")
		if rapid.Bool().Draw(t, "pull") {
			req.Spec.CrossAccountPull, req.Spec.PullAccounts = true, []string{"111122223333", "444455556666"}
		}
	}
	if rapid.Bool().Draw(t, "s3") {
		req.Spec.Destinations = append(req.Spec.Destinations, provision.Destination{Kind: provision.S3, Bucket: maybe("bucket", "assets")})
		req.Spec.CreateBucket = rapid.Bool().Draw(t, "create")
	}
	return req
}

func TestWhatDoesNotApplyIsKeptButNotAsked(t *testing.T) {
	a := Answers{
		S3: true, Cluster: "demo", Bucket: "assets", Create: true, Place: PlaceFile,
		Contract: provision.Contract50, Tags: "team=ci", Pull: "111122223333",
	}
	if spec := a.Request().Spec; spec.Contract != provision.DefaultContract || spec.Tags != nil {
		t.Errorf("hidden options count: %+v", spec)
	}
	a.More, a.S3, a.ECR = true, false, true
	spec := a.Request().Spec
	if spec.CreateBucket || spec.Bucket() != "" {
		t.Errorf("the bucket counts without S3: %+v", spec)
	}
	if spec.Contract != provision.Contract50 || spec.Tags["team"] != "ci" || !spec.CrossAccountPull {
		t.Errorf("the options were not kept: %+v", spec)
	}
}

func TestReadTags(t *testing.T) {
	for _, tc := range []struct {
		why, text string
		want      map[string]string
		wrong     string
	}{
		{"none is no tags, not empty ones", " , ", nil, ""},
		{"spaces around them are not meant", " a = b ,c=d", map[string]string{"a": "b", "c": "d"}, ""},
		{"a value may hold an equals sign", "a=b=c", map[string]string{"a": "b=c"}, ""},
		{"a word alone is told", "a=b, team", nil, "team"},
	} {
		got, wrong := readTags(tc.text)
		if !reflect.DeepEqual(got, tc.want) || wrong != tc.wrong {
			t.Errorf("%s: got %v, %q", tc.why, got, wrong)
		}
	}
}

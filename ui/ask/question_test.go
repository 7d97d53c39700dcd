package ask

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

func names(all []Question) string {
	var out []string
	for _, q := range all {
		out = append(out, q.Name)
	}
	return strings.Join(out, " ")
}

// Only what applies is asked, and answers decide which further questions there
// are.
func TestDetailsApply(t *testing.T) {
	found := Found{Buckets: []string{"demo-assets", "team-assets"}}
	for _, tc := range []struct {
		why     string
		a       Answers
		screens bool
		want    string
	}{
		{"without S3 there is no bucket", Answers{ECR: true, Place: PlaceFile}, true, "cluster place path more"},
		{"a bucket that is there need not be made", Answers{S3: true, Cluster: "demo", Bucket: "demo-assets", Place: PlaceFile}, true, "cluster bucket place path more"},
		{"one that is not may be", Answers{S3: true, Cluster: "demo", Bucket: "demo-new", Place: PlaceFile}, true, "cluster bucket create place path more"},
		{"a bad name is no bucket to make", Answers{S3: true, Cluster: "demo", Bucket: "D", Place: PlaceFile}, true, "cluster bucket place path more"},
		{"an encrypted file is for somebody", Answers{ECR: true, Place: PlaceAge}, false, "cluster place recipient path more"},
		{"a keyring has a service", Answers{ECR: true, Place: PlaceKeyring}, false, "cluster place service more"},
		{"a screen needs nothing", Answers{ECR: true, Place: PlaceReveal}, true, "cluster place more"},
		{"the role's options are ECR's", Answers{ECR: true, Place: PlaceReveal, More: true}, true, "cluster place more contract application_manager pull_accounts permissions_boundary tags"},
		{"and not S3's", Answers{S3: true, Place: PlaceReveal, More: true}, true, "cluster bucket place more contract permissions_boundary tags"},
	} {
		if tc.a.Contract == "" {
			tc.a.Contract = provision.DefaultContract
		}
		if got := names(Details(&tc.a, found, tc.screens)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.why, got, tc.want)
		}
	}
}

// A place that would leave the secret behind is not offered in lines.
func TestLinesDoNotReveal(t *testing.T) {
	a := Answers{ECR: true, Place: PlaceFile, Contract: provision.DefaultContract}
	for _, screens := range []bool{true, false} {
		i := slices.IndexFunc(Details(&a, Found{}, screens), func(q Question) bool { return q.Name == "place" })
		offered := slices.ContainsFunc(Details(&a, Found{}, screens)[i].Options, func(o Option) bool { return strings.Contains(o.Text, "screen") })
		if offered != screens {
			t.Errorf("on screens %v: offered %v", screens, offered)
		}
	}
}

func TestPasted(t *testing.T) {
	for _, tc := range []struct {
		why   string
		solid bool
		in    string
		want  string
	}{
		{"an ARN that was broken into lines is whole again", true, " arn:aws:iam::1:\r\n  policy/a\nb\t", "arn:aws:iam::1:policy/ab"},
		{"a path may hold spaces, but no line feed", false, " my dir/c.env\r\n", "my dir/c.env"},
		{"a list over several lines stays a list", false, "111122223333\n444455556666", "111122223333 444455556666"},
		{"nothing is nothing", true, " \n", ""},
	} {
		if got := (Question{Solid: tc.solid}).Pasted(tc.in); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.why, got, tc.want)
		}
	}
}

// What is said to be safe must be so: above all whether there is a key.
func TestSafe(t *testing.T) {
	key := provision.Change{ID: "create-key", Mark: provision.Add, Entity: provision.Entity{Type: provision.KeyEntity}}
	withKey := Look{Preview: &migrate.InstallPreview{Plan: provision.Plan{Changes: []provision.Change{{ID: "create-user"}, key}}}}
	withoutKey := Look{Preview: &migrate.InstallPreview{Plan: provision.Plan{Changes: []provision.Change{{ID: "create-user"}}}}}
	failed := func(id string, err error) error {
		return errors.Join(&checklist.StepError{Step: checklist.Step{ID: id}, Err: err})
	}
	some := Result{Install: migrate.InstallResult{Done: []string{"create-user"}}}
	for _, tc := range []struct {
		why  string
		l    Look
		r    Result
		err  error
		want string
	}{
		{"nothing was done", withKey, Result{}, failed("create-user", errors.New("no")), "No change was completed, and no access key"},
		{"AWS refused the key", withKey, some, failed("create-key", &account.Error{Code: "AccessDenied"}), "No access key was made"},
		{"the key's call was not sent", withKey, some, failed("create-key", checklist.ErrStopped), "No access key was made"},
		{"another step failed first", withKey, some, failed("create-user", errors.New("no")), "No access key was made"},
		{"the key's answer never came", withKey, some, failed("create-key", errors.New("connection reset")), "It is not known whether the key was made"},
		{
			"the same, with a stop on top", withKey, some,
			errors.Join(checklist.ErrStopped, fmt.Errorf("wrapped: %w", failed("create-key", errors.New("cut off")))), "It is not known",
		},
		{"the key was made", withKey, Result{Install: migrate.InstallResult{KeyID: "AKIA1", Handover: "file x"}}, failed("read-back", errors.New("no")), "AKIA1 was made and its secret handed over to file x"},
		{"a plan without a key", withoutKey, some, failed("create-user", errors.New("no")), "What is done stays done"},
		{"an upgrade that did nothing", Look{Upgrade: &migrate.UpgradePreview{}}, Result{}, errors.New("no"), "Nothing has been changed"},
		{"an upgrade in the middle", Look{Upgrade: &migrate.UpgradePreview{}}, Result{Upgrade: migrate.UpgradeResult{Done: []string{"a"}}}, errors.New("no"), "CI still publishes"},
	} {
		if got := tc.l.Safe(tc.r, tc.err); !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.why, got, tc.want)
		}
	}
}

package migrate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// threeClusters is an account with the clusters alpha, beta and demo, and an
// auditor who may read all but what is denied.
func threeClusters(t *testing.T, denied string) (*sandbox.Sandbox, sandbox.Key) {
	t.Helper()
	var key sandbox.Key
	sb := start(t, sandbox.Options{Scenario: "current", Seeding: func(s *sandbox.Seed) error {
		s.Cluster("beta", 30)
		s.Cluster("alpha", 30)
		s.User("auditor", 0)
		s.Attach(directory.Users, "auditor", sandbox.ReadOnlyAccess)
		if denied != "" {
			s.Inline(directory.Users, "auditor", "less", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"`+denied+`","Resource":"*"}]}`)
		}
		key = s.Key("auditor", 0)
		return nil
	}})
	return sb, key
}

func clustersOf(list []audit.Report) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.Cluster)
	}
	return out
}

func resultOf(r audit.Report, check string) audit.Status {
	for _, res := range r.Results {
		if res.Check == check {
			return res.Status
		}
	}
	return ""
}

func TestAuditOfAllClusters(t *testing.T) {
	sb, key := threeClusters(t, "")
	var told []migrate.AuditProgress
	reports, err := migrate.Audit(t.Context(), []migrate.AuditTarget{{Name: "prod", Account: open(t, sb, key)}},
		migrate.AuditRequest{All: true, Destinations: true}, time.Now, func(p migrate.AuditProgress) { told = append(told, p) })
	if err != nil {
		t.Fatal(err)
	}
	if got := clustersOf(reports); !slices.Equal(got, []string{"alpha", "beta", "demo"}) {
		t.Errorf("clusters are %v", got)
	}
	if len(told) != 4 || told[0].Total != 0 || told[3].Done != 3 || told[3].Total != 3 || told[3].Target != "prod" {
		t.Errorf("told %+v", told)
	}
	for _, r := range reports {
		if r.Contract != provision.Contract61 || len(r.Unread) > 0 {
			t.Errorf("%s is of contract %q, unread %v", r.Cluster, r.Contract, r.Unread)
		}
		if s := resultOf(r, "bucket-public"); s != audit.Fail {
			t.Errorf("%s: the bucket is %s", r.Cluster, s)
		}
	}
	if writes := sandboxtest.Writes(sb); len(writes) > 0 {
		t.Errorf("an audit wrote: %v", writes)
	}
	for _, action := range []string{"ListUsers", "DescribeRepositories"} {
		if n := count(sb, action); n != 1 {
			t.Errorf("%s was asked %d times", action, n)
		}
	}
}

func count(sb *sandbox.Sandbox, action string) int {
	n := 0
	for _, e := range sb.Log() {
		if e.Action == action {
			n++
		}
	}
	return n
}

// What a refused list would have named is unknown, not absent.
func TestAuditOfAllClustersSaysWhatListsHide(t *testing.T) {
	for denied, check := range map[string]string{
		"iam:ListRoles":    "trust-principal",
		"iam:ListGroups":   "group-members",
		"iam:ListPolicies": "contract-leftover",
	} {
		sb, key := threeClusters(t, denied)
		reports, err := migrate.Audit(t.Context(), []migrate.AuditTarget{{Account: open(t, sb, key)}},
			migrate.AuditRequest{All: true}, time.Now, func(migrate.AuditProgress) {})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reports {
			if s := resultOf(r, check); s != audit.Unknown {
				t.Errorf("without %s, %s of %s is %s", denied, check, r.Cluster, s)
			}
			if slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Check == "contract-missing" }) {
				t.Errorf("without %s, something of %s is said to be missing", denied, r.Cluster)
			}
		}
	}
}

// An account that does not answer ends the audit of all: half of one must not
// look like a whole one.
func TestAuditEndsWithTheFirstAccountThatFails(t *testing.T) {
	good, key := threeClusters(t, "")
	gone := start(t, sandbox.Options{Scenario: "current"})
	dead := open(t, gone, gone.Operator())
	gone.Inject(sandbox.Fault{Kind: sandbox.FaultReset, Times: -1})
	_, err := migrate.Audit(t.Context(), []migrate.AuditTarget{{Name: "good", Account: open(t, good, key)}, {Name: "dead", Account: dead}},
		migrate.AuditRequest{Cluster: "demo"}, time.Now, func(migrate.AuditProgress) {})
	if err == nil || !strings.Contains(err.Error(), "audit dead: ") {
		t.Errorf("the audit ended with %v", err)
	}
}

func TestAuditRequestsAreJudgedBeforeTheAccount(t *testing.T) {
	for why, r := range map[string]migrate.AuditRequest{
		"neither":             {},
		"both":                {Cluster: "demo", All: true},
		"a name IAM refuses":  {Cluster: "a b"},
		"a bucket S3 refuses": {Cluster: "demo", Expect: audit.Expect{Buckets: []string{"No"}}},
		"no manager":          {Cluster: "demo", Expect: audit.Expect{ApplicationManager: "somebody"}},
		"no reason":           {Cluster: "demo", Suppressions: []audit.Suppression{{Check: "key-age", Expires: "2099-01-01"}}},
	} {
		_, err := migrate.Audit(t.Context(), nil, r, time.Now, nil)
		var problem *provision.Problem
		if !errors.As(err, &problem) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

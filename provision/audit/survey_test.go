package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// now is when every audit of these tests is made.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }

const (
	buildUser  = "nullplatform-demo-build-workflow-user"
	publishers = "nullplatform-demo-asset-publishers"
	managers   = "nullplatform-demo-ecr-managers"
	appRole    = "nullplatform-demo-application-role"
	ecrPolicy  = "nullplatform-demo-ecr-manager-policy"
	s3Policy   = "nullplatform-demo-s3-policy"
	keyID      = "AKIAEXAMPLEEXAMPLE01"
)

func place() provision.Place {
	return provision.Place{Account: "123456789012", Partition: "aws", Region: "us-east-1"}
}

// installed is an account in which the blueprint of a contract was set up
// today, with ECR and one bucket, and a key that was just used.
func installed(t testing.TB, contract provision.Contract) *provision.Survey {
	t.Helper()
	b, err := provision.NewBlueprint(provision.Spec{
		Cluster: "demo", Contract: contract,
		Destinations: []provision.Destination{{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"}},
	}, place())
	if err != nil {
		t.Fatal(err)
	}
	u := b.User
	u.ID, u.Created = "AIDAEXAMPLE", ago(0)
	u.Keys = []provision.Key{{ID: keyID, Active: true, Created: ago(1), LastUsed: &provision.LastUse{At: ago(0), Service: "ecr", Region: "us-east-1"}}}
	inv := &provision.Inventory{
		Place: place(), Caller: "arn:aws:iam::123456789012:user/ops", User: &u, Groups: []provision.Group{b.Group},
		Role: b.Role, Policies: slices.Clone(b.Policies),
	}
	s := &provision.Survey{Cluster: "demo", Inventory: inv, Versions: map[string][]string{}}
	for i := range inv.Policies {
		inv.Policies[i].Version = "v1"
		s.Versions[inv.Policies[i].ARN] = []string{"v1"}
	}
	return s
}

// settled are destinations as install makes them.
func settled() *provision.Settings {
	return &provision.Settings{
		Buckets: []provision.DestinationBucket{{
			Bucket:              provision.Bucket{Name: "demo-assets", State: provision.BucketOwn, Region: "us-east-1"},
			Policy:              `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::demo-assets","arn:aws:s3:::demo-assets/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
			PublicAccessBlocked: true, Algorithm: "AES256", Versioned: true,
		}},
		Repositories: []provision.DestinationRepository{{
			Name: "app", ARN: "arn:aws:ecr:us-east-1:123456789012:repository/app", Immutable: true, ScanOnPush: true,
		}},
	}
}

// registered is what nullplatform has on record for it.
func registered() *audit.Platform {
	return &audit.Platform{NRN: "organization=1", Registrations: []audit.Registration{
		{ID: "p-ecr", NRN: "organization=1", Kind: provision.ECR, KeyID: keyID, Region: "us-east-1", ApplicationRole: place().RoleARN(appRole)},
		{ID: "p-s3", NRN: "organization=1", Kind: provision.S3, Region: "us-east-1", Bucket: "demo-assets"},
	}}
}

func subject(t testing.TB) audit.Subject {
	t.Helper()
	return audit.Subject{Survey: installed(t, provision.Contract61), Now: now}
}

// policy adds a policy to the account and gives how it is attached.
func policy(s *audit.Subject, name, document string) provision.AttachedPolicy {
	arn := place().PolicyARN(name)
	s.Survey.Inventory.Policies = append(s.Survey.Inventory.Policies, provision.Policy{Name: name, ARN: arn, Document: document, Version: "v1"})
	return provision.AttachedPolicy{Name: name, ARN: arn}
}

// statements is a policy document.
func statements(list string) string { return `{"Version":"2012-10-17","Statement":[` + list + `]}` }

// allow is a document with one statement.
func allow(action, resource string) string {
	return statements(`{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`)
}

// onGroup attaches a policy to the publishers group.
func onGroup(s *audit.Subject, name, document string) {
	g := &s.Survey.Inventory.Groups[0]
	g.Attached = append(g.Attached, policy(s, name, document))
}

// rewrite gives one of the cluster's own policies another document.
func rewrite(s *audit.Subject, name, document string) {
	for i := range s.Survey.Inventory.Policies {
		if p := &s.Survey.Inventory.Policies[i]; p.Name == name {
			p.Document, p.Version = document, "v2"
		}
	}
}

// refuse takes a read away.
func refuse(s *audit.Subject, action, resource string) {
	s.Survey.Inventory.Unread = append(s.Survey.Inventory.Unread, provision.Gap{
		Action: action, Resource: resource, Reason: "arn:aws:iam::123456789012:user/ops may not " + action, Asked: true,
	})
}

// found lists what an audit found, as severity and check.
func found(r audit.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, string(f.Severity)+" "+f.Check)
	}
	return out
}

func status(r audit.Report, check string) audit.Status {
	for _, res := range r.Results {
		if res.Check == check {
			return res.Status
		}
	}
	return ""
}

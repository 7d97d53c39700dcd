package view

import (
	"encoding/json"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// accessScenes are those in which somebody gains, keeps or loses something in
// a way of its own.
func accessScenes(t testing.TB) []scene {
	t.Helper()
	return []scene{
		{"bucket-swapped", "another bucket: whoever used the old one loses it", bucketSwapped(t)},
		{"narrowing", "a document that grew is cut back to what the spec calls for", narrowing(t)},
		{"member-gains", "whoever is in the group gets what the group gets", memberGains(t)},
		{"boundary", "a permissions boundary takes away most of it", boundary(t, true)},
		{"boundary-unread", "a permissions boundary that nobody can read takes away who knows what", boundary(t, false)},
		{"other-path", "the same access, through the group instead of directly", otherPath(t)},
		{"trust-swapped", "another application manager, and conditions for one that stays", trustSwapped(t)},
		{"rewritten", "the same document in other words, and a new one", rewritten(t)},
		{"conditions", "conditions that try to get out of their place", hostileConditions(t)},
		{"inexact", "conditions that cannot be compared exactly", inexactConditions(t)},
		{"stray-grant", "the build user is put into a group that somebody gave more", strayGrant(t)},
	}
}

// allowing is a policy that allows an action on a resource, under a condition
// if there is one.
func allowing(action, resource, condition string) string {
	s := map[string]any{"Effect": "Allow", "Action": action, "Resource": resource}
	if condition != "" {
		s["Condition"] = map[string]any{"StringEquals": map[string]string{"aws:PrincipalTag/team": condition}}
	}
	return policyText(s)
}

// trusting is a trust policy, under a condition if there is one.
func trusting(who, condition string) string {
	s := map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]string{"AWS": who}}
	if condition != "" {
		s["Condition"] = map[string]any{"StringEquals": map[string]string{"sts:ExternalId": condition}}
	}
	return policyText(s)
}

func policyText(statements ...map[string]any) string {
	b, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(b)
}

func bucketSwapped(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	s := demo()
	s.Destinations[1].Bucket = "prod-assets"
	inv.Buckets = append(inv.Buckets, provision.Bucket{Name: "prod-assets", State: provision.BucketOwn, Region: testPlace.Region})
	return preview(t, s, inv)
}

func narrowing(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	inv.Policies[1].Document = allowing("s3:*", "*", "")
	return preview(t, demo(), inv)
}

func memberGains(t testing.TB) *migrate.InstallPreview {
	only := demo()
	only.Destinations = []provision.Destination{ecr()}
	inv := installed(t, only)
	inv.Buckets = emptyAccount("demo-assets").Buckets
	inv.Groups[0].Members = append(inv.Groups[0].Members, "alice", "bob")
	return preview(t, demo(), inv)
}

func boundary(t testing.TB, read bool) *migrate.InstallPreview {
	inv := installed(t, demo())
	s := demo()
	s.PermissionsBoundary = testPlace.PolicyARN("developers-boundary")
	if read {
		inv.Policies = append(inv.Policies, provision.Policy{
			Name: "developers-boundary", ARN: s.PermissionsBoundary, Document: allowing("s3:Get*", "arn:aws:s3:::demo-*", ""),
		})
	}
	return preview(t, s, inv)
}

func otherPath(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	inv.User.Attached, inv.Groups[0].Attached = inv.Groups[0].Attached, nil
	return preview(t, demo(), inv)
}

func trustSwapped(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	s := demo()
	s.ApplicationManager = "arn:aws:iam::283477532906:role/another_manager"
	inv.Role.Trust = policyText(
		map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"AWS": []string{"arn:aws:iam::999999999999:root", s.ApplicationManager}}},
		map[string]any{"Effect": "Allow", "Action": "sts:TagSession", "Principal": map[string]any{"AWS": s.ApplicationManager}},
	)
	return preview(t, s, inv)
}

func rewritten(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	inv.Policies[1].Document = policyText(
		map[string]any{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::demo-assets/*"},
		map[string]any{"Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:aws:s3:::demo-assets/*"},
	)
	return preview(t, demo(), inv)
}

// hostileValue is the worst that IAM takes in a document: of the controls only
// those of Latin-1, and line ends.
const hostileValue = "eve\u009b31m\u009d0;owned\u009c\u00ad``` ```` </details><script>alert(1)</script>@everyone\r\n# not a heading\tend"

func hostileConditions(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	inv.Policies[0].Document = allowing("ecr:*", "arn:aws:ecr:*:*:repository/*", hostileValue)
	inv.Policies[1].Document = allowing("s3:Put*", "arn:aws:s3:::demo-assets/"+hostileValue, hostileValue)
	inv.Role.Trust = trusting("arn:aws:iam::999999999999:role/other", hostileValue)
	return preview(t, demo(), inv)
}

func inexactConditions(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	inv.Policies[1].Document = policyText(
		map[string]any{
			"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::demo-assets/${aws:username}/*",
			"Condition": map[string]any{"StringLike": map[string]string{"s3:prefix": "${aws:username}/*"}, "StringNotEquals": map[string]string{"s3:prefix": "x"}},
		},
	)
	return preview(t, demo(), inv)
}

func strayGrant(t testing.TB) *migrate.InstallPreview {
	inv := installed(t, demo())
	inv.User.Groups, inv.Groups[0].Members = nil, []string{}
	inv.Groups[0].Inline = []provision.InlinePolicy{{Name: "extra", Document: allowing("s3:*", "*", "")}}
	return preview(t, demo(), inv)
}

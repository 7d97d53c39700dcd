package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// always is what a clean installation of contract 6.1 has: advice about what
// the contract itself calls for.
var always = []string{"advice ecr-delete", "advice trust-external-id"}

// checkCase is an account that differs in one thing from a clean one.
type checkCase struct {
	check string
	why   string
	set   func(*audit.Subject)
	// want are the findings besides those that every account has.
	want []string
	// status is what becomes of the check; Fail when it is left out.
	status audit.Status
}

func user(s *audit.Subject) *provision.User   { return s.Survey.Inventory.User }
func group(s *audit.Subject) *provision.Group { return &s.Survey.Inventory.Groups[0] }
func key(s *audit.Subject) *provision.Key     { return &user(s).Keys[0] }

// Each check alone: what makes it fail, what does not, and what it needs to
// know. Findings are exact, so that a case shows what else is not found.
func TestEachCheck(t *testing.T) {
	for _, tt := range slices.Concat(contractCases(), identityCases(), keyCases(), grantCases(), trustCases(), destinationCases(), platformCases()) {
		t.Run(tt.check+"/"+tt.why, func(t *testing.T) {
			s := subject(t)
			tt.set(&s)
			r := audit.Run(s)
			want := tt.status
			if want == "" {
				want = audit.Fail
			}
			if got := status(r, tt.check); got != want {
				t.Errorf("the check is %q, want %q", got, want)
			}
			got := slices.DeleteFunc(found(r), func(f string) bool { return slices.Contains(always, f) && !slices.Contains(tt.want, f) })
			if d := slices.Compare(sorted(got), sorted(tt.want)); d != 0 {
				t.Errorf("found %q, want %q", got, tt.want)
			}
			wellFormed(t, r)
		})
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// wellFormed holds what every report must keep.
func wellFormed(t *testing.T, r audit.Report) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range r.Findings {
		if seen[f.ID] {
			t.Errorf("two findings are called %s", f.ID)
		}
		seen[f.ID] = true
		if f.Title == "" || strings.HasSuffix(f.Title, ".") || len(f.Evidence) == 0 || f.Remedy.Text == "" || f.Kind == "" {
			t.Errorf("a finding lacks title, evidence, fix or kind: %+v", f)
		}
		if f.Text != "" && !strings.HasSuffix(f.Text, ".") {
			t.Errorf("the text of %s does not end: %q", f.ID, f.Text)
		}
		if len(f.Remedy.Fix) > 0 && f.Remedy.Job == "" && f.Remedy.UndoText == "" && !reads(f.Remedy.Fix) {
			t.Errorf("%s can be fixed, and the fix not taken back", f.ID)
		}
	}
	for _, res := range r.Results {
		for _, id := range res.Findings {
			if !seen[id] {
				t.Errorf("check %s points at %s, which is not found", res.Check, id)
			}
		}
		if (res.Status == audit.Fail) != (len(res.Findings) > 0) {
			t.Errorf("check %s is %s with %d findings", res.Check, res.Status, len(res.Findings))
		}
	}
	for _, w := range r.Routes {
		for _, id := range w.Findings {
			if !seen[id] {
				t.Errorf("a route points at %s, which is not found", id)
			}
		}
	}
}

// reads reports whether commands only look.
func reads(list [][]string) bool {
	for _, args := range list {
		if !strings.HasPrefix(args[2], "lookup-") {
			return false
		}
	}
	return true
}

func contractCases() []checkCase {
	return []checkCase{
		{"identity-present", "a clean account", func(*audit.Subject) {}, nil, audit.Pass},
		{"identity-present", "nothing is there at all", func(s *audit.Subject) {
			s.Survey.Inventory = &provision.Inventory{Place: place()}
		}, []string{"high identity-present"}, ""},
		{"identity-present", "the user was deleted and the rest was not", func(s *audit.Subject) {
			s.Survey.Inventory.User = nil
		}, []string{"medium identity-present"}, ""},
		{"identity-present", "the user may not be read, which is not the same as no user", func(s *audit.Subject) {
			s.Survey.Inventory = &provision.Inventory{Place: place()}
			refuse(s, "iam:GetUser", "user/"+buildUser)
		}, nil, audit.Unknown},

		{"publish-possible", "a clean account", func(*audit.Subject) {}, nil, audit.Pass},
		{"publish-possible", "the grant is gone from the group: one finding, not also that it is missing", func(s *audit.Subject) {
			group(s).Attached = group(s).Attached[1:]
		}, []string{"high publish-possible"}, ""},
		{"publish-possible", "a Deny stands above the grant, whatever else is right", func(s *audit.Subject) {
			onGroup(s, "freeze", statements(`{"Effect":"Deny","Action":"ecr:PutImage","Resource":"*"}`))
		}, []string{"high publish-possible", "low group-policy"}, ""},
		{"publish-possible", "a boundary leaves nothing of the S3 grant", func(s *audit.Subject) {
			user(s).Boundary = policy(s, "bound", allow("ecr:*", "*")).ARN
		}, []string{"high publish-possible", "advice boundary"}, ""},
		{"publish-possible", "a Deny that hangs on an address nobody here knows", func(s *audit.Subject) {
			onGroup(s, "office", statements(`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`))
		}, []string{"low group-policy"}, audit.Unknown},
		{"publish-possible", "a boundary that may not be read could leave nothing", func(s *audit.Subject) {
			user(s).Boundary = place().PolicyARN("hidden")
			refuse(s, "iam:GetPolicyVersion", place().PolicyARN("hidden"))
		}, []string{"advice boundary"}, audit.Unknown},

		{"contract-missing", "the role lost its policy, which stops nobody's push", func(s *audit.Subject) {
			s.Survey.Inventory.Role.Attached = nil
		}, []string{"low contract-missing"}, ""},
		{
			"contract-missing", "the role is gone", func(s *audit.Subject) { s.Survey.Inventory.Role = nil },
			[]string{"low contract-missing"},
			"",
		},
		{"contract-missing", "lists that may not be read show nothing missing", func(s *audit.Subject) {
			group(s).Attached = nil
			refuse(s, "iam:ListAttachedGroupPolicies", "group/"+publishers)
		}, nil, audit.Unknown},

		{"contract-document", "spelled otherwise is the same", func(s *audit.Subject) {
			rewrite(s, s3Policy, statements(`{"Effect":"Allow","Resource":["arn:aws:s3:::demo-assets/*"],"Action":["S3:getobject","s3:PutObject"]}`))
		}, nil, audit.Pass},
		{"contract-document", "narrowed, but CI can publish", func(s *audit.Subject) {
			rewrite(s, s3Policy, allow("s3:PutObject", "arn:aws:s3:::demo-assets/*"))
		}, []string{"low contract-document"}, ""},
		{"contract-document", "the document may not be read", func(s *audit.Subject) {
			rewrite(s, s3Policy, "")
			refuse(s, "iam:GetPolicyVersion", place().PolicyARN(s3Policy))
		}, nil, audit.Unknown},

		{"contract-current", "a clean account of today", func(*audit.Subject) {}, nil, audit.Pass},
		{"contract-current", "contract 5.0 has another name for one policy", func(s *audit.Subject) {
			s.Survey = installedFor(provision.Contract50)
		}, []string{"advice contract-current"}, ""},

		{"upgrade-unfinished", "a bridge was left: the grant comes twice", func(s *audit.Subject) {
			user(s).Attached = append(user(s).Attached, group(s).Attached[0])
		}, []string{"medium upgrade-unfinished"}, ""},
		{"upgrade-unfinished", "in the groups of two contracts", func(s *audit.Subject) {
			user(s).Groups = append(user(s).Groups, managers)
			s.Survey.Inventory.Groups = append(s.Survey.Inventory.Groups, provision.Group{Name: managers, Members: []string{buildUser}})
		}, []string{"medium upgrade-unfinished", "low contract-leftover"}, ""},

		{"contract-leftover", "the old group is still there, and empty", func(s *audit.Subject) {
			s.Survey.Inventory.Groups = append(s.Survey.Inventory.Groups, provision.Group{Name: managers})
		}, []string{"low contract-leftover"}, ""},
		{"contract-leftover", "the S3 policy of contract 5.0 hangs on nothing", func(s *audit.Subject) {
			policy(s, "nullplatform-demo-s3-assets-policy", allow("s3:PutObject", "arn:aws:s3:::demo-assets/*"))
		}, []string{"low contract-leftover"}, ""},
		{"contract-leftover", "whether the old group is there may not be read", func(s *audit.Subject) {
			refuse(s, "iam:GetGroup", "group/"+managers)
		}, nil, audit.Unknown},

		{"policy-versions", "four of five", func(s *audit.Subject) {
			s.Survey.Versions[place().PolicyARN(ecrPolicy)] = []string{"v4", "v3", "v2", "v1"}
		}, nil, audit.Pass},
		{"policy-versions", "five of five", func(s *audit.Subject) {
			s.Survey.Versions[place().PolicyARN(ecrPolicy)] = []string{"v7", "v6", "v5", "v4", "v1"}
		}, []string{"low policy-versions"}, ""},
		{"policy-versions", "the list may not be read", func(s *audit.Subject) {
			delete(s.Survey.Versions, place().PolicyARN(ecrPolicy))
			refuse(s, "iam:ListPolicyVersions", place().PolicyARN(ecrPolicy))
		}, nil, audit.Unknown},
	}
}

func installedFor(c provision.Contract) *provision.Survey { return installed(fatal{}, c) }

// fatal stands in for a test where there is none to fail.
type fatal struct{ testing.TB }

func (fatal) Helper()           {}
func (fatal) Fatal(args ...any) { panic(args) }

func identityCases() []checkCase {
	return []checkCase{
		{
			"group-members", "somebody else is in the group", func(s *audit.Subject) { group(s).Members = append(group(s).Members, "ana") },
			[]string{"high group-members"},
			"",
		},
		{"group-members", "the members may not be read", func(s *audit.Subject) {
			s.Survey.Inventory.Groups = nil
			refuse(s, "iam:GetGroup", "group/"+publishers)
		}, nil, audit.Unknown},
		{"login-profile", "no password", func(*audit.Subject) {}, nil, audit.Pass},
		{
			"login-profile", "a password", func(s *audit.Subject) { s.Survey.Login = &provision.Login{Created: ago(9)} },
			[]string{"high login-profile"},
			"",
		},
		{
			"login-profile", "whether there is one may not be read", func(s *audit.Subject) { refuse(s, "iam:GetLoginProfile", "user/"+buildUser) },
			nil, audit.Unknown,
		},
		{
			"login-mfa", "a password without a device: one finding speaks for both", func(s *audit.Subject) { s.Survey.Login = &provision.Login{Created: ago(9)} },
			[]string{"high login-profile"},
			"",
		},
		{"login-mfa", "a password with a device", func(s *audit.Subject) {
			s.Survey.Login, s.Survey.MFA = &provision.Login{Created: ago(9)}, []string{"arn:aws:iam::123456789012:mfa/phone"}
		}, []string{"high login-profile"}, audit.Pass},
		{"login-mfa", "devices may not be listed", func(s *audit.Subject) { refuse(s, "iam:ListMFADevices", "user/"+buildUser) }, nil, audit.Unknown},
		{"login-mfa", "no password, so nothing to ask", func(*audit.Subject) {}, nil, audit.Nothing},
		{
			"mfa-leftover", "a device without a password", func(s *audit.Subject) { s.Survey.MFA = []string{"arn:aws:iam::123456789012:mfa/phone"} },
			[]string{"advice mfa-leftover"},
			"",
		},
		{"mfa-leftover", "devices may not be listed", func(s *audit.Subject) { refuse(s, "iam:ListMFADevices", "user/"+buildUser) }, nil, audit.Unknown},
		{"user-policy", "the S3 grant on the user instead of the group: one finding, not also a missing one", func(s *audit.Subject) {
			user(s).Attached, group(s).Attached = group(s).Attached[1:], group(s).Attached[:1]
		}, []string{"medium user-policy"}, ""},
		{"user-policy", "a policy that only denies, on the user", func(s *audit.Subject) {
			user(s).Attached = append(user(s).Attached, policy(s, "no-delete", statements(`{"Effect":"Deny","Action":"ecr:DeleteRepository","Resource":"*"}`)))
		}, []string{"medium user-policy"}, ""},
		{"user-policy", "the list may not be read", func(s *audit.Subject) { refuse(s, "iam:ListAttachedUserPolicies", "user/"+buildUser) }, nil, audit.Unknown},
		{"user-inline-policy", "one that adds nothing", func(s *audit.Subject) {
			user(s).Inline = []provision.InlinePolicy{{Name: "again", Document: allow("s3:PutObject", "arn:aws:s3:::demo-assets/*")}}
		}, []string{"medium user-inline-policy"}, ""},
		{"user-inline-policy", "one that grants too much: the grant speaks for it", func(s *audit.Subject) {
			user(s).Inline = []provision.InlinePolicy{{Name: "fix", Document: allow("iam:CreateUser", "*")}}
		}, []string{"high grant-iam-write"}, ""},
		{"user-inline-policy", "the names may not be read", func(s *audit.Subject) { refuse(s, "iam:ListUserPolicies", "user/"+buildUser) }, nil, audit.Unknown},
		{"user-groups", "another group, with nothing in it", func(s *audit.Subject) {
			user(s).Groups = append(user(s).Groups, "developers")
			s.Survey.Inventory.Groups = append(s.Survey.Inventory.Groups, provision.Group{Name: "developers", Members: []string{buildUser}})
		}, []string{"medium user-groups"}, ""},
		{"user-groups", "the groups may not be read", func(s *audit.Subject) {
			user(s).Groups = nil
			refuse(s, "iam:ListGroupsForUser", "user/"+buildUser)
		}, nil, audit.Unknown},
		{"group-policy", "a policy of somebody's that grants the same", func(s *audit.Subject) {
			onGroup(s, "team-uploads", allow("s3:PutObject", "arn:aws:s3:::demo-assets/*"))
		}, []string{"low group-policy"}, ""},
		{"group-policy", "inline policies may not be listed", func(s *audit.Subject) { refuse(s, "iam:ListGroupPolicies", "group/"+publishers) }, nil, audit.Unknown},
		{"role-policy", "a policy that only denies, on the role", func(s *audit.Subject) {
			r := s.Survey.Inventory.Role
			r.Attached = append(r.Attached, policy(s, "guard", statements(`{"Effect":"Deny","Action":"ecr:DeleteRepository","Resource":"*"}`)))
		}, []string{"low role-policy"}, ""},
		{"role-policy", "the list may not be read", func(s *audit.Subject) { refuse(s, "iam:ListAttachedRolePolicies", "role/"+appRole) }, nil, audit.Unknown},
		{
			"boundary", "one that nobody announced", func(s *audit.Subject) { user(s).Boundary = policy(s, "bound", allow("*", "*")).ARN },
			[]string{"advice boundary"},
			"",
		},
		{"boundary", "the expected one, on both", func(s *audit.Subject) {
			arn := policy(s, "bound", allow("*", "*")).ARN
			s.Expect.Boundary, user(s).Boundary, s.Survey.Inventory.Role.Boundary = arn, arn, arn
		}, nil, audit.Pass},
		{
			"boundary", "expected, and on neither", func(s *audit.Subject) { s.Expect.Boundary = place().PolicyARN("bound") },
			[]string{"low boundary", "low boundary"},
			"",
		},
	}
}

func keyCases() []checkCase {
	used := func(days int, service, region string) *provision.LastUse {
		return &provision.LastUse{At: ago(days), Service: service, Region: region}
	}
	return []checkCase{
		{"key-present", "an active key", func(*audit.Subject) {}, nil, audit.Pass},
		{"key-present", "no key", func(s *audit.Subject) { user(s).Keys = nil }, []string{"medium key-present"}, ""},
		{"key-present", "no key, but the platform has a role for CI", func(s *audit.Subject) {
			user(s).Keys, s.Platform = nil, &audit.Platform{Registrations: []audit.Registration{{ID: "p", Kind: provision.S3, CIRole: "arn:aws:iam::123456789012:role/ci"}}}
		}, nil, audit.Pass},
		{"key-present", "keys may not be listed", func(s *audit.Subject) {
			user(s).Keys = nil
			refuse(s, "iam:ListAccessKeys", "user/"+buildUser)
		}, nil, audit.Unknown},
		{"key-age", "90 days", func(s *audit.Subject) { key(s).Created = ago(90) }, nil, audit.Pass},
		{"key-age", "91 days", func(s *audit.Subject) { key(s).Created = ago(91) }, []string{"medium key-age"}, ""},
		{"key-age", "more than a year", func(s *audit.Subject) { key(s).Created = ago(366) }, []string{"high key-age"}, ""},
		{
			"key-age", "old and never used: it is to go, not to be replaced", func(s *audit.Subject) { key(s).Created, key(s).LastUsed = ago(500), nil },
			[]string{"medium key-never-used"},
			"",
		},
		{"key-age", "no key", func(s *audit.Subject) { user(s).Keys = nil }, []string{"medium key-present"}, audit.Nothing},
		{"key-two", "two active", func(s *audit.Subject) {
			user(s).Keys = append(user(s).Keys, provision.Key{ID: "AKIAEXAMPLEEXAMPLE02", Active: true, Created: ago(2), LastUsed: used(0, "s3", "us-east-1")})
		}, []string{"medium key-two"}, ""},
		{"key-two", "two, of which one is forgotten: that speaks for both", func(s *audit.Subject) {
			user(s).Keys = append(user(s).Keys, provision.Key{ID: "AKIAEXAMPLEEXAMPLE02", Active: true, Created: ago(30)})
		}, []string{"medium key-never-used"}, ""},
		{"key-inactive", "an old one", func(s *audit.Subject) {
			user(s).Keys = append(user(s).Keys, provision.Key{ID: "AKIAEXAMPLEEXAMPLE02", Created: ago(400)})
		}, []string{"low key-inactive"}, ""},
		{"key-never-used", "made yesterday", func(s *audit.Subject) { key(s).LastUsed = nil }, nil, audit.Pass},
		{"key-never-used", "made a week ago", func(s *audit.Subject) { key(s).Created, key(s).LastUsed = ago(7), nil }, []string{"medium key-never-used"}, ""},
		{"key-never-used", "its last use may not be read, which is not the same as never", func(s *audit.Subject) {
			key(s).Created, key(s).LastUsed = ago(7), nil
			refuse(s, "iam:GetAccessKeyLastUsed", keyID)
		}, nil, audit.Unknown},
		{"key-unused", "45 days", func(s *audit.Subject) { key(s).Created, key(s).LastUsed = ago(60), used(45, "ecr", "us-east-1") }, nil, audit.Pass},
		{"key-unused", "46 days", func(s *audit.Subject) { key(s).Created, key(s).LastUsed = ago(60), used(46, "ecr", "us-east-1") }, []string{"medium key-unused"}, ""},
		{"key-service", "STS comes before every push", func(s *audit.Subject) { key(s).LastUsed = used(0, "sts", "us-east-1") }, nil, audit.Pass},
		{"key-service", "EC2 is not publishing", func(s *audit.Subject) { key(s).LastUsed = used(0, "ec2", "us-east-1") }, []string{"high key-service"}, ""},
		{"key-service", "unknown use", func(s *audit.Subject) { refuse(s, "iam:GetAccessKeyLastUsed", keyID) }, nil, audit.Unknown},
		{"key-region", "another region", func(s *audit.Subject) { key(s).LastUsed = used(0, "ecr", "eu-west-1") }, []string{"advice key-region"}, ""},
		{"key-region", "another region, where a bucket is", func(s *audit.Subject) {
			key(s).LastUsed, s.Survey.Settings = used(0, "s3", "eu-west-1"), settled()
			s.Survey.Settings.Buckets[0].Region = "eu-west-1"
		}, nil, audit.Pass},
	}
}

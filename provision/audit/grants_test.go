package audit_test

import (
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

func grantCases() []checkCase {
	add := func(document string) func(*audit.Subject) {
		return func(s *audit.Subject) { onGroup(s, "extra", document) }
	}
	return []checkCase{
		{"grant-admin", "what the contract calls for is no finding, * for a token included", func(*audit.Subject) {}, nil, audit.Pass},
		{"grant-admin", "everything", add(allow("*", "*")), []string{"high grant-admin"}, ""},
		{"grant-iam-write", "everything holds this too, and one finding says so", add(allow("*", "*")), []string{"high grant-admin"}, ""},
		{"grant-admin", "everything, of which a Deny leaves nothing", func(s *audit.Subject) {
			onGroup(s, "extra", allow("*", "*"))
			onGroup(s, "deny", statements(`{"Effect":"Deny","NotAction":["ecr:*","s3:PutObject","s3:GetObject","sts:GetServiceBearerToken"],"Resource":"*"},`+
				`{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::demo-assets/*"},`+
				`{"Effect":"Deny","NotAction":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:CreateRepository","ecr:DeleteRepository","ecr:DescribeRepositories","ecr:TagResource","ecr:SetRepositoryPolicy","ecr:GetAuthorizationToken","s3:*","sts:*"],"Resource":"*"}`))
		}, []string{"low group-policy", "low group-policy"}, audit.Pass},
		{"grant-admin", "everything, of which a boundary leaves the contract", func(s *audit.Subject) {
			onGroup(s, "extra", allow("*", "*"))
			inv := s.Survey.Inventory
			user(s).Boundary = policy(s, "bound", statements(
				`{"Effect":"Allow","Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:CompleteLayerUpload","ecr:UploadLayerPart","ecr:InitiateLayerUpload","ecr:BatchCheckLayerAvailability","ecr:PutImage","ecr:GetAuthorizationToken"],"Resource":"*"},`+
					`{"Effect":"Allow","Action":["s3:PutObject"],"Resource":"arn:aws:s3:::demo-assets/*"}`)).ARN
			_ = inv
		}, []string{"low group-policy", "advice boundary"}, audit.Pass},
		{"grant-admin", "a group that may not be read could give it", func(s *audit.Subject) {
			user(s).Groups = append(user(s).Groups, "secret")
			refuse(s, "iam:GetGroup", "group/secret")
		}, []string{"medium user-groups"}, audit.Unknown},
		{"grant-admin", "everything but something", add(statements(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)), []string{"high grant-admin"}, ""},
		{"grant-iam-write", "one call", add(allow("iam:CreateAccessKey", "*")), []string{"high grant-iam-write"}, ""},
		{"grant-iam-write", "looking is not writing", add(allow("iam:GetUser", "*")), []string{"low grant-beyond"}, audit.Pass},
		{"grant-iam-write", "organizations too", add(allow("organizations:*", "*")), []string{"high grant-iam-write"}, ""},
		{"grant-pass-role", "any role", add(allow("iam:PassRole", "*")), []string{"high grant-pass-role"}, ""},
		{"grant-assume-role", "any role", add(allow("sts:AssumeRole", "*")), []string{"high grant-assume-role"}, ""},
		{"grant-assume-role", "one role is less grave", add(allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/deploy")), []string{"medium grant-assume-role"}, ""},
		{"grant-permissions", "who decides on a bucket's readers", add(allow("s3:PutBucketPolicy", "arn:aws:s3:::demo-assets")), []string{"high grant-permissions"}, ""},
		{"grant-permissions", "what the contract has of this is no finding", func(*audit.Subject) {}, nil, audit.Pass},
		{"grant-data", "another bucket", add(allow("s3:GetObject", "arn:aws:s3:::payroll/*")), []string{"high grant-data"}, ""},
		{"grant-data", "another bucket that is a destination", func(s *audit.Subject) {
			onGroup(s, "extra", allow("s3:PutObject", "arn:aws:s3:::second/*"))
			s.Expect.Buckets = []string{"demo-assets", "second"}
		}, []string{"low group-policy"}, audit.Pass},
		{"grant-data", "secrets", add(allow("secretsmanager:GetSecretValue", "*")), []string{"high grant-data"}, ""},
		{"grant-data", "the contract's own policy, widened", func(s *audit.Subject) {
			rewrite(s, s3Policy, statements(`{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":["arn:aws:s3:::demo-assets/*","arn:aws:s3:::payroll/*"]}`))
		}, []string{"high grant-data"}, ""},
		{"grant-wildcard", "a whole service of which nothing graver is known", add(allow("cloudfront:*", "*")), []string{"medium grant-wildcard"}, ""},
		{"grant-destructive", "images", add(allow("ecr:BatchDeleteImage", "*")), []string{"medium grant-destructive"}, ""},
		{"grant-beyond", "a list", add(allow("s3:ListAllMyBuckets", "*")), []string{"low grant-beyond"}, ""},
		{"grant-beyond", "ECR on every resource is ECR on every repository", add(allow("ecr:PutImage", "*")), []string{"low group-policy"}, audit.Pass},
		{"grant-beyond", "of the role alone", func(s *audit.Subject) {
			r := s.Survey.Inventory.Role
			r.Attached = append(r.Attached, policy(s, "extra", allow("ecr:ListImages", "*")))
		}, []string{"low grant-beyond"}, ""},

		{"not-action", "a grant of everything but something, bounded to what is due", func(s *audit.Subject) {
			onGroup(s, "extra", statements(`{"Effect":"Allow","Action":"ecr:PutImage","NotResource":"arn:aws:ecr:*:*:repository/private/*"}`))
		}, []string{"medium not-action", "low group-policy"}, ""},
		{
			"not-action", "with Deny it is good practice", add(statements(`{"Effect":"Deny","NotAction":["ecr:*","s3:*","sts:*"],"Resource":"*"}`)),
			[]string{"low group-policy"},
			audit.Pass,
		},
		{
			"condition-always-true", "a date that is over", add(statements(`{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}}`)),
			[]string{"low condition-always-true", "low group-policy"},
			"",
		},
		{
			"condition-always-true", "ForAllValues without the key", add(statements(`{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalTag/team":"x"}}}`)),
			[]string{"low condition-always-true", "low group-policy"},
			"",
		},
		{
			"condition-always-true", "a region is a limit", add(statements(`{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}`)),
			[]string{"low group-policy"},
			audit.Pass,
		},
		{
			"condition-always-true", "a pattern for a key that may be absent is a limit", add(statements(`{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*","Condition":{"StringLike":{"aws:SourceVpce":"*"}}}`)),
			[]string{"low group-policy"},
			audit.Pass,
		},
		{"statement-form", "a statement twice", func(s *audit.Subject) {
			one := `{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::demo-assets/*"}`
			rewrite(s, s3Policy, statements(one+","+one))
		}, []string{"low statement-form"}, ""},
		{
			"statement-form", "what cannot be understood grants nobody knows what", add(`{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}`),
			[]string{"low statement-form"},
			"",
		},
		{
			"grant-admin", "what cannot be understood leaves the question open", add(`{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}`),
			[]string{"low statement-form"},
			audit.Unknown,
		},
		{"ecr-delete", "as the contract has it", func(*audit.Subject) {}, []string{"advice ecr-delete"}, ""},
		{"ecr-delete", "denied to the user", func(s *audit.Subject) {
			user(s).Inline = []provision.InlinePolicy{{Name: "no-repository-deletion", Document: statements(`{"Effect":"Deny","Action":"ecr:DeleteRepository","Resource":"*"}`)}}
		}, []string{"medium user-inline-policy"}, audit.Pass},
	}
}

func trustCases() []checkCase {
	trust := func(list string) func(*audit.Subject) {
		return func(s *audit.Subject) { s.Survey.Inventory.Role.Trust = statements(list) }
	}
	with := func(more string) func(*audit.Subject) {
		return trust(`{"Effect":"Allow","Principal":{"AWS":"` + provision.DefaultApplicationManager + `"},"Action":"sts:AssumeRole"},` + more)
	}
	return []checkCase{
		{"trust-principal", "the manager alone", func(*audit.Subject) {}, nil, audit.Pass},
		{"trust-principal", "anybody", with(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`), []string{"high trust-principal"}, ""},
		{"trust-principal", "anybody of an organisation", with(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`), []string{"medium trust-principal"}, ""},
		{"trust-principal", "another account", with(`{"Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"sts:AssumeRole"}`), []string{"high trust-principal"}, ""},
		{"trust-principal", "this account", with(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}`), []string{"medium trust-principal"}, ""},
		{"trust-principal", "a service", with(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), []string{"medium trust-principal"}, ""},
		{"trust-principal", "somebody who was deleted", with(`{"Effect":"Allow","Principal":{"AWS":"AIDAEXAMPLEEXAMPLE"},"Action":"sts:AssumeRole"}`), []string{"low trust-principal"}, ""},
		{"trust-principal", "another manager that is expected", func(s *audit.Subject) {
			s.Expect.ApplicationManager = "arn:aws:iam::111122223333:role/mine"
			s.Survey.Inventory.Role.Trust = statements(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/mine"},"Action":"sts:AssumeRole"}`)
		}, nil, audit.Pass},
		{"trust-principal", "the role may not be read", func(s *audit.Subject) {
			s.Survey.Inventory.Role = nil
			refuse(s, "iam:GetRole", "role/"+appRole)
		}, nil, audit.Unknown},
		{"trust-manager", "the manager is denied", with(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`), []string{"medium trust-manager"}, ""},
		{
			"trust-manager", "the manager is not named", trust(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}`),
			[]string{"medium trust-principal", "medium trust-manager"},
			"",
		},
		{
			"trust-condition", "a date that is over", trust(`{"Effect":"Allow","Principal":{"AWS":"` + provision.DefaultApplicationManager + `"},"Action":"sts:AssumeRole","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}}`),
			[]string{"low trust-condition"},
			"",
		},
		{"trust-external-id", "none", func(*audit.Subject) {}, []string{"advice trust-external-id"}, ""},
		{
			"trust-external-id", "one is asked for", trust(`{"Effect":"Allow","Principal":{"AWS":"` + provision.DefaultApplicationManager + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`),
			nil, audit.Pass,
		},
	}
}

func destinationCases() []checkCase {
	bucket := func(change func(*provision.DestinationBucket)) func(*audit.Subject) {
		return func(s *audit.Subject) {
			s.Survey.Settings = settled()
			change(&s.Survey.Settings.Buckets[0])
		}
	}
	repository := func(change func(*provision.DestinationRepository)) func(*audit.Subject) {
		return func(s *audit.Subject) {
			s.Survey.Settings = settled()
			change(&s.Survey.Settings.Repositories[0])
		}
	}
	unread := func(action, resource string) func(*audit.Subject) {
		return func(s *audit.Subject) {
			s.Survey.Settings = settled()
			refuse(s, action, resource)
		}
	}
	fine := func(*provision.DestinationBucket) {}
	return []checkCase{
		{"bucket-public", "nobody asked", func(*audit.Subject) {}, nil, audit.NotAsked},
		{"bucket-public", "as install makes it", bucket(fine), nil, audit.Pass},
		{"bucket-present", "absent", bucket(func(b *provision.DestinationBucket) { b.State = provision.BucketAbsent }), []string{"high bucket-present"}, ""},
		{"bucket-present", "of another account", bucket(func(b *provision.DestinationBucket) { b.State = provision.BucketForbidden }), []string{"high bucket-present"}, ""},
		{"bucket-public", "open", bucket(func(b *provision.DestinationBucket) { b.PublicAccessBlocked = false }), []string{"medium bucket-public"}, ""},
		{"bucket-public", "the setting may not be read", unread("s3:GetBucketPublicAccessBlock", "bucket/demo-assets"), nil, audit.Unknown},
		{"bucket-tls", "no policy", bucket(func(b *provision.DestinationBucket) { b.Policy = "" }), []string{"low bucket-tls"}, ""},
		{"bucket-tls", "a Deny for reading alone is not enough", bucket(func(b *provision.DestinationBucket) {
			b.Policy = statements(`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::demo-assets/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)
		}), []string{"low bucket-tls"}, ""},
		{"bucket-tls", "the policy may not be read", unread("s3:GetBucketPolicy", "bucket/demo-assets"), nil, audit.Unknown},
		{"bucket-kms", "AWS's own key", bucket(func(b *provision.DestinationBucket) { b.Algorithm = "aws:kms" }), nil, audit.Pass},
		{"bucket-kms", "a key without a grant", bucket(func(b *provision.DestinationBucket) { b.Algorithm, b.KMSKey = "aws:kms", "1234" }), []string{"medium bucket-kms"}, ""},
		{"bucket-kms", "a key with a grant, which for its part is beyond the contract", func(s *audit.Subject) {
			bucket(func(b *provision.DestinationBucket) { b.Algorithm, b.KMSKey = "aws:kms", "1234" })(s)
			onGroup(s, "key", allow("kms:GenerateDataKey", "arn:aws:kms:us-east-1:123456789012:key/1234"))
		}, []string{"low grant-beyond"}, audit.Pass},
		{"bucket-kms", "the encryption may not be read", unread("s3:GetEncryptionConfiguration", "bucket/demo-assets"), nil, audit.Unknown},
		{"bucket-versions", "off", bucket(func(b *provision.DestinationBucket) { b.Versioned = false }), []string{"advice bucket-versions"}, ""},
		{"bucket-versions", "the setting may not be read", unread("s3:GetBucketVersioning", "bucket/demo-assets"), nil, audit.Unknown},
		{"repository-public", "none is", repository(func(*provision.DestinationRepository) {}), nil, audit.Pass},
		{"repository-public", "open to all", repository(func(r *provision.DestinationRepository) {
			r.Policy = statements(`{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}`)
		}), []string{"high repository-public"}, ""},
		{"repository-public", "open to one account, as cross-account pull is", repository(func(r *provision.DestinationRepository) {
			r.Policy = statements(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"ecr:BatchGetImage"}`)
		}), nil, audit.Pass},
		{"repository-public", "the policy may not be read", unread("ecr:GetRepositoryPolicy", "repository/app"), nil, audit.Unknown},
		{"repository-scan", "off", repository(func(r *provision.DestinationRepository) { r.ScanOnPush = false }), []string{"advice repository-scan"}, ""},
		{"repository-scan", "the repositories may not be listed", func(s *audit.Subject) {
			unread("ecr:DescribeRepositories", "*")(s)
			s.Survey.Settings.Repositories = nil
		}, nil, audit.Unknown},
		{"repository-tags", "movable", repository(func(r *provision.DestinationRepository) { r.Immutable = false }), []string{"advice repository-tags"}, ""},
	}
}

func platformCases() []checkCase {
	record := func(change func(*audit.Platform)) func(*audit.Subject) {
		return func(s *audit.Subject) {
			s.Platform = registered()
			change(s.Platform)
		}
	}
	return []checkCase{
		{"platform-key", "nobody asked", func(*audit.Subject) {}, nil, audit.NotAsked},
		{"platform-key", "the user's own", record(func(*audit.Platform) {}), nil, audit.Pass},
		{"platform-key", "the platform keeps it to itself", record(func(p *audit.Platform) { p.Registrations[0].KeyID = "" }), nil, audit.Unknown},
		{"platform-key", "of nobody here", record(func(p *audit.Platform) { p.Registrations[0].KeyID = "AKIAEXAMPLEEXAMPLE99" }), []string{"high platform-key"}, ""},
		{"platform-key", "inactive", func(s *audit.Subject) {
			record(func(*audit.Platform) {})(s)
			user(s).Keys[0].Active = false
		}, []string{"high platform-key", "medium key-present", "low key-inactive"}, ""},
		{"platform-key", "a role for CI needs no key", record(func(p *audit.Platform) {
			for i := range p.Registrations {
				p.Registrations[i].KeyID, p.Registrations[i].CIRole = "", "arn:aws:iam::123456789012:role/ci"
			}
		}), nil, audit.Pass},
		{"platform-role", "another cluster's", record(func(p *audit.Platform) { p.Registrations[0].ApplicationRole = "arn:aws:iam::123456789012:role/other" }), []string{"medium platform-role"}, ""},
		{"platform-role", "kept by the platform", record(func(p *audit.Platform) { p.Registrations[0].ApplicationRole = "" }), nil, audit.Unknown},
		{
			"platform-bucket", "one that CI may not write to", record(func(p *audit.Platform) { p.Registrations[1].Bucket = "elsewhere" }),
			[]string{"high platform-bucket"},
			"",
		},
	}
}

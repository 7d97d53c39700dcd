package audit

import (
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// destinationChecks are about the buckets and repositories themselves. They
// are made only when their settings were asked for.
func destinationChecks() []Check {
	return []Check{
		bucketPresent(), bucketPublic(), bucketTLS(), bucketKMS(), bucketVersions(),
		repositoryPublic(), repositoryScan(), repositoryTags(),
	}
}

// eachBucket looks at every bucket of the account whose settings could be
// read.
func (c *scene) eachBucket(action string, look func(provision.DestinationBucket) []Finding) outcome {
	if c.Survey.Settings == nil {
		return outcome{notAsked: true}
	}
	var out outcome
	for _, b := range c.Survey.Settings.Buckets {
		if b.State != provision.BucketOwn {
			continue
		}
		out.looked = true
		if gaps := c.gaps("bucket/"+b.Name, action); len(gaps) > 0 {
			out.gaps = append(out.gaps, gaps...)
			continue
		}
		out.findings = append(out.findings, look(b)...)
	}
	return out
}

func bucketEntity(b provision.DestinationBucket) provision.Entity {
	return entity(provision.BucketEntity, b.Name)
}

func s3Command(args ...string) []string { return aws(append([]string{"s3api"}, args...)...) }

func bucketPresent() Check {
	const id = "bucket-present"
	return Check{
		ID: id, Kind: DestinationKind, Severity: High,
		Title:     "Every bucket is there and belongs to this account",
		Rationale: "A bucket that is nobody's can be made by anybody, and CI would publish to them.",
		run: func(c *scene) outcome {
			if c.Survey.Settings == nil {
				return outcome{notAsked: true}
			}
			var out outcome
			for _, b := range c.Survey.Settings.Buckets {
				out.looked = true
				evidence := Evidence{Read: "s3:ListBucket", Text: "HeadBucket: " + string(b.State)}
				switch b.State {
				case provision.BucketAbsent:
					out.findings = append(out.findings, finding(id, High, bucketEntity(b), "", "Bucket "+b.Name+" is not there",
						"CI cannot publish, and whoever makes a bucket of this name gets what it publishes.").
						seen(evidence).fix(Remedy{
						Text: "Run slipway install with --create-bucket, or take the destination away.", Job: "install",
						Fix: [][]string{c.installCommand("--create-bucket")},
					}))
				case provision.BucketForbidden:
					out.findings = append(out.findings, finding(id, High, bucketEntity(b), "", "Bucket "+b.Name+" belongs to another account, or may not be looked at",
						"S3 does not say which. If it is somebody else's, CI publishes to them.").
						seen(evidence).fix(Remedy{Text: "Find out whose it is; publish to a bucket of this account."}))
				}
			}
			return out
		},
	}
}

func bucketPublic() Check {
	const id = "bucket-public"
	return Check{
		ID: id, Kind: DestinationKind, Severity: Medium,
		Title:      "Every bucket blocks public access",
		Rationale:  "One mistake in a bucket policy or an ACL then does not open the assets to the world.",
		References: refs(prowler, "s3_bucket_level_public_access_block", securityHub, "S3.8"),
		run: func(c *scene) outcome {
			return c.eachBucket("s3:GetBucketPublicAccessBlock", func(b provision.DestinationBucket) []Finding {
				if b.PublicAccessBlocked {
					return nil
				}
				return []Finding{finding(id, Medium, bucketEntity(b), "", "Bucket "+b.Name+" does not block public access",
					"A block for the whole account may cover it; this audit looks at the bucket.").
					seen(Evidence{Read: "s3:GetBucketPublicAccessBlock", Text: "not all four settings are on"}).
					fix(Remedy{
						Text: "Turn all four settings on.",
						Fix: [][]string{s3Command("put-public-access-block", "--bucket", b.Name, "--public-access-block-configuration",
							"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true")},
						UndoText: "Take the setting away.",
						Undo:     [][]string{s3Command("delete-public-access-block", "--bucket", b.Name)},
					})}
			})
		},
	}
}

func bucketTLS() Check {
	const id = "bucket-tls"
	return Check{
		ID: id, Kind: DestinationKind, Severity: Low,
		Title:      "Every bucket refuses plain HTTP",
		Rationale:  "What is published runs in production; nobody should be able to change it on its way.",
		References: refs(cis3, "2.1.1", cis5, "2.1.1", securityHub, "S3.5", prowler, "s3_bucket_secure_transport_policy"),
		run: func(c *scene) outcome {
			return c.eachBucket("s3:GetBucketPolicy", func(b provision.DestinationBucket) []Finding {
				if refusesPlain(b, c.inv.Place) {
					return nil
				}
				document := tlsOnly(b.Name, c.inv.Place)
				return []Finding{finding(id, Low, bucketEntity(b), "", "Bucket "+b.Name+" answers plain HTTP",
					"No statement of its policy denies requests without TLS.").
					seen(Evidence{Read: "s3:GetBucketPolicy", Text: policyText(b.Policy)}).
					fix(Remedy{
						Text:     "Add a statement that denies what does not come over TLS. The command sets a policy with that statement alone: put it beside those that are there.",
						Fix:      [][]string{s3Command("put-bucket-policy", "--bucket", b.Name, "--policy", document)},
						UndoText: "Put the policy of now back, or delete it where there is none.",
						Undo:     [][]string{undoBucketPolicy(b)},
					})}
			})
		},
	}
}

func undoBucketPolicy(b provision.DestinationBucket) []string {
	if b.Policy == "" {
		return s3Command("delete-bucket-policy", "--bucket", b.Name)
	}
	return s3Command("put-bucket-policy", "--bucket", b.Name, "--policy", b.Policy)
}

func policyText(text string) string {
	if text == "" {
		return "no bucket policy"
	}
	return text
}

func tlsOnly(bucket string, at provision.Place) string {
	arn := at.BucketARN(bucket)
	return `{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["` +
		arn + `","` + arn + `/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
}

// refusesPlain asks the bucket's policy about a request without TLS by
// somebody whom it would otherwise say nothing of.
func refusesPlain(b provision.DestinationBucket, at provision.Place) bool {
	if b.Policy == "" {
		return false
	}
	doc, err := policy.Parse(b.Policy)
	if err != nil {
		return false
	}
	for _, action := range []string{"s3:PutObject", "s3:GetObject"} {
		d := policy.DecideResource(doc, policy.Caller{ARN: at.UserARN("anybody"), Account: at.Account}, policy.Request{
			Action: action, Resource: at.BucketARN(b.Name) + "/any",
			Context: policy.Context{Values: map[string][]string{"aws:SecureTransport": {"false"}}},
		})
		if d.Outcome != policy.Denied || !d.Explicit {
			return false
		}
	}
	return true
}

func bucketKMS() Check {
	const id = "bucket-kms"
	return Check{
		ID: id, Kind: DestinationKind, Severity: Medium,
		Title:     "CI may use the keys that the buckets encrypt with",
		Rationale: "An upload to a bucket with a KMS key of one's own needs kms:GenerateDataKey, and a large one kms:Decrypt. The modules grant neither.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return outcome{notAsked: c.Survey.Settings == nil}
			}
			out := c.eachBucket("s3:GetEncryptionConfiguration", func(b provision.DestinationBucket) []Finding {
				if b.KMSKey == "" || c.mayEncrypt(b.KMSKey) {
					return nil
				}
				return []Finding{finding(id, Medium, bucketEntity(b), "", "CI has no grant for the key that bucket "+b.Name+" encrypts with",
					"Uploads fail, unless the key's own policy names the build user; that policy is not read here.").
					seen(Evidence{Read: "s3:GetEncryptionConfiguration", Text: b.Algorithm + " with " + b.KMSKey}).
					fix(Remedy{Text: "Allow kms:GenerateDataKey and kms:Decrypt on the key to the build user, in the key's policy or through the publishers group."})}
			})
			if len(out.findings) > 0 && len(c.user.gaps) > 0 {
				return unread(c.user.gaps...)
			}
			return out
		},
	}
}

// mayEncrypt reports whether the user's own policies let it use a key.
func (c *scene) mayEncrypt(key string) bool {
	arn := key
	if accountOf(key) == "" {
		arn = "arn:" + c.inv.Place.Partition + ":kms:" + c.inv.Place.Region + ":" + c.inv.Place.Account + ":key/" + key
	}
	d := c.user.policies.Decide(policy.Request{Action: "kms:GenerateDataKey", Resource: arn, Context: policy.Context{Partial: true}})
	return d.Outcome != policy.Denied
}

func bucketVersions() Check {
	const id = "bucket-versions"
	return Check{
		ID: id, Kind: DestinationKind, Severity: Advice,
		Title:      "Every bucket keeps what was overwritten",
		Rationale:  "A build that overwrites an asset by mistake can then be taken back.",
		References: refs(prowler, "s3_bucket_object_versioning"),
		run: func(c *scene) outcome {
			return c.eachBucket("s3:GetBucketVersioning", func(b provision.DestinationBucket) []Finding {
				if b.Versioned {
					return nil
				}
				set := func(status string) [][]string {
					return [][]string{s3Command("put-bucket-versioning", "--bucket", b.Name, "--versioning-configuration", "Status="+status)}
				}
				return []Finding{finding(id, Advice, bucketEntity(b), "", "Bucket "+b.Name+" keeps no versions", "An overwritten asset is gone.").
					seen(Evidence{Read: "s3:GetBucketVersioning", Text: "versioning is off"}).
					fix(Remedy{
						Text: "Turn versioning on, with a lifecycle rule that deletes old versions.", Fix: set("Enabled"),
						UndoText: "Suspend it; versions that are there stay.", Undo: set("Suspended"),
					})}
			})
		},
	}
}

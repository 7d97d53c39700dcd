package provision

import (
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// Obstacles says what of the bucket keeps a user from publishing to it, though
// the user's own policies allow it. Those that are marked as warnings may turn
// out not to.
func (s DestinationBucket) Obstacles(at Place, u User, own *policy.Policies) []Problem {
	bad := func(rule, way string) []Problem { return []Problem{{Field: "bucket", Rule: rule, Way: way}} }
	switch {
	case s.State == BucketAbsent:
		return bad(s.Name+" does not exist", "make it (slipway install --create-bucket), or name another")
	case s.State == BucketForbidden:
		return bad(s.Name+" belongs to another account, or may not be looked at; the grant of this account does not reach it",
			"use a bucket of account "+at.Account+", or let its owner's bucket policy allow "+u.ARN)
	case s.Region != "" && at.Region != "" && s.Region != at.Region:
		return bad(fmt.Sprintf("%s is in %s and not in %s, where CI is sent", s.Name, s.Region, at.Region),
			"use a bucket in "+at.Region+", or run with --region "+s.Region)
	}
	return append(s.encryptionObstacles(), s.policyObstacles(at, u, own)...)
}

// encryptionObstacles: whoever writes with a key of one's own must be allowed
// to use it. AWS's own key is open to everybody in the account who comes
// through S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
func (s DestinationBucket) encryptionObstacles() []Problem {
	own := s.KMSKey == "" || strings.HasSuffix(s.KMSKey, "alias/aws/s3")
	if !strings.HasPrefix(s.Algorithm, "aws:kms") || own {
		return nil
	}
	return []Problem{{
		Field: "bucket", Warning: true,
		Rule: fmt.Sprintf("%s encrypts with the KMS key %s, and the grant has no rights on keys: publishing fails unless the key's policy allows the build user kms:GenerateDataKey and kms:Decrypt", s.Name, s.KMSKey),
		Way:  "allow both in the key's policy, or let the bucket encrypt with AES256",
	}}
}

// policyObstacles asks the bucket policy about an object, with all that is
// known of the request beforehand.
func (s DestinationBucket) policyObstacles(at Place, u User, own *policy.Policies) []Problem {
	if s.Policy == "" {
		return nil
	}
	doc, err := policy.Parse(s.Policy)
	if err != nil {
		return []Problem{{Field: "bucket", Warning: true, Rule: "policy of " + s.Name + " cannot be understood: " + err.Error(), Way: "look at it by hand"}}
	}
	who := policy.Caller{ARN: u.ARN, Account: at.Account, UserID: u.ID}
	for _, action := range []string{"s3:PutObject", "s3:GetObject"} {
		r := policy.Request{Action: action, Resource: "arn:" + at.Partition + ":s3:::" + s.Name + "/slipway-probe/object", Context: knownContext(at, who)}
		byPolicy := policy.DecideResource(doc, who, r)
		both := own.DecideAt(policy.Target{Policy: doc, Account: at.Account}, who, r)
		p := Problem{Field: "bucket", Way: "change the bucket policy, or use another bucket"}
		switch {
		case byPolicy.Explicit && byPolicy.Outcome == policy.Denied:
			p.Rule = fmt.Sprintf("policy of %s denies %s to %s: %s", s.Name, action, u.Name, byPolicy.Why)
		case byPolicy.Explicit && byPolicy.Outcome == policy.Depends, both.Outcome == policy.Depends && len(both.Keys) > 0:
			p.Warning = true
			p.Rule = fmt.Sprintf("policy of %s may deny %s: it depends on %s of the request", s.Name, action, strings.Join(both.Keys, ", "))
		default:
			continue
		}
		return []Problem{p}
	}
	return nil
}

// knownContext is what is known of a request before it is made.
func knownContext(at Place, who policy.Caller) policy.Context {
	keys := who.Keys()
	keys["aws:RequestedRegion"] = []string{at.Region}
	keys["aws:SecureTransport"] = []string{"true"}
	return policy.Context{Values: keys, Partial: true}
}

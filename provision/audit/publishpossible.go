package audit

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// What publishing calls, from
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
var pushActions = []string{
	"ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage",
}

func publishPossible() Check {
	const id = "publish-possible"
	return Check{
		ID: id, Kind: ContractKind, Severity: High,
		Title:     "CI can publish to every destination",
		Rationale: "A Deny, a condition, a permissions boundary or a missing grant stops every team's CI. This asks what the build user may really do.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			var out outcome
			for _, d := range c.needs() {
				out.looked = true
				verdict, action := c.ask(d.requests)
				switch {
				case verdict.Outcome == policy.Denied && len(c.user.gaps) > 0 && !verdict.Explicit:
					out.gaps = append(out.gaps, c.user.gaps...)
				case verdict.Outcome == policy.Denied:
					out.findings = append(out.findings, c.cannot(id, d, action, verdict))
				case verdict.Outcome == policy.Depends:
					out.gaps = append(out.gaps, provision.Gap{
						Action: action, Resource: d.name, Asked: true,
						Reason: "whether CI may depends on " + listed(verdict.Keys) + ", which only a request of CI's own would tell",
					})
				case c.boundaryUnread():
					out.gaps = append(out.gaps, c.gaps(c.inv.User.Boundary, grantReads...)...)
				}
			}
			return out
		},
	}
}

// need is what publishing to one destination asks for.
type need struct {
	kind     provision.Kind
	name     string
	requests []policy.Request
}

func (c *scene) needs() []need {
	at := c.inv.Place
	var out []need
	if c.dest.ecr {
		n := need{kind: provision.ECR, name: "ECR", requests: []policy.Request{{Action: "ecr:GetAuthorizationToken", Resource: "*"}}}
		repository := "arn:" + at.Partition + ":ecr:" + at.Region + ":" + at.Account + ":repository/any"
		for _, a := range pushActions {
			n.requests = append(n.requests, policy.Request{Action: a, Resource: repository})
		}
		out = append(out, n)
	}
	for _, b := range c.dest.buckets {
		out = append(out, c.bucketNeed(b))
	}
	return out
}

func (c *scene) bucketNeed(bucket string) need {
	return need{kind: provision.S3, name: bucket, requests: []policy.Request{
		{Action: "s3:PutObject", Resource: c.inv.Place.BucketARN(bucket) + "/any.zip"},
	}}
}

// ask gives the worst answer to some requests, and the action it is about.
// What is known of a request of CI is told; the rest stays open. That a grant
// holds in one region only is as the first contracts made it.
func (c *scene) ask(list []policy.Request) (policy.Decision, string) {
	u := c.inv.User
	keys := policy.Caller{ARN: u.ARN, Account: c.inv.Place.Account, UserID: u.ID}.Keys()
	keys["aws:SecureTransport"] = []string{"true"}
	keys["aws:CurrentTime"] = []string{c.Now.UTC().Format("2006-01-02T15:04:05Z")}
	var worst policy.Decision
	worst.Outcome = policy.Allowed
	action := ""
	for _, r := range list {
		r.Context = policy.Context{Values: keys, Partial: true}
		d := c.user.policies.Decide(r)
		if d.Outcome == policy.Depends && !slices.ContainsFunc(d.Keys, func(k string) bool { return !strings.EqualFold(k, "aws:RequestedRegion") }) {
			continue
		}
		if d.Outcome == policy.Denied || d.Outcome == policy.Depends && worst.Outcome == policy.Allowed {
			worst, action = d, r.Action
		}
		if d.Outcome == policy.Denied {
			break
		}
	}
	return worst, action
}

func (c *scene) boundaryUnread() bool {
	b := c.inv.User.Boundary
	return b != "" && len(c.gaps(b, grantReads...)) > 0
}

func (c *scene) cannot(id string, d need, action string, v policy.Decision) Finding {
	f := finding(id, High, entity(provision.UserEntity, c.inv.User.Name), d.name,
		"CI cannot publish to "+d.name+": "+action+" is denied", v.Why+".")
	f = f.seen(Evidence{Read: "iam:GetPolicyVersion", Text: v.Why})
	if v.Explicit || c.inv.User.Boundary != "" {
		return f.fix(Remedy{Text: "Change the statement or the boundary that denies it; slipway does not touch what is not its own."})
	}
	if c.installable() {
		return f.fix(Remedy{Text: "Run slipway install: it adds what is missing.", Job: "install", Fix: [][]string{c.installCommand()}})
	}
	return f.fix(Remedy{Text: "Attach the policy again as the modules do, or apply them.", Job: "upgrade", Fix: [][]string{c.upgradeCommand()}})
}

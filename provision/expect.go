package provision

import (
	"slices"

	"github.com/nullplatform/slipway/provision/policy"
)

// Expectation is one thing that the build user must, or must not, be allowed.
type Expectation struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	Allowed  bool   `json:"allowed"`
}

// probeRepository and probeObject stand for all that CI publishes to.
const (
	probeRepository = "slipway-probe"
	probeObject     = "slipway-probe/object"
)

// beyondCI are actions of the grants that CI makes no use of: nullplatform makes
// the repositories, with the application role, and the last one is for other
// services. Contracts differ in them.
var beyondCI = []string{
	"ecr:CreateRepository", "ecr:DeleteRepository", "ecr:DescribeRepositories", "ecr:TagResource", "ecr:SetRepositoryPolicy",
	"sts:GetServiceBearerToken",
}

// Expectations lists what CI does with the grants of a blueprint, as single
// requests: each action on one resource of its kind, and writing to other
// buckets, which is not part of it. Without other buckets one is made up.
func Expectations(b Blueprint, others []string) []Expectation {
	var out []Expectation
	at := b.Place
	for _, p := range b.Policies {
		doc, err := policy.Parse(p.Document)
		if err != nil {
			continue // a blueprint's documents are its own
		}
		for _, s := range doc.Statements {
			for _, action := range s.Actions {
				if slices.Contains(beyondCI, action) {
					continue
				}
				out = append(out, Expectation{Action: action, Resource: example(at, s.Resources[0], b.Spec.Bucket()), Allowed: true})
			}
		}
	}
	if len(others) == 0 {
		others = []string{"slipway-no-such-bucket"}
	}
	for _, other := range others {
		out = append(out, Expectation{Action: "s3:PutObject", Resource: "arn:" + at.Partition + ":s3:::" + other + "/" + probeObject})
	}
	return out
}

// example is one resource that a pattern of the grants is about.
func example(at Place, pattern, bucket string) string {
	switch pattern {
	case "*":
		return "*"
	case "arn:" + at.Partition + ":s3:::" + bucket + "/*":
		return "arn:" + at.Partition + ":s3:::" + bucket + "/" + probeObject
	}
	return "arn:" + at.Partition + ":ecr:" + at.Region + ":" + at.Account + ":repository/" + probeRepository
}

// Decide answers an expectation with the user's policies. Conditions that a
// real request would meet are known; what hangs on others depends.
func (e Expectation) Decide(at Place, u User, own *policy.Policies) policy.Decision {
	who := policy.Caller{ARN: u.ARN, Account: at.Account, UserID: u.ID}
	return own.Decide(policy.Request{Action: e.Action, Resource: e.Resource, Context: knownContext(at, who)})
}

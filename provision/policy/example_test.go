package policy_test

import (
	"fmt"

	"github.com/nullplatform/slipway/provision/policy"
)

// A grant that moves from the user to a group is kept; what the group does
// not give is lost.
func ExampleCompare() {
	parse := func(text string) *policy.Document {
		d, err := policy.Parse(text)
		if err != nil {
			panic(err)
		}
		return d
	}
	before := policy.AccessOf(&policy.Policies{Identity: []policy.Source{{
		Name: "publish",
		Document: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
			"Action":["ecr:PutImage","ecr:DeleteRepository"],"Resource":"arn:aws:ecr:*:*:repository/*"}]}`),
	}}})
	after := policy.AccessOf(&policy.Policies{Identity: []policy.Source{{
		Name: "publish", Via: "group publishers",
		Document: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
			"Action":"ecr:PutImage","Resource":"arn:aws:ecr:*:*:repository/*"}]}`),
	}}})
	delta := policy.Compare(before, after)
	for _, g := range delta.Kept {
		fmt.Println("kept", g.Action, "on", g.Resource, "by", g.By, "was", g.Was)
	}
	for _, g := range delta.Lost {
		fmt.Println("lost", g.Action, "on", g.Resource)
	}
	// Output:
	// kept ecr:PutImage on arn:aws:ecr:*:*:repository/* by [publish (through group publishers)] was [publish]
	// lost ecr:DeleteRepository on arn:aws:ecr:*:*:repository/*
}

// The reason names the statement that decided.
func ExamplePolicies_Decide() {
	d, err := policy.Parse(`{"Version":"2012-10-17","Statement":{"Sid":"Put","Effect":"Allow",
		"Action":"s3:PutObject","Resource":"arn:aws:s3:::assets/*"}}`)
	if err != nil {
		panic(err)
	}
	p := policy.Policies{Identity: []policy.Source{{Name: "publish", Via: "group ci", Document: d}}}
	fmt.Println(p.Decide(policy.Request{Action: "s3:PutObject", Resource: "arn:aws:s3:::assets/1.zip"}).Why)
	// Output:
	// statement 0 (Put) of publish (through group ci) allows s3:PutObject on arn:aws:s3:::assets/1.zip
}

package iam

import (
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

type (
	matchShape struct {
		SourcePolicyID   string `xml:"SourcePolicyId"`
		SourcePolicyType string
	}
	resourceResult struct {
		EvalResourceName     string
		EvalResourceDecision string
		MatchedStatements    wire.List[matchShape]
		MissingContextValues wire.List[string]
	}
	evaluation struct {
		EvalActionName          string
		EvalResourceName        string
		EvalDecision            string
		MatchedStatements       wire.List[matchShape]
		MissingContextValues    wire.List[string]
		ResourceSpecificResults wire.List[resourceResult]
	}
)

// simulatePrincipalPolicy decides with the policies of a user, of the user's
// groups, of a group or of a role, and with the policies of the call.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (q *query) simulatePrincipalPolicy() (any, error) {
	arn, err := q.need("PolicySourceArn")
	if err != nil {
		return nil, err
	}
	policies, caller, err := q.policiesBehind(arn)
	if err != nil {
		return nil, err
	}
	return q.simulate(policies, caller)
}

// simulateCustomPolicy decides with the policies of the call alone.
func (q *query) simulateCustomPolicy() (any, error) {
	if len(q.p.List("PolicyInputList")) == 0 {
		return nil, wire.Errorf("ValidationError", "1 validation error detected: Value at 'policyInputList' failed to satisfy constraint: Member must not be null")
	}
	return q.simulate(policy.Policies{}, policy.Caller{ARN: q.p.Get("CallerArn"), Account: q.view.Account()})
}

// policiesBehind finds the principal with the ARN.
func (q *query) policiesBehind(arn string) (policy.Policies, policy.Caller, error) {
	caller := policy.Caller{ARN: arn, Account: q.view.Account()}
	kind, name, _ := strings.Cut(strings.TrimPrefix(arn, "arn:aws:iam::"+q.view.Account()+":"), "/")
	name = name[strings.LastIndex(name, "/")+1:]
	switch directory.Kind(kind) {
	case directory.Users:
		u, err := q.view.User(name)
		if err != nil {
			return policy.Policies{}, caller, err
		}
		caller.UserID = u.ID
		return q.view.UserPolicies(u), caller, nil
	case directory.Groups:
		g, err := q.view.Group(name)
		if err != nil {
			return policy.Policies{}, caller, err
		}
		return q.view.GroupPolicies(g), caller, nil
	case directory.Roles:
		r, err := q.view.Role(name)
		if err != nil {
			return policy.Policies{}, caller, err
		}
		return q.view.RolePolicies(r), caller, nil
	}
	return policy.Policies{}, caller, wire.Errorf("InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
}

// simulate decides every action on every resource.
func (q *query) simulate(policies policy.Policies, caller policy.Caller) (any, error) {
	if err := q.addInputs(&policies); err != nil {
		return nil, err
	}
	actions := q.p.List("ActionNames")
	if len(actions) == 0 {
		return nil, wire.Errorf("ValidationError", "1 validation error detected: Value at 'actionNames' failed to satisfy constraint: Member must not be null")
	}
	resources := q.p.List("ResourceArns")
	named := len(resources) > 0
	if !named {
		resources = []string{"*"}
	}
	keys := caller.Keys()
	for _, entry := range q.p.Structs("ContextEntries") {
		keys[entry.Get("ContextKeyName")] = entry.List("ContextKeyValues")
	}
	var results []evaluation
	for _, action := range actions {
		results = append(results, evaluate(&policies, action, resources, named, keys))
	}
	items, more, err := paginate(q, inOrder(results))
	if err != nil {
		return nil, err
	}
	return struct {
		EvaluationResults wire.List[evaluation]
		page
	}{wire.ListOf(items), more}, nil
}

// addInputs adds the policies that are part of the call.
func (q *query) addInputs(policies *policy.Policies) error {
	for i, text := range q.p.List("PolicyInputList") {
		d, err := policy.Parse(text)
		if err != nil {
			return wire.Errorf("InvalidInput", "Invalid Input Policy at %d: %s", i+1, err)
		}
		policies.Identity = append(policies.Identity, policy.Source{Name: fmt.Sprintf("PolicyInputList.%d", i+1), Document: d})
	}
	for _, text := range q.p.List("PermissionsBoundaryPolicyInputList") {
		d, err := policy.Parse(text)
		if err != nil {
			return wire.Errorf("InvalidInput", "Invalid Permissions Boundary: %s", err)
		}
		policies.Boundary = &policy.Source{Name: "PermissionsBoundaryPolicyInputList.1", Document: d}
	}
	return nil
}

// evaluate decides one action. The result for all resources is the worst of
// the results for each.
func evaluate(p *policy.Policies, action string, resources []string, named bool, keys map[string][]string) evaluation {
	out := evaluation{EvalActionName: action, EvalResourceName: "*"}
	if len(resources) == 1 {
		out.EvalResourceName = resources[0]
	}
	worst := -1
	for _, resource := range resources {
		r := policy.Request{Action: action, Resource: resource, Context: policy.Context{Values: keys}}
		d := p.Decide(r)
		r.Context.Partial = true
		one := resourceResult{
			EvalResourceName:     resource,
			EvalResourceDecision: decisionOf(d),
			MissingContextValues: wire.ListOf(p.Decide(r).Keys),
		}
		if d.Source != "" {
			one.MatchedStatements = wire.ListOf([]matchShape{{d.Source, "IAM Policy"}})
		}
		if rank := rankOf(one.EvalResourceDecision); rank > worst {
			worst = rank
			out.EvalDecision = one.EvalResourceDecision
			out.MatchedStatements = one.MatchedStatements
			out.MissingContextValues = one.MissingContextValues
		}
		if named {
			out.ResourceSpecificResults.Member = append(out.ResourceSpecificResults.Member, one)
		}
	}
	return out
}

func decisionOf(d policy.Decision) string {
	switch {
	case d.Outcome == policy.Allowed:
		return "allowed"
	case d.Explicit:
		return "explicitDeny"
	default:
		return "implicitDeny"
	}
}

func rankOf(decision string) int {
	switch decision {
	case "allowed":
		return 0
	case "implicitDeny":
		return 1
	default:
		return 2
	}
}

package sandbox

import (
	"net"
	"strconv"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// authorize refuses the call unless every one of its needs is met by the
// caller's policies, or by the policy of the resource.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (s *Sandbox) authorize(c *wire.Call, needs []wire.Need) error {
	p := principalOf(s.store.View(), c.Caller)
	c.May = func(need wire.Need) bool { return p.mayMeet(c, need) == nil }
	for _, need := range needs {
		if err := p.mayMeet(c, need); err != nil {
			return err
		}
	}
	return nil
}

// principal is a caller with all that decides what it may do.
type principal struct {
	caller   policy.Caller
	policies policy.Policies
	tags     []directory.Tag
}

// principalOf finds the caller's policies. A caller whom the replica does not
// show has none.
func principalOf(view directory.State, c *wire.Caller) principal {
	p := principal{caller: policy.Caller{ARN: c.ARN, Account: c.Account, UserID: c.UserID}}
	if c.Role != "" {
		if r, err := view.Role(c.Role); err == nil {
			p.caller.RoleARN = r.ARN
			p.policies, p.tags = view.RolePolicies(r), r.Tags
		}
		return p
	}
	if u, err := view.User(c.User); err == nil {
		p.policies, p.tags = view.UserPolicies(u), u.Tags
	}
	return p
}

// mayMeet decides one need.
func (p *principal) mayMeet(c *wire.Call, need wire.Need) error {
	r := policy.Request{Action: need.Action, Resource: need.Resource, Context: policy.Context{Values: p.context(c, need)}}
	own := p.policies.Decide(r)
	if own.Explicit {
		return p.denied(c, need, " with an explicit deny in an identity-based policy")
	}
	if need.Owner != "" && need.Owner != p.caller.Account {
		return p.denied(c, need, " because no resource-based policy allows the "+need.Action+" action")
	}
	byResource, directly := p.atResource(need, r)
	switch {
	case byResource.Explicit:
		return p.denied(c, need, " with an explicit deny in a resource-based policy")
	case need.Trust && byResource.Outcome != policy.Allowed:
		return p.denied(c, need, "")
	case directly || own.Outcome == policy.Allowed:
		return nil
	case p.policies.Boundary != nil && own.Source == p.policies.Boundary.Name:
		return p.denied(c, need, " because no permissions boundary allows the "+need.Action+" action")
	}
	return p.denied(c, need, " because no identity-based policy allows the "+need.Action+" action")
}

// atResource decides with the resource's policy. Directly means that the
// policy names the caller and not only the account, so that it is enough by
// itself.
func (p *principal) atResource(need wire.Need, r policy.Request) (d policy.Decision, directly bool) {
	if need.Policy == nil {
		return policy.Decision{}, false
	}
	d = policy.DecideResource(need.Policy, p.caller, r)
	stranger := p.caller
	// Without its account the caller is matched by its own name alone.
	stranger.Account = ""
	named := policy.DecideResource(need.Policy, stranger, r)
	return d, d.Outcome == policy.Allowed && named.Outcome == policy.Allowed
}

// denied words the refusal as AWS does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (p *principal) denied(c *wire.Call, need wire.Need, why string) error {
	resource := need.Resource
	if c.Service == "s3" {
		resource = strconv.Quote(resource)
	}
	return wire.Errorf("AccessDenied", "User: %s is not authorized to perform: %s on resource: %s%s", p.caller.ARN, need.Action, resource, why)
}

// context returns the condition keys of the request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (p *principal) context(c *wire.Call, need wire.Need) map[string][]string {
	keys := p.caller.Keys()
	keys["aws:RequestedRegion"] = []string{c.Region}
	keys["aws:CurrentTime"] = []string{c.Now.UTC().Format(time.RFC3339)}
	keys["aws:EpochTime"] = []string{strconv.FormatInt(c.Now.Unix(), 10)}
	// The loopback connection stands for AWS's endpoint, which has TLS.
	keys["aws:SecureTransport"] = []string{"true"}
	keys["aws:UserAgent"] = []string{c.Request.UserAgent()}
	if host, _, err := net.SplitHostPort(c.Request.RemoteAddr); err == nil {
		keys["aws:SourceIp"] = []string{host}
	}
	for _, t := range p.tags {
		keys["aws:PrincipalTag/"+t.Key] = []string{t.Value}
	}
	for k, v := range need.Context {
		keys[k] = v
	}
	return keys
}

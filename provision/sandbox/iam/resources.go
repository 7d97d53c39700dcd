package iam

import (
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// The resources on which an action needs permission, from
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
//
// An entity that is not there yet, or that the answering replica does not show
// yet, has the ARN that its name and path would give.

func onEverything(*query) []string { return []string{"*"} }

func onAll(kind string) func(*query) []string {
	return func(q *query) []string {
		path := q.p.Get("PathPrefix")
		if path == "" {
			path = "/"
		}
		if kind == "policy" {
			return []string{"policy path " + path}
		}
		return []string{q.view.ARNOf(kind, path, "")}
	}
}

func onUser(q *query) []string {
	name, err := q.userName()
	if err != nil {
		return []string{q.view.ARNOf("user", "", "")}
	}
	return []string{q.userARN(name)}
}

// onUserAndNewName covers a rename, which needs permission on both names.
func onUserAndNewName(q *query) []string {
	arns := onUser(q)
	if name := q.p.Get("NewUserName"); name != "" {
		arns = append(arns, q.userARN(name))
	}
	return arns
}

func onGroup(q *query) []string { return []string{q.groupARN(q.p.Get("GroupName"))} }

// onGroupAndNewName covers a rename, which needs permission on both names.
func onGroupAndNewName(q *query) []string {
	arns := onGroup(q)
	if name := q.p.Get("NewGroupName"); name != "" {
		arns = append(arns, q.groupARN(name))
	}
	return arns
}

func onRole(q *query) []string {
	name := q.p.Get("RoleName")
	if r, err := q.view.Role(name); err == nil {
		return []string{r.ARN}
	}
	return []string{q.view.ARNOf("role", q.p.Get("Path"), name)}
}

func onNewPolicy(q *query) []string {
	return []string{q.view.ARNOf("policy", q.p.Get("Path"), q.p.Get("PolicyName"))}
}

func onPolicy(q *query) []string { return []string{q.p.Get("PolicyArn")} }

func onKeyOwner(q *query) []string {
	if k, err := q.view.Key(q.p.Get("AccessKeyId")); err == nil {
		if u, err := q.view.KeyOwner(k); err == nil {
			return []string{u.ARN}
		}
	}
	return []string{"*"}
}

func onSimulated(q *query) []string { return []string{q.p.Get("PolicySourceArn")} }

func (q *query) userARN(name string) string {
	if u, err := q.view.User(name); err == nil {
		return u.ARN
	}
	return q.view.ARNOf("user", q.p.Get("Path"), name)
}

func (q *query) groupARN(name string) string {
	if g, err := q.view.Group(name); err == nil {
		return g.ARN
	}
	return q.view.ARNOf("group", q.p.Get("Path"), name)
}

// contextOf returns IAM's own condition keys for the call.
func contextOf(q *query) map[string][]string {
	out := map[string][]string{}
	if arn := q.p.Get("PolicyArn"); arn != "" && isAttachment(q.call.Action) {
		out["iam:PolicyARN"] = []string{arn}
	}
	if arn := q.boundary(); arn != "" {
		out["iam:PermissionsBoundary"] = []string{arn}
	}
	for _, t := range q.tags() {
		out["aws:RequestTag/"+t.Key] = []string{t.Value}
		out["aws:TagKeys"] = append(out["aws:TagKeys"], t.Key)
	}
	return out
}

func isAttachment(action string) bool {
	return strings.HasPrefix(action, "Attach") || strings.HasPrefix(action, "Detach")
}

// boundary returns the boundary that the call sets, or that the entity has
// with which the call deals.
func (q *query) boundary() string {
	if arn := q.p.Get("PermissionsBoundary"); arn != "" {
		return arn
	}
	var g directory.Grants
	if name := q.p.Get("UserName"); name != "" && q.p.Get("GroupName") == "" {
		g, _ = q.view.Grants(directory.Users, name)
	} else if name := q.p.Get("RoleName"); name != "" {
		g, _ = q.view.Grants(directory.Roles, name)
	}
	return g.Boundary
}

package audit

import (
	"maps"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// Ours reports whether an entity is named as the modules name theirs.
func Ours(f provision.Found) bool {
	_, ok := Belongs(f.Type, f.Name)
	return ok
}

// Clusters sorts entities by the cluster that they belong to, and gives what
// to read of each, in the order of their names. What was not found is not
// asked for again. Policies alone make no cluster: a name that only looks like
// the modules' would make one that never was.
func Clusters(found []provision.Found) []provision.SurveyScope {
	by := map[string]*provision.SurveyScope{}
	lives := map[string]bool{}
	for _, f := range found {
		cluster, ok := Belongs(f.Type, f.Name)
		if !ok {
			continue
		}
		s := by[cluster]
		if s == nil {
			s = &provision.SurveyScope{Cluster: cluster, Scope: provision.Scope{User: namesOf(cluster).user}}
			by[cluster] = s
		}
		lives[cluster] = lives[cluster] || f.Type != provision.PolicyEntity
		switch f.Type {
		case provision.GroupEntity:
			s.Groups = append(s.Groups, f.Name)
		case provision.RoleEntity:
			s.Role = f.Name
		case provision.PolicyEntity:
			s.PolicyARNs = append(s.PolicyARNs, f.ARN)
		}
	}
	var out []provision.SurveyScope
	for _, name := range slices.Sorted(maps.Keys(by)) {
		if lives[name] {
			out = append(out, *by[name])
		}
	}
	return out
}

// BucketsOf lists the buckets that a cluster publishes to, as far as its
// policies and what is expected tell. Their settings are worth reading.
func BucketsOf(s Subject) []string { return newScene(s).dest.buckets }

// Hide turns lists that the account refused into gaps about the entities of
// one cluster that they would have named: what no list could show is unread,
// and not absent.
func Hide(s *provision.Survey, refused []provision.Gap) {
	n, at := namesOf(s.Cluster), s.Inventory.Place
	for _, g := range refused {
		hide := func(action string, resources ...string) {
			for _, r := range resources {
				s.Inventory.Unread = append(s.Inventory.Unread, provision.Gap{Action: action, Resource: r, Reason: g.Reason, Asked: true})
			}
		}
		switch g.Action {
		case "iam:ListGroups":
			hide("iam:GetGroup", "group/"+n.publishers, "group/"+n.legacy)
		case "iam:ListRoles":
			hide("iam:GetRole", "role/"+n.role)
		case "iam:ListPolicies":
			for _, name := range n.policies() {
				if s.Inventory.Policy(at.PolicyARN(name)) == nil {
					hide("iam:GetPolicy", at.PolicyARN(name))
				}
			}
		}
	}
}

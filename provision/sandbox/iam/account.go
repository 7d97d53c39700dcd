package iam

import (
	"encoding/xml"
	"maps"
	"slices"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// summary is written as entries with key and value, as AWS writes a map.
type summary map[string]int

// MarshalXML writes the entries in the order of their keys.
func (m summary) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	type entry struct {
		Key   string `xml:"key"`
		Value int    `xml:"value"`
	}
	var entries struct {
		Entry []entry `xml:"entry"`
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		entries.Entry = append(entries.Entry, entry{k, m[k]})
	}
	return e.EncodeElement(entries, start)
}

func (q *query) getAccountSummary() (any, error) {
	return struct{ SummaryMap summary }{q.summary()}, nil
}

func (q *query) summary() summary {
	quotas := q.view.Quotas()
	m := summary{
		"UsersQuota": quotas.Users, "GroupsQuota": quotas.Groups, "RolesQuota": quotas.Roles,
		"PoliciesQuota": quotas.Policies, "GroupsPerUserQuota": quotas.GroupsPerUser,
		"AccessKeysPerUserQuota":       quotas.AccessKeysPerUser,
		"AttachedPoliciesPerUserQuota": quotas.AttachedPoliciesPerUser, "AttachedPoliciesPerGroupQuota": quotas.AttachedPoliciesPerGroup,
		"AttachedPoliciesPerRoleQuota": quotas.AttachedPoliciesPerRole, "VersionsPerPolicyQuota": quotas.VersionsPerPolicy,
		"PolicySizeQuota": quotas.PolicySize, "UserPolicySizeQuota": quotas.UserPolicySize,
		"GroupPolicySizeQuota": quotas.GroupPolicySize, "RolePolicySizeQuota": quotas.RolePolicySize,
		"AssumeRolePolicySizeQuota": quotas.AssumeRolePolicySize, "PolicyVersionsInUseQuota": quotas.PolicyVersionsInUse,
		"ServerCertificatesQuota": quotas.ServerCertificates, "SigningCertificatesPerUserQuota": quotas.SigningCertificatesPerUser,
		"MFADevices": 0, "MFADevicesInUse": 0, "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0,
		"AccountSigningCertificatesPresent": 0, "ServerCertificates": 0, "InstanceProfiles": 0,
		"InstanceProfilesQuota": 1000, "Providers": 0, "GlobalEndpointTokenVersion": 1,
		"Users": 0, "Groups": 0, "Roles": 0, "Policies": 0, "PolicyVersionsInUse": 0,
	}
	for range q.view.Users("") {
		m["Users"]++
	}
	for range q.view.Groups("") {
		m["Groups"]++
	}
	for range q.view.Roles("") {
		m["Roles"]++
	}
	for _, p := range q.view.Policies("") {
		if !p.AWS {
			m["Policies"]++
			m["PolicyVersionsInUse"] += len(p.Versions)
		}
	}
	return m
}

// The shapes of GetAccountAuthorizationDetails.
type (
	inlineShape struct{ PolicyName, PolicyDocument string }

	userDetail struct {
		userShape
		GroupList               wire.List[string]
		AttachedManagedPolicies wire.List[attachedShape]
		UserPolicyList          wire.List[inlineShape]
	}
	groupDetail struct {
		groupShape
		AttachedManagedPolicies wire.List[attachedShape]
		GroupPolicyList         wire.List[inlineShape]
	}
	roleDetail struct {
		roleShape
		InstanceProfileList     wire.List[string]
		AttachedManagedPolicies wire.List[attachedShape]
		RolePolicyList          wire.List[inlineShape]
	}
	policyDetail struct {
		policyShape
		PolicyVersionList wire.List[versionShape]
	}
	details struct {
		UserDetailList  wire.List[userDetail]
		GroupDetailList wire.List[groupDetail]
		RoleDetailList  wire.List[roleDetail]
		Policies        wire.List[policyDetail]
		page
	}
)

// getAccountAuthorizationDetails pages over users, groups, roles and policies
// as one sequence.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func (q *query) getAccountAuthorizationDetails() (any, error) {
	items, more, err := paginate(q, inOrder(q.everything()))
	if err != nil {
		return nil, err
	}
	grants, boundaries := q.view.Attachments()
	out := details{page: more}
	for _, item := range items {
		switch e := item.(type) {
		case *directory.User:
			out.UserDetailList.Member = append(out.UserDetailList.Member, q.userDetail(e))
		case *directory.Group:
			out.GroupDetailList.Member = append(out.GroupDetailList.Member, groupDetail{
				groupOf(e), wire.ListOf(q.attached(e.Grants, "")), inlineOf(e.Grants),
			})
		case *directory.Role:
			out.RoleDetailList.Member = append(out.RoleDetailList.Member, roleDetail{
				roleOf(e), wire.List[string]{}, wire.ListOf(q.attached(e.Grants, "")), inlineOf(e.Grants),
			})
		case *directory.Policy:
			out.Policies.Member = append(out.Policies.Member, policyDetail{
				policyOf(e, grants[e.ARN], boundaries[e.ARN], true),
				convert(e.Versions, func(v directory.Version) versionShape { return versionOf(e, v, true) }),
			})
		}
	}
	return out, nil
}

// everything lists the entities within the filter of the call. Policies of AWS
// are listed only when they are in use.
func (q *query) everything() []any {
	filter := q.p.List("Filter")
	var out []any
	if contains(filter, "User") {
		for _, u := range q.view.Users("") {
			out = append(out, u)
		}
	}
	if contains(filter, "Group") {
		for _, g := range q.view.Groups("") {
			out = append(out, g)
		}
	}
	if contains(filter, "Role") {
		for _, r := range q.view.Roles("") {
			out = append(out, r)
		}
	}
	grants, boundaries := q.view.Attachments()
	for _, p := range q.view.Policies("") {
		local, managed := contains(filter, "LocalManagedPolicy"), contains(filter, "AWSManagedPolicy")
		if (local && !p.AWS) || (managed && p.AWS && grants[p.ARN]+boundaries[p.ARN] > 0) {
			out = append(out, p)
		}
	}
	return out
}

func (q *query) userDetail(u *directory.User) userDetail {
	groups := convert(q.view.GroupsOf(u), func(g *directory.Group) string { return g.Name })
	return userDetail{userOf(u), groups, wire.ListOf(q.attached(u.Grants, "")), inlineOf(u.Grants)}
}

func inlineOf(g directory.Grants) wire.List[inlineShape] {
	return convert(g.Inline, func(i directory.Inline) inlineShape {
		return inlineShape{i.Name, document(i.Document.Text)}
	})
}

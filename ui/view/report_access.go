package view

import (
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// AccessReport is what a plan changes in what one principal may do. Lists are
// never null.
type AccessReport struct {
	// Principal is a user, a role, or, of type principal, somebody by ARN who
	// may assume the application role.
	Principal provision.Entity `json:"principal"`
	// Via says by what a principal is concerned that is not slipway's own,
	// such as "by being in group …": only that part of its access is
	// compared. Empty otherwise.
	Via string `json:"via"`
	// Gained is allowed after and not before.
	Gained []GrantReport `json:"gained"`
	// Kept is allowed before and after, by whatever path.
	Kept []GrantReport `json:"kept"`
	// Lost is allowed before and not after.
	Lost []GrantReport `json:"lost"`
	// Beyond is the part of Gained that the spec does not call for.
	Beyond []GrantReport `json:"beyond"`
	// Needed is the part of Lost that the spec calls for.
	Needed []GrantReport `json:"needed"`
	// Unread are policies that were not read: with them the access before and
	// after may be another.
	Unread []string `json:"unread"`
	// Exact says that the lists are exact. When false, Gained and Lost may
	// hold what does not differ, but leave out nothing that does.
	Exact bool `json:"exact"`
	// Notes say why the lists are not exact.
	Notes []string `json:"notes"`
}

// GrantReport is one part of an access: the requests with this action, on
// this resource, under this condition.
type GrantReport struct {
	// Action is an action such as s3:GetObject, or a pattern such as s3:*.
	Action string `json:"action"`
	// ExceptActions are actions that Action matches and that are left out.
	ExceptActions []string `json:"except_actions"`
	// Resource is a resource pattern as written in a policy.
	Resource string `json:"resource"`
	// AndResources are further patterns that the resource matches too.
	AndResources []string `json:"and_resources"`
	// Except are patterns that Resource matches and that are left out.
	Except []string `json:"except"`
	// Condition is in words; empty for none.
	Condition string `json:"condition"`
	// By are the policies that give the grant; of a lost one those that gave
	// it.
	By []string `json:"by"`
	// Was are the policies that gave a kept grant before, when they differ.
	Was []string `json:"was"`
}

// ConsentReport is what a plan needs a word for beyond going ahead, in
// sentences. Lists are never null.
type ConsentReport struct {
	// Broadening is access that is gained and that the spec does not call
	// for. It needs --allow-broadening.
	Broadening []string `json:"broadening"`
	// Loss is access that is lost and was of use. It needs --allow-loss.
	Loss []string `json:"loss"`
	// Narrowing is access beyond the spec that is taken away. It is included
	// in going ahead.
	Narrowing []string `json:"narrowing"`
}

func accessReports(list []provision.AccessChange) []AccessReport {
	out := []AccessReport{}
	for _, a := range list {
		out = append(out, AccessReport{
			Principal: a.Principal, Via: a.Via,
			Gained: grantReports(a.Gained), Kept: grantReports(a.Kept), Lost: grantReports(a.Lost),
			Beyond: grantReports(a.Beyond), Needed: grantReports(a.Needed),
			Unread: orEmpty(a.Unread), Exact: a.Exact, Notes: orEmpty(a.Notes),
		})
	}
	return out
}

func grantReports(list []policy.Grant) []GrantReport {
	out := []GrantReport{}
	for _, g := range list {
		out = append(out, GrantReport{
			Action: g.Action, ExceptActions: orEmpty(g.ExceptActions), Resource: g.Resource,
			AndResources: orEmpty(g.AndResources), Except: orEmpty(g.Except), Condition: g.Condition,
			By: orEmpty(g.By), Was: orEmpty(g.Was),
		})
	}
	return out
}

func consentReport(c provision.Consent) ConsentReport {
	return ConsentReport{Broadening: orEmpty(c.Broadening), Loss: orEmpty(c.Loss), Narrowing: orEmpty(c.Narrowing)}
}

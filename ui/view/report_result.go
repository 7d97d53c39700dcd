package view

import (
	"github.com/nullplatform/slipway/provision"
)

// ResultReport is the JSON of what an install came to. Lists are never null.
// It holds no secrets.
type ResultReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "install-result".
	Kind   string `json:"kind"`
	Status Status `json:"status"`
	// Plan is what was to be carried out.
	Plan PlanReport `json:"plan"`
	// Sandbox is true when the account was emulated.
	Sandbox   bool   `json:"sandbox"`
	Account   string `json:"account"`
	Partition string `json:"partition"`
	Region    string `json:"region"`
	// Identity is the ARN of the caller.
	Identity string         `json:"identity"`
	Spec     provision.Spec `json:"spec"`
	// KeyID is the access key that was made; empty when none was.
	KeyID string `json:"key_id"`
	// Handover is where its secret went, in words.
	Handover string `json:"handover"`
	// Done and Left are the IDs of the changes that were carried out, and of
	// those that were not.
	Done []string `json:"done"`
	Left []string `json:"left"`
	// Error is why it ended early; empty when it did not.
	Error string `json:"error"`
	// ApplicationRoleARN is the role to register with nullplatform; empty
	// without ECR.
	ApplicationRoleARN string `json:"application_role_arn"`
	// RepositoryPolicy is the document with which other accounts pull, to
	// be registered with nullplatform; an empty string when that is off.
	RepositoryPolicy Text `json:"repository_policy"`
	// Answers is the path of the answers file that repeats the run; empty
	// when none was written.
	Answers string `json:"answers"`
	// Registration is what nullplatform has and was told; null when it was not
	// asked.
	Registration *RegistrationReport `json:"registration" jsonschema:"nullable"`
	// NextSteps say what to do now, in order.
	NextSteps []NextStep `json:"next_steps"`
	// Inventory is what is there, as read back at the end, or beforehand
	// when there was nothing to do; null when it did not come to that.
	Inventory *InventoryReport `json:"inventory" jsonschema:"nullable"`
}

// InventoryReport is what is in the account, with its documents as objects.
type InventoryReport struct {
	// User and Role are null when they are not there.
	User     *UserReport        `json:"user" jsonschema:"nullable"`
	Groups   []GroupReport      `json:"groups"`
	Role     *RoleReport        `json:"role" jsonschema:"nullable"`
	Policies []PolicyReport     `json:"policies"`
	Buckets  []provision.Bucket `json:"buckets"`
	// Unread are the reads that were not made or not answered.
	Unread []provision.Gap `json:"unread"`
}

// UserReport is a user.
type UserReport struct {
	provision.User
	Keys     []provision.Key            `json:"keys"`
	Groups   []string                   `json:"groups"`
	Attached []provision.AttachedPolicy `json:"attached_policies"`
	Inline   []InlineReport             `json:"inline_policies"`
}

// GroupReport is a group.
type GroupReport struct {
	provision.Group
	Members  []string                   `json:"members"`
	Attached []provision.AttachedPolicy `json:"attached_policies"`
	Inline   []InlineReport             `json:"inline_policies"`
}

// RoleReport is a role.
type RoleReport struct {
	provision.Role
	Trust    Text                       `json:"trust_policy"`
	Attached []provision.AttachedPolicy `json:"attached_policies"`
	Inline   []InlineReport             `json:"inline_policies"`
}

// PolicyReport is a managed policy.
type PolicyReport struct {
	provision.Policy
	Document Text `json:"document"`
}

// InlineReport is a policy that lives inside a user, group or role.
type InlineReport struct {
	Name     string `json:"name"`
	Document Text   `json:"document"`
}

// NewResultReport gives the report of a summary.
func NewResultReport(s InstallSummary) ResultReport {
	b := s.Preview.Plan.Blueprint
	r := ResultReport{
		Version: ReportVersion, Kind: "install-result", Status: s.Status(), Sandbox: s.Sandbox,
		Plan:    NewPlanReport(s.Preview),
		Account: b.Place.Account, Partition: b.Place.Partition, Region: b.Place.Region,
		Identity: s.Preview.Identity.ARN, Spec: specReport(b.Spec),
		KeyID: s.Result.KeyID, Handover: s.Result.Handover,
		Done: orEmpty(s.Result.Done), Left: []string{},
		ApplicationRoleARN: s.roleARN(), RepositoryPolicy: Text(b.RepositoryPolicy),
		Registration: registrationReport(s.Preview.Survey, s.Registered, s.Proved),
		Answers:      s.Answers, NextSteps: orEmpty(s.Next()),
	}
	for _, c := range s.left() {
		r.Left = append(r.Left, c.ID)
	}
	if s.Err != nil {
		r.Error = s.Err.Error()
	}
	inv := s.Result.Inventory
	if inv == nil && s.Status() == StatusNothingToDo {
		inv = s.Preview.Inventory
	}
	r.Inventory = inventoryReport(inv)
	return r
}

// ResultJSON writes a [ResultReport].
func ResultJSON(s InstallSummary) ([]byte, error) { return encodeReport(NewResultReport(s)) }

func inventoryReport(inv *provision.Inventory) *InventoryReport {
	if inv == nil {
		return nil
	}
	r := &InventoryReport{
		Groups: []GroupReport{}, Policies: []PolicyReport{},
		Buckets: orEmpty(inv.Buckets), Unread: orEmpty(inv.Unread),
	}
	if u := inv.User; u != nil {
		r.User = &UserReport{
			User: *u, Keys: orEmpty(u.Keys), Groups: orEmpty(u.Groups),
			Attached: orEmpty(u.Attached), Inline: inlineReports(u.Inline),
		}
	}
	for _, g := range inv.Groups {
		r.Groups = append(r.Groups, GroupReport{
			Group: g, Members: orEmpty(g.Members), Attached: orEmpty(g.Attached), Inline: inlineReports(g.Inline),
		})
	}
	if role := inv.Role; role != nil {
		r.Role = &RoleReport{
			Role: *role, Trust: Text(role.Trust), Attached: orEmpty(role.Attached), Inline: inlineReports(role.Inline),
		}
	}
	for _, p := range inv.Policies {
		r.Policies = append(r.Policies, PolicyReport{Policy: p, Document: Text(p.Document)})
	}
	return r
}

func inlineReports(list []provision.InlinePolicy) []InlineReport {
	out := []InlineReport{}
	for _, i := range list {
		out = append(out, InlineReport{Name: i.Name, Document: Text(i.Document)})
	}
	return out
}

package view

import (
	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// PlanReport is the JSON of a preview: what install would do, before it does
// anything. Lists are never null. It holds no secrets.
type PlanReport struct {
	// Version is [ReportVersion].
	Version int `json:"version"`
	// Kind is "install-plan".
	Kind string `json:"kind"`
	// Account is the twelve digit account ID.
	Account string `json:"account"`
	// Partition is aws, aws-cn or aws-us-gov.
	Partition string `json:"partition"`
	Region    string `json:"region"`
	// Identity is the ARN of the caller.
	Identity string `json:"identity"`
	// Spec is what was asked for, with defaults filled in, in the fields of
	// the answers file.
	Spec provision.Spec `json:"spec"`
	// Handover is where a new secret would go; empty when that is not
	// decided.
	Handover string `json:"handover"`
	// Empty is true when there is nothing to do.
	Empty bool `json:"empty"`
	// Summary counts.
	Summary Tally `json:"summary"`
	// Changes are in the order in which they can be carried out.
	Changes []ChangeReport `json:"changes"`
	// Access is what changes in what each principal may do, in the order
	// build user, application role, other members of the publishers group,
	// those who may assume the application role. Empty when the plan is.
	Access []AccessReport `json:"access"`
	// Consent is what needs a word beyond going ahead.
	Consent ConsentReport `json:"consent"`
	// Kept is what is there already and as it should be.
	Kept []provision.Entity `json:"kept"`
	// Notes are about what is found and left as it is.
	Notes []provision.Note `json:"notes"`
	// Blockers are why the plan must not be carried out.
	Blockers []provision.Problem `json:"blockers"`
	// Warnings are odd but allowed.
	Warnings []provision.Problem `json:"warnings"`
	// Unchecked says what could not be checked beforehand, and why.
	Unchecked []string `json:"unchecked"`
	// Registration is what nullplatform has and would be told; null when it
	// was not asked.
	Registration *RegistrationReport `json:"registration" jsonschema:"nullable"`
	// RegistrationsBack is what an undo takes back at nullplatform, before the
	// changes; empty for everything else.
	RegistrationsBack []migrate.RegistrationBack `json:"registrations_back"`
}

// ChangeReport is one change of a plan.
type ChangeReport struct {
	// ID is the same for the same change of the same cluster.
	ID string `json:"id"`
	// Mark is add, update or remove.
	Mark   provision.Mark   `json:"mark"`
	Entity provision.Entity `json:"entity"`
	Title  string           `json:"title"`
	Why    string           `json:"why"`
	// Before and After are what changes: an object when it is a policy
	// document, otherwise text, empty when there is nothing on that side.
	Before Text `json:"before"`
	After  Text `json:"after"`
	// Calls are sent in this order.
	Calls []CallReport `json:"calls"`
	// Undo takes the change back, in this order. The key ID of a key that
	// the change makes is left open in it.
	Undo []CallReport `json:"undo"`
	// Needs are the IDs of the changes that come before.
	Needs []string `json:"needs"`
}

// CallReport is one request to AWS.
type CallReport struct {
	// Action is the IAM action that permits it, such as iam:CreateUser.
	Action string `json:"action"`
	// Operation is the API operation, such as CreateUser.
	Operation string `json:"operation"`
	// Resource is the ARN that the permission is checked against.
	Resource string `json:"resource"`
	// Params are by AWS's own names. Policy documents are objects here, and
	// strings of JSON in the request.
	Params map[string]Text `json:"params"`
	// Tags are by key.
	Tags map[string]string `json:"tags"`
}

// NewPlanReport gives the report of a preview.
func NewPlanReport(p *migrate.InstallPreview) PlanReport {
	b := p.Plan.Blueprint
	r := PlanReport{
		Version: ReportVersion, Kind: "install-plan",
		Account: b.Place.Account, Partition: b.Place.Partition, Region: b.Place.Region,
		Identity: p.Identity.ARN, Spec: specReport(b.Spec), Handover: p.Request.Handover,
		Empty: p.Plan.Empty(), Summary: NewTally(p.Plan), Changes: []ChangeReport{},
		Access: accessReports(p.Access), Consent: consentReport(p.Consent),
		Kept: orEmpty(p.Plan.Kept), Notes: orEmpty(p.Plan.Notes), Blockers: orEmpty(p.Plan.Blockers),
		Warnings: orEmpty(p.Warnings), Unchecked: orEmpty(p.Unchecked),
		Registration: registrationReport(p.Survey, nil, ""), RegistrationsBack: orEmpty(p.Back),
	}
	for _, c := range p.Plan.Changes {
		r.Changes = append(r.Changes, changeReport(c))
	}
	return r
}

// PlanJSON writes a [PlanReport].
func PlanJSON(p *migrate.InstallPreview) ([]byte, error) { return encodeReport(NewPlanReport(p)) }

func specReport(s provision.Spec) provision.Spec {
	s.Destinations = orEmpty(s.Destinations)
	return s
}

func changeReport(c provision.Change) ChangeReport {
	return ChangeReport{
		ID: c.ID, Mark: c.Mark, Entity: c.Entity, Title: c.Title, Why: c.Why,
		Before: Text(c.Before), After: Text(c.After),
		Calls: callReports(c.Calls), Undo: callReports(c.Undo), Needs: orEmpty(c.Needs),
	}
}

func callReports(calls []provision.Call) []CallReport {
	out := []CallReport{}
	for _, c := range calls {
		r := CallReport{
			Action: c.Action, Operation: c.Operation(), Resource: c.Resource,
			Params: map[string]Text{}, Tags: map[string]string{},
		}
		for _, p := range c.Params {
			r.Params[p.Name] = Text(p.Value)
		}
		for k, v := range c.Tags {
			r.Tags[k] = v
		}
		out = append(out, r)
	}
	return out
}

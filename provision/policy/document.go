package policy

// The two versions of the policy language. Version2008 is what a document
// without a Version element means; policy variables exist only in Version2012.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Effect is what a statement does when it applies.
type Effect string

// The two effects, spelled as AWS spells them; the value is case-sensitive.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is a policy as it was written. It comes from Parse and is not to be
// changed afterwards: decisions use a form compiled while reading. It is safe
// for concurrent use.
type Document struct {
	// Version is the version in force: Version2008 when the text names none.
	Version string
	// ID is the optional Id element.
	ID string
	// Statements are in the order of the text.
	Statements []Statement

	text string // decoded text, for size checks
}

// Statement is one rule of a document, with its elements as they were written.
type Statement struct {
	// Position is where the statement begins.
	Position Position
	// Sid is the optional statement ID.
	Sid string
	// Effect is Allow or Deny.
	Effect Effect
	// Principals are the members of Principal or NotPrincipal, in order of
	// appearance; empty in identity policies.
	Principals []Principal
	// NotPrincipal says that the statement is about everybody else.
	NotPrincipal bool
	// Actions are the members of Action or NotAction.
	Actions []string
	// NotAction says that the statement is about all other actions.
	NotAction bool
	// Resources are the members of Resource or NotResource; empty in trust
	// policies, where the role itself is meant.
	Resources []string
	// NotResource says that the statement is about all other resources.
	NotResource bool
	// Conditions must all hold, in order of appearance.
	Conditions []Condition

	label      string // names the statement in a sentence
	actions    []pattern
	resources  []template
	conditions []condition
}

// Principal is one member of a Principal element.
type Principal struct {
	// Type is AWS, Service, Federated or CanonicalUser; "*" for the bare
	// Principal "*".
	Type string
	// ID is the ARN, account, service name or "*".
	ID string
}

// Condition is one operator applied to one key.
type Condition struct {
	// Operator is in AWS's own spelling, with set prefix and IfExists suffix,
	// such as ForAllValues:StringLikeIfExists.
	Operator string
	// Key is the condition key as written; keys are case-insensitive.
	Key string
	// Values are as written; numbers and booleans as their JSON text.
	Values []string
}

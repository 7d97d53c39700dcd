package policy

// Source is a document and where it comes from, for messages.
type Source struct {
	// Name is the policy's name, such as "nullplatform-demo-s3-policy".
	Name string
	// Via is the path to the principal, such as "group demo-publishers";
	// empty when the policy is attached to the principal itself.
	Via string
	// Document is the policy; nil counts as a policy that says nothing.
	Document *Document
}

// Policies is everything that decides what one principal may do.
type Policies struct {
	// Identity are the policies attached to the principal or to its groups,
	// managed and inline alike.
	Identity []Source
	// Boundary is the permissions boundary, nil for none.
	Boundary *Source
}

// Request is one call to decide on.
type Request struct {
	// Action is service:Name, in any case.
	Action string
	// Resource is an ARN, or "*" for an action that has no resource.
	Resource string
	// Context are the condition keys.
	Context Context
}

// Outcome is the answer to a request. The zero value denies.
type Outcome int

// The three outcomes. Depends means that the answer hangs on condition keys
// that a partial context leaves open.
const (
	Denied Outcome = iota
	Allowed
	Depends
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	switch o {
	case Allowed:
		return "allowed"
	case Depends:
		return "depends"
	default:
		return "denied"
	}
}

// MarshalText writes the outcome in lower case.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Decision is an outcome with its reason.
type Decision struct {
	Outcome Outcome `json:"outcome"`
	// Explicit says that a Deny statement decided.
	Explicit bool `json:"explicit"`
	// Source is the policy that decided, "" when nothing matched.
	Source string `json:"source"`
	// Statement is the index of the deciding statement, -1 when there is none.
	Statement int `json:"statement"`
	// Why is the reason in one sentence.
	Why string `json:"why"`
	// Keys are the condition keys that the outcome depends on, sorted, each
	// spelled as in the policy.
	Keys []string `json:"keys,omitempty"`
}

// Decide answers whether the principal may make the request: an explicit Deny
// anywhere wins; otherwise an identity policy must allow it, and the
// boundary, if there is one, must allow it too.
//
// With a partial context it reasons in three values. That is sound: Allowed
// and Denied hold whatever the open keys turn out to be. It is not complete:
// two statements that between them cover every value of a key still give
// Depends.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (p *Policies) Decide(r Request) Decision {
	identity, boundary := p.hear(&r)
	deny, allow := max(identity.deny, boundary.deny), min(identity.allow, boundary.allow)
	switch {
	case identity.deny == yes:
		return decided(Denied, identity.denier, &r)
	case boundary.deny == yes:
		return decided(Denied, boundary.denier, &r)
	case identity.allow == no:
		return p.unmatched(&r)
	case boundary.allow == no:
		return Decision{
			Source: p.Boundary.Name, Statement: -1,
			Why: "the permissions boundary " + p.Boundary.Name + " does not allow " + r.Action + " on " + r.Resource,
		}
	case deny == no && allow == yes:
		return decided(Allowed, identity.allower, &r)
	}
	var keys openKeys
	keys.verdict(p.Identity, &identity, &r)
	if p.Boundary != nil {
		keys.verdict([]Source{*p.Boundary}, &boundary, &r)
	}
	return keys.decision(&identity, &boundary, &r)
}

// hear lets the identity policies and the boundary speak. No boundary allows
// everything.
func (p *Policies) hear(r *Request) (identity, boundary verdict) {
	for i := range p.Identity {
		identity.judge(&p.Identity[i], r)
	}
	if p.Boundary == nil {
		boundary.allow = yes
		return identity, boundary
	}
	boundary.judge(p.Boundary, r)
	return identity, boundary
}

// speaker is a statement that has its say in a verdict.
type speaker struct {
	source *Source
	index  int
}

// verdict is what some documents say about a request.
type verdict struct {
	allow, deny     truth
	allower, denier speaker
}

// judge lets every statement of the source speak. The first statement that
// reaches the highest truth is the one that is named.
func (v *verdict) judge(src *Source, r *Request) {
	if src.Document == nil {
		return
	}
	for i := range src.Document.Statements {
		v.hear(src, i, r)
	}
}

// hear lets one statement speak.
func (v *verdict) hear(src *Source, i int, r *Request) {
	s := &src.Document.Statements[i]
	t, who := &v.allow, &v.allower
	if s.Effect == Deny {
		t, who = &v.deny, &v.denier
	}
	if *t == yes {
		return
	}
	if now := s.applies(r); now > *t {
		*t, *who = now, speaker{src, i}
	}
}

// decided is the decision of one statement.
func decided(o Outcome, by speaker, r *Request) Decision {
	verb := " allows "
	if o == Denied {
		verb = " explicitly denies "
	}
	s := &by.source.Document.Statements[by.index]
	return Decision{
		Outcome:   o,
		Explicit:  o == Denied,
		Source:    by.source.Name,
		Statement: by.index,
		Why:       by.source.sentence(s.label, verb, r.Action, r.Resource),
	}
}

// sentence says what a statement of the source does. It is one expression so
// that it costs one allocation.
func (s *Source) sentence(statement, does, action, resource string) string {
	if s.Via == "" {
		return statement + " of " + s.Name + does + action + " on " + resource
	}
	return statement + " of " + s.Name + " (through " + s.Via + ")" + does + action + " on " + resource
}

// label names the source in a list.
func (s *Source) label() string {
	if s.Via == "" {
		return s.Name
	}
	return s.Name + " (through " + s.Via + ")"
}

package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/nullplatform/slipway/provision"
)

// Report is what an audit of one cluster says.
type Report struct {
	Place   provision.Place `json:"place"`
	Caller  string          `json:"caller"`
	Cluster string          `json:"cluster"`
	// Time is when the account was read.
	Time time.Time `json:"time"`
	// Contract is the one that the inventory is closest to; empty when there
	// is no build user.
	Contract provision.Contract `json:"contract,omitempty"`
	// Destinations are the places to which the cluster publishes: "ecr", and
	// buckets by name.
	Destinations []string `json:"destinations"`
	// Differences are from that contract, whether they matter or not.
	Differences []Difference `json:"differences"`
	// Results are the checks, in their order.
	Results []Result `json:"results"`
	// Findings are gravest first.
	Findings []Finding `json:"findings"`
	// Unread are the reads that are missing, each with the checks that lack
	// it.
	Unread []Unread `json:"unread"`
	// Accepted are the checks of which somebody has decided to live with not
	// knowing.
	Accepted []string `json:"accepted,omitempty"`
	// Routes are who can publish what by which grant.
	Routes []Route `json:"routes"`
	// Keys are those of the build user.
	Keys []provision.Key `json:"keys"`
}

// Result is what came of one check.
type Result struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Findings are the IDs of what it found, or of the finding that speaks
	// for it.
	Findings []string `json:"findings,omitempty"`
}

// Unread is a read that is missing.
type Unread struct {
	provision.Gap
	Checks []string `json:"checks"`
}

// Counts are numbers of findings and checks.
type Counts struct {
	High       int `json:"high"`
	Medium     int `json:"medium"`
	Low        int `json:"low"`
	Advice     int `json:"advice"`
	Suppressed int `json:"suppressed"`
	// Passed and Unknown count checks.
	Passed  int `json:"passed"`
	Unknown int `json:"unknown"`
}

// Add sums counts.
func (n Counts) Add(m Counts) Counts {
	return Counts{
		n.High + m.High, n.Medium + m.Medium, n.Low + m.Low, n.Advice + m.Advice,
		n.Suppressed + m.Suppressed, n.Passed + m.Passed, n.Unknown + m.Unknown,
	}
}

// Of gives the number of findings of a severity.
func (n Counts) Of(s Severity) int {
	return map[Severity]int{High: n.High, Medium: n.Medium, Low: n.Low, Advice: n.Advice}[s]
}

// Counts counts what is in the report. What is suppressed counts as nothing
// else.
func (r Report) Counts() Counts {
	var n Counts
	for _, f := range r.Findings {
		switch {
		case f.Suppressed != nil:
			n.Suppressed++
		case f.Severity == High:
			n.High++
		case f.Severity == Medium:
			n.Medium++
		case f.Severity == Low:
			n.Low++
		default:
			n.Advice++
		}
	}
	for _, res := range r.Results {
		switch res.Status {
		case Pass:
			n.Passed++
		case Unknown:
			n.Unknown++
		}
	}
	return n
}

// Run makes all checks. It never fails: what cannot be judged is said to be
// unknown.
func Run(s Subject) Report {
	c := newScene(s)
	r := Report{
		Place: c.inv.Place, Caller: c.inv.Caller, Cluster: s.Survey.Cluster, Time: s.Now,
		Differences: orEmpty(c.differences), Routes: orEmpty(c.routes()), Destinations: []string{}, Keys: []provision.Key{},
	}
	if c.inv.User != nil {
		r.Contract, r.Keys = c.base.contract, orEmpty(c.inv.User.Keys)
	}
	if c.dest.ecr {
		r.Destinations = append(r.Destinations, string(provision.ECR))
	}
	r.Destinations = append(r.Destinations, c.dest.buckets...)
	checks := Checks()
	outcomes := make([]outcome, len(checks))
	for i, check := range checks {
		if check.run != nil {
			outcomes[i] = check.run(c)
			r.Findings = append(r.Findings, dressed(outcomes[i].findings, check)...)
		}
	}
	var open []string
	for i, o := range outcomes {
		if len(o.gaps) > 0 {
			open = append(open, checks[i].ID)
		}
	}
	var expired, unused outcome
	expired, unused, r.Accepted = c.suppress(r.Findings, open)
	for i, check := range checks {
		switch check.ID {
		case expiredID:
			outcomes[i] = expired
		case unusedID:
			outcomes[i] = unused
		default:
			continue
		}
		r.Findings = append(r.Findings, dressed(outcomes[i].findings, check)...)
	}
	r.settle(checks, outcomes)
	return r
}

// dressed gives findings what their check has for all.
func dressed(list []Finding, c Check) []Finding {
	for i := range list {
		list[i].Kind, list[i].References = c.Kind, c.References
	}
	return list
}

// settle fills in what came of each check, and puts all in order.
func (r *Report) settle(checks []Check, outcomes []outcome) {
	missing := map[provision.Gap][]string{}
	var order []provision.Gap
	for i, check := range checks {
		o := outcomes[i]
		res := Result{Check: check.ID, Status: o.status()}
		for _, f := range o.findings {
			res.Findings = append(res.Findings, f.ID)
		}
		if o.covered != "" {
			res.Findings = append(res.Findings, o.covered)
		}
		for _, g := range o.gaps {
			if missing[g] == nil {
				order = append(order, g)
			}
			if !slices.Contains(missing[g], check.ID) {
				missing[g] = append(missing[g], check.ID)
			}
		}
		r.Results = append(r.Results, res)
	}
	r.Unread = []Unread{}
	for _, g := range order {
		r.Unread = append(r.Unread, Unread{Gap: g, Checks: missing[g]})
	}
	r.Findings = orEmpty(r.Findings)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(rank(a.Severity)-rank(b.Severity),
			slices.Index(Kinds(), a.Kind)-slices.Index(Kinds(), b.Kind))
	})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Says reports whether a report says no: an unsuppressed finding at or above a
// severity, or a check of that severity that could not be made. What is not
// known is not fine.
func (r Report) Says(no Severity) bool {
	for _, f := range r.Findings {
		if f.Suppressed == nil && f.Severity.AtLeast(no) {
			return true
		}
	}
	for _, u := range r.Unread {
		for _, id := range u.Checks {
			if c, ok := checkByID(id); ok && c.Severity.AtLeast(no) && !slices.Contains(r.Accepted, id) {
				return true
			}
		}
	}
	return false
}

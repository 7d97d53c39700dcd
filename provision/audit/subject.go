package audit

import (
	"time"

	"github.com/nullplatform/slipway/provision"
)

// Subject is everything that an audit judges by.
type Subject struct {
	Survey *provision.Survey
	// Expect is what is known of the installation besides.
	Expect Expect
	// Platform is what nullplatform has on record, nil when nobody asked.
	Platform *Platform
	// Suppressions are the findings that somebody has decided to live with.
	Suppressions []Suppression
	Now          time.Time
}

// Expect is what somebody who knows the installation says about it. The zero
// value expects what the modules make by default.
type Expect struct {
	// Buckets are the S3 destinations; empty means that they are taken from
	// the policies whose name or document is the modules' own.
	Buckets []string
	// ApplicationManager is the ARN that may assume the application role;
	// empty means the modules' default.
	ApplicationManager string
	// Boundary is the ARN of the permissions boundary that the user and the
	// role should have; empty means none.
	Boundary string
}

// Platform is what nullplatform has on record for the publishing of assets, as
// far as an audit needs it.
type Platform struct {
	// NRN is where it was looked up.
	NRN           string         `json:"nrn"`
	Registrations []Registration `json:"registrations"`
	// Unread are the reads that failed.
	Unread []provision.Gap `json:"unread,omitempty"`
}

// Registration is one destination as nullplatform knows it. What the platform
// keeps to itself, as it does with secrets, is empty and counts as unknown.
type Registration struct {
	ID   string         `json:"id"`
	NRN  string         `json:"nrn"`
	Kind provision.Kind `json:"kind"`
	// KeyID is the access key with which CI is told to publish.
	KeyID string `json:"key_id,omitempty"`
	// CIRole is the role with which CI is told to publish instead.
	CIRole string `json:"ci_role,omitempty"`
	// ApplicationRole is the role that the application manager is told to
	// assume; ECR only.
	ApplicationRole string `json:"application_role,omitempty"`
	// Bucket is the bucket's name; S3 only.
	Bucket string `json:"bucket,omitempty"`
	Region string `json:"region,omitempty"`
}

// Suppression is somebody's decision to live with a finding for a while.
type Suppression struct {
	// Check is the check's ID.
	Check string `json:"check" yaml:"check"`
	// Entity is what it is about, as reports name it ("access key AKIA…");
	// empty or "*" means all that the check finds.
	Entity string `json:"entity,omitempty" yaml:"entity,omitempty"`
	// Cluster limits it to one cluster; empty means all.
	Cluster string `json:"cluster,omitempty" yaml:"cluster,omitempty"`
	// Reason says why; it must not be empty.
	Reason string `json:"reason" yaml:"reason"`
	// Expires is the last day on which it holds, as 2006-01-02.
	Expires string `json:"expires" yaml:"expires"`
}

const dateLayout = "2006-01-02"

// Problems lists what is wrong with a suppression.
func (s Suppression) Problems() []provision.Problem {
	var out []provision.Problem
	bad := func(field, rule, way string) {
		out = append(out, provision.Problem{Field: "suppression." + field, Rule: rule, Way: way})
	}
	if _, ok := checkByID(s.Check); !ok {
		bad("check", "names no check: "+quoted(s.Check), "use an id that a report shows")
	}
	if s.Reason == "" {
		bad("reason", "is empty", "write down why this is fine")
	}
	if _, err := time.Parse(dateLayout, s.Expires); err != nil {
		bad("expires", "is no date: "+quoted(s.Expires), "write it as 2006-01-02; nothing is suppressed for good")
	}
	return out
}

// expired reports whether the last day is over. A date that cannot be read
// counts as over.
func (s Suppression) expired(now time.Time) bool {
	day, err := time.Parse(dateLayout, s.Expires)
	return err != nil || !now.Before(day.AddDate(0, 0, 1))
}

// fits reports whether it is about a finding of a cluster.
func (s Suppression) fits(cluster string, f Finding) bool {
	return s.Check == f.Check && (s.Entity == "" || s.Entity == "*" || s.Entity == f.Subject()) &&
		(s.Cluster == "" || s.Cluster == cluster)
}

func checkByID(id string) (Check, bool) {
	for _, c := range Checks() {
		if c.ID == id {
			return c, true
		}
	}
	return Check{}, false
}

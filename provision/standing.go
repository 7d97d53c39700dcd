package provision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision/policy"
)

// Standing is how an account holds a cluster's identity today: what an upgrade
// starts from.
type Standing struct {
	// Contract is the one whose names are there; empty when there is no build
	// user, or none of its grants is one of the modules'. Without an S3 grant
	// 5.0 and 6.1 are the same, and 5.0 is given.
	Contract Contract `json:"contract"`
	// Destinations are what the build user is granted today.
	Destinations []Destination `json:"destinations,omitempty"`
	// ApplicationManager is who may assume the application role, when it is
	// one principal.
	ApplicationManager string `json:"application_manager,omitempty"`
	// Open is what the account does not tell, and somebody has to say.
	Open []Problem `json:"open,omitempty"`
}

// StandingScope is what has to be read of an account to tell how it holds a
// cluster's identity.
func StandingScope(cluster string) Scope {
	old, now := Contract50.Names(cluster), Contract61.Names(cluster)
	return Scope{
		User: now.User, Groups: []string{now.Group, Contract34.Names(cluster).Group}, Role: now.Role,
		Policies:   []string{now.ECRPolicy, old.S3Policy, now.S3Policy},
		Superseded: []string{old.S3Policy, now.S3Policy},
	}
}

// StandingOf tells how an inventory of [StandingScope] holds the identity.
func StandingOf(cluster string, inv *Inventory) Standing {
	s := Standing{Contract: contractOf(cluster, inv)}
	if s.Contract == "" {
		return s
	}
	if inv.Policy(inv.Place.PolicyARN(Contract61.Names(cluster).ECRPolicy)) != nil {
		s.Destinations = append(s.Destinations, Destination{Kind: ECR})
	}
	s.bucket(cluster, inv)
	if r := inv.Role; r != nil {
		s.ApplicationManager = managerOf(r.Trust)
	}
	return s
}

func contractOf(cluster string, inv *Inventory) Contract {
	u := inv.User
	if u == nil {
		return ""
	}
	at := inv.Place
	split, current := Contract50.Names(cluster), Contract61.Names(cluster)
	legacy := inv.Group(Contract34.Names(cluster).Group)
	publishers := inv.Group(current.Group)
	has := func(arn string) bool { return publishers != nil && hasPolicy(publishers.Attached, arn) }
	switch {
	case legacy != nil && (publishers == nil || slices.Contains(u.Groups, legacy.Name)):
		return Contract34
	case has(at.PolicyARN(split.S3Policy)):
		return Contract50
	case has(at.PolicyARN(current.S3Policy)):
		return Contract61
	case hasPolicy(u.Attached, at.PolicyARN(current.S3Policy)):
		return Contract61
	case has(at.PolicyARN(current.ECRPolicy)) && slices.Contains(u.Groups, current.Group):
		return Contract50
	case hasPolicy(u.Attached, at.PolicyARN(current.ECRPolicy)):
		return Contract112
	case has(at.PolicyARN(current.ECRPolicy)), hasPolicy(u.Attached, at.PolicyARN(split.S3Policy)):
		return Contract50
	}
	return ""
}

// bucket finds the bucket of the S3 grant in the documents that the build user
// has. The newest contract's comes first: a half-done upgrade has both.
func (s *Standing) bucket(cluster string, inv *Inventory) {
	var found []string
	granted := false
	for _, c := range []Contract{Contract61, Contract50} {
		arn := inv.Place.PolicyARN(c.Names(cluster).S3Policy)
		p := inv.Policy(arn)
		if p == nil || !grantedTo(inv, arn) {
			continue
		}
		granted = true
		if name := bucketOf(inv.Place.Partition, p.Document); name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	switch {
	case !granted:
	case len(found) == 1:
		s.Destinations = append(s.Destinations, Destination{Kind: S3, Bucket: found[0]})
	case len(found) == 0:
		s.Open = append(s.Open, Problem{
			Field: "bucket", Rule: "cannot be told: the document of the S3 grant does not name one bucket",
			Way: "name the bucket with --s3 BUCKET",
		})
	default:
		s.Open = append(s.Open, Problem{
			Field: "bucket", Rule: "cannot be told: there are S3 grants for " + strings.Join(found, " and "),
			Way: "name the one to keep with --s3 BUCKET",
		})
	}
}

// grantedTo reports whether the build user has a policy, itself or through a
// group of the inventory.
func grantedTo(inv *Inventory, arn string) bool {
	if hasPolicy(inv.User.Attached, arn) {
		return true
	}
	return slices.ContainsFunc(inv.Groups, func(g Group) bool {
		return slices.Contains(inv.User.Groups, g.Name) && hasPolicy(g.Attached, arn)
	})
}

// bucketOf is the one bucket that a document names, or empty.
func bucketOf(partition, doc string) string {
	d, err := policy.Parse(doc)
	if err != nil {
		return ""
	}
	var one string
	for _, st := range d.Statements {
		for _, r := range st.Resources {
			name, isS3 := strings.CutPrefix(r, "arn:"+partition+":s3:::")
			name, _, _ = strings.Cut(name, "/")
			if !isS3 || st.NotResource || one != "" && one != name || !usable(CheckBucket(name)) {
				return ""
			}
			one = name
		}
	}
	return one
}

// usable reports whether nothing but warnings is said of a value.
func usable(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}

// managerOf is the principal that a trust policy lets in, when it is one that
// a spec can name.
func managerOf(trust string) string {
	d, err := policy.Parse(trust)
	if err != nil {
		return ""
	}
	all := d.Trusted()
	if len(all) != 1 || !usable(CheckApplicationManager(all[0].ID)) {
		return ""
	}
	return all[0].ID
}

// Spec is what an upgrade to a contract makes of this standing, with a bucket
// that was named by somebody in place of one that is open or new. It fails
// with a [*Problem] while something is open.
func (s Standing) Spec(cluster string, to Contract, bucket string) (Spec, error) {
	out := Spec{
		Cluster: cluster, Contract: to, Destinations: slices.Clone(s.Destinations), ApplicationManager: s.ApplicationManager,
	}
	if bucket == "" {
		if len(s.Open) > 0 {
			return out, &s.Open[0]
		}
		return out, nil
	}
	if d, ok := out.Destination(S3); ok && d.Bucket != bucket {
		return out, &Problem{
			Field: "bucket", Rule: fmt.Sprintf("is %q, but CI publishes to %q today, and an upgrade takes nothing away", bucket, d.Bucket),
			Way: "leave --s3 out, and change the bucket with slipway install afterwards",
		}
	} else if !ok {
		out.Destinations = append(out.Destinations, Destination{Kind: S3, Bucket: bucket})
	}
	return out, nil
}

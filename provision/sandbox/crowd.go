package sandbox

import (
	"fmt"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// MFA gives a user a device of the name.
func (s *Seed) MFA(user, device string) {
	serial := s.state.ARNOf("mfa", "", device)
	s.change("device "+device, func(st directory.State) (directory.State, error) {
		next, err := st.AddMFADevice(serial)
		if err != nil {
			return st, err
		}
		return next.EnableMFADevice(user, serial, s.now)
	})
}

// Cluster adds the identity of contract 6.1 for one more cluster, with a bucket
// of its own.
func (s *Seed) Cluster(name string, age int) {
	prefix := "nullplatform-" + name
	user, group, role := prefix+"-build-workflow-user", prefix+"-asset-publishers", prefix+"-application-role"
	s.User(user, Days(age))
	s.Used(s.Key(user, Days(age)), "ecr", Days(1))
	s.Group(group, Days(age))
	s.Join(user, group)
	ecr := s.Policy(prefix+"-ecr-manager-policy", ecrDescription, ecrManager, Days(age))
	s.Attach(directory.Groups, group, ecr)
	s.Attach(directory.Groups, group, s.Policy(prefix+"-s3-policy", s3Description, publishTo(name+"-assets"), Days(age)))
	s.Bucket(name+"-assets", Days(age))
	s.Role(role, trustManager, Days(age))
	s.Attach(directory.Roles, role, ecr)
}

// Crowd adds people and policies that have nothing to do with publishing, up
// to so many in the account. Every tenth person has a key.
func (s *Seed) Crowd(users, policies int) {
	if s.err != nil {
		return
	}
	q := s.state.Quotas()
	q.Users, q.Policies = max(q.Users, users), max(q.Policies, policies)
	s.state = s.state.WithQuotas(q)
	own := 0
	for _, p := range s.state.Policies("") {
		if !p.AWS {
			own++
		}
	}
	for i := own; i < policies; i++ {
		s.Policy(fmt.Sprintf("team-%04d-policy", i), "", allow(`"s3:GetObject"`, fmt.Sprintf("arn:aws:s3:::team-%04d/*", i)), Days(30))
	}
	there := 0
	for range s.state.Users("") {
		there++
	}
	for i := there; i < users; i++ {
		name := fmt.Sprintf("person-%04d", i)
		s.User(name, Days(200))
		if i%10 == 0 {
			s.Key(name, Days(100))
		}
	}
}

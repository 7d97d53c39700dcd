package sandbox

import (
	"fmt"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/iam"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/s3"
)

// Seed fills an account before its first request. Its methods can be read as
// the list of what is there; the first one that fails makes the others do
// nothing, and Start reports it.
type Seed struct {
	state    directory.State
	mint     *mint
	usage    *usage
	now      time.Time
	operator Key
	buckets  []s3.Bucket
	err      error
}

// fill makes the account that the options ask for.
func fill(o Options) (*Seed, error) {
	name := o.Scenario
	if name == "" {
		name = "fresh"
	}
	chosen, ok := find(name)
	if !ok {
		return nil, fmt.Errorf("start sandbox: no scenario is called %q; there are %v", name, Scenarios())
	}
	s := &Seed{
		state: directory.New(account, managedByAWS(o.Now())...),
		mint:  newMint(o.Seed), usage: newUsage(), now: o.Now(),
	}
	s.common()
	chosen.fill(s)
	if o.Seeding != nil && s.err == nil {
		s.err = o.Seeding(s)
	}
	if s.err != nil {
		return nil, fmt.Errorf("seed scenario %s: %w", name, s.err)
	}
	return s, nil
}

// change applies a change of the IAM entities.
func (s *Seed) change(what string, f func(directory.State) (directory.State, error)) {
	if s.err != nil {
		return
	}
	next, err := f(s.state)
	if err != nil {
		s.err = fmt.Errorf("%s: %w", what, err)
		return
	}
	s.state = next
}

// Days is an age.
func Days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// User adds a user of the age.
func (s *Seed) User(name string, age time.Duration) {
	s.change("user "+name, func(st directory.State) (directory.State, error) {
		next, _, err := st.CreateUser(directory.User{ID: s.mint.ID("AIDA"), Name: name, Path: "/", Created: s.now.Add(-age)})
		return next, err
	})
}

// Group adds a group of the age.
func (s *Seed) Group(name string, age time.Duration) {
	s.change("group "+name, func(st directory.State) (directory.State, error) {
		next, _, err := st.CreateGroup(directory.Group{ID: s.mint.ID("AGPA"), Name: name, Path: "/", Created: s.now.Add(-age)})
		return next, err
	})
}

// Role adds a role of the age with the trust policy.
func (s *Seed) Role(name, trust string, age time.Duration) {
	s.change("role "+name, func(st directory.State) (directory.State, error) {
		next, _, err := st.CreateRole(directory.Role{ID: s.mint.ID("AROA"), Name: name, Path: "/", Created: s.now.Add(-age)}, trust)
		return next, err
	})
}

// Policy adds a managed policy of the age and returns its ARN.
func (s *Seed) Policy(name, description, document string, age time.Duration) (arn string) {
	s.change("policy "+name, func(st directory.State) (directory.State, error) {
		next, p, err := st.CreatePolicy(directory.Policy{
			ID: s.mint.ID("ANPA"), Name: name, Path: "/", Description: description, Created: s.now.Add(-age),
		}, document)
		if err == nil {
			arn = p.ARN
		}
		return next, err
	})
	return arn
}

// Version adds a version of the age to a managed policy and puts it in effect.
func (s *Seed) Version(arn, document string, age time.Duration) {
	s.change("version of "+arn, func(st directory.State) (directory.State, error) {
		next, _, err := st.AddVersion(arn, document, true, s.now.Add(-age))
		return next, err
	})
}

// Join puts a user into a group.
func (s *Seed) Join(user, group string) {
	s.change(user+" into "+group, func(st directory.State) (directory.State, error) { return st.Join(user, group) })
}

// Attach attaches a managed policy to a user, group or role.
func (s *Seed) Attach(kind directory.Kind, name, arn string) {
	s.change(arn+" to "+name, func(st directory.State) (directory.State, error) { return st.Attach(kind, name, arn) })
}

// Inline writes an inline policy into a user, group or role.
func (s *Seed) Inline(kind directory.Kind, name, policyName, document string) {
	s.change("inline policy "+policyName, func(st directory.State) (directory.State, error) {
		return st.PutInline(kind, name, policyName, document)
	})
}

// Login gives a user a console password of the age.
func (s *Seed) Login(user string, age time.Duration) {
	s.change("login of "+user, func(st directory.State) (directory.State, error) {
		return st.SetLogin(user, directory.LoginAt(s.now.Add(-age), false))
	})
}

// Key gives a user an access key of the age and returns it.
func (s *Seed) Key(user string, age time.Duration) Key {
	k := Key{ID: s.mint.ID("AKIA"), Secret: s.mint.Secret()}
	s.change("key of "+user, func(st directory.State) (directory.State, error) {
		next, _, err := st.AddKey(user, directory.AccessKey{
			ID: k.ID, Secret: directory.Secret(k.Secret), Active: true, Created: s.now.Add(-age),
		})
		return next, err
	})
	return k
}

// Deactivate makes a key of a user inactive.
func (s *Seed) Deactivate(user string, k Key) {
	s.change("key "+k.ID, func(st directory.State) (directory.State, error) { return st.SetKeyStatus(user, k.ID, false) })
}

// Used records that a key was last used so long ago for a service.
func (s *Seed) Used(k Key, service string, ago time.Duration) {
	s.usage.last[k.ID] = iam.Use{At: s.now.Add(-ago), Service: service, Region: region}
}

// Bucket adds a bucket of this account of the age.
func (s *Seed) Bucket(name string, age time.Duration) {
	s.buckets = append(s.buckets, s3.Bucket{Name: name, Owner: account, Region: region, Created: s.now.Add(-age)})
}

// ForeignBucket adds a bucket that belongs to another account.
func (s *Seed) ForeignBucket(name string) {
	s.buckets = append(s.buckets, s3.Bucket{Name: name, Owner: "999988887777", Region: region, Created: s.now.Add(-Days(900))})
}

// identity is what a registration with nullplatform names of this account: the
// build user's first key, the application role, and the assets bucket unless
// there is a build user without a grant for it.
func (s *Seed) identity() platform.Identity {
	is := platform.Identity{
		Region: region, Bucket: assets, RoleARN: "arn:aws:iam::" + account + ":role/" + appRole,
		KeyID: "AKIA" + "EXAMPLEOFNOBODY2", Secret: "nobody's",
	}
	u, err := s.state.User(buildUser)
	if err != nil {
		return is
	}
	if keys := s.state.KeysOf(u); len(keys) > 0 {
		is.KeyID, is.Secret = keys[0].ID, keys[0].Secret.Reveal()
	}
	granted := false
	for _, name := range []string{s3Name, s3AssetsName} {
		_, err := s.state.Policy("arn:aws:iam::" + account + ":policy/" + name)
		granted = granted || err == nil
	}
	if !granted {
		is.Bucket = ""
	}
	return is
}

// platformOptions are those asked for. Where an identity is set up, it is
// registered too, unless they say otherwise.
func platformOptions(o Options) platform.Options {
	p := o.Platform
	if p.Scenario == "" && o.Scenario != "" && o.Scenario != "fresh" {
		p.Scenario = "registered"
	}
	return p
}

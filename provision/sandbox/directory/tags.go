package directory

import "slices"

// TagUser adds tags to a user; a tag with the same key is replaced.
func (s State) TagUser(name string, tags []Tag) (State, error) {
	u, err := s.User(name)
	if err != nil {
		return s, err
	}
	next := *u
	if next.Tags, err = s.tagged(u.Tags, tags); err != nil {
		return s, err
	}
	s.users = s.users.With(key(name), &next)
	return s, nil
}

// UntagUser removes tags from a user. Keys that are not there are ignored.
func (s State) UntagUser(name string, keys []string) (State, error) {
	u, err := s.User(name)
	if err != nil {
		return s, err
	}
	next := *u
	next.Tags = untagged(u.Tags, keys)
	s.users = s.users.With(key(name), &next)
	return s, nil
}

// TagRole adds tags to a role; a tag with the same key is replaced.
func (s State) TagRole(name string, tags []Tag) (State, error) {
	r, err := s.Role(name)
	if err != nil {
		return s, err
	}
	next := *r
	if next.Tags, err = s.tagged(r.Tags, tags); err != nil {
		return s, err
	}
	s.roles = s.roles.With(key(name), &next)
	return s, nil
}

// UntagRole removes tags from a role. Keys that are not there are ignored.
func (s State) UntagRole(name string, keys []string) (State, error) {
	r, err := s.Role(name)
	if err != nil {
		return s, err
	}
	next := *r
	next.Tags = untagged(r.Tags, keys)
	s.roles = s.roles.With(key(name), &next)
	return s, nil
}

// TagPolicy adds tags to a managed policy; a tag with the same key is
// replaced.
func (s State) TagPolicy(arn string, tags []Tag) (State, error) {
	p, err := s.ownPolicy(arn)
	if err != nil {
		return s, err
	}
	next := *p
	if next.Tags, err = s.tagged(p.Tags, tags); err != nil {
		return s, err
	}
	s.policies = s.policies.With(arn, &next)
	return s, nil
}

// UntagPolicy removes tags from a managed policy. Keys that are not there are
// ignored.
func (s State) UntagPolicy(arn string, keys []string) (State, error) {
	p, err := s.ownPolicy(arn)
	if err != nil {
		return s, err
	}
	next := *p
	next.Tags = untagged(p.Tags, keys)
	s.policies = s.policies.With(arn, &next)
	return s, nil
}

func (s State) tagged(old, more []Tag) ([]Tag, error) {
	if err := checkTags(more, s.quotas.Tags); err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(slices.Clone(old), func(t Tag) bool {
		return slices.ContainsFunc(more, func(m Tag) bool { return key(m.Key) == key(t.Key) })
	})
	out = append(out, more...)
	return out, checkTags(out, s.quotas.Tags)
}

func untagged(old []Tag, keys []string) []Tag {
	return slices.DeleteFunc(slices.Clone(old), func(t Tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return key(k) == key(t.Key) })
	})
}

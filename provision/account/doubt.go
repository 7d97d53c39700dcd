package account

import (
	"context"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// hangOn reads what hangs on an entity that this reading has seen. That the
// entity is not there is no answer then, and above all not that nothing hangs
// on it: of a user without keys a plan makes one. IAM's readers may disagree
// for a moment, so it asks again, and fails when they keep to it.
func (r *reader) hangOn(ctx context.Context, op, action, on string, read func() error) error {
	err := read()
	for attempt := 0; isAbsent(err) && attempt < longestDoubt; attempt++ {
		if stopped := pause(ctx, attempt); stopped != nil {
			return r.a.fail(op, action, on, stopped)
		}
		err = read()
	}
	if isAbsent(err) {
		return &Error{
			Op: op, Action: action, On: on, Code: codeOf(err), err: err,
			Why: "it was there a moment ago and now is not: somebody deletes it, or the readers of IAM do not agree yet",
			Way: "wait a minute and run again",
		}
	}
	return r.settle(op, action, on, err)
}

// longestDoubt is how often a reader that disagrees is asked again, for three
// seconds in all.
const longestDoubt = 5

// contradicted asks again where the first round of a reading does not fit
// together: for a user that a group lists as a member, and for a role that is
// missing beside a user. A plan would try to create what is there.
func (r *reader) contradicted(ctx context.Context) error {
	refused := func(action string) bool {
		return slices.ContainsFunc(r.inv.Unread, func(g provision.Gap) bool { return g.Action == action })
	}
	if name := r.scope.User; name != "" && r.inv.User == nil && !refused("iam:GetUser") {
		listed := func(g provision.Group) bool { return slices.Contains(g.Members, name) }
		if !slices.ContainsFunc(r.inv.Groups, listed) {
			return nil
		}
		return r.hangOn(ctx, "read user "+name, "iam:GetUser", "user/"+name, func() error { return r.askUser(ctx) })
	}
	// A user without a role may well be, where only S3 is published to: a
	// second answer is believed.
	if r.scope.Role != "" && r.inv.Role == nil && r.inv.User != nil && !refused("iam:GetRole") {
		return r.role(ctx)
	}
	return nil
}

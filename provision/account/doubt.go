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

// contradicted asks for the user again when a group lists it as a member and
// it was not there for the reader that was asked: a plan would try to create
// it, and then to give it a key.
func (r *reader) contradicted(ctx context.Context) error {
	name := r.scope.User
	listed := func(g provision.Group) bool { return slices.Contains(g.Members, name) }
	refused := func(g provision.Gap) bool { return g.Action == "iam:GetUser" }
	if name == "" || r.inv.User != nil || slices.ContainsFunc(r.inv.Unread, refused) || !slices.ContainsFunc(r.inv.Groups, listed) {
		return nil
	}
	return r.hangOn(ctx, "read user "+name, "iam:GetUser", "user/"+name, func() error { return r.askUser(ctx) })
}

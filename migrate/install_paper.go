package migrate

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// A run is compared with the account on paper: the account as it was when the
// plan was shown, with everything done to it that the run has done.

// paper gives the account as it should be now.
func (l ledger) paper(start *provision.Inventory) (*provision.Inventory, error) {
	inv := start.Clone()
	for _, d := range l.all {
		if d.Plan != l.plan || d.State != checklist.EffectDone || d.Call == nil {
			continue
		}
		if err := d.applyTo(inv); err != nil {
			return nil, fmt.Errorf("follow the journal on paper: %w", err)
		}
	}
	return inv, nil
}

// applyTo does on paper what was done, with what only the account could tell.
func (d done) applyTo(inv *provision.Inventory) error {
	if err := inv.Apply(*d.Call); err != nil {
		return err
	}
	switch d.Call.Action {
	case createKeyAction:
		keys := inv.User.Keys
		keys[len(keys)-1].ID = d.got.KeyID
	case "iam:CreatePolicyVersion":
		inv.Policy(d.Call.Param("PolicyArn")).Version = d.got.Version
	}
	return nil
}

// verdict is what a look at the account says of an open deed.
type verdict struct {
	state checklist.EffectState
	yield yield
}

// judge says whether a call that got no answer has been carried out. What can
// be repeated without harm and cannot be seen counts as not done.
func (d done) judge(now *provision.Inventory, l ledger) (verdict, error) {
	if d.makesKey() {
		return d.judgeKey(now, l)
	}
	c := *d.Call
	after := now.Clone()
	err := after.Apply(c)
	var effect *provision.EffectError
	switch {
	case errors.As(err, &effect):
		return verdict{state: judgeConflict(c, now, effect.Code)}, nil
	case err != nil:
		// An effect that cannot be put on paper.
		return verdict{state: checklist.EffectNotDone}, nil
	case c.Service() == "s3":
		return verdict{state: checklist.EffectNotDone}, nil
	case c.Action == "iam:CreatePolicyVersion":
		p := now.Policy(c.Param("PolicyArn"))
		if policy.Equivalent(p.Document, c.Param("PolicyDocument")) {
			return verdict{checklist.EffectDone, yield{Version: p.Version}}, nil
		}
	case c.Action == "iam:UpdateAssumeRolePolicy":
		if policy.Equivalent(now.Role.Trust, c.Param("PolicyDocument")) {
			return verdict{state: checklist.EffectDone}, nil
		}
	case reflect.DeepEqual(after, now):
		return verdict{state: checklist.EffectDone}, nil
	}
	return verdict{state: checklist.EffectNotDone}, nil
}

// judgeConflict is for calls that the account would refuse as it is now: what
// is to be made is there, or what is to be deleted is not.
func judgeConflict(c provision.Call, now *provision.Inventory, code string) checklist.EffectState {
	_, operation, _ := strings.Cut(c.Action, ":")
	switch {
	case code == "BucketAlreadyExists" && now.Bucket(c.Param("Bucket")).State == provision.BucketOwn,
		code == "EntityAlreadyExists" && asMade(c, now),
		strings.HasPrefix(code, "NoSuch") && (strings.HasPrefix(operation, "Delete") || strings.HasPrefix(operation, "Detach") || strings.HasPrefix(operation, "Remove")):
		return checklist.EffectDone
	}
	return checklist.EffectNotDone
}

// asMade reports whether what is there is what the call would have made, and
// not something of the same name.
func asMade(c provision.Call, now *provision.Inventory) bool {
	tags := func(have map[string]string) bool { return len(have)+len(c.Tags) == 0 || maps.Equal(have, c.Tags) }
	switch c.Action {
	case "iam:CreateUser":
		return tags(now.User.Tags) && now.User.Boundary == c.Param("PermissionsBoundary")
	case "iam:CreateGroup":
		return true
	case "iam:CreateRole":
		return tags(now.Role.Tags) && now.Role.Boundary == c.Param("PermissionsBoundary") &&
			policy.Equivalent(now.Role.Trust, c.Param("AssumeRolePolicyDocument"))
	case "iam:CreatePolicy":
		p := now.Policy(now.Place.PolicyARN(c.Param("PolicyName")))
		return p != nil && tags(p.Tags) && p.Description == c.Param("Description") &&
			policy.Equivalent(p.Document, c.Param("PolicyDocument"))
	}
	return false
}

// judgeKey looks for a key that was not there before.
func (d done) judgeKey(now *provision.Inventory, l ledger) (verdict, error) {
	known := append(slices.Clone(d.Keys), l.keys()...)
	var fresh []string
	for _, id := range keyIDs(now) {
		if !slices.Contains(known, id) {
			fresh = append(fresh, id)
		}
	}
	switch len(fresh) {
	case 0:
		return verdict{state: checklist.EffectNotDone}, nil
	case 1:
		return verdict{checklist.EffectDone, yield{KeyID: fresh[0]}}, nil
	}
	return verdict{}, &DoubtfulKeyError{
		User: d.Call.Param("UserName"), Keys: fresh,
		Why: "this run may have made one of them, and it cannot be told which",
	}
}

// DoubtfulKeyError says that there are keys of which it is not sure whose they
// are. They were not touched.
type DoubtfulKeyError struct {
	User string
	Keys []string
	// Why says what is odd about them.
	Why string
}

// Error says what is doubtful and what to do.
func (e *DoubtfulKeyError) Error() string {
	return fmt.Sprintf("access keys of %s are in doubt: %s; %s; they were not touched; find out who made them, delete those that nobody uses (aws iam delete-access-key --user-name %s --access-key-id ID), and resume",
		e.User, strings.Join(e.Keys, ", "), e.Why, e.User)
}

func keyIDs(inv *provision.Inventory) []string {
	var out []string
	if inv.User != nil {
		for _, k := range inv.User.Keys {
			out = append(out, k.ID)
		}
	}
	slices.Sort(out)
	return out
}

// drift says how the account differs from the paper, as far as the plan is
// concerned; nil when it does not.
func drift(b provision.Blueprint, paper, now *provision.Inventory) *ChangedError {
	expected, found := provision.NewPlan(b, paper), provision.NewPlan(b, now)
	e := &ChangedError{Before: expected.Changes, After: found.Changes}
	for _, id := range keyIDs(now) {
		if !slices.Contains(keyIDs(paper), id) {
			e.What = append(e.What, "access key "+id+" is new")
		}
	}
	for _, id := range keyIDs(paper) {
		if !slices.Contains(keyIDs(now), id) {
			e.What = append(e.What, "access key "+id+" is gone")
		}
	}
	if u := paper.User; u != nil && now.User != nil && u.ID != "" && u.ID != now.User.ID {
		e.What = append(e.What, "user "+u.Name+" is another one of the same name")
	}
	e.What = append(e.What, changesApart(expected.Changes, found.Changes)...)
	if !reflect.DeepEqual(expected.Notes, found.Notes) {
		for _, n := range found.Notes {
			if !slices.Contains(expected.Notes, n) {
				e.What = append(e.What, n.Entity.String()+" "+n.Text)
			}
		}
		if len(e.What) == 0 {
			e.What = append(e.What, "something that was noted in the preview is gone")
		}
	}
	if found.Blocked() != nil && expected.Blocked() == nil {
		e.What = append(e.What, found.Blocked().Error())
	}
	if len(e.What) == 0 {
		return nil
	}
	return e
}

// changesApart tells in words how two plans differ.
func changesApart(expected, found []provision.Change) []string {
	var out []string
	ids := func(list []provision.Change) map[string]provision.Change {
		m := map[string]provision.Change{}
		for _, c := range list {
			m[c.ID] = c
		}
		return m
	}
	was, is := ids(expected), ids(found)
	for _, c := range found {
		old, there := was[c.ID]
		switch {
		case !there:
			out = append(out, c.Entity.String()+" is no longer as this run left it")
		case !reflect.DeepEqual(old.Calls, c.Calls) || old.Before != c.Before:
			out = append(out, c.Entity.String()+" has been changed")
		}
	}
	for _, c := range expected {
		if _, there := is[c.ID]; !there {
			out = append(out, c.Entity.String()+" is there already, and this run did not make it so")
		}
	}
	return out
}

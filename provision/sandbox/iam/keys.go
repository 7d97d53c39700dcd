package iam

import (
	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

type keyShape struct {
	UserName        string
	AccessKeyID     string `xml:"AccessKeyId"`
	Status          string
	SecretAccessKey string `xml:",omitempty"`
	CreateDate      string
}

func keyOf(user string, k *directory.AccessKey) keyShape {
	status := "Active"
	if !k.Active {
		status = "Inactive"
	}
	return keyShape{UserName: user, AccessKeyID: k.ID, Status: status, CreateDate: wire.Time(k.Created)}
}

func (q *query) createAccessKey() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	if _, err := q.view.User(name); err != nil {
		return nil, err
	}
	k := directory.AccessKey{
		ID: q.mint.ID("AKIA"), Secret: directory.Secret(q.mint.Secret()), Active: true, Created: q.call.Now,
	}
	var shown keyShape
	err = q.store.Change(func(s directory.State) (directory.State, error) {
		next, made, err := s.AddKey(name, k)
		if err != nil {
			return s, err
		}
		owner, err := next.KeyOwner(made)
		if err != nil {
			return s, err
		}
		shown = keyOf(owner.Name, made)
		// The only moment at which AWS shows a secret.
		shown.SecretAccessKey = made.Secret.Reveal()
		return next, nil
	})
	if err != nil {
		return nil, err
	}
	return struct{ AccessKey keyShape }{shown}, nil
}

func (q *query) listAccessKeys() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	u, err := q.view.User(name)
	if err != nil {
		return nil, err
	}
	items, more, err := paginate(q, inOrder(q.view.KeysOf(u)))
	if err != nil {
		return nil, err
	}
	return struct {
		AccessKeyMetadata wire.List[keyShape]
		page
	}{convert(items, func(k *directory.AccessKey) keyShape { return keyOf(u.Name, k) }), more}, nil
}

func (q *query) updateAccessKey() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	status := q.p.Get("Status")
	if status != "Active" && status != "Inactive" {
		return nil, wire.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]", status)
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.SetKeyStatus(name, q.p.Get("AccessKeyId"), status == "Active")
	})
}

func (q *query) deleteAccessKey() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.DeleteKey(name, q.p.Get("AccessKeyId"))
	})
}

type lastUsedShape struct {
	LastUsedDate string `xml:",omitempty"`
	ServiceName  string
	Region       string
}

func (q *query) getAccessKeyLastUsed() (any, error) {
	k, err := q.view.Key(q.p.Get("AccessKeyId"))
	if err != nil {
		// AWS does not tell a missing key from one of another account.
		return nil, wire.Errorf("AccessDenied", "User: %s is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key %s", q.call.Caller.ARN, q.p.Get("AccessKeyId"))
	}
	u, err := q.view.KeyOwner(k)
	if err != nil {
		return nil, err
	}
	last := lastUsedShape{ServiceName: "N/A", Region: "N/A"}
	if use, ok := q.usage.LastUse(k.ID); ok {
		last = lastUsedShape{LastUsedDate: wire.Time(use.At), ServiceName: use.Service, Region: use.Region}
	}
	return struct {
		UserName          string
		AccessKeyLastUsed lastUsedShape
	}{u.Name, last}, nil
}

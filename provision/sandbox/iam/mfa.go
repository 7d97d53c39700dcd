package iam

import (
	"encoding/base64"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

type (
	deviceShape struct {
		UserName     string
		SerialNumber string
		EnableDate   string
	}
	virtualDeviceShape struct {
		SerialNumber     string
		Base32StringSeed string     `xml:",omitempty"`
		User             *userShape `xml:",omitempty"`
		EnableDate       string     `xml:",omitempty"`
	}
)

func onNewDevice(q *query) []string {
	return []string{q.view.ARNOf("mfa", q.p.Get("Path"), q.p.Get("VirtualMFADeviceName"))}
}

func onDevice(q *query) []string { return []string{q.p.Get("SerialNumber")} }

// createVirtualMFADevice makes a device. The seed that it answers with is as
// random as AWS's, and is forgotten.
func (q *query) createVirtualMFADevice() (any, error) {
	if _, err := q.need("VirtualMFADeviceName"); err != nil {
		return nil, err
	}
	serial := onNewDevice(q)[0]
	err := q.store.Change(func(s directory.State) (directory.State, error) { return s.AddMFADevice(serial) })
	if err != nil {
		return nil, err
	}
	seed := base64.StdEncoding.EncodeToString([]byte(q.mint.Secret()))
	return struct{ VirtualMFADevice virtualDeviceShape }{virtualDeviceShape{SerialNumber: serial, Base32StringSeed: seed}}, nil
}

func (q *query) deleteVirtualMFADevice() (any, error) {
	serial, err := q.need("SerialNumber")
	if err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) { return s.DeleteMFADevice(serial) })
}

// enableMFADevice takes any two codes of six digits: without the seed none can
// be checked.
func (q *query) enableMFADevice() (any, error) {
	user, err := q.need("UserName")
	if err != nil {
		return nil, err
	}
	serial, err := q.need("SerialNumber")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"AuthenticationCode1", "AuthenticationCode2"} {
		if len(q.p.Get(name)) != 6 {
			return nil, wire.Errorf("ValidationError", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length equal to 6", name)
		}
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.EnableMFADevice(user, serial, q.call.Now)
	})
}

func (q *query) deactivateMFADevice() (any, error) {
	user, err := q.userName()
	if err != nil {
		return nil, err
	}
	serial, err := q.need("SerialNumber")
	if err != nil {
		return nil, err
	}
	return nil, q.store.Change(func(s directory.State) (directory.State, error) {
		return s.DeactivateMFADevice(user, serial)
	})
}

func (q *query) listMFADevices() (any, error) {
	name, err := q.userName()
	if err != nil {
		return nil, err
	}
	u, err := q.view.User(name)
	if err != nil {
		return nil, err
	}
	items, more, err := paginate(q, inOrder(u.MFA))
	if err != nil {
		return nil, err
	}
	return struct {
		MFADevices wire.List[deviceShape]
		page
	}{convert(items, func(d directory.MFADevice) deviceShape {
		return deviceShape{UserName: u.Name, SerialNumber: d.Serial, EnableDate: wire.Time(d.Enabled)}
	}), more}, nil
}

func (q *query) listVirtualMFADevices() (any, error) {
	status := q.p.Get("AssignmentStatus")
	var all []virtualDeviceShape
	if status != "Assigned" {
		for _, d := range q.view.FreeMFADevices() {
			all = append(all, virtualDeviceShape{SerialNumber: d.Serial})
		}
	}
	if status != "Unassigned" {
		for _, u := range q.view.Users("") {
			for _, d := range u.MFA {
				shape := plainUser(u)
				all = append(all, virtualDeviceShape{SerialNumber: d.Serial, User: &shape, EnableDate: wire.Time(d.Enabled)})
			}
		}
	}
	items, more, err := paginate(q, inOrder(all))
	if err != nil {
		return nil, err
	}
	return struct {
		VirtualMFADevices wire.List[virtualDeviceShape]
		page
	}{convert(items, func(d virtualDeviceShape) virtualDeviceShape { return d }), more}, nil
}

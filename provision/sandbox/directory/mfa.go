package directory

import (
	"slices"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// MFADevice is a virtual device for signing in. Its seed is not kept: nobody
// signs in to this account with a password.
type MFADevice struct {
	Serial  string    // the device's ARN
	Enabled time.Time // when it was given to a user
}

// maxMFADevices is how many devices a user may have.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxMFADevices = 8

// AddMFADevice makes a device that belongs to nobody yet.
func (s State) AddMFADevice(serial string) (State, error) {
	if _, there := s.devices.Get(serial); there || s.deviceUser(serial) != nil {
		return s, wire.Errorf("EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
	}
	s.devices = s.devices.With(serial, &MFADevice{Serial: serial})
	return s, nil
}

// DeleteMFADevice removes a device that no user has.
func (s State) DeleteMFADevice(serial string) (State, error) {
	if s.deviceUser(serial) != nil {
		return s, conflict("must deactivate the MFA device first")
	}
	if _, there := s.devices.Get(serial); !there {
		return s, noDevice(serial)
	}
	s.devices = s.devices.Without(serial)
	return s, nil
}

// EnableMFADevice gives a user a device that belongs to nobody.
func (s State) EnableMFADevice(user, serial string, at time.Time) (State, error) {
	u, err := s.User(user)
	if err != nil {
		return s, err
	}
	d, there := s.devices.Get(serial)
	switch {
	case s.deviceUser(serial) != nil:
		return s, wire.Errorf("EntityAlreadyExists", "MFA Device is already in use.")
	case !there:
		return s, noDevice(serial)
	case len(u.MFA) >= maxMFADevices:
		return s, exceeded("MFADevicesPerUser", maxMFADevices)
	}
	next, device := *u, *d
	device.Enabled = at
	next.MFA = append(slices.Clone(u.MFA), device)
	s.devices = s.devices.Without(serial)
	s.users = s.users.With(key(u.Name), &next)
	return s, nil
}

// DeactivateMFADevice takes a device from a user; the device stays.
func (s State) DeactivateMFADevice(user, serial string) (State, error) {
	u, err := s.User(user)
	if err != nil {
		return s, err
	}
	i := slices.IndexFunc(u.MFA, func(d MFADevice) bool { return d.Serial == serial })
	if i < 0 {
		return s, noDevice(serial)
	}
	next := *u
	next.MFA = slices.Delete(slices.Clone(u.MFA), i, i+1)
	s.users = s.users.With(key(u.Name), &next)
	s.devices = s.devices.With(serial, &MFADevice{Serial: serial})
	return s, nil
}

// FreeMFADevices lists the devices that belong to nobody, by serial number.
func (s State) FreeMFADevices() []MFADevice {
	var out []MFADevice
	for _, d := range s.devices.All() {
		out = append(out, *d)
	}
	return out
}

func (s State) deviceUser(serial string) *User {
	for _, u := range s.users.All() {
		if slices.ContainsFunc(u.MFA, func(d MFADevice) bool { return d.Serial == serial }) {
			return u
		}
	}
	return nil
}

func noDevice(serial string) error {
	return wire.Errorf("NoSuchEntity", "VirtualMFADevice with serial number %s does not exist.", serial)
}

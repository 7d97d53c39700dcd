package handover

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// systemRing is the operating system's keyring. None of its calls passes the
// secret as an argument of a process.
type systemRing struct{}

var _ ring = systemRing{}

func (systemRing) Set(service, account, secret string) error {
	return keyring.Set(service, account, secret)
}

func (systemRing) Get(service, account string) (string, error) {
	secret, err := keyring.Get(service, account)
	return secret, translated(err)
}

func (systemRing) Delete(service, account string) error {
	return translated(keyring.Delete(service, account))
}

func translated(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return errNoEntry
	}
	return err
}

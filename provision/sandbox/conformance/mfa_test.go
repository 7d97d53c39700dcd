package conformance

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// enroll makes a user with a device and returns its serial number.
func (c *cloud) enroll(ctx context.Context, user string) (string, error) {
	if err := c.makeUser(ctx, user); err != nil {
		return "", err
	}
	made, err := c.iam.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String(c.name("phone"))})
	if err != nil {
		return "", err
	}
	if len(made.VirtualMFADevice.Base32StringSeed) == 0 {
		return "", errors.New("the new device has no seed")
	}
	_, err = c.iam.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: &user, SerialNumber: made.VirtualMFADevice.SerialNumber,
		AuthenticationCode1: aws.String("123456"), AuthenticationCode2: aws.String("654321"),
	})
	return aws.ToString(made.VirtualMFADevice.SerialNumber), err
}

var devices = []behaviour{
	{"a user shows the device that was enabled for it", func(ctx context.Context, c *cloud) error {
		u := c.name("u")
		serial, err := c.enroll(ctx, u)
		if err != nil {
			return err
		}
		got, err := c.iam.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: &u})
		if err != nil {
			return err
		}
		if len(got.MFADevices) != 1 {
			return errors.New("the device is not listed")
		}
		return first(
			equal("serial number", *got.MFADevices[0].SerialNumber, serial),
			equal("ARN", serial, "arn:aws:iam::123456789012:mfa/"+c.name("phone")),
			equal("user", *got.MFADevices[0].UserName, u),
		)
	}},
	{"a deactivated device is no longer the user's", func(ctx context.Context, c *cloud) error {
		u := c.name("u")
		serial, err := c.enroll(ctx, u)
		if err != nil {
			return err
		}
		if _, err := c.iam.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: &u, SerialNumber: &serial}); err != nil {
			return err
		}
		got, err := c.iam.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: &u})
		if err != nil {
			return err
		}
		_, err = c.iam.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
		return first(equal("devices", len(got.MFADevices), 0), err)
	}},
	{"a device that was never made is not enabled", func(ctx context.Context, c *cloud) error {
		u := c.name("u")
		if err := c.makeUser(ctx, u); err != nil {
			return err
		}
		_, err := c.iam.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
			UserName: &u, SerialNumber: aws.String("arn:aws:iam::123456789012:mfa/" + c.name("none")),
			AuthenticationCode1: aws.String("123456"), AuthenticationCode2: aws.String("654321"),
		})
		return refused(err, "NoSuchEntity")
	}},
	{"a user with a device is not deleted", func(ctx context.Context, c *cloud) error {
		u := c.name("u")
		if _, err := c.enroll(ctx, u); err != nil {
			return err
		}
		_, err := c.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &u})
		return refused(err, "DeleteConflict")
	}},
	{"the devices of a user who is not there cannot be listed", func(ctx context.Context, c *cloud) error {
		_, err := c.iam.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: aws.String(c.name("nobody"))})
		return refused(err, "NoSuchEntity")
	}},
}

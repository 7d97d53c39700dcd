package conformance

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var users = []behaviour{
	{"a new user has an ID, an ARN with its path, and tags", func(ctx context.Context, c *cloud) error {
		out, err := c.iam.CreateUser(ctx, &iam.CreateUserInput{
			UserName: aws.String(c.name("u")), Path: aws.String("/team/"),
			Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		})
		if err != nil {
			return err
		}
		got, err := c.iam.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		if len(got.User.Tags) != 1 {
			return errors.New("GetUser shows no tags")
		}
		return first(
			equal("ARN", *out.User.Arn, "arn:aws:iam::123456789012:user/team/"+c.name("u")),
			equal("ID on reading", *got.User.UserId, *out.User.UserId),
			equal("tag", *got.User.Tags[0].Value, "v"),
		)
	}},
	{"a user name is taken once", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		return refused(c.makeUser(ctx, c.name("u")), "EntityAlreadyExists")
	}},
	{"unique IDs tell the kind of an entity", func(ctx context.Context, c *cloud) error {
		u, e1 := c.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(c.name("u"))})
		g, e2 := c.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String(c.name("g"))})
		p, e3 := c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(c.name("p")), PolicyDocument: allow("s3:*", "*")})
		if err := first(e1, e2, e3); err != nil {
			return err
		}
		return first(
			equal("user", (*u.User.UserId)[:4], "AIDA"), equal("length", len(*u.User.UserId), 21),
			equal("group", (*g.Group.GroupId)[:4], "AGPA"), equal("policy", (*p.Policy.PolicyId)[:4], "ANPA"),
		)
	}},
	{"a name that is taken is refused in AWS's words", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g"))); err != nil {
			return err
		}
		return first(
			worded(c.makeUser(ctx, c.name("u")), "EntityAlreadyExists", "User with name "+c.name("u")+" already exists."),
			worded(c.makeGroup(ctx, c.name("g")), "EntityAlreadyExists", "Group with name "+c.name("g")+" already exists."),
		)
	}},
	{"user names differ by more than case", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("user")); err != nil {
			return err
		}
		return refused(c.makeUser(ctx, c.name("USER")), "EntityAlreadyExists")
	}},
	{"a user who is not there cannot be found", func(ctx context.Context, c *cloud) error {
		_, err := c.iam.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(c.name("nobody"))})
		return worded(err, "NoSuchEntity", "The user with name "+c.name("nobody")+" cannot be found.")
	}},
	{"a user name has at most 64 characters", func(ctx context.Context, c *cloud) error {
		return refused(c.makeUser(ctx, c.name(strings.Repeat("x", 64))), "ValidationError")
	}},
	{"a user name has no spaces", func(ctx context.Context, c *cloud) error {
		return refused(c.makeUser(ctx, c.name("a b")), "ValidationError")
	}},
	{"a renamed user keeps its ID, groups and keys", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		before, err := c.iam.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		key, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		if _, err := c.iam.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String(c.name("u")), NewUserName: aws.String(c.name("v"))}); err != nil {
			return err
		}
		after, err := c.iam.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(c.name("v"))})
		if err != nil {
			return err
		}
		in, err := c.iam.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: aws.String(c.name("v"))})
		if err != nil {
			return err
		}
		keys, err := c.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String(c.name("v"))})
		if err != nil {
			return err
		}
		if len(in.Groups) != 1 || len(keys.AccessKeyMetadata) != 1 {
			return errors.New("the group or the key was lost")
		}
		return first(
			equal("ID", *after.User.UserId, *before.User.UserId),
			equal("key", *keys.AccessKeyMetadata[0].AccessKeyId, *key.AccessKey.AccessKeyId),
		)
	}},
	{"a user with a key is not deleted", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		if _, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(c.name("u"))}); err != nil {
			return err
		}
		_, err := c.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String(c.name("u"))})
		return worded(err, "DeleteConflict", "must delete access keys first")
	}},
	{"a user in a group is not deleted", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		_, err := c.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String(c.name("u"))})
		return refused(err, "DeleteConflict")
	}},
	{"a user with a policy is not deleted", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		if _, err := c.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String(c.name("u")), PolicyArn: &arn}); err != nil {
			return err
		}
		_, err = c.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String(c.name("u"))})
		return worded(err, "DeleteConflict", "must detach all policies first")
	}},
	{"a deleted user is gone", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		if _, err := c.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String(c.name("u"))}); err != nil {
			return err
		}
		_, err := c.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String(c.name("u"))})
		return refused(err, "NoSuchEntity")
	}},
	{"a list of users comes in pages", func(ctx context.Context, c *cloud) error {
		path := aws.String("/" + c.prefix + "/")
		for _, n := range []string{"a", "b", "c"} {
			if _, err := c.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(c.name(n)), Path: path}); err != nil {
				return err
			}
		}
		var names []string
		pages := iam.NewListUsersPaginator(c.iam, &iam.ListUsersInput{PathPrefix: path, MaxItems: aws.Int32(2)})
		count := 0
		for ; pages.HasMorePages(); count++ {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, u := range page.Users {
				names = append(names, strings.TrimPrefix(*u.UserName, c.prefix))
			}
		}
		return first(equal("pages", count, 2), equal("users", strings.Join(names, ""), "abc"))
	}},
	{"a user has at most one console password", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		_, err := c.iam.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: aws.String(c.name("u"))})
		if wrong := refused(err, "NoSuchEntity"); wrong != nil {
			return wrong
		}
		in := &iam.CreateLoginProfileInput{UserName: aws.String(c.name("u")), Password: aws.String("Sup3r-secret!")}
		if _, err := c.iam.CreateLoginProfile(ctx, in); err != nil {
			return err
		}
		_, err = c.iam.CreateLoginProfile(ctx, in)
		return refused(err, "EntityAlreadyExists")
	}},
	{"a user without a boundary has none to remove", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		_, err := c.iam.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: aws.String(c.name("u"))})
		return refused(err, "NoSuchEntity")
	}},
	{"a user shows its boundary", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		if _, err := c.iam.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String(c.name("u")), PermissionsBoundary: &arn}); err != nil {
			return err
		}
		got, err := c.iam.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		if got.User.PermissionsBoundary == nil {
			return errors.New("no boundary is shown")
		}
		return equal("boundary", *got.User.PermissionsBoundary.PermissionsBoundaryArn, arn)
	}},
	{"what Terraform asks before it deletes a user is answered with empty lists", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		u := aws.String(c.name("u"))
		_, e1 := c.iam.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: u})
		_, e2 := c.iam.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: u})
		_, e3 := c.iam.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: u})
		_, e4 := c.iam.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: u})
		return first(e1, e2, e3, e4)
	}},
}

var keys = []behaviour{
	{"a new key is active, has a secret, and was never used", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		out, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		used, err := c.iam.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: out.AccessKey.AccessKeyId})
		if err != nil {
			return err
		}
		return first(
			equal("prefix of the ID", (*out.AccessKey.AccessKeyId)[:4], "AKIA"),
			equal("length of the ID", len(*out.AccessKey.AccessKeyId), 20),
			equal("length of the secret", len(*out.AccessKey.SecretAccessKey), 40),
			equal("status", out.AccessKey.Status, types.StatusTypeActive),
			equal("user of the key", *used.UserName, c.name("u")),
			equal("service that used it", *used.AccessKeyLastUsed.ServiceName, "N/A"),
			equal("was used", used.AccessKeyLastUsed.LastUsedDate != nil, false),
		)
	}},
	{"a used key says for what", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		out, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		u := c.as(*out.AccessKey.AccessKeyId, *out.AccessKey.SecretAccessKey, "")
		if _, err := u.sts.GetCallerIdentity(ctx, nil); err != nil {
			return err
		}
		used, err := c.iam.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: out.AccessKey.AccessKeyId})
		if err != nil {
			return err
		}
		return first(
			equal("was used", used.AccessKeyLastUsed.LastUsedDate != nil, true),
			equal("service", *used.AccessKeyLastUsed.ServiceName, "sts"),
		)
	}},
	{"a user has at most two keys", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		in := &iam.CreateAccessKeyInput{UserName: aws.String(c.name("u"))}
		_, e1 := c.iam.CreateAccessKey(ctx, in)
		_, e2 := c.iam.CreateAccessKey(ctx, in)
		_, e3 := c.iam.CreateAccessKey(ctx, in)
		return first(e1, e2, worded(e3, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"))
	}},
	{"a key that is not there cannot be deleted", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		_, err := c.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String(c.name("u")), AccessKeyId: aws.String("AKIAAAAAAAAAAAAAAAAA")})
		return refused(err, "NoSuchEntity")
	}},
	{"a key can be made inactive", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		u := aws.String(c.name("u"))
		out, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: u})
		if err != nil {
			return err
		}
		if _, err := c.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: u, AccessKeyId: out.AccessKey.AccessKeyId, Status: types.StatusTypeInactive}); err != nil {
			return err
		}
		list, err := c.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u})
		if err != nil {
			return err
		}
		return equal("status", list.AccessKeyMetadata[0].Status, types.StatusTypeInactive)
	}},
}

package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

var groups = []behaviour{
	{"a new group is empty", func(ctx context.Context, c *cloud) error {
		if err := c.makeGroup(ctx, c.name("g")); err != nil {
			return err
		}
		got, err := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(c.name("g"))})
		if err != nil {
			return err
		}
		return first(
			equal("ARN", *got.Group.Arn, "arn:aws:iam::123456789012:group/"+c.name("g")),
			equal("members", len(got.Users), 0),
		)
	}},
	{"a group name is taken once", func(ctx context.Context, c *cloud) error {
		if err := c.makeGroup(ctx, c.name("g")); err != nil {
			return err
		}
		return refused(c.makeGroup(ctx, c.name("g")), "EntityAlreadyExists")
	}},
	{"a group that is not there cannot be found", func(ctx context.Context, c *cloud) error {
		_, err := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(c.name("none"))})
		return refused(err, "NoSuchEntity")
	}},
	{"a renamed group keeps ID, members and policies", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		if _, err := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String(c.name("g")), PolicyArn: &arn}); err != nil {
			return err
		}
		before, err := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(c.name("g"))})
		if err != nil {
			return err
		}
		if _, err := c.iam.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String(c.name("g")), NewGroupName: aws.String(c.name("h"))}); err != nil {
			return err
		}
		after, err := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(c.name("h"))})
		if err != nil {
			return err
		}
		attached, err := c.iam.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: aws.String(c.name("h"))})
		if err != nil {
			return err
		}
		_, gone := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(c.name("g"))})
		return first(
			equal("ID", *after.Group.GroupId, *before.Group.GroupId),
			equal("ARN", *after.Group.Arn, "arn:aws:iam::123456789012:group/"+c.name("h")),
			equal("members", len(after.Users), 1),
			equal("policies", len(attached.AttachedPolicies), 1),
			refused(gone, "NoSuchEntity"),
		)
	}},
	{"a group is not renamed to one that is there", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeGroup(ctx, c.name("g")), c.makeGroup(ctx, c.name("h"))); err != nil {
			return err
		}
		_, err := c.iam.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String(c.name("g")), NewGroupName: aws.String(c.name("h"))})
		return refused(err, "EntityAlreadyExists")
	}},
	{"joining a group twice is nothing", func(ctx context.Context, c *cloud) error {
		err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g")), c.join(ctx, c.name("u"), c.name("g")))
		if err != nil {
			return err
		}
		in, err := c.iam.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: aws.String(c.name("u"))})
		if err != nil {
			return err
		}
		return equal("groups", len(in.Groups), 1)
	}},
	{"nobody joins a group that is not there", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		return refused(c.join(ctx, c.name("u"), c.name("none")), "NoSuchEntity")
	}},
	{"leaving a group ends the membership", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		if _, err := c.iam.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: aws.String(c.name("u")), GroupName: aws.String(c.name("g"))}); err != nil {
			return err
		}
		got, err := c.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String(c.name("g"))})
		if err != nil {
			return err
		}
		return equal("members", len(got.Users), 0)
	}},
	{"a user is in at most ten groups", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		for i := range 10 {
			g := c.name(fmt.Sprint("g", i))
			if err := first(c.makeGroup(ctx, g), c.join(ctx, c.name("u"), g)); err != nil {
				return err
			}
		}
		if err := c.makeGroup(ctx, c.name("g10")); err != nil {
			return err
		}
		return worded(c.join(ctx, c.name("u"), c.name("g10")), "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
	}},
	{"a group with members is not deleted", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		_, err := c.iam.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String(c.name("g"))})
		return worded(err, "DeleteConflict", "Cannot delete entity, must remove users from group first.")
	}},
	{"a group with policies is not deleted", func(ctx context.Context, c *cloud) error {
		if err := c.makeGroup(ctx, c.name("g")); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		if _, err := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String(c.name("g")), PolicyArn: &arn}); err != nil {
			return err
		}
		_, err = c.iam.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String(c.name("g"))})
		return refused(err, "DeleteConflict")
	}},
	{"attaching twice is nothing, detaching twice is not", func(ctx context.Context, c *cloud) error {
		if err := c.makeGroup(ctx, c.name("g")); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		g := aws.String(c.name("g"))
		_, e1 := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: g, PolicyArn: &arn})
		_, e2 := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: g, PolicyArn: &arn})
		_, e3 := c.iam.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: g, PolicyArn: &arn})
		_, e4 := c.iam.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: g, PolicyArn: &arn})
		return first(e1, e2, e3, refused(e4, "NoSuchEntity"))
	}},
	{"a policy that is not there cannot be attached", func(ctx context.Context, c *cloud) error {
		if err := c.makeGroup(ctx, c.name("g")); err != nil {
			return err
		}
		_, err := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{
			GroupName: aws.String(c.name("g")), PolicyArn: aws.String("arn:aws:iam::123456789012:policy/" + c.name("none")),
		})
		return refused(err, "NoSuchEntity")
	}},
	{"an inline policy reads back as it was written", func(ctx context.Context, c *cloud) error {
		if err := c.makeGroup(ctx, c.name("g")); err != nil {
			return err
		}
		g, p, text := aws.String(c.name("g")), aws.String("in-line"), allow("s3:GetObject", "arn:aws:s3:::b/ä +*")
		if _, err := c.iam.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: g, PolicyName: p, PolicyDocument: text}); err != nil {
			return err
		}
		got, err := c.iam.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: g, PolicyName: p})
		if err != nil {
			return err
		}
		read, err := decoded(got.PolicyDocument)
		if err != nil {
			return err
		}
		list, err := c.iam.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: g})
		if err != nil {
			return err
		}
		if len(list.PolicyNames) != 1 {
			return errors.New("the policy is not listed")
		}
		_, e1 := c.iam.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: g, PolicyName: p})
		_, e2 := c.iam.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: g, PolicyName: p})
		return first(equal("document", read, *text), e1, refused(e2, "NoSuchEntity"))
	}},
}

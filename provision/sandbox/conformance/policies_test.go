package conformance

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// decoded removes the encoding of documents in answers. Only the encoding of
// RFC 3986 is accepted, in which a plus sign is not a space.
func decoded(text *string) (string, error) {
	if strings.ContainsAny(aws.ToString(text), "{ +") {
		return "", errors.New("the document is not encoded after RFC 3986")
	}
	return url.PathUnescape(aws.ToString(text))
}

func (c *cloud) addVersion(ctx context.Context, arn string, asDefault bool) (string, error) {
	out, err := c.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
		PolicyArn: &arn, PolicyDocument: allow("s3:PutObject", "*"), SetAsDefault: asDefault,
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.PolicyVersion.VersionId), nil
}

var policies = []behaviour{
	{"a new policy has version v1 and no attachments", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		got, err := c.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return err
		}
		return first(
			equal("ARN", arn, "arn:aws:iam::123456789012:policy/"+c.name("p")),
			equal("default version", *got.Policy.DefaultVersionId, "v1"),
			equal("attachments", *got.Policy.AttachmentCount, 0),
			equal("attachable", got.Policy.IsAttachable, true),
		)
	}},
	{"a policy's document reads back as it was written", func(ctx context.Context, c *cloud) error {
		text := aws.String("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::a%b/*\"}]\n}")
		out, err := c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(c.name("p")), PolicyDocument: text})
		if err != nil {
			return err
		}
		v, err := c.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: out.Policy.Arn, VersionId: aws.String("v1")})
		if err != nil {
			return err
		}
		read, err := decoded(v.PolicyVersion.Document)
		return first(err, equal("document", read, *text), equal("default", v.PolicyVersion.IsDefaultVersion, true))
	}},
	{"a policy name is taken once", func(ctx context.Context, c *cloud) error {
		if _, err := c.makePolicy(ctx, c.name("p")); err != nil {
			return err
		}
		_, err := c.makePolicy(ctx, c.name("p"))
		return worded(err, "EntityAlreadyExists", "A policy called "+c.name("p")+" already exists. Duplicate names are not allowed.")
	}},
	{"a document that is no policy is refused", func(ctx context.Context, c *cloud) error {
		for _, text := range []string{"not json", "{}", `{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}`} {
			_, err := c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(c.name("p")), PolicyDocument: aws.String(text)})
			if wrong := refused(err, "MalformedPolicyDocument"); wrong != nil {
				return wrong
			}
		}
		return nil
	}},
	{"a policy document names no principal", func(ctx context.Context, c *cloud) error {
		_, err := c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(c.name("p")), PolicyDocument: trust("arn:aws:iam::123456789012:root")})
		return refused(err, "MalformedPolicyDocument")
	}},
	{"a policy has at most 6144 characters, white space aside", func(ctx context.Context, c *cloud) error {
		within := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]` + strings.Repeat(" ", 7000) + "}"
		_, err := c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(c.name("p")), PolicyDocument: &within})
		if err != nil {
			return err
		}
		beyond := *allow("s3:*", "arn:aws:s3:::"+strings.Repeat("x", 6144))
		_, err = c.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(c.name("q")), PolicyDocument: &beyond})
		return refused(err, "LimitExceeded")
	}},
	{"version numbers are never used again", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		v2, err := c.addVersion(ctx, arn, false)
		if err != nil {
			return err
		}
		if _, err := c.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: &v2}); err != nil {
			return err
		}
		v3, err := c.addVersion(ctx, arn, true)
		return first(err, equal("second version", v2, "v2"), equal("third version", v3, "v3"))
	}},
	{"a policy has at most five versions", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		for range 4 {
			if _, err := c.addVersion(ctx, arn, false); err != nil {
				return err
			}
		}
		_, err = c.addVersion(ctx, arn, false)
		return worded(err, "LimitExceeded", "A managed policy can have up to 5 versions.")
	}},
	{"the default version is not deleted", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		_, err = c.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})
		return worded(err, "DeleteConflict", "Cannot delete the default version of a policy.")
	}},
	{"another version can be the default", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		v2, err := c.addVersion(ctx, arn, false)
		if err != nil {
			return err
		}
		if _, err := c.iam.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: &v2}); err != nil {
			return err
		}
		got, err := c.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return err
		}
		return equal("default version", *got.Policy.DefaultVersionId, "v2")
	}},
	{"an attached policy is not deleted, and says where it is attached", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeGroup(ctx, c.name("g")), c.makeUser(ctx, c.name("u"))); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		_, e1 := c.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String(c.name("g")), PolicyArn: &arn})
		_, e2 := c.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String(c.name("u")), PolicyArn: &arn})
		if err := first(e1, e2); err != nil {
			return err
		}
		held, err := c.iam.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: &arn})
		if err != nil {
			return err
		}
		if len(held.PolicyGroups) != 1 || len(held.PolicyUsers) != 1 || len(held.PolicyRoles) != 0 {
			return errors.New("the holders are not one group and one user")
		}
		got, err := c.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return err
		}
		_, err = c.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
		return first(
			equal("group", *held.PolicyGroups[0].GroupName, c.name("g")),
			equal("attachments", *got.Policy.AttachmentCount, 2),
			refused(err, "DeleteConflict"),
		)
	}},
	{"a policy with older versions is not deleted", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		if _, err := c.addVersion(ctx, arn, true); err != nil {
			return err
		}
		_, err = c.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
		return refused(err, "DeleteConflict")
	}},
	{"a policy that is not there cannot be found", func(ctx context.Context, c *cloud) error {
		_, err := c.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::123456789012:policy/" + c.name("none"))})
		return refused(err, "NoSuchEntity")
	}},
	{"the local scope leaves AWS's own policies out", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		found := false
		pages := iam.NewListPoliciesPaginator(c.iam, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, p := range page.Policies {
				found = found || *p.Arn == arn
				if strings.HasPrefix(*p.Arn, "arn:aws:iam::aws:") {
					return errors.New("the list has " + *p.Arn)
				}
			}
		}
		return equal("own policy listed", found, true)
	}},
	{"a policy of AWS can be attached", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		for _, name := range []string{"AdministratorAccess", "ReadOnlyAccess", "AmazonEC2ContainerRegistryPowerUser"} {
			_, err := c.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String(c.name("u")), PolicyArn: aws.String("arn:aws:iam::aws:policy/" + name)})
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{"tags of a policy can be changed", func(ctx context.Context, c *cloud) error {
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		_, e1 := c.iam.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}})
		_, e2 := c.iam.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("3")}}})
		_, e3 := c.iam.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: &arn, TagKeys: []string{"b"}})
		list, e4 := c.iam.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: &arn})
		if err := first(e1, e2, e3, e4); err != nil {
			return err
		}
		if len(list.Tags) != 1 {
			return errors.New("there is not one tag")
		}
		return equal("tag a", *list.Tags[0].Value, "3")
	}},
}

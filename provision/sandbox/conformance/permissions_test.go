package conformance

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// user makes a user with an inline policy, unless the action is empty, and
// returns the cloud as that user sees it.
func (c *cloud) user(ctx context.Context, action, resource string) (*cloud, *iam.CreateAccessKeyOutput, error) {
	name := aws.String(c.name("u"))
	if err := c.makeUser(ctx, *name); err != nil {
		return nil, nil, err
	}
	if action != "" {
		_, err := c.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: aws.String("p"), PolicyDocument: allow(action, resource)})
		if err != nil {
			return nil, nil, err
		}
	}
	key, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		return nil, nil, err
	}
	return c.as(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, ""), key, nil
}

var permissions = []behaviour{
	{"who is allowed nothing is told who, what and on which resource", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "", "")
		if err != nil {
			return err
		}
		return worded(u.makeGroup(ctx, c.name("g")), "AccessDenied",
			"User: arn:aws:iam::123456789012:user/"+c.name("u")+" is not authorized to perform: iam:CreateGroup on resource: arn:aws:iam::123456789012:group/"+c.name("g")+
				" because no identity-based policy allows the iam:CreateGroup action")
	}},
	{"an explicit deny wins", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "iam:*", "*")
		if err != nil {
			return err
		}
		deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:CreateGroup","Resource":"*"}]}`
		if _, err := c.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String(c.name("u")), PolicyName: aws.String("q"), PolicyDocument: &deny}); err != nil {
			return err
		}
		return worded(u.makeGroup(ctx, c.name("g")), "AccessDenied", "with an explicit deny in an identity-based policy")
	}},
	{"a boundary limits what is granted", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "iam:*", "*")
		if err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		if _, err := c.iam.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String(c.name("u")), PermissionsBoundary: &arn}); err != nil {
			return err
		}
		return worded(u.makeGroup(ctx, c.name("g")), "AccessDenied", "because no permissions boundary allows the iam:CreateGroup action")
	}},
	{"an ECR grant on a repository holds for that repository alone", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "ecr:CreateRepository", "arn:aws:ecr:*:*:repository/"+c.name("mine"))
		if err != nil {
			return err
		}
		_, e1 := u.ecr.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String(c.name("mine"))})
		_, e2 := u.ecr.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String(c.name("other"))})
		return first(e1, worded(e2, "AccessDeniedException", "is not authorized to perform: ecr:CreateRepository on resource: arn:aws:ecr:us-east-1:123456789012:repository/"+c.name("other")))
	}},
	{"an S3 grant on objects holds for objects alone", func(ctx context.Context, c *cloud) error {
		b := aws.String(c.name("bucket"))
		if _, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}); err != nil {
			return err
		}
		u, _, err := c.user(ctx, "s3:PutObject", "arn:aws:s3:::"+*b+"/*")
		if err != nil {
			return err
		}
		_, e1 := u.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k")})
		_, e2 := u.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b})
		return first(e1, refused(e2, "AccessDenied"))
	}},
	{"a missing object is hidden from who may not list", func(ctx context.Context, c *cloud) error {
		b := aws.String(c.name("bucket"))
		if _, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}); err != nil {
			return err
		}
		u, _, err := c.user(ctx, "s3:GetObject", "arn:aws:s3:::"+*b+"/*")
		if err != nil {
			return err
		}
		_, e1 := u.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("none")})
		_, e2 := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("none")})
		return first(refused(e1, "AccessDenied"), refused(e2, "NoSuchKey"))
	}},
	{"a bucket policy can deny who is otherwise allowed", func(ctx context.Context, c *cloud) error {
		b := aws.String(c.name("bucket"))
		if _, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}); err != nil {
			return err
		}
		deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::` + *b + `/*"}]}`
		if _, err := c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b, Policy: &deny}); err != nil {
			return err
		}
		_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k")})
		return worded(err, "AccessDenied", "with an explicit deny in a resource-based policy")
	}},
	{"an inactive key is refused everywhere", func(ctx context.Context, c *cloud) error {
		u, key, err := c.user(ctx, "*", "*")
		if err != nil {
			return err
		}
		_, err = c.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String(c.name("u")), AccessKeyId: key.AccessKey.AccessKeyId, Status: types.StatusTypeInactive})
		if err != nil {
			return err
		}
		_, e1 := u.sts.GetCallerIdentity(ctx, nil)
		_, e2 := u.ecr.GetAuthorizationToken(ctx, nil)
		_, e3 := u.s3.ListBuckets(ctx, nil)
		return first(refused(e1, "InvalidClientTokenId"), refused(e2, "UnrecognizedClientException"), refused(e3, "InvalidAccessKeyId"))
	}},
	{"a wrong secret does not match", func(ctx context.Context, c *cloud) error {
		_, key, err := c.user(ctx, "*", "*")
		if err != nil {
			return err
		}
		u := c.as(*key.AccessKey.AccessKeyId, "not-the-secret", "")
		_, e1 := u.sts.GetCallerIdentity(ctx, nil)
		_, e2 := u.s3.ListBuckets(ctx, nil)
		return first(refused(e1, "SignatureDoesNotMatch"), refused(e2, "SignatureDoesNotMatch"))
	}},
}

var tokens = []behaviour{
	{"anybody may ask who they are", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "", "")
		if err != nil {
			return err
		}
		who, err := u.sts.GetCallerIdentity(ctx, nil)
		if err != nil {
			return err
		}
		return first(equal("ARN", *who.Arn, "arn:aws:iam::123456789012:user/"+c.name("u")), equal("account", *who.Account, "123456789012"))
	}},
	{"a role is assumed by whom it trusts, and acts with its own policies", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "", "")
		if err != nil {
			return err
		}
		role, err := c.makeRole(ctx, c.name("r"), "arn:aws:iam::123456789012:user/"+c.name("u"))
		if err != nil {
			return err
		}
		if _, err := c.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(c.name("r")), PolicyName: aws.String("p"), PolicyDocument: allow("iam:CreateGroup", "*")}); err != nil {
			return err
		}
		out, err := u.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("here")})
		if err != nil {
			return err
		}
		session := c.as(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		who, err := session.sts.GetCallerIdentity(ctx, nil)
		if err != nil {
			return err
		}
		return first(
			equal("prefix of the key", (*out.Credentials.AccessKeyId)[:4], "ASIA"),
			equal("ARN", *who.Arn, "arn:aws:sts::123456789012:assumed-role/"+c.name("r")+"/here"),
			equal("an hour", time.Until(*out.Credentials.Expiration).Round(10*time.Minute), time.Hour),
			session.makeGroup(ctx, c.name("g")),
		)
	}},
	{"a session is allowed no more than its role", func(ctx context.Context, c *cloud) error {
		role, err := c.makeRole(ctx, c.name("r"), ownAccount)
		if err != nil {
			return err
		}
		out, err := c.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("here")})
		if err != nil {
			return err
		}
		session := c.as(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		return worded(session.makeUser(ctx, c.name("v")), "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/"+c.name("r")+"/here is not authorized")
	}},
	{"a role is not assumed by whom it does not trust", func(ctx context.Context, c *cloud) error {
		role, err := c.makeRole(ctx, c.name("r"), "arn:aws:iam::283477532906:role/application_manager")
		if err != nil {
			return err
		}
		_, err = c.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("here")})
		return worded(err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+role)
	}},
	{"a role that is not there is not assumed", func(ctx context.Context, c *cloud) error {
		_, err := c.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/" + c.name("none")), RoleSessionName: aws.String("here")})
		return refused(err, "AccessDenied")
	}},
	{"a session token is part of the credentials", func(ctx context.Context, c *cloud) error {
		u, _, err := c.user(ctx, "", "")
		if err != nil {
			return err
		}
		out, err := u.sts.GetSessionToken(ctx, nil)
		if err != nil {
			return err
		}
		_, e1 := c.as(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken).sts.GetCallerIdentity(ctx, nil)
		_, e2 := c.as(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, "").sts.GetCallerIdentity(ctx, nil)
		return first(e1, refused(e2, "InvalidClientTokenId"))
	}},
}

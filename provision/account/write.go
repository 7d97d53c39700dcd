package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nullplatform/slipway/provision"
)

// Result is what only the account can say about a call.
type Result struct {
	// Key is the new key of CreateAccessKey, secret included.
	Key *provision.Credentials
	// Version is the new version of CreatePolicyVersion.
	Version string
}

// send carries out one call with the SDK.
type send func(ctx context.Context, a *Account, c provision.Call) (Result, error)

// Do carries out one call.
//
// Throttling and busy entities are waited for. If the call names an entity
// that this value made and IAM does not see it yet, it is repeated until it
// does or the patience runs out. CreateAccessKey is repeated only when the
// answer says that no key was made. All other calls are safe to repeat; one
// that takes away or renames what is gone or renamed already counts as done.
func (a *Account) Do(ctx context.Context, c provision.Call) (Result, error) {
	do, ok := sends[c.Action]
	if !ok {
		return Result{}, &Error{
			Op: "send " + c.Operation(), Action: c.Action, On: c.Resource,
			Why: "slipway does not know how to", Way: "report this as a defect; nothing was changed",
		}
	}
	waiting, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	ctx, tries := watched(ctx)
	for attempt := 0; ; attempt++ {
		res, err := do(ctx, a, c)
		if err == nil {
			a.remember(creates(c)...)
			return res, nil
		}
		if a.already(ctx, c, err) {
			return Result{}, nil
		}
		if !a.notYetVisible(c, err) || pause(waiting, attempt) != nil {
			return Result{}, a.failWrite(c, err, tries.lost.Load())
		}
	}
}

// failWrite is the failure of a call that changes something.
func (a *Account) failWrite(c provision.Call, err error, lost bool) error {
	failure := a.fail(opOf(c), c.Action, c.Resource, err)
	var e *Error
	if errors.As(failure, &e) && lost {
		e.Lost = true
		if e.exists() {
			e.Why = "it exists, and whether this call made it or somebody else is not known: an answer was lost on the way"
			e.Way = "run again: it is looked at then; nothing was overwritten"
		}
	}
	return failure
}

// opOf is the call as an error names it.
func opOf(c provision.Call) string {
	var names []string
	for _, n := range []string{"UserName", "GroupName", "RoleName", "PolicyName", "PolicyArn", "Bucket"} {
		if v := c.Param(n); v != "" {
			names = append(names, v)
		}
	}
	return c.Operation() + " " + strings.Join(names, " ")
}

// creates names what a call brings into the world, by ARN. A new name is one
// that readers have to learn too.
func creates(c provision.Call) []string {
	switch c.Action {
	case "iam:CreateUser", "iam:CreateGroup", "iam:CreateRole", "iam:CreatePolicy", "s3:CreateBucket":
		return []string{c.Resource}
	case "iam:UpdateGroup":
		return []string{strings.TrimSuffix(c.Resource, c.Param("GroupName")) + c.Param("NewGroupName")}
	}
	return nil
}

// notYetVisible tells an entity that we made and IAM does not see yet from one
// that is not there.
func (a *Account) notYetVisible(c provision.Call, err error) bool {
	if !isAbsent(err) {
		return false
	}
	named := []string{c.Resource, c.Param("PolicyArn")}
	if id := a.known(); c.Param("UserName") != "" && id != nil {
		named = append(named, id.Place.UserARN(c.Param("UserName")))
	}
	return a.madeAny(slices.DeleteFunc(named, func(s string) bool { return s == "" })...)
}

// sends holds, for each action that a plan may contain, how it is sent.
var sends = map[string]send{
	"iam:CreateUser": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.CreateUser(ctx, &iam.CreateUserInput{
			UserName: param(c, "UserName"), PermissionsBoundary: param(c, "PermissionsBoundary"), Tags: iamTags(c),
		})
		return Result{}, err
	},
	"iam:DeleteUser": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: param(c, "UserName")})
		return Result{}, err
	},
	"iam:TagUser": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.TagUser(ctx, &iam.TagUserInput{UserName: param(c, "UserName"), Tags: iamTags(c)})
		return Result{}, err
	},
	"iam:UntagUser": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.UntagUser(ctx, &iam.UntagUserInput{UserName: param(c, "UserName"), TagKeys: tagKeys(c)})
		return Result{}, err
	},
	"iam:PutUserPermissionsBoundary": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
			UserName: param(c, "UserName"), PermissionsBoundary: param(c, "PermissionsBoundary"),
		})
		return Result{}, err
	},
	"iam:DeleteUserPermissionsBoundary": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: param(c, "UserName")})
		return Result{}, err
	},
	"iam:AttachUserPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
			UserName: param(c, "UserName"), PolicyArn: param(c, "PolicyArn"),
		})
		return Result{}, err
	},
	"iam:DetachUserPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{
			UserName: param(c, "UserName"), PolicyArn: param(c, "PolicyArn"),
		})
		return Result{}, err
	},
	"iam:PutUserPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
			UserName: param(c, "UserName"), PolicyName: param(c, "PolicyName"), PolicyDocument: param(c, "PolicyDocument"),
		})
		return Result{}, err
	},
	"iam:DeleteUserPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{
			UserName: param(c, "UserName"), PolicyName: param(c, "PolicyName"),
		})
		return Result{}, err
	},
	"iam:CreateAccessKey": sendCreateKey,
	"iam:DeleteAccessKey": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		if c.Param("UserName") == "" {
			return Result{}, errNobodysKey
		}
		_, err := a.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{
			UserName: param(c, "UserName"), AccessKeyId: param(c, "AccessKeyId"),
		})
		return Result{}, err
	},
	"iam:CreateGroup": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: param(c, "GroupName")})
		return Result{}, err
	},
	"iam:UpdateGroup": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.UpdateGroup(ctx, &iam.UpdateGroupInput{
			GroupName: param(c, "GroupName"), NewGroupName: param(c, "NewGroupName"),
		})
		return Result{}, err
	},
	"iam:DeleteGroup": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: param(c, "GroupName")})
		return Result{}, err
	},
	"iam:AddUserToGroup": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{
			GroupName: param(c, "GroupName"), UserName: param(c, "UserName"),
		})
		return Result{}, err
	},
	"iam:RemoveUserFromGroup": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{
			GroupName: param(c, "GroupName"), UserName: param(c, "UserName"),
		})
		return Result{}, err
	},
	"iam:AttachGroupPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{
			GroupName: param(c, "GroupName"), PolicyArn: param(c, "PolicyArn"),
		})
		return Result{}, err
	},
	"iam:DetachGroupPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{
			GroupName: param(c, "GroupName"), PolicyArn: param(c, "PolicyArn"),
		})
		return Result{}, err
	},
	"iam:CreatePolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: param(c, "PolicyName"), Description: param(c, "Description"),
			PolicyDocument: param(c, "PolicyDocument"), Tags: iamTags(c),
		})
		return Result{}, err
	},
	"iam:DeletePolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: param(c, "PolicyArn")})
		return Result{}, err
	},
	"iam:TagPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: param(c, "PolicyArn"), Tags: iamTags(c)})
		return Result{}, err
	},
	"iam:UntagPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: param(c, "PolicyArn"), TagKeys: tagKeys(c)})
		return Result{}, err
	},
	"iam:CreatePolicyVersion": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		out, err := a.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
			PolicyArn: param(c, "PolicyArn"), PolicyDocument: param(c, "PolicyDocument"),
			SetAsDefault: c.Param("SetAsDefault") == "true",
		})
		if err != nil {
			return Result{}, err
		}
		return Result{Version: aws.ToString(out.PolicyVersion.VersionId)}, nil
	},
	"iam:SetDefaultPolicyVersion": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{
			PolicyArn: param(c, "PolicyArn"), VersionId: param(c, "VersionId"),
		})
		return Result{}, err
	},
	"iam:CreateRole": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: param(c, "RoleName"), AssumeRolePolicyDocument: param(c, "AssumeRolePolicyDocument"),
			PermissionsBoundary: param(c, "PermissionsBoundary"), Tags: iamTags(c),
		})
		return Result{}, err
	},
	"iam:DeleteRole": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: param(c, "RoleName")})
		return Result{}, err
	},
	"iam:TagRole": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: param(c, "RoleName"), Tags: iamTags(c)})
		return Result{}, err
	},
	"iam:UntagRole": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: param(c, "RoleName"), TagKeys: tagKeys(c)})
		return Result{}, err
	},
	"iam:PutRolePermissionsBoundary": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
			RoleName: param(c, "RoleName"), PermissionsBoundary: param(c, "PermissionsBoundary"),
		})
		return Result{}, err
	},
	"iam:DeleteRolePermissionsBoundary": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: param(c, "RoleName")})
		return Result{}, err
	},
	"iam:UpdateAssumeRolePolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
			RoleName: param(c, "RoleName"), PolicyDocument: param(c, "PolicyDocument"),
		})
		return Result{}, err
	},
	"iam:AttachRolePolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
			RoleName: param(c, "RoleName"), PolicyArn: param(c, "PolicyArn"),
		})
		return Result{}, err
	},
	"iam:DetachRolePolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{
			RoleName: param(c, "RoleName"), PolicyArn: param(c, "PolicyArn"),
		})
		return Result{}, err
	},
	"s3:CreateBucket":               sendCreateBucket,
	"s3:DeleteBucket":               sendDeleteBucket,
	"s3:PutBucketPublicAccessBlock": sendPublicAccessBlock,
	"s3:PutEncryptionConfiguration": sendEncryption,
	"s3:PutBucketPolicy": func(ctx context.Context, a *Account, c provision.Call) (Result, error) {
		_, err := a.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: param(c, "Bucket"), Policy: param(c, "Policy")})
		return Result{}, err
	},
	"s3:PutBucketTagging": sendBucketTags,
}

// errNobodysKey keeps a call without a user from going out: IAM would take it
// for the caller's own key.
var errNobodysKey = errors.New("the call names no user, and IAM would take the caller for it")

// sendCreateKey makes a key. It is the one call whose answer cannot be had a
// second time, and of which a second one does harm.
func sendCreateKey(ctx context.Context, a *Account, c provision.Call) (Result, error) {
	if c.Param("UserName") == "" {
		return Result{}, errNobodysKey
	}
	out, err := a.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: param(c, "UserName")}, a.onlyIfRefused)
	if err != nil {
		return Result{}, err
	}
	return Result{Key: &provision.Credentials{
		User: c.Param("UserName"), KeyID: aws.ToString(out.AccessKey.AccessKeyId),
		Secret: provision.NewSecret(aws.ToString(out.AccessKey.SecretAccessKey)), Region: a.region,
	}}, nil
}

// sendCreateBucket takes a bucket that this account owns already for made: the
// answer to a first try may have been lost.
func sendCreateBucket(ctx context.Context, a *Account, c provision.Call) (Result, error) {
	in := &s3.CreateBucketInput{Bucket: param(c, "Bucket")}
	if l := c.Param("LocationConstraint"); l != "" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(l)}
	}
	_, err := a.s3.CreateBucket(ctx, in)
	if codeOf(err) == "BucketAlreadyOwnedByYou" {
		err = nil
	}
	return Result{}, err
}

func sendDeleteBucket(ctx context.Context, a *Account, c provision.Call) (Result, error) {
	_, err := a.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: param(c, "Bucket")})
	return Result{}, err
}

func sendPublicAccessBlock(ctx context.Context, a *Account, c provision.Call) (Result, error) {
	var block s3types.PublicAccessBlockConfiguration
	if err := decode(c, "PublicAccessBlockConfiguration", &block); err != nil {
		return Result{}, err
	}
	_, err := a.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: param(c, "Bucket"), PublicAccessBlockConfiguration: &block,
	})
	return Result{}, err
}

func sendEncryption(ctx context.Context, a *Account, c provision.Call) (Result, error) {
	var rules s3types.ServerSideEncryptionConfiguration
	if err := decode(c, "ServerSideEncryptionConfiguration", &rules); err != nil {
		return Result{}, err
	}
	_, err := a.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: param(c, "Bucket"), ServerSideEncryptionConfiguration: &rules,
	})
	return Result{}, err
}

func sendBucketTags(ctx context.Context, a *Account, c provision.Call) (Result, error) {
	var set []s3types.Tag
	for _, t := range iamTags(c) {
		set = append(set, s3types.Tag{Key: t.Key, Value: t.Value})
	}
	_, err := a.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: param(c, "Bucket"), Tagging: &s3types.Tagging{TagSet: set},
	})
	return Result{}, err
}

func decode(c provision.Call, name string, into any) error {
	if err := json.Unmarshal([]byte(c.Param(name)), into); err != nil {
		return fmt.Errorf("read %s of %s: %w", name, c.Operation(), err)
	}
	return nil
}

// param gives nil for a parameter that is not there, as the SDK wants it.
func param(c provision.Call, name string) *string {
	if v := c.Param(name); v != "" {
		return &v
	}
	return nil
}

func tagKeys(c provision.Call) []string { return strings.Split(c.Param("TagKeys"), ",") }

func iamTags(c provision.Call) []iamtypes.Tag {
	var out []iamtypes.Tag
	for _, k := range sortedKeys(c.Tags) {
		out = append(out, iamtypes.Tag{Key: aws.String(k), Value: aws.String(c.Tags[k])})
	}
	return out
}

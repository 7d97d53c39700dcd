package provision

// The calls that plans are made of, one constructor each. The resource is what
// IAM checks the permission against:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html

// calls makes calls in one place.
type calls struct{ at Place }

func (c calls) createUser(u User) Call {
	return call("iam:CreateUser", c.at.UserARN(u.Name), "UserName", u.Name,
		"PermissionsBoundary", u.Boundary).tagged(u.Tags)
}

func (c calls) deleteUser(name string) Call {
	return call("iam:DeleteUser", c.at.UserARN(name), "UserName", name)
}

func (c calls) tagUser(name string, tags map[string]string) Call {
	return call("iam:TagUser", c.at.UserARN(name), "UserName", name).tagged(tags)
}

func (c calls) boundUser(name, boundary string) Call {
	return call("iam:PutUserPermissionsBoundary", c.at.UserARN(name), "UserName", name, "PermissionsBoundary", boundary)
}

func (c calls) unboundUser(name string) Call {
	return call("iam:DeleteUserPermissionsBoundary", c.at.UserARN(name), "UserName", name)
}

func (c calls) createKey(user string) Call {
	return call("iam:CreateAccessKey", c.at.UserARN(user), "UserName", user)
}

// deleteKey leaves the key's ID open: it is known only once the key is made.
func (c calls) deleteKey(user string) Call {
	return call("iam:DeleteAccessKey", c.at.UserARN(user), "UserName", user)
}

// DeleteKey is the call that deletes one key of a user.
func DeleteKey(at Place, user, id string) Call {
	call := calls{at}.deleteKey(user)
	call.Params = append(call.Params, Param{Name: "AccessKeyId", Value: id})
	return call
}

func (c calls) createGroup(name string) Call {
	return call("iam:CreateGroup", c.at.GroupARN(name), "GroupName", name)
}

func (c calls) deleteGroup(name string) Call {
	return call("iam:DeleteGroup", c.at.GroupARN(name), "GroupName", name)
}

func (c calls) renameGroup(from, to string) Call {
	return call("iam:UpdateGroup", c.at.GroupARN(from), "GroupName", from, "NewGroupName", to)
}

func (c calls) addMember(group, user string) Call {
	return call("iam:AddUserToGroup", c.at.GroupARN(group), "GroupName", group, "UserName", user)
}

func (c calls) removeMember(group, user string) Call {
	return call("iam:RemoveUserFromGroup", c.at.GroupARN(group), "GroupName", group, "UserName", user)
}

func (c calls) createPolicy(p Policy) Call {
	return call("iam:CreatePolicy", p.ARN, "PolicyName", p.Name, "Description", p.Description,
		"PolicyDocument", p.Document).tagged(p.Tags)
}

func (c calls) deletePolicy(arn string) Call {
	return call("iam:DeletePolicy", arn, "PolicyArn", arn)
}

func (c calls) tagPolicy(arn string, tags map[string]string) Call {
	return call("iam:TagPolicy", arn, "PolicyArn", arn).tagged(tags)
}

// newVersion makes a new default version in one call, so that there is no
// moment without one.
func (c calls) newVersion(arn, doc string) Call {
	return call("iam:CreatePolicyVersion", arn, "PolicyArn", arn, "PolicyDocument", doc, "SetAsDefault", "true")
}

func (c calls) defaultVersion(arn, version string) Call {
	return call("iam:SetDefaultPolicyVersion", arn, "PolicyArn", arn, "VersionId", version)
}

func (c calls) attachToGroup(group, arn string) Call {
	return call("iam:AttachGroupPolicy", c.at.GroupARN(group), "GroupName", group, "PolicyArn", arn)
}

func (c calls) detachFromGroup(group, arn string) Call {
	return call("iam:DetachGroupPolicy", c.at.GroupARN(group), "GroupName", group, "PolicyArn", arn)
}

func (c calls) attachToUser(user, arn string) Call {
	return call("iam:AttachUserPolicy", c.at.UserARN(user), "UserName", user, "PolicyArn", arn)
}

func (c calls) detachFromUser(user, arn string) Call {
	return call("iam:DetachUserPolicy", c.at.UserARN(user), "UserName", user, "PolicyArn", arn)
}

func (c calls) putUserPolicy(user, name, doc string) Call {
	return call("iam:PutUserPolicy", c.at.UserARN(user), "UserName", user, "PolicyName", name, "PolicyDocument", doc)
}

func (c calls) deleteUserPolicy(user, name string) Call {
	return call("iam:DeleteUserPolicy", c.at.UserARN(user), "UserName", user, "PolicyName", name)
}

func (c calls) createRole(r Role) Call {
	return call("iam:CreateRole", c.at.RoleARN(r.Name), "RoleName", r.Name,
		"AssumeRolePolicyDocument", r.Trust, "PermissionsBoundary", r.Boundary).tagged(r.Tags)
}

func (c calls) deleteRole(name string) Call {
	return call("iam:DeleteRole", c.at.RoleARN(name), "RoleName", name)
}

func (c calls) tagRole(name string, tags map[string]string) Call {
	return call("iam:TagRole", c.at.RoleARN(name), "RoleName", name).tagged(tags)
}

func (c calls) boundRole(name, boundary string) Call {
	return call("iam:PutRolePermissionsBoundary", c.at.RoleARN(name), "RoleName", name, "PermissionsBoundary", boundary)
}

func (c calls) unboundRole(name string) Call {
	return call("iam:DeleteRolePermissionsBoundary", c.at.RoleARN(name), "RoleName", name)
}

func (c calls) trust(name, doc string) Call {
	return call("iam:UpdateAssumeRolePolicy", c.at.RoleARN(name), "RoleName", name, "PolicyDocument", doc)
}

func (c calls) attachToRole(role, arn string) Call {
	return call("iam:AttachRolePolicy", c.at.RoleARN(role), "RoleName", role, "PolicyArn", arn)
}

func (c calls) detachFromRole(role, arn string) Call {
	return call("iam:DetachRolePolicy", c.at.RoleARN(role), "RoleName", role, "PolicyArn", arn)
}

// createBucket is a bucket that is private, encrypted and TLS only. The region
// us-east-1 is the one that must not be named as a location:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
func (c calls) createBucket(name string, tags map[string]string) []Call {
	arn := c.at.BucketARN(name)
	location := c.at.Region
	if location == "us-east-1" {
		location = ""
	}
	out := []Call{
		call("s3:CreateBucket", arn, "Bucket", name, "LocationConstraint", location),
		call("s3:PutBucketPublicAccessBlock", arn, "Bucket", name, "PublicAccessBlockConfiguration",
			`{"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}`),
		call("s3:PutEncryptionConfiguration", arn, "Bucket", name, "ServerSideEncryptionConfiguration",
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`),
		call("s3:PutBucketPolicy", arn, "Bucket", name, "Policy", tlsOnlyDocument(arn)),
	}
	if len(tags) > 0 {
		out = append(out, call("s3:PutBucketTagging", arn, "Bucket", name).tagged(tags))
	}
	return out
}

func (c calls) deleteBucket(name string) Call {
	return call("s3:DeleteBucket", c.at.BucketARN(name), "Bucket", name)
}

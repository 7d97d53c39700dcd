package provision

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Apply does to the inventory what the call does to the account, or fails the
// way the account would. It is the paper on which a plan is tried: tests carry
// plans out here, and a resumed run compares what it finds with what a call
// should have left.
//
// IDs and dates stay empty, and a new key has the ID "new".
func (inv *Inventory) Apply(c Call) error {
	do, ok := effects[c.Action]
	if !ok {
		return fmt.Errorf("apply %s: the effect of %s is not known", c, c.Action)
	}
	if err := do(inv, c); err != nil {
		return fmt.Errorf("apply %s: %w", c, err)
	}
	return nil
}

// EffectError is how the account would refuse a call, by AWS's error code.
type EffectError struct {
	Code string
	What string
}

// Error is code and subject.
func (e *EffectError) Error() string { return e.Code + ": " + e.What }

func exists(what string) error { return &EffectError{Code: "EntityAlreadyExists", What: what} }
func absent(what string) error { return &EffectError{Code: "NoSuchEntity", What: what} }
func conflict(what string) error {
	return &EffectError{Code: "DeleteConflict", What: what}
}

type effect func(*Inventory, Call) error

// effects is a table so that what a plan may hold can be listed, and held
// against what package account can send.
var effects = map[string]effect{
	"iam:CreateUser":                    effectCreateUser,
	"iam:DeleteUser":                    effectDeleteUser,
	"iam:TagUser":                       onUser(func(u *User, c Call) error { u.Tags = merged(u.Tags, c.Tags); return nil }),
	"iam:UntagUser":                     onUser(func(u *User, c Call) error { u.Tags = untagged(u.Tags, c); return nil }),
	"iam:PutUserPermissionsBoundary":    onUser(func(u *User, c Call) error { u.Boundary = c.Param("PermissionsBoundary"); return nil }),
	"iam:DeleteUserPermissionsBoundary": onUser(func(u *User, _ Call) error { u.Boundary = ""; return nil }),
	"iam:AttachUserPolicy":              onUserIn(func(inv *Inventory, u *User, c Call) error { return attach(inv, &u.Attached, c.Param("PolicyArn")) }),
	"iam:DetachUserPolicy":              onUserIn(func(inv *Inventory, u *User, c Call) error { return detach(inv, &u.Attached, c.Param("PolicyArn")) }),
	"iam:PutUserPolicy":                 onUser(effectPutInline),
	"iam:DeleteUserPolicy":              onUser(effectDeleteInline),
	"iam:CreateAccessKey":               onUser(effectCreateKey),
	"iam:DeleteAccessKey":               onUser(effectDeleteKey),
	"iam:CreateGroup":                   effectCreateGroup,
	"iam:UpdateGroup":                   effectRenameGroup,
	"iam:DeleteGroup":                   effectDeleteGroup,
	"iam:AddUserToGroup":                effectAddMember,
	"iam:RemoveUserFromGroup":           effectRemoveMember,
	"iam:AttachGroupPolicy":             effectAttachGroup,
	"iam:DetachGroupPolicy":             effectDetachGroup,
	"iam:CreatePolicy":                  effectCreatePolicy,
	"iam:DeletePolicy":                  effectDeletePolicy,
	"iam:TagPolicy":                     onPolicy(func(p *Policy, c Call) error { p.Tags = merged(p.Tags, c.Tags); return nil }),
	"iam:UntagPolicy":                   onPolicy(func(p *Policy, c Call) error { p.Tags = untagged(p.Tags, c); return nil }),
	"iam:CreatePolicyVersion":           onPolicy(func(p *Policy, c Call) error { p.Document, p.Version = c.Param("PolicyDocument"), ""; return nil }),
	"iam:CreateRole":                    effectCreateRole,
	"iam:DeleteRole":                    effectDeleteRole,
	"iam:TagRole":                       onRole(func(r *Role, c Call) error { r.Tags = merged(r.Tags, c.Tags); return nil }),
	"iam:UntagRole":                     onRole(func(r *Role, c Call) error { r.Tags = untagged(r.Tags, c); return nil }),
	"iam:PutRolePermissionsBoundary":    onRole(func(r *Role, c Call) error { r.Boundary = c.Param("PermissionsBoundary"); return nil }),
	"iam:DeleteRolePermissionsBoundary": onRole(func(r *Role, _ Call) error { r.Boundary = ""; return nil }),
	"iam:UpdateAssumeRolePolicy":        onRole(func(r *Role, c Call) error { r.Trust = c.Param("PolicyDocument"); return nil }),
	"iam:AttachRolePolicy":              effectAttachRole,
	"iam:DetachRolePolicy":              effectDetachRole,
	"s3:CreateBucket":                   effectCreateBucket,
	"s3:DeleteBucket":                   effectDeleteBucket,
	"s3:PutBucketPublicAccessBlock":     onBucket,
	"s3:PutEncryptionConfiguration":     onBucket,
	"s3:PutBucketPolicy":                onBucket,
	"s3:PutBucketTagging":               onBucket,
}

// Actions lists the actions whose effect is known, sorted.
func Actions() []string { return sortedKeys(effects) }

func effectCreateUser(inv *Inventory, c Call) error {
	name := c.Param("UserName")
	if inv.User != nil && strings.EqualFold(inv.User.Name, name) {
		return exists("user " + name)
	}
	inv.User = &User{
		Name: name, ARN: inv.Place.UserARN(name), Path: "/",
		Boundary: c.Param("PermissionsBoundary"), Tags: maps.Clone(c.Tags),
	}
	return nil
}

func effectDeleteUser(inv *Inventory, c Call) error {
	u := inv.User
	if u == nil || u.Name != c.Param("UserName") {
		return absent("user " + c.Param("UserName"))
	}
	if len(u.Keys)+len(u.Groups)+len(u.Attached)+len(u.Inline) > 0 {
		return conflict("user " + u.Name + " still has keys, groups or policies")
	}
	inv.User = nil
	return nil
}

func onUser(do func(*User, Call) error) effect {
	return onUserIn(func(_ *Inventory, u *User, c Call) error { return do(u, c) })
}

func onUserIn(do func(*Inventory, *User, Call) error) effect {
	return func(inv *Inventory, c Call) error {
		if inv.User == nil || inv.User.Name != c.Param("UserName") {
			return absent("user " + c.Param("UserName"))
		}
		return do(inv, inv.User, c)
	}
}

// effectPutInline overwrites, as AWS does.
func effectPutInline(u *User, c Call) error {
	named := func(p InlinePolicy) bool { return p.Name == c.Param("PolicyName") }
	u.Inline = append(slices.DeleteFunc(u.Inline, named), InlinePolicy{Name: c.Param("PolicyName"), Document: c.Param("PolicyDocument")})
	slices.SortFunc(u.Inline, func(a, b InlinePolicy) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func effectDeleteInline(u *User, c Call) error {
	named := func(p InlinePolicy) bool { return p.Name == c.Param("PolicyName") }
	if !slices.ContainsFunc(u.Inline, named) {
		return absent("inline policy " + c.Param("PolicyName"))
	}
	u.Inline = slices.DeleteFunc(u.Inline, named)
	return nil
}

func effectCreateKey(u *User, _ Call) error {
	if len(u.Keys) >= 2 {
		return &EffectError{Code: "LimitExceeded", What: "access keys of user " + u.Name}
	}
	u.Keys = append(u.Keys, Key{ID: "new", Active: true})
	return nil
}

func effectDeleteKey(u *User, c Call) error {
	id := c.Param("AccessKeyId")
	if !slices.ContainsFunc(u.Keys, func(k Key) bool { return k.ID == id }) {
		return absent("access key " + id)
	}
	u.Keys = slices.DeleteFunc(u.Keys, func(k Key) bool { return k.ID == id })
	return nil
}

func effectAttachRole(inv *Inventory, c Call) error {
	if inv.Role == nil || inv.Role.Name != c.Param("RoleName") {
		return absent("role " + c.Param("RoleName"))
	}
	return attach(inv, &inv.Role.Attached, c.Param("PolicyArn"))
}

func effectDetachRole(inv *Inventory, c Call) error {
	if inv.Role == nil || inv.Role.Name != c.Param("RoleName") {
		return absent("role " + c.Param("RoleName"))
	}
	return detach(inv, &inv.Role.Attached, c.Param("PolicyArn"))
}

// attach is idempotent, as it is in AWS.
func attach(inv *Inventory, list *[]AttachedPolicy, arn string) error {
	p := inv.Policy(arn)
	if p == nil {
		return absent("policy " + arn)
	}
	if !hasPolicy(*list, arn) {
		p.Attachments++
		*list = append(*list, AttachedPolicy{Name: p.Name, ARN: arn})
		slices.SortFunc(*list, func(a, b AttachedPolicy) int { return strings.Compare(a.ARN, b.ARN) })
	}
	return nil
}

func detach(inv *Inventory, list *[]AttachedPolicy, arn string) error {
	if !hasPolicy(*list, arn) {
		return absent("attachment of policy " + arn)
	}
	if p := inv.Policy(arn); p != nil {
		p.Attachments--
	}
	*list = slices.DeleteFunc(*list, func(a AttachedPolicy) bool { return a.ARN == arn })
	return nil
}

func effectCreatePolicy(inv *Inventory, c Call) error {
	name := c.Param("PolicyName")
	arn := inv.Place.PolicyARN(name)
	if inv.Policy(arn) != nil {
		return exists("policy " + name)
	}
	inv.Policies = append(inv.Policies, Policy{
		Name: name, ARN: arn, Description: c.Param("Description"),
		Document: c.Param("PolicyDocument"), Tags: maps.Clone(c.Tags), Version: "v1",
	})
	return nil
}

func effectDeletePolicy(inv *Inventory, c Call) error {
	p := inv.Policy(c.Param("PolicyArn"))
	if p == nil {
		return absent("policy " + c.Param("PolicyArn"))
	}
	if p.Attachments > 0 {
		return conflict("policy " + p.Name + " is still attached")
	}
	inv.Policies = slices.DeleteFunc(inv.Policies, func(x Policy) bool { return x.ARN == c.Param("PolicyArn") })
	return nil
}

func onPolicy(do func(*Policy, Call) error) effect {
	return func(inv *Inventory, c Call) error {
		p := inv.Policy(c.Param("PolicyArn"))
		if p == nil {
			return absent("policy " + c.Param("PolicyArn"))
		}
		return do(p, c)
	}
}

func effectCreateRole(inv *Inventory, c Call) error {
	name := c.Param("RoleName")
	if inv.Role != nil && strings.EqualFold(inv.Role.Name, name) {
		return exists("role " + name)
	}
	inv.Role = &Role{
		Name: name, ARN: inv.Place.RoleARN(name), Path: "/", Trust: c.Param("AssumeRolePolicyDocument"),
		Boundary: c.Param("PermissionsBoundary"), Tags: maps.Clone(c.Tags),
	}
	return nil
}

func effectDeleteRole(inv *Inventory, c Call) error {
	r := inv.Role
	if r == nil || r.Name != c.Param("RoleName") {
		return absent("role " + c.Param("RoleName"))
	}
	if len(r.Attached)+len(r.Inline) > 0 {
		return conflict("role " + r.Name + " still has policies")
	}
	inv.Role = nil
	return nil
}

func onRole(do func(*Role, Call) error) effect {
	return func(inv *Inventory, c Call) error {
		if inv.Role == nil || inv.Role.Name != c.Param("RoleName") {
			return absent("role " + c.Param("RoleName"))
		}
		return do(inv.Role, c)
	}
}

func effectCreateBucket(inv *Inventory, c Call) error {
	name := c.Param("Bucket")
	b := inv.Bucket(name)
	if b != nil && b.State != BucketAbsent {
		return &EffectError{Code: "BucketAlreadyExists", What: "bucket " + name}
	}
	if b == nil {
		inv.Buckets = append(inv.Buckets, Bucket{Name: name})
		b = &inv.Buckets[len(inv.Buckets)-1]
	}
	b.State, b.Region = BucketOwn, inv.Place.Region
	return nil
}

func effectDeleteBucket(inv *Inventory, c Call) error {
	if err := onBucket(inv, c); err != nil {
		return err
	}
	inv.Bucket(c.Param("Bucket")).State = BucketAbsent
	return nil
}

// onBucket is the effect of a setting that an inventory does not hold.
func onBucket(inv *Inventory, c Call) error {
	if b := inv.Bucket(c.Param("Bucket")); b == nil || b.State != BucketOwn {
		return &EffectError{Code: "NoSuchBucket", What: "bucket " + c.Param("Bucket")}
	}
	return nil
}

func merged(have, more map[string]string) map[string]string {
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, more)
	return out
}

func untagged(have map[string]string, c Call) map[string]string {
	out := maps.Clone(have)
	for _, k := range strings.Split(c.Param("TagKeys"), ",") {
		delete(out, k)
	}
	return out
}

package conformance

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func (c *cloud) makeRole(ctx context.Context, name, principal string) (string, error) {
	out, err := c.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: trust(principal)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Role.Arn), nil
}

const ownAccount = "arn:aws:iam::123456789012:root"

var roles = []behaviour{
	{"a new role has an ID, a session length and its trust policy", func(ctx context.Context, c *cloud) error {
		arn, err := c.makeRole(ctx, c.name("r"), "arn:aws:iam::283477532906:role/application_manager")
		if err != nil {
			return err
		}
		got, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(c.name("r"))})
		if err != nil {
			return err
		}
		read, err := decoded(got.Role.AssumeRolePolicyDocument)
		return first(
			err,
			equal("ARN", arn, "arn:aws:iam::123456789012:role/"+c.name("r")),
			equal("prefix of the ID", (*got.Role.RoleId)[:4], "AROA"),
			equal("longest session", *got.Role.MaxSessionDuration, 3600),
			equal("trust policy", read, *trust("arn:aws:iam::283477532906:role/application_manager")),
		)
	}},
	{"a role name is taken once", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeRole(ctx, c.name("r"), ownAccount); err != nil {
			return err
		}
		_, err := c.makeRole(ctx, c.name("r"), ownAccount)
		return refused(err, "EntityAlreadyExists")
	}},
	{"a trust policy names no user of this account that is not there", func(ctx context.Context, c *cloud) error {
		_, err := c.makeRole(ctx, c.name("r"), "arn:aws:iam::123456789012:user/"+c.name("nobody"))
		return worded(err, "MalformedPolicyDocument", "Invalid principal in policy")
	}},
	{"a trust policy can be replaced", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeRole(ctx, c.name("r"), ownAccount); err != nil {
			return err
		}
		next := trust("arn:aws:iam::111122223333:root")
		if _, err := c.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(c.name("r")), PolicyDocument: next}); err != nil {
			return err
		}
		got, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(c.name("r"))})
		if err != nil {
			return err
		}
		read, err := decoded(got.Role.AssumeRolePolicyDocument)
		return first(err, equal("trust policy", read, *next))
	}},
	{"description and session length can be changed", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeRole(ctx, c.name("r"), ownAccount); err != nil {
			return err
		}
		r := aws.String(c.name("r"))
		_, err := c.iam.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: r, Description: aws.String("d"), MaxSessionDuration: aws.Int32(7200)})
		if err != nil {
			return err
		}
		got, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: r})
		if err != nil {
			return err
		}
		return first(equal("description", aws.ToString(got.Role.Description), "d"), equal("session", *got.Role.MaxSessionDuration, 7200))
	}},
	{"a role with a policy is not deleted", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeRole(ctx, c.name("r"), ownAccount); err != nil {
			return err
		}
		arn, err := c.makePolicy(ctx, c.name("p"))
		if err != nil {
			return err
		}
		r := aws.String(c.name("r"))
		if _, err := c.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: r, PolicyArn: &arn}); err != nil {
			return err
		}
		_, kept := c.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: r})
		_, e1 := c.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: r, PolicyArn: &arn})
		_, e2 := c.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: r})
		return first(refused(kept, "DeleteConflict"), e1, e2)
	}},
	{"a role that is not there cannot be found", func(ctx context.Context, c *cloud) error {
		_, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(c.name("none"))})
		return refused(err, "NoSuchEntity")
	}},
	{"what Terraform asks before it deletes a role is answered with empty lists", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeRole(ctx, c.name("r"), ownAccount); err != nil {
			return err
		}
		r := aws.String(c.name("r"))
		_, e1 := c.iam.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: r})
		_, e2 := c.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: r})
		_, e3 := c.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: r})
		return first(e1, e2, e3)
	}},
}

var account = []behaviour{
	{"the account summary has quotas and counts", func(ctx context.Context, c *cloud) error {
		if err := c.makeUser(ctx, c.name("u")); err != nil {
			return err
		}
		out, err := c.iam.GetAccountSummary(ctx, nil)
		if err != nil {
			return err
		}
		return first(
			equal("keys per user", out.SummaryMap["AccessKeysPerUserQuota"], 2),
			equal("groups per user", out.SummaryMap["GroupsPerUserQuota"], 10),
			equal("versions per policy", out.SummaryMap["VersionsPerPolicyQuota"], 5),
			equal("size of a policy", out.SummaryMap["PolicySizeQuota"], 6144),
			equal("some users", out.SummaryMap["Users"] > 0, true),
		)
	}},
	{"the authorization details of users name groups and policies", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		pages := iam.NewGetAccountAuthorizationDetailsPaginator(c.iam, &iam.GetAccountAuthorizationDetailsInput{
			Filter: []types.EntityType{types.EntityTypeUser}, MaxItems: aws.Int32(5),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			if len(page.GroupDetailList)+len(page.RoleDetailList)+len(page.Policies) > 0 {
				return errors.New("the filter let other entities through")
			}
			for _, u := range page.UserDetailList {
				if *u.UserName == c.name("u") {
					return equal("group", u.GroupList[0], c.name("g"))
				}
			}
		}
		return errors.New("the user is not among the details")
	}},
	{"an account may have no alias", func(ctx context.Context, c *cloud) error {
		out, err := c.iam.ListAccountAliases(ctx, nil)
		return first(err, equal("aliases", len(out.AccountAliases), 0))
	}},
	{"a simulation decides with the policies of groups", func(ctx context.Context, c *cloud) error {
		if err := first(c.makeUser(ctx, c.name("u")), c.makeGroup(ctx, c.name("g")), c.join(ctx, c.name("u"), c.name("g"))); err != nil {
			return err
		}
		_, err := c.iam.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
			GroupName: aws.String(c.name("g")), PolicyName: aws.String("p"), PolicyDocument: allow("s3:GetObject", "arn:aws:s3:::b/*"),
		})
		if err != nil {
			return err
		}
		out, err := c.iam.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String("arn:aws:iam::123456789012:user/" + c.name("u")),
			ActionNames:     []string{"s3:GetObject", "s3:PutObject"}, ResourceArns: []string{"arn:aws:s3:::b/k"},
		})
		if err != nil {
			return err
		}
		return first(
			equal("reading", out.EvaluationResults[0].EvalDecision, types.PolicyEvaluationDecisionTypeAllowed),
			equal("writing", out.EvaluationResults[1].EvalDecision, types.PolicyEvaluationDecisionTypeImplicitDeny),
		)
	}},
	{"a simulation names the condition keys that it lacks", func(ctx context.Context, c *cloud) error {
		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}]}`
		in := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{text}, ActionNames: []string{"s3:GetObject"}}
		without, err := c.iam.SimulateCustomPolicy(ctx, in)
		if err != nil {
			return err
		}
		in.ContextEntries = []types.ContextEntry{{ContextKeyName: aws.String("aws:RequestedRegion"), ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{"us-east-1"}}}
		with, err := c.iam.SimulateCustomPolicy(ctx, in)
		if err != nil {
			return err
		}
		if missing := without.EvaluationResults[0].MissingContextValues; len(missing) != 1 || missing[0] != "aws:RequestedRegion" {
			return errors.New("the missing key is not named")
		}
		return first(
			equal("without the key", without.EvaluationResults[0].EvalDecision, types.PolicyEvaluationDecisionTypeImplicitDeny),
			equal("with the key", with.EvaluationResults[0].EvalDecision, types.PolicyEvaluationDecisionTypeAllowed),
		)
	}},
}

package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nullplatform/slipway/provision"
)

// Quotas reads the account's limits and what is used of them.
func (a *Account) Quotas(ctx context.Context) (provision.Quotas, error) {
	out, err := a.iam.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil {
		return nil, a.fail("read the account's quotas", "iam:GetAccountSummary", "*", err)
	}
	q := provision.Quotas{}
	for k, v := range out.SummaryMap {
		q[k] = int(v)
	}
	return q, nil
}

// Buckets lists the names of the account's buckets, sorted.
func (a *Account) Buckets(ctx context.Context) ([]string, error) {
	var out []string
	pages := s3.NewListBucketsPaginator(a.s3, &s3.ListBucketsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, a.fail("list the buckets", "s3:ListAllMyBuckets", "*", err)
		}
		for _, b := range page.Buckets {
			out = append(out, aws.ToString(b.Name))
		}
	}
	slices.Sort(out)
	return out, nil
}

// Versions counts the versions of a managed policy, of which IAM keeps five.
func (a *Account) Versions(ctx context.Context, arn string) (int, error) {
	n, err := a.countVersions(ctx, arn)
	if err != nil {
		return 0, a.fail("list the versions of policy "+arn, versionsAction, arn, err)
	}
	return n, nil
}

func (a *Account) countVersions(ctx context.Context, arn string) (int, error) {
	n := 0
	pages := iam.NewListPolicyVersionsPaginator(a.iam, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	err := eachPage(ctx, pages, func(page *iam.ListPolicyVersionsOutput) { n += len(page.Versions) })
	return n, err
}

// Rights is what could be learnt about the caller's own rights.
type Rights struct {
	// Missing are the calls that the caller may not make.
	Missing []provision.Call
	// Unchecked says why the rights could not be told; empty when they could.
	Unchecked string
}

// Rights asks AWS whether the caller may make the calls, by simulation. It
// changes nothing. An answer is a help, not a promise: resource policies and
// some organisation policies take no part in a simulation.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (a *Account) Rights(ctx context.Context, calls []provision.Call) (Rights, error) {
	id, err := a.Identity(ctx)
	if err != nil {
		return Rights{}, err
	}
	source, why := a.principal(ctx, id)
	if why != "" {
		return Rights{Unchecked: why}, nil
	}
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &source}
	for _, c := range calls {
		in.ActionNames = appendOnce(in.ActionNames, c.Action)
		in.ResourceArns = appendOnce(in.ResourceArns, c.Resource)
	}
	verdicts, err := a.simulate(ctx, in)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return Rights{}, err
		}
		return Rights{Unchecked: "they cannot be simulated here (" + reason(err) + ")"}, nil
	}
	var r Rights
	for _, c := range calls {
		if v, told := verdicts[pair{c.Action, c.Resource}]; told && v == denied {
			r.Missing = append(r.Missing, c)
		}
	}
	return r, nil
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// reason is why a question that need not be answered was not, in few words.
func reason(err error) string {
	var answer *awshttp.ResponseError
	switch code := codeOf(err); {
	case code != "" && code != noCode:
		return code
	case errors.As(err, &answer):
		return fmt.Sprintf("the answer was status %d", answer.HTTPStatusCode())
	}
	return firstLine(rootOf(err))
}

// principal gives the ARN whose policies decide: the user itself, or the role
// behind a session. A session's ARN does not tell the role's path, so IAM is
// asked for it.
func (a *Account) principal(ctx context.Context, id Identity) (arn, why string) {
	resource := id.ARN[strings.LastIndexByte(id.ARN, ':')+1:]
	kind, rest, _ := strings.Cut(resource, "/")
	switch kind {
	case "user":
		return id.ARN, ""
	case "assumed-role":
		name, _, _ := strings.Cut(rest, "/")
		out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return "", "the role " + name + " of this session cannot be read (" + reason(err) + ")"
		}
		return aws.ToString(out.Role.Arn), ""
	}
	return "", "those of " + id.ARN + " cannot be simulated"
}

type pair struct{ action, resource string }

type verdict int

const (
	allowed verdict = iota
	denied
	unclear
)

// simulate gives a verdict for each pair. With several resources AWS puts them
// under ResourceSpecificResults; with one, at the top.
func (a *Account) simulate(ctx context.Context, in *iam.SimulatePrincipalPolicyInput) (map[pair]verdict, error) {
	out := map[pair]verdict{}
	pages := iam.NewSimulatePrincipalPolicyPaginator(a.iam, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, once)
		if err != nil {
			return nil, err
		}
		for _, r := range page.EvaluationResults {
			action := aws.ToString(r.EvalActionName)
			if len(r.ResourceSpecificResults) == 0 {
				out[pair{action, aws.ToString(r.EvalResourceName)}] = verdictOf(r.EvalDecision, r.MissingContextValues)
			}
			for _, s := range r.ResourceSpecificResults {
				out[pair{action, aws.ToString(s.EvalResourceName)}] = verdictOf(s.EvalResourceDecision, s.MissingContextValues)
			}
		}
	}
	return out, nil
}

// verdictOf calls a denial unclear when it hangs on a condition key that the
// simulation was not given.
func verdictOf(d iamtypes.PolicyEvaluationDecisionType, missing []string) verdict {
	switch {
	case d == iamtypes.PolicyEvaluationDecisionTypeAllowed:
		return allowed
	case len(missing) > 0:
		return unclear
	}
	return denied
}

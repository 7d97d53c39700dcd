package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// sessionName is how slipway shows in the logs of an account that it reads.
const sessionName = "slipway"

// assume swaps the credentials for those of a role, and tries them.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assume(ctx context.Context, cfg *aws.Config, o Options) error {
	client := sts.NewFromConfig(*cfg, func(so *sts.Options) { given(&so.BaseEndpoint, o.Endpoint) })
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, o.AssumeRole,
		func(ro *stscreds.AssumeRoleOptions) { ro.RoleSessionName = sessionName }))
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		where := &Account{endpoint: aws.ToString(cfg.BaseEndpoint)}
		return where.fail("assume role "+o.AssumeRole, "sts:AssumeRole", o.AssumeRole, err)
	}
	return nil
}

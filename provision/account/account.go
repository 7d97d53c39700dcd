// Package account is the live AWS account: it reads an inventory, carries out
// a call, and finds out whether every reader sees what was done.
//
// It is the only importer of the AWS SDK. What it gives back are values of
// package provision and errors of type [*Error], which say what failed, on
// what, why, and what to do.
//
// IAM is eventually consistent, so three rules hold here. A read that was
// answered once proves nothing about the next one: [Account.Settle] waits for
// several in a row that agree. "No such entity" is taken for "not visible yet"
// only for entities that this value has made itself. And a call that may have
// taken effect although its answer was lost is repeated only where a second
// one does no harm.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
package account

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/nullplatform/slipway/provision"
)

// Options say which account and how to reach it. The zero value follows the
// SDK's own chain and variables:
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
type Options struct {
	Profile  string
	Region   string
	Endpoint string
	// KeyID and Secret override the credential chain. With them no shared
	// configuration is read: the sandbox needs no account of one's own.
	KeyID  string
	Secret provision.Secret
	// Log takes what the SDK has to say: requests, answers and retries, their
	// bodies left out. It must let no secret through; nil logs nothing.
	Log *slog.Logger
	// AssumeRole is the ARN of a role to take with the credentials found so
	// far; empty for none.
	AssumeRole string
	// Pace is how fast calls are sent; nil for as fast as they come.
	Pace *Pace
	// Patience bounds every wait for IAM to catch up; zero means three
	// minutes.
	Patience time.Duration
	// AnswerWithin bounds the wait for the answer to one attempt of a call:
	// a connection can be dead without anybody saying so, as after a laptop
	// has slept. Zero means thirty seconds.
	AnswerWithin time.Duration
	// LongestBackoff bounds the pause before a call is tried again; zero means
	// ten seconds.
	LongestBackoff time.Duration
}

const (
	defaultPatience = 3 * time.Minute
	defaultAnswer   = 30 * time.Second
	defaultBackoff  = 10 * time.Second
	firstPause      = 100 * time.Millisecond
	longestPause    = 3 * time.Second
)

// identityAttempts is low: this is the first call of all, and a wrong endpoint
// is to be told soon.
const identityAttempts = 3

// Account is one AWS account seen with one identity.
type Account struct {
	iam      *iam.Client
	sts      *sts.Client
	s3       *s3.Client
	config   aws.Config
	ecr      *ecr.Client
	region   string
	endpoint string
	asked    string // the endpoint that was asked for by Options
	patience time.Duration
	backoff  time.Duration

	mu       sync.Mutex
	identity *Identity
	made     map[string]bool
}

// Identity is who calls, and where.
type Identity struct {
	ARN   string          `json:"arn"`
	Place provision.Place `json:"place"`
}

// Open prepares an account. It reads configuration and credentials but makes
// no call; missing credentials or region are told here.
func Open(ctx context.Context, o Options) (*Account, error) {
	o.Patience = cmp.Or(o.Patience, defaultPatience)
	o.AnswerWithin = cmp.Or(o.AnswerWithin, defaultAnswer)
	o.LongestBackoff = cmp.Or(o.LongestBackoff, defaultBackoff)
	cfg, err := config.LoadDefaultConfig(ctx, loadOptions(o)...)
	if err != nil {
		return nil, configError(err)
	}
	if cfg.Region == "" {
		return nil, &Error{
			Op: "open the account", Why: "no region is set",
			Way: "give one with --region, AWS_REGION or the profile",
		}
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, credentialsError(err)
	}
	o.Pace.hold(&cfg)
	if o.AssumeRole != "" {
		if err := assume(ctx, &cfg, o); err != nil {
			return nil, err
		}
	}
	a := &Account{
		iam: iam.NewFromConfig(cfg, func(io *iam.Options) {
			given(&io.BaseEndpoint, o.Endpoint)
			io.APIOptions = append(io.APIOptions, noteAttempts)
		}),
		sts: sts.NewFromConfig(cfg, func(so *sts.Options) { given(&so.BaseEndpoint, o.Endpoint) }),
		s3: s3.NewFromConfig(cfg, func(so *s3.Options) {
			given(&so.BaseEndpoint, o.Endpoint)
			// Emulators and private endpoints have no wildcard host names.
			so.UsePathStyle = so.BaseEndpoint != nil
		}),
		config:   cfg,
		asked:    o.Endpoint,
		ecr:      ecr.NewFromConfig(cfg, func(eo *ecr.Options) { given(&eo.BaseEndpoint, o.Endpoint) }),
		region:   cfg.Region,
		endpoint: aws.ToString(cfg.BaseEndpoint),
		patience: o.Patience,
		backoff:  o.LongestBackoff,
		made:     map[string]bool{},
	}
	return a, nil
}

// given lets an endpoint that was asked for win over those that the
// environment names for single services: half a job must not go elsewhere.
func given(base **string, endpoint string) {
	if endpoint != "" {
		*base = &endpoint
	}
}

func loadOptions(o Options) []func(*config.LoadOptions) error {
	out := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer { return patientRetryer(o.LongestBackoff) }),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(o.AnswerWithin)),
		config.WithAppID("slipway"),
	}
	if o.Log != nil {
		out = append(out, config.WithLogger(sdkLog{o.Log}),
			config.WithClientLogMode(aws.LogRequest|aws.LogResponse|aws.LogRetries))
	}
	if o.Profile != "" {
		out = append(out, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		out = append(out, config.WithRegion(o.Region))
	}
	if o.Endpoint != "" {
		out = append(out, config.WithBaseEndpoint(o.Endpoint))
	}
	if o.KeyID != "" {
		out = append(out,
			config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(o.KeyID, o.Secret.Reveal(), "")))
	}
	return out
}

// sdkLog passes on what the SDK logs.
type sdkLog struct{ to *slog.Logger }

var _ logging.Logger = sdkLog{}

// Logf logs one line or block of the SDK.
func (l sdkLog) Logf(class logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if class == logging.Warn {
		level = slog.LevelWarn
	}
	l.to.Log(context.Background(), level, "aws sdk", "says", fmt.Sprintf(format, args...))
}

// Identity tells who calls. It asks once and remembers the answer.
func (a *Account) Identity(ctx context.Context) (Identity, error) {
	if id := a.known(); id != nil {
		return *id, nil
	}
	out, err := a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.RetryMaxAttempts = identityAttempts
	})
	if err != nil {
		return Identity{}, a.fail("ask who the caller is", "sts:GetCallerIdentity", a.endpoint, err)
	}
	id := Identity{ARN: aws.ToString(out.Arn)}
	id.Place = provision.Place{
		Account: aws.ToString(out.Account), Partition: partitionOf(id.ARN), Region: a.region,
	}
	if id.Place.Account == "" || id.Place.Partition == "" {
		return Identity{}, &Error{
			Op: "ask who the caller is", On: a.endpoint,
			Why: "the answer names no account, so this is no AWS endpoint",
			Way: "check --endpoint-url and AWS_ENDPOINT_URL",
		}
	}
	a.mu.Lock()
	a.identity = &id
	a.mu.Unlock()
	return id, nil
}

// known is the identity if it has been asked for already, or nil.
func (a *Account) known() *Identity {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.identity
}

func partitionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) < 3 || parts[0] != "arn" {
		return ""
	}
	return parts[1]
}

// remember records that this value made an entity, so that its absence means
// that it is not visible yet.
func (a *Account) remember(names ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range names {
		a.made[n] = true
	}
}

func (a *Account) madeAny(names ...string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range names {
		if a.made[n] {
			return true
		}
	}
	return false
}

// pause waits, longer each time, or until the context ends.
func pause(ctx context.Context, attempt int) error {
	d := min(firstPause<<min(attempt, 10), longestPause)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

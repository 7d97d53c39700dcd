package provision

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Kind says what sort of destination one is.
type Kind string

// The destinations that the modules can grant.
const (
	// ECR is every image repository of the account.
	ECR Kind = "ecr"
	// S3 is one bucket for Lambda zips and bundles.
	S3 Kind = "s3"
)

// Kinds lists the kinds in the order that everything downstream relies on: ECR
// before S3.
func Kinds() []Kind { return []Kind{ECR, S3} }

// Destination is one place where assets go.
type Destination struct {
	Kind Kind `json:"kind" yaml:"kind"`
	// Bucket is the bucket's name; S3 only.
	Bucket string `json:"bucket,omitempty" yaml:"bucket,omitempty"`
}

// DefaultApplicationManager is the role with which nullplatform's application
// manager comes in, the default of the modules.
const DefaultApplicationManager = "arn:aws:iam::283477532906:role/application_manager"

// Spec is the user's choices. The zero value of every option is the default of
// the modules.
type Spec struct {
	// Cluster is the name that all entity names derive from.
	Cluster string `json:"cluster" yaml:"cluster"`
	// Contract is what is made; empty means [DefaultContract].
	Contract Contract `json:"contract,omitempty" yaml:"contract,omitempty"`
	// Destinations are what CI may publish to: at most one of each kind,
	// since a policy's name has no room for a second bucket.
	Destinations []Destination `json:"destinations" yaml:"destinations"`
	// CreateBucket asks for the bucket of the S3 destination when there is
	// none: private, encrypted, TLS only.
	CreateBucket bool `json:"create_bucket,omitempty" yaml:"create_bucket,omitempty"`
	// ApplicationManager is the ARN of the role that may assume the
	// application role; empty means [DefaultApplicationManager].
	ApplicationManager string `json:"application_manager,omitempty" yaml:"application_manager,omitempty"`
	// CrossAccountPull asks for a repository policy with which the accounts
	// of PullAccounts may pull images.
	CrossAccountPull bool     `json:"cross_account_pull,omitempty" yaml:"cross_account_pull,omitempty"`
	PullAccounts     []string `json:"pull_accounts,omitempty" yaml:"pull_accounts,omitempty"`
	// PermissionsBoundary is the ARN of a managed policy that bounds the
	// build user and the application role; empty means none.
	PermissionsBoundary string `json:"permissions_boundary,omitempty" yaml:"permissions_boundary,omitempty"`
	// Tags go on the user, the role, the policies and a bucket made here;
	// IAM groups cannot be tagged.
	Tags map[string]string `json:"tags,omitempty" yaml:"tags,omitempty"`
	// Partition is checked against the account's own; empty means whatever
	// the account is in.
	Partition string `json:"partition,omitempty" yaml:"partition,omitempty"`
}

// WithDefaults fills in what was left empty, the destinations in the
// order of [Kinds].
func (s Spec) WithDefaults() Spec {
	if s.Contract == "" {
		s.Contract = DefaultContract
	}
	if s.ApplicationManager == "" {
		s.ApplicationManager = DefaultApplicationManager
	}
	s.Destinations = slices.Clone(s.Destinations)
	slices.SortStableFunc(s.Destinations, func(a, b Destination) int {
		return kindOrder(a.Kind) - kindOrder(b.Kind)
	})
	s.PullAccounts = slices.Clone(s.PullAccounts)
	s.Tags = maps.Clone(s.Tags)
	return s
}

func kindOrder(k Kind) int { return slices.Index(Kinds(), k) }

// Destination gives the destination of a kind, if the spec has one.
func (s Spec) Destination(k Kind) (Destination, bool) {
	for _, d := range s.Destinations {
		if d.Kind == k {
			return d, true
		}
	}
	return Destination{}, false
}

// Bucket is the bucket of the S3 destination, or empty.
func (s Spec) Bucket() string {
	d, _ := s.Destination(S3)
	return d.Bucket
}

// Problems lists all that is wrong with the spec, in the order of its fields.
// Warnings do not keep it from being carried out.
func (s Spec) Problems() []Problem {
	s = s.WithDefaults()
	var out []Problem
	add := func(ps ...Problem) { out = append(out, ps...) }

	add(CheckCluster(s.Cluster)...)
	add(CheckContract(s.Contract)...)
	add(checkDestinations(s.Destinations)...)
	if s.CreateBucket && s.Bucket() == "" {
		add(Problem{
			Field: "create_bucket", Rule: "asks for a bucket, but there is no S3 destination",
			Way: "name the bucket with --s3 BUCKET, or leave --create-bucket out",
		})
	}
	add(CheckApplicationManager(s.ApplicationManager)...)
	add(checkPull(s)...)
	add(CheckBoundary(s.PermissionsBoundary)...)
	add(checkTags(s.Tags)...)
	add(checkPartition(s.Partition)...)
	return out
}

// Validate gives the problems that are not warnings as one error, or nil.
// The error's parts are [*Problem] values.
func (s Spec) Validate() error {
	var errs []error
	for _, p := range s.Problems() {
		if !p.Warning {
			errs = append(errs, &p)
		}
	}
	return errors.Join(errs...)
}

// Problem is one thing wrong with one field, in words for the person who
// filled it in.
type Problem struct {
	// Field is the field's name in the answers file.
	Field string `json:"field"`
	// Rule says what is wrong, as the end of a sentence about the field.
	Rule string `json:"rule"`
	// Way is the way out.
	Way string `json:"way"`
	// Warning marks something odd that is allowed.
	Warning bool `json:"warning,omitempty"`
}

// Error is field, rule and way out in one line.
func (p *Problem) Error() string {
	if p.Way == "" {
		return fmt.Sprintf("%s %s", p.Field, p.Rule)
	}
	return fmt.Sprintf("%s %s; %s", p.Field, p.Rule, p.Way)
}

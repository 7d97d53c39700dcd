package account

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// sideBySide bounds the reads of repositories that run at once.
const sideBySide = 8

// Settings reads how destinations are set up: the buckets by name, and, if
// asked, every ECR repository of the account in this region. It costs five
// calls a bucket, and one call a thousand repositories plus one for each. What
// the account refuses is a gap.
func (a *Account) Settings(ctx context.Context, buckets []string, repositories bool) (*provision.Settings, []provision.Gap, error) {
	id, err := a.Identity(ctx)
	if err != nil {
		return nil, nil, err
	}
	s := &settings{
		reader: reader{a: a, identity: id, inv: &provision.Inventory{Place: id.Place}, detail: true},
		out:    &provision.Settings{Buckets: make([]provision.DestinationBucket, len(buckets))},
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, name := range buckets {
		g.Go(func() error { return s.bucket(gctx, name) })
	}
	if repositories {
		g.Go(func() error { return s.repositories(gctx) })
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	g, gctx = errgroup.WithContext(ctx)
	for i, name := range buckets {
		s.out.Buckets[i].Bucket = *s.inv.Bucket(name)
		s.bucketSettings(gctx, g, &s.out.Buckets[i])
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	s.sort()
	return s.out, s.inv.Unread, nil
}

type settings struct {
	reader
	out *provision.Settings
}

// bucketSettings reads what is set of a bucket of one's own.
func (s *settings) bucketSettings(ctx context.Context, g *errgroup.Group, b *provision.DestinationBucket) {
	s.publishingSettings(ctx, g, b)
	if b.State != provision.BucketOwn {
		return
	}
	ask, there := s.asking(g, b), inRegion(b.Region)
	ask("s3:GetBucketPublicAccessBlock", "public access block", func() error {
		out, err := s.a.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.Name}, there)
		if err == nil && out.PublicAccessBlockConfiguration != nil {
			c := out.PublicAccessBlockConfiguration
			b.PublicAccessBlocked = aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) &&
				aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets)
		}
		return err
	})
	ask("s3:GetBucketVersioning", "versioning", func() error {
		out, err := s.a.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name}, there)
		if err == nil {
			b.Versioned = out.Status == s3types.BucketVersioningStatusEnabled
		}
		return err
	})
}

// publishingSettings reads what of it decides on publishing.
func (s *settings) publishingSettings(ctx context.Context, g *errgroup.Group, b *provision.DestinationBucket) {
	if b.State != provision.BucketOwn {
		return
	}
	ask, there := s.asking(g, b), inRegion(b.Region)
	ask("s3:GetBucketPolicy", "policy", func() error {
		out, err := s.a.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.Name}, there)
		if err == nil {
			b.Policy = aws.ToString(out.Policy)
		}
		return err
	})
	ask("s3:GetEncryptionConfiguration", "encryption", func() error {
		out, err := s.a.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.Name}, there)
		if err == nil && out.ServerSideEncryptionConfiguration != nil {
			for _, r := range out.ServerSideEncryptionConfiguration.Rules {
				if d := r.ApplyServerSideEncryptionByDefault; d != nil {
					b.Algorithm, b.KMSKey = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
				}
			}
		}
		if codeOf(err) == "ServerSideEncryptionConfigurationNotFoundError" {
			b.Algorithm = "AES256" // what S3 does by itself since 2023
		}
		return err
	})
}

// asking reads one setting of a bucket. One that nobody made is no failure.
func (s *settings) asking(g *errgroup.Group, b *provision.DestinationBucket) func(action, what string, read func() error) {
	return func(action, what string, read func() error) {
		g.Go(func() error {
			err := read()
			if notSet(codeOf(err)) {
				return nil
			}
			return s.settle("read the "+what+" of bucket "+b.Name, action, "bucket/"+b.Name, err)
		})
	}
}

// notSet recognises the answers about settings that nobody made.
func notSet(code string) bool {
	return slices.Contains([]string{
		"NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration",
		"ServerSideEncryptionConfigurationNotFoundError", "RepositoryPolicyNotFoundException",
	}, code)
}

// repositories reads all repositories of the region, and then their policies.
func (s *settings) repositories(ctx context.Context) error {
	var all []provision.DestinationRepository
	pages := ecr.NewDescribeRepositoriesPaginator(s.a.ecr, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return s.settle("list the repositories", "ecr:DescribeRepositories", "*", err)
		}
		for _, r := range page.Repositories {
			all = append(all, provision.DestinationRepository{
				Name: aws.ToString(r.RepositoryName), ARN: aws.ToString(r.RepositoryArn),
				Immutable:  strings.HasPrefix(string(r.ImageTagMutability), string(ecrtypes.ImageTagMutabilityImmutable)),
				ScanOnPush: r.ImageScanningConfiguration != nil && r.ImageScanningConfiguration.ScanOnPush,
			})
		}
	}
	slices.SortFunc(all, func(x, y provision.DestinationRepository) int { return compareText(x.Name, y.Name) })
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(sideBySide)
	for i := range all {
		r := &all[i]
		g.Go(func() error {
			out, err := s.a.ecr.GetRepositoryPolicy(gctx, &ecr.GetRepositoryPolicyInput{RepositoryName: &r.Name})
			switch {
			case err == nil:
				r.Policy = aws.ToString(out.PolicyText)
			case !notSet(codeOf(err)):
				return s.settle("read the policy of repository "+r.Name, "ecr:GetRepositoryPolicy", "repository/"+r.Name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	s.locked(func() { s.out.Repositories = all })
	return nil
}

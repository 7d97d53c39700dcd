package sandbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// BenchmarkGetUser is one signed, authorised and logged call through the SDK.
func BenchmarkGetUser(b *testing.B) {
	s := start(b, sandbox.Options{})
	c := keepAlive(s)
	for b.Loop() {
		if _, err := c.GetUser(context.Background(), &awsiam.GetUserInput{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkChangeIn5000Users makes and deletes a group in a large account.
func BenchmarkChangeIn5000Users(b *testing.B) {
	s := large(b)
	c := keepAlive(s)
	ctx, name := context.Background(), aws.String("g")
	for b.Loop() {
		_, made := c.CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: name})
		_, gone := c.DeleteGroup(ctx, &awsiam.DeleteGroupInput{GroupName: name})
		if made != nil || gone != nil {
			b.Fatal(made, gone)
		}
	}
	b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkListing5000Users pages through a large account.
func BenchmarkListing5000Users(b *testing.B) {
	s := large(b)
	c := keepAlive(s)
	for b.Loop() {
		n := 0
		pages := awsiam.NewListUsersPaginator(c, &awsiam.ListUsersInput{MaxItems: aws.Int32(1000)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			n += len(page.Users)
		}
		if n != 5000 {
			b.Fatalf("%d users are listed", n)
		}
	}
}

// keepAlive is the operator's client, over connections that are used again.
func keepAlive(s *sandbox.Sandbox) *awsiam.Client {
	cfg := config(s, s.Operator())
	cfg.HTTPClient = nil
	return awsiam.NewFromConfig(cfg)
}

// large is an account with as many users as there may be.
func large(b *testing.B) *sandbox.Sandbox {
	return start(b, sandbox.Options{Seeding: func(s *sandbox.Seed) error {
		for i := range 4999 {
			s.User(fmt.Sprintf("user-%04d", i), 0)
		}
		return nil
	}})
}

package account

import (
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"
)

// Pace is how fast calls are sent. Accounts that share one keep it together.
//
// IAM's limits are not documented and cannot be raised, and are shared with
// whoever else works in the account, CI among them. So reading many clusters
// goes at a pace of its own instead of finding out.
type Pace struct {
	limiter *rate.Limiter
	calls   atomic.Int64
}

// NewPace allows so many calls a second, and as many at once.
func NewPace(perSecond int) *Pace {
	return &Pace{limiter: rate.NewLimiter(rate.Limit(perSecond), perSecond)}
}

// Calls is how many have been sent so far.
func (p *Pace) Calls() int { return int(p.calls.Load()) }

// hold makes every attempt of every call wait for its turn. Waiting ends with
// the call's context.
func (p *Pace) hold(cfg *aws.Config) {
	if p == nil {
		return
	}
	wait := middleware.FinalizeMiddlewareFunc("Pace", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if err := p.limiter.Wait(ctx); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}
		p.calls.Add(1)
		return next.HandleFinalize(ctx, in)
	})
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Finalize.Insert(wait, "Retry", middleware.After)
	})
}

package account

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// IAM answers these while another change to the same entity is under way. The
// SDK knows the errors but does not repeat the call by itself:
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
var busyCodes = []string{"EntityTemporarilyUnmodifiable", "ConcurrentModification", "ConcurrentModificationException"}

const maxAttempts = 8

// patientRetryer repeats calls that were throttled, that met a busy entity, or
// whose answer was lost.
func patientRetryer(longest time.Duration) aws.Retryer {
	return retry.AddWithErrorCodes(retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = maxAttempts, longest
	}), busyCodes...)
}

// refusedRetryer repeats a call only when the answer says that it was not
// carried out. It serves calls of which a second one does harm: each
// CreateAccessKey makes another key.
func refusedRetryer(longest time.Duration) aws.Retryer {
	refused := map[string]struct{}{}
	for code := range retry.DefaultThrottleErrorCodes {
		refused[code] = struct{}{}
	}
	for _, code := range busyCodes {
		refused[code] = struct{}{}
	}
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = maxAttempts, longest
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: refused}}
	})
}

func (a *Account) onlyIfRefused(o *iam.Options) { o.Retryer = refusedRetryer(a.backoff) }

// once asks without repeating, where the answer is welcome but not needed.
func once(o *iam.Options) { o.Retryer = aws.NopRetryer{} }

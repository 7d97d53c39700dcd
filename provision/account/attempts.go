package account

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// attempts is what became of the attempts of one call, of which the SDK shows
// only the last. An attempt whose answer was lost may have taken effect; that
// the next one is refused with "it exists already" then does not mean that
// somebody else made it.
type attempts struct{ lost atomic.Bool }

type attemptsKey struct{}

// watched gives a context whose attempts are noted.
func watched(ctx context.Context) (context.Context, *attempts) {
	a := &attempts{}
	return context.WithValue(ctx, attemptsKey{}, a), a
}

// noteAttempts makes a client note the attempts of calls that are watched.
func noteAttempts(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("NoteAttempts",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleFinalize(ctx, in)
			if a, ok := ctx.Value(attemptsKey{}).(*attempts); ok && isLost(err) {
				a.lost.Store(true)
			}
			return out, metadata, err
		}), "Retry", middleware.After)
}

// isLost reports whether the error leaves open what became of the attempt: no
// answer of the service, or one in which it says that it does not know.
func isLost(err error) bool {
	if err == nil {
		return false
	}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	var refusal smithy.APIError
	return !errors.As(err, &refusal) || refusal.ErrorCode() == noCode
}

package account

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/nullplatform/slipway/provision"
)

// Error is a failed call in words for the operator.
type Error struct {
	// Op is what was tried: "attach policy x to group y".
	Op string
	// Action is the IAM action, and On the ARN or address it was tried on.
	Action string
	On     string
	// Code is AWS's error code, when AWS answered with one.
	Code string
	// Why and Way are the reason and the way out.
	Why string
	Way string
	// Lost says that the answer to an attempt of the call was lost, so that it
	// may have taken effect whatever the last attempt was answered with.
	Lost bool
	err  error
}

// Error is one line: what, why, way out.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Why
	if e.Way != "" {
		s += "; " + e.Way
	}
	return s
}

// Unwrap gives the SDK's error.
func (e *Error) Unwrap() error { return e.err }

// Denied reports whether the account refused the call for want of a right.
func (e *Error) Denied() bool {
	switch e.Code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden":
		return true
	}
	return false
}

// Expired reports whether the credentials ran out; they can be renewed.
func (e *Error) Expired() bool {
	switch e.Code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return true
	}
	return false
}

// Absent reports whether the call failed because something is not there.
func (e *Error) Absent() bool {
	switch e.Code {
	case "NoSuchEntity", "NoSuchEntityException", "NoSuchBucket", "NotFound", "404":
		return true
	}
	return false
}

// exists reports whether the call failed because something is there already.
func (e *Error) exists() bool {
	return e.Code == "EntityAlreadyExists" || e.Code == "EntityAlreadyExistsException"
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func isAbsent(err error) bool { return (&Error{Code: codeOf(err)}).Absent() }

// fail turns an SDK error into an [*Error].
func (a *Account) fail(op, action, on string, err error) error {
	e := &Error{Op: op, Action: action, On: on, err: err}
	var api smithy.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode() == noCode:
		a.explainGarbled(e)
	case api != nil:
		e.Code = api.ErrorCode()
		a.explainAnswer(e, api)
	default:
		a.explainSilence(e, err)
	}
	return e
}

// noCode is what the SDK calls an error answer without AWS's error code.
const noCode = "UnknownError"

func (a *Account) explainGarbled(e *Error) {
	e.Why = a.where() + " answers, but not as AWS does"
	e.Way = "check --endpoint-url and AWS_ENDPOINT_URL, and proxies in between"
}

// where is what is talked to, in words.
func (a *Account) where() string {
	if a.endpoint != "" {
		return a.endpoint
	}
	return "AWS"
}

// explainAnswer is for errors that the service answered with.
func (a *Account) explainAnswer(e *Error, api smithy.APIError) {
	switch {
	case e.Denied():
		who := "the caller"
		if id := a.known(); id != nil {
			who = id.ARN
		}
		e.Why = fmt.Sprintf("%s may not %s on %s", who, e.Action, e.On)
		e.Way = fmt.Sprintf("allow %s on %s and run again", e.Action, e.On)
	case e.Expired():
		e.Why = "the credentials have expired"
		e.Way = "renew them (aws sso login, or your own way) and run again"
	case e.Code == "InvalidClientTokenId", e.Code == "UnrecognizedClientException", e.Code == "InvalidAccessKeyId":
		e.Why = "AWS does not know the access key of these credentials"
		e.Way = "check the profile and AWS_ACCESS_KEY_ID; a deleted or inactive key, or a key of another partition, looks like this"
	case e.Code == "SignatureDoesNotMatch":
		e.Why = "the secret key does not belong to the access key"
		e.Way = "check the profile and AWS_SECRET_ACCESS_KEY"
	case e.Code == "LimitExceeded", e.Code == "LimitExceededException":
		e.Why = "a quota is reached: " + api.ErrorMessage()
		e.Way = "raise the quota or make room, and run again"
	case e.exists():
		e.Why = "it exists already, so somebody made it since the preview"
		e.Way = "run again for a new preview; nothing was overwritten"
	default:
		e.Why = firstLine(api.ErrorMessage())
		if e.Code != "" {
			e.Why = e.Code + ": " + e.Why
		}
		e.Way = "run again to go on; what is done stays done"
	}
}

// explainSilence is for calls that got no answer, or none that makes sense.
func (a *Account) explainSilence(e *Error, err error) {
	at := a.where()
	var (
		host    *net.DNSError
		dial    *net.OpError
		address *url.Error
		garbled *smithy.DeserializationError
		page    *xml.SyntaxError
		text    *json.SyntaxError
	)
	switch {
	case errors.Is(err, context.Canceled):
		e.Why = "it was stopped"
		e.Way = "run again to go on"
	case errors.Is(err, context.DeadlineExceeded):
		e.Why = at + " did not answer in time"
		e.Way = "check the network and run again"
	case errors.As(err, &host):
		e.Why = fmt.Sprintf("the host %s of %s cannot be found", host.Name, at)
		e.Way = "check the network, the region and --endpoint-url"
	case errors.As(err, &dial) && dial.Op == "dial":
		e.Why = fmt.Sprintf("%s does not answer (%s)", at, rootOf(dial))
		e.Way = "check the network and --endpoint-url"
	case errors.As(err, &garbled), errors.As(err, &page), errors.As(err, &text):
		a.explainGarbled(e)
	case errors.As(err, &address):
		e.Why = fmt.Sprintf("talking to %s failed: %s", at, rootOf(address.Err))
		e.Way = "check the network and run again"
	default:
		e.Why = firstLine(rootOf(err))
		e.Way = "run again to go on"
	}
}

func rootOf(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

func configError(err error) error {
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return &Error{
			Op: "open the account", Why: fmt.Sprintf("there is no profile %q", profile.Profile),
			Way: "see aws configure list-profiles, or leave --profile out", err: err,
		}
	}
	return &Error{
		Op: "open the account", Why: "the AWS configuration cannot be read: " + rootOf(err),
		Way: "check ~/.aws/config and the AWS_ variables", err: err,
	}
}

func credentialsError(err error) error {
	e := &Error{Op: "open the account", Code: codeOf(err), err: err}
	if e.Expired() || strings.Contains(err.Error(), "expired") {
		e.Why = "the credentials have expired"
		e.Way = "renew them (aws sso login, or your own way) and run again"
		return e
	}
	e.Why = "no AWS credentials were found"
	e.Way = "sign in (aws sso login), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; --sandbox needs none"
	return e
}

// gap records a read that the account refused.
func gap(e *Error) provision.Gap {
	return provision.Gap{Action: e.Action, Resource: e.On, Reason: e.Why, Asked: true}
}

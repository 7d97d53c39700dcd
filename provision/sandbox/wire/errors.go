package wire

import (
	"fmt"
	"net/http"
)

// Error is an answer that refuses, with AWS's code and wording. Its zero
// Status means 400.
type Error struct {
	Code    string
	Message string
	Status  int
	Header  http.Header // added to the answer, may be nil
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// HTTPStatus returns the status of the answer.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return http.StatusBadRequest
}

// Errorf makes an error with AWS's usual status for the code.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: statusOf(code)}
}

// statusOf returns the HTTP status with which AWS sends the code.
func statusOf(code string) int {
	switch code {
	case "NoSuchEntity", "NoSuchBucket", "NoSuchKey", "NoSuchBucketPolicy",
		"NoSuchPublicAccessBlockConfiguration", "NoSuchTagSet",
		"OwnershipControlsNotFoundError", "NoSuchLifecycleConfiguration",
		"NoSuchCORSConfiguration", "NoSuchWebsiteConfiguration",
		"ReplicationConfigurationNotFoundError", "NoSuchUpload",
		"ObjectLockConfigurationNotFoundError":
		return http.StatusNotFound
	case "EntityAlreadyExists", "DeleteConflict", "LimitExceeded",
		"EntityTemporarilyUnmodifiable", "ConcurrentModification",
		"BucketAlreadyExists", "BucketAlreadyOwnedByYou", "BucketNotEmpty":
		return http.StatusConflict
	case "AccessDenied", "SignatureDoesNotMatch", "InvalidClientTokenId",
		"InvalidAccessKeyId", "MissingAuthenticationToken",
		"RequestTimeTooSkewed", "ExpiredToken":
		return http.StatusForbidden
	case "InternalFailure", "ServiceFailure", "InternalError", "ServerException":
		return http.StatusInternalServerError
	case "ServiceUnavailable", "SlowDown":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

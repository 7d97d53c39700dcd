// Package sandbox is an emulated AWS account behind a real HTTP server on
// loopback. It speaks the wire protocols of IAM, STS, ECR and S3, so that the
// AWS SDKs, the AWS CLI and Terraform work against it when they are pointed at
// its URL. Beside it is the nullplatform API, on a port of its own.
//
// It behaves as AWS where a setup tool depends on it: signatures are verified,
// permissions are checked per caller with the caller's own policies, quotas,
// name rules and delete conflicts hold, and with a lag set, reads are
// eventually consistent. On request it is slow, throttles, or fails in chosen
// ways.
//
// One request goes through these stations, each with its file:
//
//  1. pipeline.go reads it and finds the service from the signature's scope
//  2. fault.go and throttle.go may end it here
//  3. authenticate.go verifies the signature and finds the caller
//  4. authorize.go decides whether the caller may
//  5. the service in its own package (iam, sts, ecr, s3) carries it out
//  6. log.go keeps a record without secrets
//
// Requests to the nullplatform API (platform.go) meet the same faults and the
// same log; its service is called "platform".
//
// It is a simulator with a documented subset, not a security boundary: an
// action that it does not know answers with an error that says so. The list of
// known actions is in the services' operation tables.
package sandbox

// Package signature checks AWS Signature Version 4: in the Authorization
// header, in a presigned URL, and over the chunks of a streamed upload.
//
// A check has two halves, because the secret is looked up in between: Read
// takes the signature apart, and Verify compares it with the one that the
// secret gives. Neither does I/O; the body is given as bytes.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
package signature

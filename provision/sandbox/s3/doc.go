// Package s3 answers S3 calls in path style. Objects are kept by gofakes3, in
// memory; which buckets there are, whose they are, and their settings are kept
// here, because that is what AWS's answers depend on.
//
// The table in operations.go says which operations there are and which
// permission each needs. What is not in the table is answered with
// NotImplemented.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
package s3

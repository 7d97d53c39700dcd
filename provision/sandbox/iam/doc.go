// Package iam answers IAM calls over the entities of a directory.
//
// Each operation is one function from a query to a result; the table in
// operations.go says which there are, and on which resources each needs the
// caller's permission. What is not in the table is answered with
// InvalidAction.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
package iam

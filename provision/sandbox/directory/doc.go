// Package directory holds the IAM entities of one emulated account as
// immutable values.
//
// A State is one moment of the account. Every change takes a State and gives
// the next one, or an error in AWS's words; nothing in a State is ever written
// to, so that any number of readers may keep old ones. Entities live in
// persistent trees: a change in an account of thousands of users copies a few
// nodes.
//
// A Store keeps the latest State and the replicas that lag behind it, which is
// what a client of an eventually consistent service gets to see.
//
// The rules are those of
// https://docs.aws.amazon.com/IAM/latest/APIReference/ and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
package directory

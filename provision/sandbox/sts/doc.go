// Package sts answers STS calls: who the caller is, and temporary credentials
// for a role or for the caller.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/
package sts

// Package policy understands AWS policy documents: it reads them, brings them
// into one form, decides requests with them, and compares what two sets of
// them allow.
//
// It does no I/O and keeps no state: every function is a fact about its
// arguments. The rules it keeps:
//
//   - A document is read as strictly as IAM reads it, and what is refused is
//     refused with a line, a column and a reason.
//   - A decision follows the AWS evaluation logic. What the caller does not
//     know stays unknown: a partial context gives Depends with the keys that
//     would settle it, never a guess.
//   - A comparison of access is exact over actions and resources. Where
//     conditions make exactness impossible it says so in a flag.
//
// The behaviour comes from the IAM User Guide; the page is named at the place
// that depends on it.
package policy

// Package wire is what the services of the sandbox share at their border: a
// decoded call, the caller behind it, what the call needs to be allowed to do,
// an answer, and an error with AWS's codes.
//
// The package knows how the three protocols put these on the wire (Query with
// XML, JSON 1.1, and REST with XML), and nothing of what any service does.
package wire

package policy

import "fmt"

// Position is a place in a document's text. Lines and columns count from one;
// columns count characters, not bytes. For URL-encoded input it is the place
// in the decoded text.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// String returns "line:column".
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// SyntaxError says where and why a document is not a policy.
type SyntaxError struct {
	// Position is where the offending element or character begins.
	Position Position
	// Statement is the index of the statement that holds it, -1 when it is
	// outside every statement.
	Statement int
	// Reason is the fault in words, without position.
	Reason string
}

// Error returns the position, the statement and the reason in one line.
func (e *SyntaxError) Error() string {
	if e.Statement < 0 {
		return fmt.Sprintf("line %d, column %d: %s", e.Position.Line, e.Position.Column, e.Reason)
	}
	return fmt.Sprintf("line %d, column %d: statement %d: %s",
		e.Position.Line, e.Position.Column, e.Statement, e.Reason)
}

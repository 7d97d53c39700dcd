package audit

import (
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	// ID is the same for the same thing in the next audit.
	ID       string   `json:"id"`
	Check    string   `json:"check"`
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`
	// Entity is what it is about.
	Entity provision.Entity `json:"entity"`
	// Title is the finding in one line, Text what it means.
	Title string `json:"title"`
	Text  string `json:"text"`
	// Evidence is where it was seen.
	Evidence   []Evidence  `json:"evidence"`
	Remedy     Remedy      `json:"remedy"`
	References []Reference `json:"references,omitempty"`
	// Suppressed is set when somebody has decided to live with it.
	Suppressed *Suppression `json:"suppressed,omitempty"`
	// Also are the checks that it speaks for besides its own.
	Also []string `json:"also,omitempty"`
}

// Evidence is one place where a finding was seen.
type Evidence struct {
	// Read is the AWS call that showed it, such as iam:GetGroup.
	Read string `json:"read"`
	// Text is what it showed, in words.
	Text string `json:"text"`
	// Statement is set when a policy statement decides.
	Statement *StatementRef `json:"statement,omitempty"`
}

// StatementRef points into a policy.
type StatementRef struct {
	// Policy is the policy's name; an inline policy has no ARN.
	Policy string `json:"policy"`
	ARN    string `json:"arn,omitempty"`
	// Version is the managed policy's version, such as "v2".
	Version string `json:"version,omitempty"`
	// Via says how it reaches the principal, such as "group x".
	Via string `json:"via,omitempty"`
	// Number counts from one; Sid is empty for a statement without one.
	Number int    `json:"number"`
	Sid    string `json:"sid,omitempty"`
	// Document is the statement as it was written.
	Document string `json:"document"`
	// Decides is the element that decides, such as "Action": "s3:*".
	Decides string `json:"decides"`
}

// Name is the policy with version and statement, for a line of text.
func (r StatementRef) Name() string {
	s := r.Policy
	if r.Version != "" {
		s += " " + r.Version
	}
	s += ", statement " + itoa(r.Number)
	if r.Sid != "" {
		s += " (" + r.Sid + ")"
	}
	return s
}

// Remedy is what to do about a finding.
type Remedy struct {
	// Text says it in words.
	Text string `json:"text"`
	// Fix are commands, each as its arguments. It is empty where only a
	// person can decide what is right.
	Fix [][]string `json:"fix,omitempty"`
	// UndoText and Undo say how the fix is taken back.
	UndoText string     `json:"undo_text,omitempty"`
	Undo     [][]string `json:"undo,omitempty"`
	// Job is "install" or "upgrade" when slipway can do it: it opens a
	// preview, and nothing is written before that is agreed to.
	Job string `json:"job,omitempty"`
}

// Subject returns the name of what a suppression would call the entity.
func (f Finding) Subject() string { return f.Entity.String() }

// finding makes a finding; a detail tells apart those of one check and entity.
func finding(check string, s Severity, e provision.Entity, detail, title, text string) Finding {
	id := []string{check, e.String()}
	if detail != "" {
		id = append(id, detail)
	}
	return Finding{ID: strings.Join(id, "/"), Check: check, Severity: s, Entity: e, Title: title, Text: text}
}

// seen adds evidence.
func (f Finding) seen(e ...Evidence) Finding {
	f.Evidence = append(f.Evidence, e...)
	return f
}

// fix sets the remedy.
func (f Finding) fix(r Remedy) Finding {
	f.Remedy = r
	return f
}

// aws is a command of the AWS CLI.
func aws(args ...string) []string { return append([]string{"aws"}, args...) }

// iamCommand is a command of the AWS CLI for IAM.
func iamCommand(args ...string) []string { return aws(append([]string{"iam"}, args...)...) }

// slipwayCommand is a command of slipway.
func slipwayCommand(args ...string) []string { return append([]string{"slipway"}, args...) }

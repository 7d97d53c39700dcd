// Package rewrite changes the configuration of a root: from the layout that it
// has to the one that a later contract calls for.
//
// It is pure: files in, edits out. Nothing is read, written or run, and an
// edit that cannot be made whole is not made at all. Every byte that an edit
// does not have to change stays as it is: comments, alignment, tabs, line
// endings, the missing newline at the end of a file. A file that terraform fmt
// accepts stays one: what is added stands apart or in line, and lines are
// lined up anew only where others were taken out beside them. Doing it again on
// the result gives no edits.
//
// Package hclwrite alone would not do: it keeps tokens, but writes the space
// between them as blanks, so that a tab is lost. Positions come from hclsyntax
// and the text is cut and joined; hclwrite sets what is new.
package rewrite

import (
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// Options are the choices of a rewrite. The zero value is what most want.
type Options struct {
	// Contract is where to go, 5.0 or 6.1; empty means
	// [provision.DefaultContract].
	Contract provision.Contract
	// Ref is the release that the IAM modules are set to, such as v6.1.0;
	// empty means [DefaultRef]. Calls that are at a release of the contract
	// already keep theirs.
	Ref string
	// Source is where the modules come from instead of where the root has
	// them now: a repository (git::https://host/repository.git) or a local
	// directory (../modules) that has infrastructure/aws/iam below it. A
	// directory is as it is to stand in the configuration: relative to the
	// root, not to where slipway runs. Empty means that sources are copied
	// from the call that is there.
	Source string
	// UserCall is the name of the call to add; empty means
	// ci_build_workflow_user, with a number where that is taken.
	UserCall string
	// ECRCall is the name of the ECR grant's call where one has to be added
	// (contracts before 3.4); empty means ecr_iam.
	ECRCall string
	// Bucket asks for an S3 grant where there is none: the bucket's name.
	Bucket string
	// S3Call is the name of its call; empty means s3_iam.
	S3Call string
	// StateMoves asks for a list of `state mv` instead of moved blocks.
	StateMoves bool
	// Receiver is the directory of the root (one of the layout's Others) that
	// the user moves to; empty means that it stays in its root.
	Receiver string
}

// Edit is one file before and after.
type Edit struct {
	// Root is the root's directory as the layout names it.
	Root string
	// File is the file's name in it.
	File string
	// Before is nil for a file that is new.
	Before []byte
	After  []byte
}

// Move is one resource instance whose address changes.
type Move struct {
	FromRoot, From string
	ToRoot, To     string
}

// Effect is what the plan of the rewritten root is expected to do besides
// moves. A guard lets through what is listed here and nothing else.
type Effect struct {
	Root    string
	Address string
	// Actions are as in the plan's JSON: ["create"], ["delete"], ["update"],
	// ["delete","create"]. A replacement may come in either order.
	Actions []string
	// Why says what for.
	Why string
}

// Result is what a rewrite comes to.
type Result struct {
	// Edits are the files that change, by root and name; none when the
	// configuration is there already.
	Edits []Edit
	// Moves are all moves, whether written as moved blocks or not.
	Moves []Move
	// StateMoves are those of Moves that have to be made with `state mv`:
	// all on request, and always those between two roots.
	StateMoves []Move
	// Effects are what else the plan may do.
	Effects []Effect
	// Problems are what is good to know before it is written.
	Problems []layout.Problem
	// User, ECR and S3 are the names of the calls afterwards, of the last
	// identity where there are several; empty where there is none.
	User, ECR, S3 string
}

package tofu

import (
	"fmt"
	"path/filepath"
	"strings"
)

// MissingToolError says that a tool was not found.
type MissingToolError struct {
	// Product is which, "" for a binary that was named.
	Product Product
	Err     error
}

// Error says which, and what to do.
func (e *MissingToolError) Error() string {
	return fmt.Sprintf("%s was not found: %v; install it, or name the binary with --tool", orWords(string(e.Product), "the tool"), e.Err)
}

// Unwrap gives the reason.
func (e *MissingToolError) Unwrap() error { return e.Err }

// OldToolError says that a tool is too old to be worked with.
type OldToolError struct {
	Tool   Tool
	Oldest Version
}

// Error says how old it may be.
func (e *OldToolError) Error() string {
	return fmt.Sprintf("%s is %s, which is too old; %s %d.%d or newer is needed",
		e.Tool.Path, e.Tool, e.Tool.Product, e.Oldest.Major, e.Oldest.Minor)
}

// CommandError is a command of the tool that failed for a reason that has no
// type of its own here.
type CommandError struct {
	// Command is the subcommand, such as "plan".
	Command string
	Tool    Tool
	Dir     string
	// Diagnostics are its errors.
	Diagnostics []Diagnostic
	Err         error
}

// Error says what the tool says.
func (e *CommandError) Error() string {
	head := fmt.Sprintf("%s %s in %s failed", e.Tool.Product, e.Command, e.Dir)
	if len(e.Diagnostics) == 0 {
		return fmt.Sprintf("%s: %v", head, e.Err)
	}
	var said []string
	for _, d := range e.Diagnostics {
		said = append(said, d.String())
	}
	return head + ": " + strings.Join(said, "; ")
}

// Unwrap gives the reason.
func (e *CommandError) Unwrap() error { return e.Err }

// LockedError says that somebody else holds the lock of the state.
type LockedError struct {
	// Who, Operation and Created are what the holder has said; any may be
	// empty, as backends differ.
	ID, Who, Operation, Created string
	Err                         error
}

// Error says who, and what to do.
func (e *LockedError) Error() string {
	who := "somebody else"
	if e.Who != "" {
		who = e.Who
	}
	text := "the state is locked by " + who
	if e.Operation != "" {
		text += " for " + e.Operation
	}
	if e.Created != "" {
		text += " since " + e.Created
	}
	text += "; nothing was changed; wait until that has ended and run again"
	if e.ID != "" {
		text += ", or, if it is certain that nothing runs any more, release the lock with force-unlock " + e.ID
	}
	return text
}

// Unwrap gives the command's failure.
func (e *LockedError) Unwrap() error { return e.Err }

// UnreachableError says that init could not fetch a module or look for a
// provider.
type UnreachableError struct {
	// What is the module's source or the provider's address, as far as the
	// tool names it.
	What string
	Err  error
}

// Error says what, and what to do.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("init cannot fetch %s: %v; check the ref and the network, or that this machine may read the repository, and run again", orWords(e.What, "a source"), e.Err)
}

// Unwrap gives the command's failure.
func (e *UnreachableError) Unwrap() error { return e.Err }

// MissingProviderError says that a provider is not installed and that none
// that fits was found.
type MissingProviderError struct {
	// Provider is its address or its short name.
	Provider string
	Err      error
}

// Error says which, and what to do.
func (e *MissingProviderError) Error() string {
	return fmt.Sprintf("the provider %s is missing: %v; make it available (registry, mirror or plugin directory) and run init again", orWords(e.Provider, "that the root needs"), e.Err)
}

// Unwrap gives the command's failure.
func (e *MissingProviderError) Unwrap() error { return e.Err }

// LockFileError says that the dependency lock file holds a version of a
// provider that the configuration no longer admits.
type LockFileError struct {
	Provider string
	Err      error
}

// Error says which, and what to do.
func (e *LockFileError) Error() string {
	return fmt.Sprintf("the lock file .terraform.lock.hcl holds a version of %s that the configuration does not admit; run init -upgrade, which changes that file", orWords(e.Provider, "a provider"))
}

// Unwrap gives the command's failure.
func (e *LockFileError) Unwrap() error { return e.Err }

// NewerStateError says that a newer version of the tool has written the state.
type NewerStateError struct {
	// Wrote is the version that has written it, "" when it is not named.
	Wrote string
	Tool  Tool
	Err   error
}

// Error says which, and what to do.
func (e *NewerStateError) Error() string {
	return fmt.Sprintf("the state was written by %s %s, which is newer than %s; use that version or a newer one",
		e.Tool.Product, orWords(e.Wrote, "of a version"), e.Tool)
}

// Unwrap gives the command's failure.
func (e *NewerStateError) Unwrap() error { return e.Err }

// OtherToolError says that the other of the two tools has written the state.
type OtherToolError struct {
	Wrote Product
	Tool  Tool
}

// Error says what to do.
func (e *OtherToolError) Error() string {
	if e.Wrote == OpenTofu {
		return fmt.Sprintf("the state was written by OpenTofu and cannot be used by %s: the provider addresses differ; use tofu", e.Tool)
	}
	return fmt.Sprintf("the state was written by Terraform; once %s has written it, Terraform cannot use it any more; use terraform, or migrate to OpenTofu first", e.Tool)
}

// StalePlanError says that the state has changed since the plan was made.
type StalePlanError struct{ Err error }

// Error says what to do.
func (e *StalePlanError) Error() string {
	return "the state has changed since the plan was made; nothing was applied; plan again"
}

// Unwrap gives the command's failure.
func (e *StalePlanError) Unwrap() error { return e.Err }

// RemotePlanError says that plans of a root run elsewhere and cannot be saved
// here, so that none could be judged and then applied.
type RemotePlanError struct{ Err error }

// Error says what to do.
func (e *RemotePlanError) Error() string {
	return "the plans of this root run in its workspace of HCP Terraform or Terraform Enterprise and cannot be saved here; nothing was applied; take the route pipeline, which judges the plan that runs there, or set the workspace to local execution"
}

// Unwrap gives the command's failure.
func (e *RemotePlanError) Unwrap() error { return e.Err }

// UninitializedError says that a root has to be initialised first.
type UninitializedError struct{ Err error }

// Error says what to do.
func (e *UninitializedError) Error() string {
	return "the root is not initialised for its backend, modules and providers; run init"
}

// Unwrap gives the command's failure.
func (e *UninitializedError) Unwrap() error { return e.Err }

// StateConflictError says that a state is no longer the one that was pulled.
// Nothing was pushed.
type StateConflictError struct {
	// Lineage tells another state from another version of the same one.
	Lineage            bool
	Pulled, There      uint64
	PulledFrom, LiesAt string
	Err                error
}

// Error says what differs and what to do.
func (e *StateConflictError) Error() string {
	if e.Lineage {
		return "the backend holds another state than the one that was pulled (another lineage); nothing was pushed; check backend and workspace"
	}
	return fmt.Sprintf("the state has changed since it was pulled (serial %d then, %d now); nothing was pushed; run again", e.Pulled, e.There)
}

// Unwrap gives the command's failure, if a command found out.
func (e *StateConflictError) Unwrap() error { return e.Err }

// UnsavedStateError says that an apply has changed the account and could not
// save the state, which the tool has written into a file of the root instead.
// That file holds secrets.
type UnsavedStateError struct {
	Path string
	// Earlier says that the file was there before; nothing was done.
	Earlier bool
	Err     error
}

// Error says what to do.
func (e *UnsavedStateError) Error() string {
	text := "the apply has changed the account, but its state could not be saved and is in " + e.Path
	if e.Earlier {
		text = "an earlier apply could not save its state, which is in " + e.Path + "; nothing was changed"
	}
	return text + "; push it with state push " + filepath.Base(e.Path) + ", remove the file, which holds secrets, and run again"
}

// Unwrap gives the command's failure.
func (e *UnsavedStateError) Unwrap() error { return e.Err }

// orWords gives a name, or words for want of one.
func orWords(name, words string) string {
	if name == "" {
		return words
	}
	return name
}

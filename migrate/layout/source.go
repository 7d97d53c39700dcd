package layout

// Form is how a source is written.
type Form string

// The forms of a source.
const (
	// GitHTTPS is git::https://host/repository.git//path.
	GitHTTPS Form = "git over https"
	// GitSSH is git::ssh://git@host/repository.git//path.
	GitSSH Form = "git over ssh"
	// SCP is git@host:repository.git//path.
	SCP Form = "git, scp style"
	// Local is a path that begins with ./ or ../.
	Local Form = "local path"
	// Other is everything else: a host shorthand, an archive, a registry.
	Other Form = "other"
)

// RefKind is what a ref looks like.
type RefKind string

// The kinds of refs.
const (
	// Tag is a release: v5.0.0.
	Tag RefKind = "tag"
	// Branch is a name that is no release and no commit.
	Branch RefKind = "branch"
	// Commit is a hash.
	Commit RefKind = "commit"
	// NoneGiven is a source that could carry a ref and does not.
	NoneGiven RefKind = "missing"
	// NotApplicable is a source that cannot carry one.
	NotApplicable RefKind = "none"
)

// Source is a module source and its parts. Raw is always Base + Slashes +
// Path + Query.
type Source struct {
	Raw  string
	Form Form
	// Base is the repository, or for a local path everything up to Path.
	Base string
	// Slashes stand between Base and Path: "//" or, as some write, "///";
	// empty for a local path.
	Slashes string
	// Path is the path of the module inside the repository, such as
	// infrastructure/aws/iam/ecr; for a local path as much of it as is the
	// modules' own.
	Path string
	// Query is from the question mark on, empty when there is none.
	Query   string
	Ref     string
	RefKind RefKind
}

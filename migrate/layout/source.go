package layout

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

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

// ParseSource takes a module source apart. It never fails: what it does not
// know is of form [Other]. The forms are those of
// https://developer.hashicorp.com/terraform/language/modules/sources.
func ParseSource(raw string) Source {
	s := Source{Raw: raw, RefKind: NotApplicable}
	if strings.HasPrefix(raw, "./") || strings.HasPrefix(raw, "../") || strings.HasPrefix(raw, "/") {
		s.Form = Local
		s.Path = ownPath(raw)
		s.Base = strings.TrimSuffix(raw, s.Path)
		return s
	}
	rest := raw
	if at := strings.IndexByte(raw, '?'); at >= 0 {
		rest, s.Query = raw[:at], raw[at:]
	}
	from := 0
	if at := strings.Index(rest, "://"); at >= 0 {
		from = at + len("://")
	}
	if at := strings.Index(rest[from:], "//"); at >= 0 {
		s.Base = rest[:from+at]
		s.Path = strings.TrimLeft(rest[from+at:], "/")
		s.Slashes = rest[from+at : len(rest)-len(s.Path)]
	} else {
		s.Base = rest
	}
	s.Form = form(s.Base)
	s.Ref = refOf(s.Query)
	switch {
	case s.Ref != "":
		s.RefKind = refKind(s.Ref)
	case s.git():
		s.RefKind = NoneGiven
	}
	return s
}

func form(base string) Form {
	bare := strings.TrimPrefix(base, "git::")
	switch {
	case strings.HasPrefix(base, "git::https://") || strings.HasPrefix(base, "git::http://"):
		return GitHTTPS
	case strings.HasPrefix(base, "git::ssh://"):
		return GitSSH
	case !strings.Contains(bare, "://") && scp().MatchString(bare):
		return SCP
	}
	return Other
}

// git reports whether a source is fetched with git, and so could have a ref.
func (s Source) git() bool {
	if s.Form == GitHTTPS || s.Form == GitSSH || s.Form == SCP || strings.HasPrefix(s.Base, "git::") {
		return true
	}
	// The shorthands for hosts that are known to the tools.
	return strings.HasPrefix(s.Base, "github.com/") || strings.HasPrefix(s.Base, "bitbucket.org/")
}

var (
	scp    = lazy(`^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:`)
	tag    = lazy(`^(refs/tags/)?v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$`)
	commit = lazy(`^[0-9a-f]{7,40}$`)
)

// lazy is a pattern that is compiled when it is first asked for.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

func refKind(ref string) RefKind {
	switch {
	case tag().MatchString(ref):
		return Tag
	case commit().MatchString(ref):
		return Commit
	}
	return Branch
}

// refOf gives the ref of a query such as ?ref=v5.0.0&depth=1.
func refOf(query string) string {
	for part := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		if v, ok := strings.CutPrefix(part, "ref="); ok {
			if plain, err := url.QueryUnescape(v); err == nil {
				return plain
			}
			return v
		}
	}
	return ""
}

// The paths of our modules, and the shorter ones under which local copies of
// them stand.
var modulePaths = []struct {
	path  string
	short bool
	kind  Kind
}{
	{"infrastructure/aws/iam/ci-build-workflow-user", false, UserModule},
	// The module's name on the branch it came from, which its first README
	// still shows.
	{"infrastructure/aws/iam/build-user", false, UserModule},
	{"infrastructure/aws/iam/ecr", false, ECRModule},
	{"infrastructure/aws/iam/s3-assets", false, S3AssetsModule},
	{"infrastructure/aws/iam/s3", false, S3Module},
	{"nullplatform/asset/ecr", false, AssetECRModule},
	{"nullplatform/asset/s3", false, AssetS3Module},
	{"iam/ci-build-workflow-user", true, UserModule},
	{"iam/build-user", true, UserModule},
	{"iam/ecr", true, ECRModule},
	{"iam/s3-assets", true, S3AssetsModule},
	{"iam/s3", true, S3Module},
	{"asset/ecr", true, AssetECRModule},
	{"asset/s3", true, AssetS3Module},
}

// ownPath is the end of a path that is a module's own, or all of it.
func ownPath(path string) string {
	trimmed := strings.TrimRight(path, "/")
	for _, m := range modulePaths {
		if trimmed == m.path || strings.HasSuffix(trimmed, "/"+m.path) {
			return path[len(trimmed)-len(m.path):]
		}
	}
	return path
}

// kind says which module a source is of, as far as its path tells.
func (s Source) kind() Kind {
	trimmed := strings.Trim(s.Path, "/")
	for _, m := range modulePaths {
		if m.short && s.Form != Local {
			continue
		}
		if trimmed == m.path || strings.HasSuffix(trimmed, "/"+m.path) {
			return m.kind
		}
	}
	return ""
}

// Sibling gives the source of another module of the same repository in the
// same style. Path is the module's path as in the repository, such as
// infrastructure/aws/iam/s3; ref is set where the source can carry one, and
// left as it is when empty.
func (s Source) Sibling(path, ref string) string {
	own := ownPath(s.Path)
	before := strings.TrimSuffix(s.Path, own)
	if s.Form == Local && !strings.HasPrefix(own, "infrastructure/") && !strings.HasPrefix(own, "nullplatform/") {
		// A local copy with a shorter path: iam/ecr next to iam/s3.
		path = strings.TrimPrefix(strings.TrimPrefix(path, "infrastructure/aws/"), "nullplatform/")
	}
	if strings.HasSuffix(own, "/") {
		path += "/"
	}
	slashes := s.Slashes
	if slashes == "" && s.Form != Local {
		slashes = "//"
	}
	return s.Base + slashes + before + path + s.withRef(ref)
}

// withRef is the query with another ref, everything else in it kept.
func (s Source) withRef(ref string) string {
	if ref == "" || s.RefKind == NotApplicable {
		return s.Query
	}
	if s.Ref == "" {
		if s.Query == "" || s.Query == "?" {
			return "?ref=" + ref
		}
		return s.Query + "&ref=" + ref
	}
	parts := strings.Split(strings.TrimPrefix(s.Query, "?"), "&")
	for i, p := range parts {
		if strings.HasPrefix(p, "ref=") {
			parts[i] = "ref=" + ref
			break
		}
	}
	return "?" + strings.Join(parts, "&")
}

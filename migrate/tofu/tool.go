package tofu

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/migrate/envvar"
)

// Product is which of the two tools a binary is.
type Product string

// The two tools.
const (
	OpenTofu  Product = "OpenTofu"
	Terraform Product = "Terraform"
)

// Binary is the name under which the product is found on the PATH.
func (p Product) Binary() string {
	if p == OpenTofu {
		return "tofu"
	}
	return "terraform"
}

// Registry is the host in the product's own provider addresses. A state's
// provider addresses tell which product wrote it.
func (p Product) Registry() string {
	if p == OpenTofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// oldest is the oldest version that is worked with: import blocks and plan
// JSON as this package reads them.
func (p Product) oldest() Version {
	if p == OpenTofu {
		return Version{Major: 1, Minor: 6}
	}
	return Version{Major: 1, Minor: 5}
}

// Version is a version of a tool.
type Version struct {
	Major, Minor, Patch int
	// Pre is what follows a hyphen, such as "rc1".
	Pre string
}

// String is the version as the tool writes it, without the v.
func (v Version) String() string {
	s := fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	return s
}

// Before reports whether the version is older than another. What stands
// behind a hyphen does not count.
func (v Version) Before(o Version) bool {
	if v.Major != o.Major {
		return v.Major < o.Major
	}
	if v.Minor != o.Minor {
		return v.Minor < o.Minor
	}
	return v.Patch < o.Patch
}

// ParseVersion reads a version such as "1.11.4" or "v1.6.0-rc1".
func ParseVersion(s string) (Version, error) {
	m := versionNumber().FindStringSubmatch(s)
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a version such as 1.11.4", s)
	}
	var v Version
	for i, n := range []*int{&v.Major, &v.Minor, &v.Patch} {
		// The pattern lets digits through only; too many of them do not fit.
		x, err := strconv.Atoi(m[i+1])
		if err != nil {
			return Version{}, fmt.Errorf("%q is not a version such as 1.11.4", s)
		}
		*n = x
	}
	v.Pre = m[4]
	return v, nil
}

var (
	versionNumber = lazy(`^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+\S*)?$`)
	// A warning may come before the line that tells the version.
	versionLine = lazy(`(?m)^(OpenTofu|Terraform) (v\S+)\s*$`)
)

// Tool is a binary that was found and asked what it is.
type Tool struct {
	Path    string
	Product Product
	Version Version
}

// String is product and version.
func (t Tool) String() string { return fmt.Sprintf("%s %s", t.Product, t.Version) }

// Find finds the product on the PATH of an environment and asks it for its
// version, in the root's directory, since version switchers look at what lies
// there. It gives a [*MissingToolError] when there is none, and a
// [*OldToolError] when it is too old.
func Find(ctx context.Context, want Product, environ []string, dir string) (Tool, error) {
	path, err := envvar.Look(environ, want.Binary())
	if err != nil {
		return Tool{}, &MissingToolError{Product: want, Err: err}
	}
	t, err := Ask(ctx, path, environ, dir)
	if err != nil {
		return Tool{}, err
	}
	if t.Product != want {
		return Tool{}, &MissingToolError{Product: want, Err: fmt.Errorf("%s is %s", path, t)}
	}
	return t, nil
}

// Ask asks a binary, by its path or by its name on the PATH of the environment,
// what it is. It gives a [*MissingToolError] when there is none, and an
// [*OldToolError] when it is too old.
//
// The configuration of the command line is left out for this one question: what
// is wrong with it is better said by the commands that need it.
func Ask(ctx context.Context, path string, environ []string, dir string) (Tool, error) {
	path, err := resolve(path, environ)
	if err != nil {
		return Tool{}, &MissingToolError{Err: err}
	}
	p := process{tool: path, dir: dir, environ: childEnviron(environ, "TF_CLI_CONFIG_FILE="+os.DevNull)}
	out, err := p.output(ctx, "version")
	if err != nil {
		return Tool{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	m := versionLine().FindSubmatch(out)
	if m == nil {
		return Tool{}, fmt.Errorf("%s answers neither as OpenTofu nor as Terraform when it is asked for its version; name another binary", path)
	}
	v, err := ParseVersion(string(m[2]))
	if err != nil {
		return Tool{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	t := Tool{Path: path, Product: Product(m[1]), Version: v}
	if v.Before(t.Product.oldest()) {
		return Tool{}, &OldToolError{Tool: t, Oldest: t.Product.oldest()}
	}
	return t, nil
}

// resolve makes the path of a binary absolute, since it is run in the folder of
// a root, and looks names up on the PATH.
func resolve(path string, environ []string) (string, error) {
	if !strings.ContainsAny(path, `/\`) {
		return envvar.Look(environ, path)
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	return path, err
}

// LockedProduct tells from the dependency lock file of a root which product it
// was initialised with; ok is false when there is none, or when its provider
// addresses do not tell.
func LockedProduct(dir string) (p Product, ok bool) {
	text, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil {
		return "", false
	}
	for _, p := range []Product{OpenTofu, Terraform} {
		if strings.Contains(string(text), `provider "`+p.Registry()+`/`) {
			return p, true
		}
	}
	return "", false
}

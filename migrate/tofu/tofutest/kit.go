// Package tofutest gives tests a real Terraform or OpenTofu, the modules of
// every contract, stand-ins for the providers of AWS and nullplatform, and a
// sandbox for them to work on.
//
// The providers under testdata are a module of their own. The one for AWS is
// built once for each test program, the one for nullplatform for those that ask
// for it; they are served from a mirror in a temporary directory, and nothing is
// fetched but their Go modules. Where the tool is missing or a provider cannot
// be built, a test is skipped with the reason.
package tofutest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// Kit is a tool and what it needs to run without a network.
type Kit struct {
	Tool tofu.Tool
	// Modules is the folder of the modules, one folder for each release.
	Modules string

	// dir is where the providers are served from.
	dir string
	// environ is what makes the tool find its providers.
	environ []string
	// platform serves the stand-in for nullplatform's provider; nil where
	// none is served.
	platform func() error
}

// kits builds one kit a product for the length of the test program. The
// directory stays until the program ends; tests of one package share it.
type kits struct {
	mu   sync.Mutex
	done map[tofu.Product]func() (*Kit, error)
	dir  string
}

var shared = &kits{done: map[tofu.Product]func() (*Kit, error){}}

// Environ are the variables with which the tool finds its providers.
func (k *Kit) Environ() []string { return slices.Clone(k.environ) }

// Main runs the tests of a package and removes what they share. Every package
// that uses [Need] has it as its TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func (k *kits) remove() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir == "" {
		return nil
	}
	return os.RemoveAll(k.dir)
}

// Need gives the kit of a product, or skips the test and says what is missing.
func Need(t testing.TB, p tofu.Product) *Kit {
	t.Helper()
	kit, err := shared.kit(p)()
	orSkip(t, err)
	return kit
}

// Platform serves the stand-in for nullplatform's provider beside that for AWS,
// or skips the test and says what is missing. Roots that register destinations
// need it. Twice is safe.
func (k *Kit) Platform(t testing.TB) {
	t.Helper()
	if k.platform != nil {
		orSkip(t, k.platform())
	}
}

// orSkip ends a test that something is missing for.
func orSkip(t testing.TB, err error) {
	t.Helper()
	var missing *missingError
	switch {
	case errors.As(err, &missing):
		t.Skip(missing.Error())
	case err != nil:
		t.Fatal(err)
	}
}

// Real gives a tool with the person's own settings and the real AWS provider,
// wherever init finds it, or skips the test and says what is missing. What it
// makes for the test is made by the caller, on a sandbox.
func Real(t testing.TB, p tofu.Product) *Kit {
	t.Helper()
	here, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	tool, err := tofu.Find(t.Context(), p, os.Environ(), here)
	if err != nil {
		t.Skipf("%v", err)
	}
	kit := &Kit{Tool: tool, Modules: filepath.Join(here, "testdata", "modules")}
	for _, v := range os.Environ() {
		name, file, _ := strings.Cut(v, "=")
		if _, err := os.Stat(file); name == "TF_CLI_CONFIG_FILE" && err != nil {
			continue
		}
		if name == "HOME" || name == "TF_CLI_CONFIG_FILE" || name == "TF_PLUGIN_CACHE_DIR" {
			kit.environ = append(kit.environ, v)
		}
	}
	w := kit.Bare(t)
	w.Write(t, "main.tf", "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if _, err := w.Open(t).Init(ctx, tofu.InitOptions{}); err != nil {
		t.Skipf("%s finds no provider hashicorp/aws on this machine: %v", tool, err)
	}
	return kit
}

// Products are the products that a test is worth running with: Terraform, and
// OpenTofu where it is installed.
func Products() []tofu.Product {
	out := []tofu.Product{tofu.Terraform}
	if _, err := exec.LookPath(tofu.OpenTofu.Binary()); err == nil {
		out = append(out, tofu.OpenTofu)
	}
	return out
}

// Tool gives a kit without the stand-in provider, for roots that have only what
// is built into the tool, or skips the test. It makes nothing that has to be
// removed.
func Tool(t testing.TB, p tofu.Product) *Kit {
	t.Helper()
	here, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	tool, err := tofu.Find(t.Context(), p, os.Environ(), here)
	if err != nil {
		t.Skipf("%s is not on the PATH; install it to run this test: %v", p.Binary(), err)
	}
	return &Kit{Tool: tool, Modules: filepath.Join(here, "testdata", "modules")}
}

func (k *kits) kit(p tofu.Product) func() (*Kit, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done[p] == nil {
		k.done[p] = sync.OnceValues(func() (*Kit, error) { return k.build(p) })
	}
	return k.done[p]
}

// missingError says what a test cannot be run without.
type missingError struct{ what string }

func (e *missingError) Error() string { return e.what }

func (k *kits) build(p tofu.Product) (*Kit, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	here, err := folder()
	if err != nil {
		return nil, err
	}
	tool, err := tofu.Find(ctx, p, os.Environ(), here)
	var missing *tofu.MissingToolError
	if errors.As(err, &missing) {
		return nil, &missingError{fmt.Sprintf("%s is not on the PATH; install it to run this test", p.Binary())}
	}
	if err != nil {
		return nil, err
	}
	dir, err := k.folder(string(p))
	if err != nil {
		return nil, err
	}
	kit := &Kit{
		Tool: tool, Modules: filepath.Join(here, "testdata", "modules"),
		dir: dir, environ: []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(dir, cliFile)},
	}
	source := filepath.Join(here, "testdata", "provider")
	kit.platform = sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		return kit.serve(ctx, source, platformStandIn())
	})
	if err := kit.configure(); err != nil {
		return nil, err
	}
	return kit, kit.serve(ctx, source, awsStandIn())
}

// folder makes a folder in the directory that the tests share.
func (k *kits) folder(name string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir == "" {
		dir, err := os.MkdirTemp("", "tofutest-")
		if err != nil {
			return "", err
		}
		k.dir = dir
	}
	dir := filepath.Join(k.dir, name)
	return dir, os.MkdirAll(dir, 0o755)
}

// folder is where this package's source is: where the test was compiled, or,
// when it runs elsewhere, in the module that it runs in.
func folder() (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Dir(file), nil
	}
	at, err := os.Getwd()
	for err == nil {
		here := filepath.Join(at, "migrate", "tofu", "tofutest")
		if _, missing := os.Stat(filepath.Join(here, "testdata")); missing == nil {
			return here, nil
		}
		above := filepath.Dir(at)
		if above == at {
			break
		}
		at = above
	}
	return "", errors.Join(err, errors.New("the source of tofutest is not to be found; run the tests in the module's folders"))
}

// cliFile is the name of the configuration of the tool's command line.
const cliFile = "cli.tfrc"

// ProviderVersion is the version under which the stand-in for AWS is served.
const ProviderVersion = "6.20.0"

// standIn is a provider of the module under testdata.
type standIn struct {
	// program is the folder of its main package.
	program string
	// namespace, name and version are what it is served as.
	namespace, name, version string
}

func awsStandIn() standIn { return standIn{".", "hashicorp", "aws", ProviderVersion} }

func platformStandIn() standIn {
	return standIn{"./nullplatform", "nullplatform", "nullplatform", "0.0.99"}
}

// configure writes the configuration with which the tool finds providers in the
// mirror and nowhere else.
func (k *Kit) configure() error {
	mirror := fmt.Sprintf(`disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = %q
    include = ["*/*/*"]
  }
}
`, filepath.Join(k.dir, "mirror"))
	return os.WriteFile(filepath.Join(k.dir, cliFile), []byte(mirror), 0o600)
}

// serve builds a provider into the mirror.
func (k *Kit) serve(ctx context.Context, source string, is standIn) error {
	folder := filepath.Join(k.dir, "mirror", k.Tool.Product.Registry(), is.namespace, is.name, is.version, runtime.GOOS+"_"+runtime.GOARCH)
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(folder, envvar.Program("terraform-provider-"+is.name+"_v"+is.version)), is.program)
	build.Dir = source
	build.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false -mod=readonly", "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		if text := string(out); strings.Contains(text, "dial tcp") || strings.Contains(text, "module lookup disabled") || strings.Contains(text, ".zip: ") {
			return &missingError{"the Go modules of the stand-in for " + is.name + " cannot be fetched: " + strings.TrimSpace(text)}
		}
		return fmt.Errorf("build the stand-in for %s: %w\n%s", is.name, err, out)
	}
	return nil
}

package tofu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate/envvar"
)

// Options say how a root is worked with.
type Options struct {
	// Dir is the folder of the root configuration.
	Dir string
	// Tool is what to run, see [Find].
	Tool Tool
	// Environ is the person's environment, as os.Environ gives it. It is
	// passed on; see the package comment for what is not.
	Environ []string
	// VarFiles are files of variables for plans, relative to Dir.
	VarFiles []string
	// BackendConfigs are files of backend settings for init, relative to
	// Dir. Single settings are not taken: they would show in the list of
	// processes.
	BackendConfigs []string
	// Private is a folder in which private directories are made, for plans
	// and copies of states; the one for temporary files when empty. What a
	// run leaves there that is killed, [Sweep] removes.
	Private string
	// LockTimeout is how long to wait for the lock of the state.
	LockTimeout time.Duration
}

// Root is a root configuration and the tool to run on it. Its methods are to
// be called one at a time.
type Root struct {
	dir            string
	tool           Tool
	environ        []string
	varFiles       []string
	backendConfigs []string
	private        string
	lockTimeout    time.Duration
}

// Open prepares to work on a root. It runs nothing. It fails when there is no
// configuration in the directory.
func Open(o Options) (*Root, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("open root %s: %w", o.Dir, err)
	}
	if err := holdsConfiguration(dir); err != nil {
		return nil, err
	}
	for _, f := range o.BackendConfigs {
		if strings.Contains(f, "=") {
			return nil, fmt.Errorf("backend configuration %q is a setting; put it into a file and name that, so that it does not show in the list of processes", strings.SplitN(f, "=", 2)[0])
		}
	}
	if o.Private == "" {
		o.Private = envvar.Value(o.Environ, tempVariable)
	}
	private := o.Private
	if private != "" {
		// The tool runs in the root's folder.
		if private, err = filepath.Abs(private); err != nil {
			return nil, fmt.Errorf("open root %s: %w", o.Dir, err)
		}
	}
	return &Root{
		private: private, dir: dir, tool: o.Tool, environ: o.Environ, varFiles: o.VarFiles,
		backendConfigs: o.BackendConfigs, lockTimeout: o.LockTimeout,
	}, nil
}

// holdsConfiguration fails when a directory is no root.
func holdsConfiguration(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open root: %w", err)
	}
	for _, e := range entries {
		for _, ext := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
			if !e.IsDir() && strings.HasSuffix(e.Name(), ext) {
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not a root configuration: it holds no .tf file; name the folder that holds them", dir)
}

// Dir is the folder of the root.
func (r *Root) Dir() string { return r.dir }

// Tool is what runs on it.
func (r *Root) Tool() Tool { return r.tool }

// unsaved is the file into which the tool writes a state that it could not
// save.
const unsaved = "errored.tfstate"

// checkUnsaved fails while a state waits to be saved: whatever is planned or
// moved without it is planned on a state that is not true.
func (r *Root) checkUnsaved() error {
	path := filepath.Join(r.dir, unsaved)
	if _, err := os.Stat(path); err == nil {
		return &UnsavedStateError{Path: path, Earlier: true}
	}
	return nil
}

// process is the tool in the root's directory.
func (r *Root) process() process {
	return process{tool: r.tool.Path, dir: r.dir, environ: childEnviron(r.environ)}
}

// lock is how commands that take the lock are told to wait for it.
func (r *Root) lock() string { return fmt.Sprintf("-lock-timeout=%ds", int(r.lockTimeout.Seconds())) }

// InitOptions say what init may do.
type InitOptions struct {
	// MayUpgrade lets init change the versions in the lock file that the
	// configuration no longer admits, as after a newer ref. All others stay.
	MayUpgrade bool
}

// Init fetches modules and providers and configures the backend. It tells
// whether it changed versions in the lock file. Twice is safe.
//
// It gives a [*LockFileError] when versions would have to change and may not,
// an [*UnreachableError] or a [*MissingProviderError] when something cannot be
// fetched. The state is not touched: an init that would have to migrate it to
// another backend fails.
func (r *Root) Init(ctx context.Context, o InitOptions) (upgraded bool, err error) {
	err = r.init(ctx)
	var objection *LockFileError
	if !o.MayUpgrade || !errors.As(err, &objection) {
		return false, err
	}
	if err := r.unlock(ctx, objection); err != nil {
		return false, err
	}
	return true, nil
}

// init takes no newer version of anything, even where TF_CLI_ARGS_init asks for
// it: that belongs into a change of its own.
func (r *Root) init(ctx context.Context) error {
	args := append([]string{"init", "-no-color", "-input=false", "-upgrade=false"}, r.early()...)
	for _, f := range r.backendConfigs {
		args = append(args, "-backend-config="+f)
	}
	_, err := r.process().output(ctx, args...)
	return r.failure(ctx, "init", nil, err)
}

// early are the variable files for commands other than plan. OpenTofu lets
// module sources, the backend and the encryption of states depend on variables
// since 1.8, and every command that meets one of these wants them:
// https://opentofu.org/docs/v1.8/intro/whats-new/#early-variablelocals-evaluation
func (r *Root) early() []string {
	if r.tool.Product != OpenTofu {
		return nil
	}
	return r.variables(Version{Major: 1, Minor: 8})
}

// again are the variable files for an apply. A saved plan has their values, but
// for those of ephemeral variables, and what encrypts it may depend on them.
// Older versions refuse the argument.
func (r *Root) again() []string {
	if r.tool.Product == OpenTofu {
		return r.variables(Version{Major: 1, Minor: 11})
	}
	return r.variables(Version{Major: 1, Minor: 10})
}

// variables are the arguments for the variable files, from a version on.
func (r *Root) variables(from Version) []string {
	if r.tool.Version.Before(from) {
		return nil
	}
	var out []string
	for _, f := range r.varFiles {
		out = append(out, "-var-file="+f)
	}
	return out
}

// Validate checks the configuration without the state and gives what the tool
// has to say; a configuration is valid when none of it is an error. After a
// module has lost outputs it names every stale reference, see
// [Diagnostic.Missing].
func (r *Root) Validate(ctx context.Context) ([]Diagnostic, error) {
	out, err := r.process().output(ctx, append([]string{"validate", "-json", "-no-color"}, r.early()...)...)
	var exit *exitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	var answer struct {
		Valid       *bool        `json:"valid"`
		Diagnostics []Diagnostic `json:"diagnostics"`
	}
	if jsonErr := json.Unmarshal(afterWarnings(out), &answer); jsonErr != nil || answer.Valid == nil {
		return nil, r.failure(ctx, "validate", nil, errors.Join(err, jsonErr))
	}
	for _, d := range answer.Diagnostics {
		var raw *UninitializedError
		if known := recognise(d, r.tool, nil); d.Error && errors.As(known, &raw) {
			return nil, r.failure(ctx, "validate", answer.Diagnostics, errors.New("the root is not initialised"))
		}
	}
	return answer.Diagnostics, nil
}

// afterWarnings skips the lines for people that may stand before JSON.
func afterWarnings(out []byte) []byte {
	for i, b := range out {
		if b == '{' && (i == 0 || out[i-1] == '\n') {
			return out[i:]
		}
	}
	return out
}

// Workspace names the workspace in use.
func (r *Root) Workspace(ctx context.Context) (string, error) {
	out, err := r.process().output(ctx, "workspace", "show")
	if err != nil {
		return "", r.failure(ctx, "workspace show", nil, err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1]), nil
}

package crashtest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// Root is a root configuration that a job works on, with the real tool and a
// stand-in for the AWS provider.
type Root struct {
	// Contract is what the root holds and has applied; empty means a root
	// that knows the provider and nothing else.
	Contract string
	Calls    tofutest.Calls
	// Remote keeps the state behind HTTP, with a lock that only its holder
	// gives back, as backends in the cloud do.
	Remote bool
	// Registers gives the tool a stand-in for nullplatform's provider too.
	Registers bool
}

// bareRoot is a root that holds nothing yet.
const bareRoot = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n\nprovider \"aws\" {}\n"

// user is the build user of the cluster that roots are about.
const user = "nullplatform-demo-build-workflow-user"

// mould is a root as it was made once: its files, and its state with the key
// for which each world's own is put in.
type mould struct {
	kit   *tofutest.Kit
	files map[string][]byte
	links map[string]string
	state []byte
	key   sandbox.Key
}

// moulds are made once in each test program: applying takes seconds.
type moulds struct {
	mu   sync.Mutex
	made map[string]*mould
}

var shared = &moulds{made: map[string]*mould{}}

// of gives the mould of a root, or skips the test where the tool is missing.
func (all *moulds) of(t testing.TB, r Root) *mould {
	t.Helper()
	kit := tofutest.Need(t, tofu.Terraform)
	if r.Registers {
		kit.Platform(t)
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	name := fmt.Sprintf("%+v", r)
	if all.made[name] == nil {
		all.made[name] = cast(t, kit, r)
	}
	return all.made[name]
}

// cast makes a root on an account of its own, and keeps what came of it.
func cast(t testing.TB, kit *tofutest.Kit, r Root) *mould {
	t.Helper()
	w := kit.World(t, sandbox.Options{})
	out := &mould{kit: kit, files: map[string][]byte{}, links: map[string]string{}}
	if r.Contract == "" {
		w.Write(t, "main.tf", bareRoot)
		w.Run(t, "init", "-no-color", "-input=false")
	} else {
		w.Install(t, r.Contract, r.Calls)
		u, _ := w.Sandbox.Peek().User(user)
		secret, _ := w.Sandbox.TestOnlySecret(u.Keys[0].ID)
		out.key = sandbox.Key{ID: u.Keys[0].ID, Secret: secret}
	}
	err := filepath.WalkDir(w.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(w.Dir, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			out.links[name], err = os.Readlink(path)
			return err
		}
		text, err := os.ReadFile(path)
		switch {
		case name == stateFile:
			out.state = text
		case !strings.HasPrefix(name, stateFile):
			out.files[name] = text
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stateFile is where a root without a backend keeps its state.
const stateFile = "terraform.tfstate"

// planted is a root on a machine.
type planted struct {
	mould *mould
	dir   string
	// backend holds the state, nil for a file in the directory.
	backend *tofutest.Backend
	// was are the files of the configuration as they were at first.
	was map[string]string
}

// plant puts a job's root on a machine, with the state of a root that was
// applied to this very account, and lets the canary begin.
func (w *World) plant(m *Machine, job Job) {
	w.t.Helper()
	if job.Root == nil {
		return
	}
	p := &planted{mould: shared.of(w.t, *job.Root), dir: m.Path("root")}
	m.root = p
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	state := p.mould.state
	if u, there := w.Before.User(user); there && len(u.Keys) == 1 {
		secret, _ := w.Account.TestOnlySecret(u.Keys[0].ID)
		state = []byte(strings.NewReplacer(p.mould.key.ID, u.Keys[0].ID, p.mould.key.Secret, secret).Replace(string(state)))
		w.canary.Live(w.Account)
		w.canary.With(sandbox.Key{ID: u.Keys[0].ID, Secret: secret})
	}
	w.must(os.MkdirAll(m.Path("bin"), 0o700), tofutest.Rename(self, filepath.Join(m.Path("bin"), envvar.Program(toolName))))
	for name, text := range p.mould.files {
		path := filepath.Join(p.dir, name)
		w.must(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600))
	}
	for name, to := range p.mould.links {
		path := filepath.Join(p.dir, name)
		w.must(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(to, path))
	}
	switch {
	case job.Root.Remote:
		p.backend = tofutest.NewBackend(w.t)
		p.backend.Put(state)
		w.must(os.WriteFile(filepath.Join(p.dir, "backend.tf"), []byte(p.backend.HCL()), 0o600))
	case state != nil:
		w.must(os.WriteFile(filepath.Join(p.dir, stateFile), state, 0o600))
	}
	p.was = p.files(w.t)
}

func (w *World) must(errs ...error) {
	w.t.Helper()
	for _, err := range errs {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// environ is what runs have to know to find the tool and its provider. A nil
// root needs nothing.
func (p *planted) environ(m *Machine) []string {
	if p == nil {
		return nil
	}
	return append(p.mould.kit.Environ(), envTool+"="+p.mould.kit.Tool.Path, envToolDir+"="+m.Dir,
		envToolKey+"="+m.toolKey.ID, envToolSecret+"="+m.toolKey.Secret)
}

// modules is where the modules are, "" without a root.
func (p *planted) modules() string {
	if p == nil {
		return ""
	}
	return p.mould.kit.Modules
}

// files are the files of the configuration.
func (p *planted) files(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := filepath.Glob(filepath.Join(p.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range list {
		if name := filepath.Base(path); strings.HasPrefix(name, stateFile) || strings.HasPrefix(name, ".") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = string(text)
	}
	return out
}

// state is the text of the state, empty when there is none.
func (p *planted) state() []byte {
	if p.backend != nil {
		return p.backend.State()
	}
	text, err := os.ReadFile(filepath.Join(p.dir, stateFile))
	if err != nil {
		return nil
	}
	return text
}

// holdings are the resources of the state in words: where each is, and what
// it is about.
func (p *planted) holdings() ([]string, error) {
	s, err := tofu.ParseState(p.state())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range s.Resources {
		line := r.Address
		for _, name := range []string{"name", "user", "group", "role", "policy_arn"} {
			if v := r.Values.Text(name); v != "" {
				line += " " + name + "=" + v
			}
		}
		if groups := r.Values.Texts("groups"); len(groups) > 0 {
			line += " in " + strings.Join(groups, ",")
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out, nil
}

// runPipeline applies a patch and then the root, as a team's own pipeline does.
func (m *Machine) runPipeline(patch string) {
	m.t.Helper()
	if patch == "" {
		return
	}
	if _, err := exec.LookPath("git"); err != nil {
		m.t.Skip("git is not on the PATH; install it to run this test")
	}
	for _, args := range [][]string{
		{"git", "apply", m.Path(patch)},
		{m.root.mould.kit.Tool.Path, "init", "-no-color", "-input=false"},
		{m.root.mould.kit.Tool.Path, "apply", "-no-color", "-input=false", "-auto-approve"},
	} {
		cmd := exec.CommandContext(m.t.Context(), args[0], args[1:]...)
		cmd.Dir, cmd.Env = m.root.dir, m.environ()
		if out, err := cmd.CombinedOutput(); err != nil {
			m.t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// mayHold are the files that hold secrets rightly: states and their backups.
// While a run is not through, so may what is private to the tool; of that
// nothing may be left, see [World.mustLeaveNothingOfTheTool].
func (p *planted) mayHold(m *Machine) []string {
	if p == nil {
		return nil
	}
	var out []string
	err := filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		if strings.HasPrefix(name, stateFile) || strings.HasSuffix(name, ".tfstate") || strings.Contains(filepath.ToSlash(path), "/"+privateDir) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		m.t.Error(err)
	}
	return out
}

// privateDir begins the names of directories for what is private to the tool.
const privateDir = "slipway-tofu-"

// mustLeaveNothingOfTheTool fails the test when a plan file or a copy of a
// state is left, or a state that was not saved.
func (w *World) mustLeaveNothingOfTheTool(m *Machine) {
	w.t.Helper()
	err := filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		if strings.HasPrefix(d.Name(), privateDir) || d.Name() == "errored.tfstate" {
			w.t.Errorf("%s is left behind", path)
		}
		return err
	})
	w.must(err)
}

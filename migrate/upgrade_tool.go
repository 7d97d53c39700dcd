package migrate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/tofu"
)

// Which tool works on a root, and its state.

// lockTimeout is how long the tool waits for somebody else's lock.
const lockTimeout = 20 * time.Second

// readState finds the tool that the root's state belongs to, and reads the
// state with it. The binary that the request names counts; else the product
// that the lock file or the state tells of. The modules are published for
// OpenTofu, so that is tried first where nothing tells.
func (p *RootPreview) readState(ctx context.Context) error {
	root, state, err := p.pull(ctx)
	if err != nil {
		return err
	}
	if err := root.CheckTool(state); err != nil {
		return err
	}
	p.Tool, p.state = root.Tool(), state
	return nil
}

// pull reads the state with the tool that it is for.
func (p *RootPreview) pull(ctx context.Context) (*tofu.Root, *tofu.State, error) {
	if p.Request.Tool != "" {
		tool, err := tofu.Ask(ctx, p.Request.Tool, p.environ, p.Request.Dir)
		if err != nil {
			return nil, nil, err
		}
		return p.pullWith(ctx, tool)
	}
	want, told := tofu.LockedProduct(p.Request.Dir)
	if !told {
		want = tofu.OpenTofu
	}
	root, state, err := p.pullFor(ctx, want)
	var missing *tofu.MissingToolError
	if errors.As(err, &missing) {
		want = other(want)
		root, state, err = p.pullFor(ctx, want)
	}
	if err != nil {
		return nil, nil, err
	}
	if product, told := root.Wrote(state); told && product != want {
		return p.pullFor(ctx, product)
	}
	return root, state, nil
}

func (p *RootPreview) pullFor(ctx context.Context, product tofu.Product) (*tofu.Root, *tofu.State, error) {
	tool, err := tofu.Find(ctx, product, p.environ, p.Request.Dir)
	if err != nil {
		return nil, nil, err
	}
	return p.pullWith(ctx, tool)
}

// pullWith reads the state with a tool, which initialises the root for that if
// nobody has.
func (p *RootPreview) pullWith(ctx context.Context, tool tofu.Tool) (*tofu.Root, *tofu.State, error) {
	root, err := p.open(p.Request.Dir, tool)
	if err != nil {
		return nil, nil, err
	}
	state, err := root.PullState(ctx)
	var bare *tofu.UninitializedError
	if errors.As(err, &bare) {
		if _, err = root.Init(ctx, tofu.InitOptions{}); err == nil {
			state, err = root.PullState(ctx)
		}
	}
	return root, state, err
}

func (p *RootPreview) open(dir string, tool tofu.Tool) (*tofu.Root, error) {
	return tofu.Open(tofu.Options{
		Dir: dir, Tool: tool, Environ: p.environ, VarFiles: p.Request.VarFiles, Private: p.private,
		BackendConfigs: p.Request.BackendConfigs, LockTimeout: lockTimeout,
	})
}

// backupsDir is the directory, in that of a cluster's journal, for copies of
// states and files.
const backupsDir = "backups"

// privateDir is the directory, below that of the backups, for plan files and
// copies of states that are being worked on. They hold secrets, and are removed
// when they are of no use any more.
const privateDir = "private"

// sweep makes the directory for what the tool works with, and removes what a
// run has left there that was killed. The cluster's journal is locked: no other
// run is at work there.
func sweep(private string) error {
	if private == "" {
		return nil
	}
	if err := makePrivate(private); err != nil {
		return err
	}
	return tofu.Sweep(private)
}

// sweep removes what a run has left in the cluster's private directory that is
// taken back.
func (k Keeping) sweep() error {
	if k.Journal == nil {
		return nil
	}
	return tofu.Sweep(filepath.Join(filepath.Dir(k.Journal.Path()), backupsDir, privateDir))
}

func other(p tofu.Product) tofu.Product {
	if p == tofu.OpenTofu {
		return tofu.Terraform
	}
	return tofu.OpenTofu
}

// harmless keeps of a state what a layout is found from: addresses and names.
func harmless(s *tofu.State) (*layout.State, error) {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // It never fails, see crypto/rand.
	var out *layout.State
	err := s.Decode(func(text []byte) (err error) {
		out, err = layout.DecodeState(text, salt)
		return err
	})
	if errors.Is(err, layout.ErrNoState) {
		return &layout.State{}, nil // The layout says what that means.
	}
	if err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	return out, nil
}

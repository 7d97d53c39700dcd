package migrate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/migrate/rewrite"
	"github.com/nullplatform/slipway/provision/ownfile"
)

// The files of a root: what a person is working on, writing edits, and taking
// them back.

// uncommitted names files of the edits that git knows to have other edits. A
// directory that git does not look after has none.
func uncommitted(ctx context.Context, environ []string, edits []rewrite.Edit) []string {
	var out []string
	for _, e := range edits {
		cmd := exec.CommandContext(ctx, "git", "-C", e.Root, "status", "--porcelain", "--", e.File)
		cmd.Env = append(environ[:len(environ):len(environ)], "GIT_OPTIONAL_LOCKS=0")
		said, err := cmd.Output()
		if err == nil && len(bytes.TrimSpace(said)) > 0 && e.Before != nil {
			out = append(out, filepath.Join(e.Root, e.File))
		}
	}
	return out
}

// fileIntent is what the journal keeps of a file that is going to be written.
type fileIntent struct {
	Write  string `json:"write"`
	Backup string `json:"backup,omitempty"`
	// Sum is the SHA-256 of what is written.
	Sum string `json:"sum,omitempty"`
}

func sumOf(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

// ChangedFileError says that a file is no longer as it was when the edits were
// shown. Nothing was written to it.
type ChangedFileError struct{ Path string }

// Error says which and what to do.
func (e *ChangedFileError) Error() string {
	return e.Path + " has changed since the preview, so it was not written; run again for a new preview"
}

// editFiles writes the edits, each file whole or not at all:
//
//  1. every file is looked at before the first is written
//  2. a copy of what was there goes to the backups
//  3. the file is replaced in one step
//
// A file that has its new content already is passed over, so twice is safe.
func editFiles(ctx context.Context, t *checklist.Task, edits []rewrite.Edit, backups string) error {
	var todo []rewrite.Edit
	for _, e := range edits {
		path := filepath.Join(e.Root, e.File)
		now, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(now, e.After):
			continue
		case errors.Is(err, fs.ErrNotExist) && e.Before == nil:
		case err != nil:
			return fmt.Errorf("look at %s: %w; nothing was written", path, err)
		case !bytes.Equal(now, e.Before):
			return &ChangedFileError{Path: path}
		}
		if err := writable(path); err != nil {
			return err
		}
		todo = append(todo, e)
	}
	for _, e := range todo {
		path := filepath.Join(e.Root, e.File)
		t.Tell("%s", path)
		backup, err := keepCopy(e, backups)
		if err != nil {
			return err
		}
		err = t.Effect(ctx, fileIntent{Write: path, Backup: backup, Sum: sumOf(e.After)}, func(context.Context) (any, error) {
			return nil, replace(path, e.After)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writable fails when a file says that it is not to be written to, or when its
// directory takes no new file: it is replaced, and so a mode alone would not
// stop anything.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("write %s: it is read-only; nothing was written; make it writable, or change what generates it, and run again", path)
	}
	probe, err := os.CreateTemp(filepath.Dir(target(path)), ".slipway-try-*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w; nothing was written; see who may write to its directory", path, err)
	}
	return nil
}

// target is the file that a path leads to, through links.
func target(path string) string {
	if led, err := filepath.EvalSymlinks(path); err == nil {
		return led
	}
	return path
}

// keepCopy writes what is there now into the backups and tells where. A new
// file has no copy.
func keepCopy(e rewrite.Edit, backups string) (string, error) {
	if e.Before == nil {
		return "", nil
	}
	if err := ownfile.MkdirAll(backups); err != nil {
		return "", fmt.Errorf("make a place for backups: %w; name another state directory with XDG_STATE_HOME", err)
	}
	f, err := ownfile.Temp(backups, filepath.Base(e.File)+".*")
	if err != nil {
		return "", fmt.Errorf("back %s up: %w", e.File, err)
	}
	_, err = f.Write(e.Before)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("back %s up: %w", e.File, err)
	}
	return f.Name(), nil
}

// replace gives a file its new content in one step and keeps its permissions. A
// link stays one: what it leads to is written.
func replace(path string, content []byte) error {
	path = target(path)
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := swap(path, content, mode); err != nil {
		return fmt.Errorf("write %s: %w; it is as it was", path, err)
	}
	return nil
}

// restoreFiles takes the edits back. A file that somebody has worked on since
// is left, and named.
func restoreFiles(ctx context.Context, t *checklist.Task, edits []rewrite.Edit) error {
	var errs []error
	for _, e := range edits {
		path := filepath.Join(e.Root, e.File)
		now, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && e.Before == nil, err == nil && bytes.Equal(now, e.Before) && e.Before != nil:
			continue
		case err != nil:
			errs = append(errs, err)
			continue
		case !bytes.Equal(now, e.After):
			errs = append(errs, fmt.Errorf("%s has been edited since, so it is left as it is; take the edits out by hand", path))
			continue
		}
		t.Tell("%s", path)
		errs = append(errs, t.Effect(ctx, fileIntent{Write: path}, func(context.Context) (any, error) {
			if e.Before == nil {
				return nil, os.Remove(path)
			}
			return nil, replace(path, e.Before)
		}))
	}
	return errors.Join(errs...)
}

// fileNames are the paths of edits, for a person.
func fileNames(edits []rewrite.Edit) string {
	var out []string
	for _, e := range edits {
		out = append(out, filepath.Join(e.Root, e.File))
	}
	return strings.Join(out, ", ")
}

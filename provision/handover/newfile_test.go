package handover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

// The points at which a disk can fail, and ways to fail that a disk does not
// even tell.
const (
	failDraft  = "draft"
	failStat   = "stat"
	failWrite  = "write"
	failSync   = "sync"
	failClose  = "close"
	failLink   = "link"
	failOpen   = "open"
	failLook   = "look"
	failRemove = "remove"
	failFlush  = "flush"

	shortWrite   = "a write that ends early, without an error"
	silentCut    = "a write that says it wrote all, and did not"
	silentRot    = "a write that changes what it was given"
	linkedFailed = "a link that is made and said to have failed"
	overtaken    = "a file that somebody puts there before the link"
	replaced     = "a file that somebody puts there after the link"

	// These are no faults of writing, and not among the silent ones.
	readable = "a file system where everybody reads everything"
	untold   = "a file system that does not tell who may read"
)

func silent() []string {
	return []string{shortWrite, silentCut, silentRot, linkedFailed, overtaken, replaced}
}

func loud() []string {
	return []string{failDraft, failStat, failWrite, failSync, failClose, failLink, failOpen, failLook, failRemove, failFlush}
}

// faultyDisk is the system's, with faults. What it complains of repeats all
// that it was given, as a careless one might.
type faultyDisk struct {
	systemDisk
	faults []string
	seen   bytes.Buffer
}

func (d *faultyDisk) has(fault string) bool { return slices.Contains(d.faults, fault) }

func (d *faultyDisk) fail(fault string) error {
	if d.has(fault) {
		return fmt.Errorf("%s: %w, having seen %s", fault, fs.ErrPermission, d.seen.String())
	}
	return nil
}

func (d *faultyDisk) draft(dir string) (draft, error) {
	if err := d.fail(failDraft); err != nil {
		return nil, err
	}
	under, err := d.systemDisk.draft(dir)
	return &faultyDraft{draft: under, disk: d}, err
}

func (d *faultyDisk) exposed(path string) (bool, error) {
	if d.has(untold) {
		return false, fs.ErrPermission
	}
	exposed, err := d.systemDisk.exposed(path)
	return exposed || d.has(readable), err
}

func (d *faultyDisk) link(from, to string) error {
	if d.has(overtaken) {
		if err := os.WriteFile(to, []byte("precious"), 0o600); err != nil {
			return err
		}
	}
	if err := d.fail(failLink); err != nil {
		return err
	}
	err := d.systemDisk.link(from, to)
	if err == nil && d.has(replaced) {
		err = errors.Join(os.Remove(to), os.WriteFile(to, []byte("precious"), 0o600))
	}
	return errors.Join(err, d.fail(linkedFailed))
}

func (d *faultyDisk) open(path string) (fs.File, error) {
	if err := d.fail(failOpen); err != nil {
		return nil, err
	}
	return d.systemDisk.open(path)
}

func (d *faultyDisk) look(path string) (fs.FileInfo, error) {
	if err := d.fail(failLook); err != nil {
		return nil, err
	}
	return d.systemDisk.look(path)
}

func (d *faultyDisk) remove(path string) error {
	if err := d.fail(failRemove); err != nil {
		return err
	}
	return d.systemDisk.remove(path)
}

func (d *faultyDisk) flush(dir string) error {
	if err := d.fail(failFlush); err != nil {
		return err
	}
	return d.systemDisk.flush(dir)
}

type faultyDraft struct {
	draft
	disk *faultyDisk
}

func (f *faultyDraft) Stat() (fs.FileInfo, error) {
	if err := f.disk.fail(failStat); err != nil {
		return nil, err
	}
	return f.draft.Stat()
}

func (f *faultyDraft) Write(p []byte) (int, error) {
	f.disk.seen.Write(p)
	half := len(p) / 2
	switch {
	case f.disk.has(failWrite):
		n, err := f.draft.Write(p[:half])
		return n, errors.Join(err, f.disk.fail(failWrite))
	case f.disk.has(shortWrite):
		return f.draft.Write(p[:half])
	case f.disk.has(silentCut):
		_, err := f.draft.Write(p[:half])
		return len(p), err
	case f.disk.has(silentRot):
		p = bytes.Clone(p)
		p[half] ^= 1
	}
	return f.draft.Write(p)
}

func (f *faultyDraft) Sync() error {
	return errors.Join(f.draft.Sync(), f.disk.fail(failSync))
}

func (f *faultyDraft) Close() error {
	return errors.Join(f.draft.Close(), f.disk.fail(failClose))
}

// filePlaces are a file and an encrypted file over one disk.
func filePlaces(t testing.TB, path string, d disk) map[string]Place {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := NewAge(identity.Recipient().String(), path)
	if err != nil {
		t.Fatal(err)
	}
	sealed.file.disk = d
	plain, err := NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain.file.disk = d
	return map[string]Place{"file": plain, "age": sealed}
}

// Whatever fails, in whatever way and in twos, the file is there whole or not
// at all, the files of others stay, and no error tells the secret.
func TestNewFileIsWholeOrNot(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, rapid.SampledFrom([]string{"creds.env", "creds.json"}).Draw(t, "name"))
		d := &faultyDisk{faults: rapid.SliceOfN(rapid.SampledFrom(append(silent(), loud()...)), 0, 2).Draw(t, "faults")}
		file := newFile{path: path, disk: d}
		var place Place = &File{file: file}
		isAge := rapid.Bool().Draw(t, "age")
		if isAge {
			place = &Age{file: file, to: identity.Recipient(), name: "someone"}
		}
		err = place.Put(context.Background(), plantedCredentials())
		if err != nil && strings.Contains(err.Error(), planted) {
			t.Fatalf("the error tells the secret: %v", err)
		}
		content, _ := os.ReadFile(path)
		foreign := string(content) == "precious"
		switch {
		case err == nil && !bytes.Equal(content, d.seen.Bytes()):
			t.Fatalf("it says that it has the secret, and has %d of %d bytes", len(content), d.seen.Len())
		case err == nil && !isAge && string(content) != textFor(path, plantedCredentials()):
			t.Fatal("the file holds something else")
		case d.has(overtaken) && !foreign && !slices.ContainsFunc(d.faults, before(failLink)):
			t.Fatalf("the file of somebody else is gone, or not whole: %q", content)
		}
		checkNothingIsLeft(t, dir, path, err)
	})
}

// before gives whether a fault keeps it from coming to another point.
func before(point string) func(string) bool {
	order := []string{failDraft, failStat, failWrite, shortWrite, failSync, failClose, failLink}
	return func(fault string) bool {
		at := slices.Index(order, fault)
		return at >= 0 && at < slices.Index(order, point)
	}
}

// checkNothingIsLeft fails for a file that is neither the one that was asked
// for, nor somebody else's, nor named in the error.
func checkNothingIsLeft(t *rapid.T, dir, path string, failure error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case failure == nil && name == path, string(content) == "precious":
		case failure != nil && strings.Contains(failure.Error(), "left") && strings.Contains(failure.Error(), name):
		default:
			t.Fatalf("%s is left, after %v", name, failure)
		}
	}
}

// Nothing that the disk complains of is passed over, the last flush included.
func TestNewFileHearsEveryComplaint(t *testing.T) {
	for _, fault := range append(silent(), loud()...) {
		if fault == failLook {
			continue // only a failure makes it look again
		}
		for _, kind := range []string{"file", "age"} {
			place := filePlaces(t, filepath.Join(t.TempDir(), "creds"), &faultyDisk{faults: []string{fault}})[kind]
			err := place.Put(t.Context(), plantedCredentials())
			switch {
			case err == nil:
				t.Errorf("%s: with %s it says that it has the secret", kind, fault)
			case fault == replaced && !strings.Contains(err.Error(), "another file"):
				t.Errorf("%s: Put = %v, want that another file is there", kind, err)
			}
		}
	}
}

// Check finds what Put would stumble over, while there is no secret yet.
func TestNewFileRehearses(t *testing.T) {
	for _, tt := range []struct{ why, fault, says string }{
		{"a directory that takes no file", failDraft, "cannot write"},
		{"a full disk takes the name, but not the text", failWrite, "cannot write"},
		{"a disk that is full and does not say so", shortWrite, "cannot write"},
		{"a quota that shows when flushing", failSync, "cannot write"},
		{"a quota that shows when closing", failClose, "cannot write"},
		{"a file system without links, such as FAT", failLink, "in its place whole"},
		{"a file system that knows no owners, such as FAT", readable, "lets other users read"},
		{"what cannot be told is not fine", untold, "lets other users read"},
		{"a directory that gives nothing back", failRemove, "cannot be removed"},
		{"a path that cannot be looked at", failLook, "cannot be looked at"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			for kind, place := range filePlaces(t, filepath.Join(dir, "creds"), &faultyDisk{faults: []string{tt.fault}}) {
				err := place.Check(t.Context())
				var p *provision.Problem
				if !errors.As(err, &p) || !strings.Contains(p.Rule, tt.says) || p.Way == "" {
					t.Errorf("%s: Check = %v, want %q and a way out", kind, err, tt.says)
				}
			}
			if entries, err := os.ReadDir(dir); tt.fault != failRemove && (err != nil || len(entries) != 0) {
				t.Errorf("%d files are left (%v)", len(entries), err)
			}
		})
	}
}

// A directory can go away, and a file can come, between Check and Put.
func TestNewFileBetweenCheckAndPut(t *testing.T) {
	for _, tt := range []struct {
		why    string
		change func(t *testing.T, path string)
		want   error
	}{
		{"the directory goes away", func(t *testing.T, path string) {
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrNotExist},
		{"a file comes", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrExist},
	} {
		t.Run(tt.why, func(t *testing.T) {
			for _, kind := range []string{"file", "age"} {
				dir := filepath.Join(t.TempDir(), "own")
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, "creds")
				place := filePlaces(t, path, systemDisk{})[kind]
				if err := place.Check(t.Context()); err != nil {
					t.Fatal(err)
				}
				tt.change(t, path)
				err := place.Put(t.Context(), plantedCredentials())
				if !errors.Is(err, tt.want) || strings.Contains(err.Error(), planted) {
					t.Errorf("%s: Put = %v, want %v", kind, err, tt.want)
				}
				if content, err := os.ReadFile(path); err == nil && string(content) != "precious" {
					t.Errorf("%s: the file was replaced", kind)
				}
			}
		})
	}
}

package tofu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// lockFile is where the tools keep which version of each provider a root works
// with: https://developer.hashicorp.com/terraform/language/files/dependency-lock
const lockFile = ".terraform.lock.hcl"

// unlock initialises with newer versions of the providers whose locked version
// the configuration no longer admits, and of no others: `init -upgrade` would
// take the newest of all of them, and fetch every module anew besides.
//
//  1. take the provider that init objects to out of the lock file
//  2. init, which takes the newest version that is admitted for what is not
//     locked, and go on with 1 while it objects to another one
//
// The lock file is put back when that fails. Twice is safe.
func (r *Root) unlock(ctx context.Context, objection *LockFileError) error {
	path := filepath.Join(r.dir, lockFile)
	before, err := os.ReadFile(path)
	if err != nil {
		return errors.Join(objection, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return errors.Join(objection, err)
	}
	for text := before; ; {
		shorter := withoutProvider(text, objection.Provider)
		if bytes.Equal(shorter, text) {
			// It names none, or one that is not locked: nothing helps.
			err = objection
			break
		}
		text = shorter
		if err = os.WriteFile(path, text, info.Mode().Perm()); err != nil {
			break
		}
		err = r.init(ctx)
		if !errors.As(err, &objection) {
			break
		}
		if text, err = os.ReadFile(path); err != nil {
			break
		}
	}
	if err == nil {
		return nil
	}
	if restore := os.WriteFile(path, before, info.Mode().Perm()); restore != nil {
		err = errors.Join(err, fmt.Errorf("put the lock file back: %w; take it from version control", restore))
	}
	return err
}

// withoutProvider is a lock file without the block of a provider. What is no
// lock file stays as it is.
func withoutProvider(text []byte, provider string) []byte {
	f, diags := hclsyntax.ParseConfig(text, lockFile, hcl.InitialPos)
	body, ok := f.Body.(*hclsyntax.Body)
	if diags.HasErrors() || !ok {
		return text
	}
	for _, b := range body.Blocks {
		if b.Type == "provider" && slices.Equal(b.Labels, []string{provider}) {
			whole := b.Range()
			return slices.Concat(text[:whole.Start.Byte], bytes.TrimLeft(text[whole.End.Byte:], "\n"))
		}
	}
	return text
}

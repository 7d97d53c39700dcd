package tofu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/migrate/envvar"
)

// CutStateError says that a state in a file is cut short: a run of the tool was
// ended while it wrote. The tool takes an empty file for a state that was never
// there, and would make everything anew.
type CutStateError struct {
	Path string
	// Copy is the copy that the tool had made before, "" when there is none
	// that is whole.
	Copy string
}

// Error says which, and how to put the copy back.
func (e *CutStateError) Error() string {
	text := e.Path + " is cut short: a run of the tool was ended while it wrote the state"
	if e.Copy == "" {
		return text + "; there is no copy beside it, as after the first apply of a root: then remove it with: rm " + e.Path +
			" and run again, and what is in the account is taken over; if the root was applied before, put a copy back instead, such as slipway's in the backups of its state directory"
	}
	return fmt.Sprintf("%s; nothing is done on it; put the tool's copy back with: cp %s %s; and run again", text, e.Copy, e.Path)
}

// cutState gives a [*CutStateError] when the root keeps its state in a file
// that is there and holds no state.
func (r *Root) cutState() error {
	path := filepath.Join(r.dir, "terraform.tfstate")
	if name := r.workspace(); name != "default" {
		path = filepath.Join(r.dir, "terraform.tfstate.d", name, "terraform.tfstate")
	}
	text, err := os.ReadFile(path)
	if err != nil || whole(text) {
		return nil // There is none, or whatever is wrong, it is something else.
	}
	out := &CutStateError{Path: path}
	if text, err := os.ReadFile(path + ".backup"); err == nil && whole(text) {
		out.Copy = path + ".backup"
	}
	return out
}

// workspace is the workspace in use, as the tool finds it without a backend:
// by TF_WORKSPACE, or by what was selected.
func (r *Root) workspace() string {
	if name := envvar.Value(r.environ, "TF_WORKSPACE"); name != "" {
		return name
	}
	data := envvar.Value(r.environ, "TF_DATA_DIR")
	if data == "" {
		data = ".terraform"
	}
	if !filepath.IsAbs(data) {
		data = filepath.Join(r.dir, data)
	}
	text, err := os.ReadFile(filepath.Join(data, "environment"))
	if name := strings.TrimSpace(string(text)); err == nil && name != "" {
		return name
	}
	return "default"
}

// whole reports whether a state file has been written to its end.
func whole(text []byte) bool { return len(bytes.TrimSpace(text)) > 0 && json.Valid(text) }

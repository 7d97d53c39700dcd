package ask

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/provision/ownfile"
)

// ReportFile asks for the file that an audit is written to. Endings are those
// that say a format.
func ReportFile(path *string, reports []audit.Report, endings []string) Question {
	suggested := "slipway-audit" + endings[0]
	if len(reports) == 1 && reports[0].Cluster != "" {
		suggested = "slipway-audit-" + filepath.Base(reports[0].Cluster) + endings[0]
	}
	all := strings.Join(endings, ", ")
	return Question{
		Name: "report", Label: "File", Empty: "not named yet", Placeholder: suggested, Suggested: suggested, Needed: true,
		text: path,
		Hint: func() string {
			if *path == "" {
				return "The ending says the format: " + all + ". Enter takes " + suggested + "."
			}
			return "It is made new, for you alone to read."
		},
		problems: func() []provision.Problem {
			switch {
			case *path == "":
				return []provision.Problem{{Field: "file", Rule: "is empty", Way: "name one, such as " + suggested}}
			case strings.HasPrefix(*path, "~"):
				return []provision.Problem{{Field: "file", Rule: fmt.Sprintf("%q begins with ~, which only a shell understands", *path), Way: "write the directory out"}}
			case !slices.Contains(endings, strings.ToLower(filepath.Ext(*path))):
				return []provision.Problem{{Field: "file", Rule: "has an ending that says no format", Way: "end it with one of " + all}}
			}
			return nil
		},
	}
}

// SaveNew writes a file that is not there yet, for its owner alone. One that is
// there is not touched.
func SaveNew(path string, text []byte) (err error) {
	f, err := ownfile.Create(path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &provision.Problem{Field: "file", Rule: path + " is there already", Way: "name another, or move it away first"}
	case err != nil:
		return fmt.Errorf("write %s: %w; name another file", path, cause(err))
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // Half a report must not look like a whole one.
		return fmt.Errorf("write %s: %w; nothing is left of it", path, cause(err))
	}
	return nil
}

// cause leaves out what a file error says of the path once more.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

package command_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/nullplatform/slipway/"

// The house: imports run one way, and the heavy libraries stay where they are
// wanted. Test files are free.
func TestImportsRunOneWay(t *testing.T) {
	files := 0
	for dir, imports := range importsByPackage(t, filepath.Join("..", "..")) {
		for _, imp := range imports {
			files++
			if why := forbidden(dir, imp); why != "" {
				t.Errorf("%s imports %s: %s", dir, imp, why)
			}
		}
	}
	if files == 0 {
		t.Fatal("no imports were found")
	}
}

// within reports whether a package is a folder or below it.
func within(dir, folder string) bool {
	return dir == folder || strings.HasPrefix(dir, folder+"/")
}

func forbidden(dir, imp string) string {
	own, isOwn := strings.CutPrefix(imp, module)
	charm := strings.HasPrefix(imp, "charm.land/") || strings.HasPrefix(imp, "github.com/charmbracelet/")
	switch {
	case charm && !within(dir, "ui"):
		return "drawing belongs to ui"
	case strings.HasPrefix(imp, "github.com/aws/") && dir != "provision/account" && !strings.HasSuffix(dir, "test"):
		return "only provision/account talks to AWS"
	case strings.HasPrefix(imp, "github.com/hashicorp/") && !within(dir, "migrate"):
		return "OpenTofu and HCL belong to migrate"
	case !isOwn:
		return ""
	case dir == "provision" && own != "provision/policy":
		return "the core is pure"
	case dir == "provision/policy":
		return "the policy engine stands alone"
	case within(dir, "provision") && !within(own, "provision"):
		return "provision knows neither jobs nor people"
	case within(dir, "migrate") && within(own, "ui"):
		return "jobs do not know who watches"
	case dir == "ui/view" && within(own, "ui"):
		return "drawings are at the end of the line"
	case dir == "ui/ask" && within(own, "ui"):
		return "what is asked does not know how"
	case (dir == "ui/wizard" || dir == "ui/plain") && own == "ui/command":
		return "who asks is called, and does not call"
	case dir == "ui/wizard" && own == "ui/plain", dir == "ui/plain" && own == "ui/wizard":
		return "screens and lines know nothing of each other"
	case dir == "" && own != "ui/command":
		return "main is wiring"
	}
	return ""
}

// importsByPackage reads the imports of all packages below root, by folder.
func importsByPackage(t *testing.T, root string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(filepath.ToSlash(rel), ".")
		for _, imp := range file.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			out[dir] = append(out[dir], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The rules must be able to say no.
func TestTheRulesRefuse(t *testing.T) {
	for _, tt := range [][2]string{
		{"provision/account", "charm.land/lipgloss/v2"},
		{"migrate", "github.com/aws/aws-sdk-go-v2/service/iam"},
		{"provision", module + "provision/account"},
		{"provision/audit", module + "migrate"},
		{"migrate/checklist", module + "ui/view"},
		{"ui/view", module + "ui/wizard"},
		{"ui/ask", module + "ui/view"},
		{"ui/plain", module + "ui/wizard"},
	} {
		if forbidden(tt[0], tt[1]) == "" {
			t.Errorf("%s may import %s", tt[0], tt[1])
		}
	}
}

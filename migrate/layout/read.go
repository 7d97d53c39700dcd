package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Read reads the configuration and variable files of a root. VarFiles are
// those that are given to the tool with -var-file, in that order. A directory
// without configuration is no error here; [Find] tells it as a problem. The
// selected workspace is read where the tools keep it.
func Read(dir string, varFiles ...string) (Root, error) {
	root := Root{Dir: filepath.ToSlash(filepath.Clean(dir)), Workspace: "default"}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Root{}, fmt.Errorf("read root %s: %w; name the directory that holds the .tf files", dir, err)
	}
	var auto []string
	vars := []string{}
	for _, e := range entries {
		name := e.Name()
		switch {
		case e.IsDir() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~"):
		case configuration(name):
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return Root{}, fmt.Errorf("read configuration: %w", err)
			}
			root.Files = append(root.Files, File{Name: name, Data: data})
		case name == "terraform.tfvars" || name == "terraform.tfvars.json":
			vars = append(vars, filepath.Join(dir, name)) // In this order, as listed.
		case strings.HasSuffix(name, ".auto.tfvars") || strings.HasSuffix(name, ".auto.tfvars.json"):
			auto = append(auto, filepath.Join(dir, name))
		}
	}
	root.Files = shadowed(root.Files)
	slices.Sort(auto)
	for _, path := range slices.Concat(vars, auto, varFiles) {
		data, err := os.ReadFile(path)
		if err != nil {
			return Root{}, fmt.Errorf("read variable file: %w; leave it out, or name one that is there", err)
		}
		root.Vars = append(root.Vars, File{Name: filepath.Base(path), Data: data})
	}
	switch selected, err := os.ReadFile(filepath.Join(dir, ".terraform", "environment")); {
	case err == nil && strings.TrimSpace(string(selected)) != "":
		root.Workspace = strings.TrimSpace(string(selected))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Root{}, fmt.Errorf("read the selected workspace: %w", err)
	}
	return root, nil
}

// configuration reports whether the tools read a file as configuration.
func configuration(name string) bool {
	for _, suffix := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// shadowed leaves out each x.tf that has an x.tofu beside it, as OpenTofu
// does.
func shadowed(files []File) []File {
	there := map[string]bool{}
	for _, f := range files {
		there[f.Name] = true
	}
	return slices.DeleteFunc(files, func(f File) bool {
		if stem, ok := strings.CutSuffix(f.Name, ".tf"); ok {
			return there[stem+".tofu"]
		}
		stem, ok := strings.CutSuffix(f.Name, ".tf.json")
		return ok && there[stem+".tofu.json"]
	})
}

// searchDepth is how far below a directory roots are looked for.
const searchDepth = 5

// Search gives the directories at and below dir whose configuration calls
// modules of our area, sorted. Hidden directories, and what the tools have
// fetched, are left out. What cannot be read is left out too: the search is a
// help, not a proof.
func Search(dir string) []string {
	var out []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		rel, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= searchDepth:
			return fs.SkipDir
		case d.IsDir() || !configuration(d.Name()) || slices.Contains(out, filepath.Dir(path)):
			return nil
		}
		if data, err := os.ReadFile(path); err == nil && callsOurs(File{Name: d.Name(), Data: data}) {
			out = append(out, filepath.Dir(path))
		}
		return nil
	})
	slices.Sort(out)
	return out
}

func callsOurs(f File) bool {
	p := parse("", f)
	return len(p.calls()) > 0
}

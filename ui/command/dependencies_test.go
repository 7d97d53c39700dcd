package command_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goTool runs the go command in the module's root.
func goTool(t *testing.T, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("SKIPPED ALOUD: go is not on the PATH")
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// Each direct dependency stands in CONTRIBUTING.md, with its reason.
func TestDependenciesHaveAReason(t *testing.T) {
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(goTool(t, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "## Dependencies")
	if !found {
		t.Fatal("CONTRIBUTING.md has no section on dependencies")
	}
	direct := 0
	for _, r := range mod.Require {
		if r.Indirect {
			continue
		}
		direct++
		if !strings.Contains(table, "`"+r.Path+"`") && !strings.Contains(table, "`"+parent(r.Path)+"`") {
			t.Errorf("CONTRIBUTING.md does not say what %s is for", r.Path)
		}
	}
	if direct == 0 {
		t.Fatal("no direct dependency was found")
	}
}

// parent is what the modules of one repository share; each module of the AWS
// SDK need not be named.
func parent(path string) string {
	const sdk = "github.com/aws/aws-sdk-go-v2"
	if strings.HasPrefix(path, sdk+"/") {
		return sdk
	}
	return path
}

// What is linked into slipway is licensed in a way that lets anybody use it.
func TestLicences(t *testing.T) {
	lines := strings.Fields(string(goTool(t, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}={{.Dir}}{{end}}{{end}}", ".")))
	slices.Sort(lines)
	lines = slices.Compact(lines)
	if len(lines) < 20 {
		t.Fatalf("only %d modules were found", len(lines))
	}
	for _, line := range lines {
		path, dir, _ := strings.Cut(line, "=")
		names := licences(t, dir)
		if len(names) == 0 {
			t.Errorf("%s: no licence was recognised", path)
		}
		t.Logf("%-60s %s", path, strings.Join(names, ", "))
	}
}

// licences are the names of the licences in a module's folder.
func licences(t *testing.T, dir string) []string {
	t.Helper()
	// Licences that ask for no more than being named, and one that asks for
	// changes of its own files to be published. Those that ask for more, the
	// GPL and its kin, are not here.
	phrases := map[string]string{
		"Apache License":                                          "Apache-2.0",
		"Mozilla Public License":                                  "MPL-2.0",
		"Permission is hereby granted, free of charge":            "MIT",
		"Redistribution and use in source and binary forms":       "BSD",
		"Permission to use, copy, modify, and distribute this":    "ISC",
		"Permission to use, copy, modify, and/or distribute this": "ISC",
		"released into the public domain":                         "Unlicense",
	}
	var names []string
	for _, pattern := range []string{"LICEN[CS]E*", "COPYING*", "licen[cs]e*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				continue // A folder of that name.
			}
			flat := strings.Join(strings.Fields(string(text)), " ")
			for phrase, name := range phrases {
				if strings.Contains(flat, phrase) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

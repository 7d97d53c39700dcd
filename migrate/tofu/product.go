package tofu

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Which of the two tools a state belongs to.

// Product tells by the provider addresses which tool the state belongs to; ok
// is false when they do not tell, as with mirrors under other names. One
// provider of OpenTofu's registry is enough: a root may spell out the other
// registry for the rest, and Terraform can no longer move what is there.
func (s *State) Product() (p Product, ok bool) {
	for _, p := range []Product{OpenTofu, Terraform} {
		if slices.ContainsFunc(s.Resources, func(r Resource) bool { return strings.HasPrefix(r.Provider, p.Registry()+"/") }) {
			return p, true
		}
	}
	return "", false
}

// Wrote tells which tool a state of this root belongs to, as [State.Product]
// does, but for roots that spell Terraform's registry out in the sources of
// their providers: there OpenTofu writes the same addresses, and they tell
// nothing.
func (r *Root) Wrote(s *State) (p Product, ok bool) {
	p, ok = s.Product()
	if !ok || p != Terraform {
		return p, ok
	}
	spelled := r.spelledOut()
	for _, res := range s.Resources {
		if strings.HasPrefix(res.Provider, Terraform.Registry()+"/") && !slices.Contains(spelled, res.Provider) {
			return Terraform, true
		}
	}
	return "", false
}

var spelledProvider = lazy(`"(registry\.terraform\.io/[\w.-]+/[\w.-]+)"`)

// spelledOut are the providers of Terraform's registry whose whole address
// stands in the configuration. What cannot be read spells nothing out.
func (r *Root) spelledOut() []string {
	var out []string
	for _, pattern := range []string{"*.tf", "*.tofu"} {
		files, _ := filepath.Glob(filepath.Join(r.dir, pattern)) // It fails for bad patterns alone.
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			for _, m := range spelledProvider().FindAllStringSubmatch(string(text), -1) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// CheckTool fails with an [*OtherToolError] when a state belongs to the other
// tool, and with a [*NewerStateError] when a newer minor version has written
// it: the tools read such a state in silence, and write it back as they know it.
func (r *Root) CheckTool(s *State) error {
	wrote, ok := r.Wrote(s)
	if ok && wrote != r.tool.Product {
		return &OtherToolError{Wrote: wrote, Tool: r.tool}
	}
	version, err := ParseVersion(s.Wrote)
	version.Patch = 0
	if ok && err == nil && r.tool.Version.Before(version) {
		return &NewerStateError{Wrote: s.Wrote, Tool: r.tool}
	}
	return nil
}

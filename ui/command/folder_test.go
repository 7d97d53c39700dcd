package command

import (
	"path/filepath"
	"testing"
)

func TestFolderOf(t *testing.T) {
	seen := map[string]string{}
	for cluster, want := range map[string]string{
		"demo":     "demo",
		"demo.eu":  "demo.eu",
		"Prod-1_a": "Prod-1_a",
		"console":  "console", // Begins like a device and is none.
		"..":       "~..~",    // Leads to the account's own folder.
		".":        "~.~",
		"demo.":    "~demo.~", // Windows leaves the dot out.
		"con":      "~con~",
		"NUL":      "~NUL~",
		"com1.eu":  "~com1.eu~",
	} {
		got := folderOf(cluster)
		if got != want || clusterOf(got) != cluster {
			t.Errorf("the folder of %q is %q, which is of %q; want %q", cluster, got, clusterOf(got), want)
		}
		if clean := filepath.Join("state", got); filepath.Dir(clean) != "state" {
			t.Errorf("%q leads to %s", cluster, clean)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q have one folder", cluster, other)
		}
		seen[got] = cluster
	}
}

package envvar_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/envvar"
)

// oneName says whether names that differ in case alone are one here.
const oneName = runtime.GOOS == "windows"

// either is what is expected where names differ by case, and where not.
func either[T any](here, onWindows T) T {
	if oneName {
		return onWindows
	}
	return here
}

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		why     string
		environ []string
		name    string
		want    string
	}{
		{"as it stands", []string{"A=1", "PATH=x"}, "PATH", "x"},
		{"the last one counts", []string{"PATH=x", "PATH=y"}, "PATH", "y"},
		{"a value may hold the sign", []string{"PATH=x=y"}, "PATH", "x=y"},
		{"no name is the beginning of another", []string{"PATHS=x"}, "PATH", ""},
		{"not there", []string{"A=1"}, "PATH", ""},
		{"no environment", nil, "PATH", ""},
		{"Windows writes Path", []string{"Path=x"}, "PATH", either("", "x")},
		{"and means what comes last", []string{"PATH=x", "Path=y"}, "PATH", either("x", "y")},
		{"its folders begin with the sign", []string{"=C:=C:\\", "PATH=x"}, "PATH", "x"},
	} {
		if got := envvar.Value(tt.environ, tt.name); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}

func TestWithout(t *testing.T) {
	given := []string{"TF_LOG=trace", "A=1", "tf_log=trace", "=C:=C:\\", "TF_LOGS=1"}
	before := slices.Clone(given)
	got := envvar.Without(given, func(name string) bool { return name == "TF_LOG" })
	want := either([]string{"A=1", "tf_log=trace", "=C:=C:\\", "TF_LOGS=1"}, []string{"A=1", "=C:=C:\\", "TF_LOGS=1"})
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.Equal(given, before) {
		t.Errorf("the environment that was given is now %q", given)
	}
}

func TestLook(t *testing.T) {
	dir := t.TempDir()
	put := func(folder, name string, mode os.FileMode) string {
		path := filepath.Join(dir, folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ending := either("", ".exe")
	one, two := put("one", "tofu"+ending, 0o700), put("two", "tofu"+ending, 0o700)
	put("text", either("tofu", "tofu.cmd"), 0o600) // Not to be run.
	if err := os.MkdirAll(filepath.Join(dir, "folder", "tofu"+ending), 0o700); err != nil {
		t.Fatal(err)
	}
	list := func(folders ...string) string {
		for i, f := range folders {
			if f != "." && f != "" {
				folders[i] = filepath.Join(dir, f)
			}
		}
		return strings.Join(folders, string(os.PathListSeparator))
	}
	for _, tt := range []struct {
		why     string
		environ []string
		want    string
	}{
		{"the first that is there", []string{"PATH=" + list("none", "two", "one")}, two},
		{"as Windows writes it", []string{"Path=" + list("one")}, either("", one)},
		{"what cannot be run is passed over", []string{"PATH=" + list("text", "one")}, one},
		{"a folder of that name too", []string{"PATH=" + list("folder", "one")}, one},
		{"relative entries do not count", []string{"PATH=" + list(".", "")}, ""},
		{"no PATH", nil, ""},
	} {
		t.Chdir(filepath.Join(dir, "one"))
		got, err := envvar.Look(tt.environ, "tofu")
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v; want %q", tt.why, got, err, tt.want)
		}
	}
	t.Chdir(t.TempDir()) // What is stood in cannot be removed everywhere.
}

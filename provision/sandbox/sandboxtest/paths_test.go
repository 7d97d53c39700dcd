package sandboxtest

import (
	"path/filepath"
	"testing"
)

func TestSlashes(t *testing.T) {
	for given, onWindows := range map[string]string{
		`File: DIR\a\b\c.env.`:     `File: DIR/a/b/c.env.`,
		`It is testdata\roots\x"`:  `It is testdata/roots/x"`,
		`.\roots, ..\infra`:        `./roots, ../infra`,
		`a "quoted \"word\"" \`:    `a "quoted \"word\"" \`,
		`nullplatform/demo, a/b c`: `nullplatform/demo, a/b c`,
	} {
		want := onWindows
		if filepath.Separator == '/' {
			want = given
		}
		if got := Slashes(given); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

// isNP reports whether this program was called as np.
func isNP(name string) bool { return filepath.Base(name) == envvar.Program("np") }

// playNP is a stand-in for nullplatform's command line: it notes what it is
// asked to do, says it, and says its secret too, as it should not.
func playNP(args []string) int {
	asked := strings.Join(args, " ")
	if err := os.WriteFile("args", []byte(asked+"\n"), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(asked, "with", os.Getenv("AWS_SECRET_ACCESS_KEY"))
	if os.Getenv("NP_FAILS") != "" {
		return 7
	}
	return 0
}

// np puts the stand-in for np into bin.
func installNP(ts *testscript.TestScript, _ bool, _ []string) {
	self, err := os.Executable()
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("bin"), 0o700))
	ts.Check(tofutest.Rename(self, filepath.Join(ts.MkAbs("bin"), envvar.Program("np"))))
}

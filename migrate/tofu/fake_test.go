package tofu_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/envvar"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

// script is what a stand-in for the tool does.
type script struct {
	// Says is what it prints, by its command, such as "plan" or "state pull".
	Says map[string]string
	// Fails is the command that fails after that.
	Fails string
	// Record is the folder in which it notes its arguments and environment;
	// empty for none.
	Record string
}

// fake makes a program that stands in for the tool, and gives its path: this
// test program under another name, with its script beside it. A file of
// commands for a shell would not do everywhere.
func fake(t *testing.T, name string, s script) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), envvar.Program(name))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := tofutest.Rename(self, path); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(scriptOf(path), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func scriptOf(program string) string { return program + ".script" }

// play is what this program does under another name. It tells false when it has
// its own.
func play() (code int, played bool) {
	text, err := os.ReadFile(scriptOf(os.Args[0])) // By the name that it was called.
	if err != nil {
		return 0, false
	}
	var s script
	if err = json.Unmarshal(text, &s); err == nil {
		err = s.run(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return 0, true
}

func (s *script) run(args []string) error {
	if s.Record != "" {
		if err := s.note(args); err != nil {
			return err
		}
	}
	command := strings.Join(commandOf(args), " ")
	if _, err := io.WriteString(os.Stdout, s.Says[command]); err != nil || command != s.Fails {
		return err
	}
	return errors.New("as the script wants it")
}

// commandOf is the words of a command, without options and files.
func commandOf(args []string) []string {
	if args[0] == "state" {
		return args[:2]
	}
	return args[:1]
}

func (s *script) note(args []string) error {
	f, err := os.OpenFile(filepath.Join(s.Record, "args"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, strings.Join(args, " "))
	return errors.Join(err, f.Close(),
		os.WriteFile(filepath.Join(s.Record, "env-"+strings.Join(commandOf(args), "-")), []byte(strings.Join(os.Environ(), "\n")), 0o600))
}

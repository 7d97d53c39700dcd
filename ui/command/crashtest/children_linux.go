package crashtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// watchChildren searches the arguments and the environment of the process and
// of all that it has started for secrets that were made since the start: any
// program of the same user can read those.
func (m *Machine) watchChildren(p *Process) {
	known := []string{m.key.Secret, m.toolKey.Secret, m.sb.Operator().Secret}
	var made []string
	for _, s := range m.sb.TestOnlySecrets() {
		if !slices.Contains(known, s) {
			made = append(made, s)
		}
	}
	planted := sandboxtest.Plant(made...)
	for _, pid := range family(p.cmd.Process.Pid) {
		for _, name := range []string{"cmdline", "environ"} {
			// A process that has ended meanwhile shows nothing any more.
			text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
			if form := planted.In(string(text)); form != "" {
				m.t.Errorf("a secret is %s in the %s of process %d", form, name, pid)
			}
		}
	}
}

// family is a process and all that descend from it.
func family(root int) []int {
	out := []int{root}
	parents := parents()
	for i := 0; i < len(out); i++ {
		for pid, parent := range parents {
			if parent == out[i] {
				out = append(out, pid)
			}
		}
	}
	return out
}

// parents tells the parent of every process.
func parents() map[int]int {
	out := map[int]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return out
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		// The name, in parentheses, may hold anything; the fields follow it.
		end := bytes.LastIndexByte(text, ')')
		if err != nil || end < 0 {
			continue
		}
		var state string
		var parent int
		if _, err := fmt.Sscan(string(text[end+1:]), &state, &parent); err != nil {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err == nil {
			out[pid] = parent
		}
	}
	return out
}

//go:build unix

package crashtest

import (
	"os"
	"syscall"
)

// killed is the exit code of a process that was ended by a signal.
const killed = -1

// kill ends a process at once. It fails for one that has been waited for.
func kill(p *os.Process) error { return p.Kill() }

// killGroup kills a process and all of its group.
func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

//go:build unix

package tofu

import (
	"os"
	"os/exec"
	"syscall"
)

// tempVariable names the folder for temporary files.
const tempVariable = "TMPDIR"

// apart puts the tool into a process group of its own: ctrl+c in the terminal
// reaches slipway alone, which then interrupts the tool once. Two interrupts
// would make it give up at once.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }

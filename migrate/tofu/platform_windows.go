package tofu

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// tempVariable names the folder for temporary files.
const tempVariable = "TMP"

// apart puts the tool into a process group of its own, which ctrl+c in the
// console does not reach: slipway interrupts the tool once.
// https://learn.microsoft.com/windows/win32/procthread/process-creation-flags
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// interrupt presses ctrl+break for the tool's group, which the tool takes for
// an interrupt and its providers pass over. Where there is no console the tool
// is let run to its end: one that is killed loses what it has not written.
// https://learn.microsoft.com/windows/console/generateconsolectrlevent
func interrupt(p *os.Process) error {
	_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid))
	return nil
}

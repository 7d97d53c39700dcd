package tofu

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

func executableExtensions() []string { return []string{".exe"} }

func executable(info fs.FileInfo) bool { return info.Mode().IsRegular() }

func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// interrupt does nothing: Windows cannot interrupt another process, and one
// that is killed loses what it has not written. It is let run to its end.
func interrupt(*os.Process) error { return nil }

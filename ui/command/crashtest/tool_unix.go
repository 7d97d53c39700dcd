//go:build unix

package crashtest

import "syscall"

// killGroup kills a process and all of its group.
func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

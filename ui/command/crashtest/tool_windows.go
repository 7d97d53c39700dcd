package crashtest

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// killed is the exit code of a process that was killed here. Windows has none
// of its own for that: who kills says which, and it is one that nobody else
// gives.
const killed = 7777

// kill ends a process at once. It fails for one that has been waited for.
func kill(p *os.Process) (err error) {
	// While its handle is open no other process gets its number.
	held := p.WithHandle(func(uintptr) {
		var h windows.Handle
		if h, err = windows.OpenProcess(windows.PROCESS_TERMINATE, false, uint32(p.Pid)); err == nil {
			err = errors.Join(windows.TerminateProcess(h, killed), windows.CloseHandle(h))
		}
	})
	return errors.Join(held, err)
}

// killGroup kills a process; what it has started is left to the system.
func killGroup(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return errors.Join(kill(p), p.Release())
}

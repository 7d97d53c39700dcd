//go:build !unix

package crashtest

import "os"

// killGroup kills a process; what it has started is left to the system.
func killGroup(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

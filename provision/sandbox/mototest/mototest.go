// Package mototest starts moto, an emulator of AWS that others wrote, for
// tests that want a second opinion on what the sandbox does.
//
// moto is an external program: https://docs.getmoto.org/en/latest/docs/server_mode.html
package mototest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// startup bounds the wait for moto to listen. It loads every service of AWS.
const startup = 60 * time.Second

// Start runs moto_server for the length of the test and returns its URL. The
// account in it is empty, and it accepts any key. Without moto_server on the
// PATH the test is skipped, with a message that says so.
func Start(t testing.TB) (url string) {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("SKIPPED ALOUD: moto_server is not on the PATH, so nothing compares the sandbox with another emulator; install moto[server] to run this test")
	}
	port := freePort(t)
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	output := &sandboxtest.Buffer{}
	ctx, end := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	// Then it is killed, and an output that a child keeps open is let go.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		end()
		t.Fatalf("start moto_server: %v", err)
	}
	exited := make(chan struct{})
	go func() {
		// The program is ended from here; how it exits says nothing.
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		end()
		<-exited
	})
	await(t, addr, exited, output)
	return "http://" + addr
}

// freePort asks the system for a port that nobody uses.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("find a free port: %s is not a TCP address", l.Addr())
	}
	return addr.Port
}

// await returns when the address takes connections.
func await(t testing.TB, addr string, exited <-chan struct{}, output *sandboxtest.Buffer) {
	t.Helper()
	deadline := time.After(startup)
	for {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-exited:
			t.Fatalf("moto_server ended before it listened on %s:\n%s", addr, output)
		case <-deadline:
			t.Fatalf("moto_server did not listen on %s within %s:\n%s", addr, startup, output)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// interrupt ends the process: politely where the system can, else at once.
func interrupt(p *os.Process) error {
	if p.Signal(os.Interrupt) == nil {
		return nil
	}
	return p.Kill()
}

//go:build unix

// Pictures makes the pictures of the README: the real program, in a real
// pseudo-terminal, on the sandbox, with each screen written as an SVG when it
// shows what it should. What it waits for and does not see is an error, so a
// picture of a screen that is gone cannot be made.
//
//	go run ./ui/pictures DIRECTORY
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// shot is one picture: a command line, what is done until the screen shows
// what it should, and the name of the file.
type shot struct {
	name          string
	args          []string
	width, height int
	// steps are pairs: wait for the first, then type the second.
	steps [][2]string
	// shows is what the screen has when the picture is taken.
	shows string
}

const (
	enter = "\r"
	down  = "\x1b[B"
)

// shots are the pictures in the order of the README.
func shots() []shot {
	install := []string{"install", "--sandbox", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--handover", "file:creds.env"}
	toPreview := [][2]string{
		{"enter yes, go on", enter}, {"Where should CI publish", enter}, {"Every name in the account", enter + enter + enter + enter + enter + enter},
	}
	return []shot{
		{"destinations", install, 84, 26, toPreview[:1], "What this adds"},
		{"preview", install, 124, 34, toPreview, "enter apply"},
		{
			"upgrade",
			[]string{"upgrade", "--sandbox=legacy", "--cluster", "demo"},
			84,
			24,
			[][2]string{{"enter yes, go on", enter}, {"Which installation", enter + enter + enter}},
			"Stays the same",
		},
		{
			"audit",
			[]string{"audit", "--sandbox=messy"},
			100,
			26,
			[][2]string{{"enter yes, go on", enter}, {"Which clusters", enter}, {"How it stands", enter}, {"What was found", down}},
			"> high",
		},
	}
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// run builds the program and takes every picture.
func run(ctx context.Context, args []string) (err error) {
	if len(args) != 1 {
		return fmt.Errorf("name the directory for the pictures, such as docs")
	}
	work, err := os.MkdirTemp("", "pictures")
	if err != nil {
		return fmt.Errorf("make a directory to work in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	program := filepath.Join(work, "slipway")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/nullplatform/slipway")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the program: %w", err)
	}
	if err := os.MkdirAll(args[0], 0o755); err != nil {
		return fmt.Errorf("make the directory %s: %w", args[0], err)
	}
	for _, s := range shots() {
		picture, err := s.take(ctx, program, work)
		if err != nil {
			return fmt.Errorf("take %s: %w", s.name, err)
		}
		path := filepath.Join(args[0], s.name+".svg")
		if err := os.WriteFile(path, []byte(picture), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		fmt.Println(path)
	}
	return nil
}

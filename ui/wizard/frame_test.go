package wizard

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// styles are the ways to draw.
func styles() map[string]func(*Options) {
	return map[string]func(*Options){
		"color": func(o *Options) { o.NoColor, o.ASCII = false, false },
		"plain": func(o *Options) { o.NoColor, o.ASCII = true, false },
		"ascii": func(o *Options) { o.NoColor, o.ASCII = true, true },
	}
}

// Every frame is exactly as wide and as high as the terminal, whatever is on
// it; and says where one stands and which keys there are.
func TestFramesFillTheTerminalExactly(t *testing.T) {
	widths := []int{40, 63, 80, 120, 200}
	heights := []int{12, 16, 24, 60}
	for name, style := range styles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frames, seen := 0, map[string]bool{}
			tour(t, style, func(stop string, d *driver) {
				seen[fmt.Sprintf("%T", d.r.current())] = true
				for _, w := range widths {
					for _, h := range heights {
						d.resize(w, h)
						checkFrame(t, stop, d.frame(), w, h, name)
						frames++
					}
				}
				d.resize(usualWidth, usualHeight)
			})
			t.Logf("%d frames", frames)
			for name, f := range flows(drive(t, freshAccount(), nil).s) {
				for _, sc := range f.screens {
					if kind := fmt.Sprintf("%T", sc); !seen[kind] {
						t.Errorf("the tour does not stop at %s, a screen of %s: show it in tour_test.go", kind, name)
					}
				}
			}
		})
	}
}

func checkFrame(t interface {
	Helper()
	Fatalf(string, ...any)
}, stop, frame string, w, h int, style string,
) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("%s at %dx%d has %d lines:\n%s", stop, w, h, len(lines), frame)
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got != w {
			t.Fatalf("%s at %dx%d: line %d is %d wide:\n%s", stop, w, h, i+1, got, frame)
		}
	}
	flat := strings.Join(strings.Fields(ansi.Strip(frame)), " ")
	if !strings.HasPrefix(flat, "slipway") || !strings.Contains(flat, "ctrl+c") && !strings.Contains(flat, "leave") {
		t.Fatalf("%s at %dx%d does not say what it is or how to leave:\n%s", stop, w, h, frame)
	}
	if style == "ascii" {
		for _, r := range ansi.Strip(frame) {
			if r > 0x7e {
				t.Fatalf("%s at %dx%d has %q:\n%s", stop, w, h, r, frame)
			}
		}
	}
	if style != "color" && strings.Contains(frame, "\x1b[3") {
		t.Fatalf("%s at %dx%d has colour: %q", stop, w, h, frame)
	}
}

// Any size, coming and going, too small ones among them.
func TestFramesAtAnySize(t *testing.T) {
	t.Parallel()
	const sizes = 30
	random := rand.New(rand.NewPCG(1, 2))
	tour(t, nil, func(stop string, d *driver) {
		for range sizes {
			w, h := 1+random.IntN(220), 1+random.IntN(70)
			d.resize(w, h)
			lines := strings.Split(d.frame(), "\n")
			if len(lines) != h {
				t.Fatalf("%s at %dx%d has %d lines", stop, w, h, len(lines))
			}
			for _, l := range lines {
				if ansi.StringWidth(l) != w {
					t.Fatalf("%s at %dx%d: a line is %d wide", stop, w, h, ansi.StringWidth(l))
				}
			}
		}
		d.resize(usualWidth, usualHeight)
	})
}

func TestTooSmallRecovers(t *testing.T) {
	d := drive(t, freshAccount(), nil)
	d.until("enter yes, go on")
	d.resize(39, 24)
	d.has("too small", "needs 40 x 12").press("enter").has("too small")
	d.resize(0, 0) // Some terminals say so; it is no news.
	d.has("too small")
	d.resize(40, 12)
	d.has("Is this the right account?")
	d.resize(39, 11)
	d.press("ctrl+c").untilQuit()
}

// Golden frames are read by people: without colour, without the blanks at the
// ends of lines, and without the drawings of package view, which has goldens
// of its own.
func TestGoldenFrames(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		name := fmt.Sprintf("%dx%d", size.w, size.h)
		t.Run(name, func(t *testing.T) {
			tour(t, nil, func(stop string, d *driver) {
				if strings.Contains("apply-log turn turn-log turn-stopped", stop) {
					return // What runs side by side is logged as it comes; a directory is the test's.
				}
				if stop == "layout-error" && runtime.GOOS == "windows" {
					t.Log("SKIPPED ALOUD: the frame layout-error says why in the words of another system")
					return
				}
				d.resize(size.w, size.h)
				golden(t, filepath.Join("testdata", name, stop+".txt"), sandboxtest.Slashes(trimEnds(ownLines(stop, ansi.Strip(d.frame())))))
				d.resize(usualWidth, usualHeight)
			})
		})
	}
}

// ownLines leaves out of a frame what package view draws on it.
func ownLines(stop, frame string) string {
	head := map[string]int{"destinations-ecr": 12, "destinations-both": 12, "summary": 7, "summary-upgrade": 7, "summary-root": 7}[stop]
	if strings.HasPrefix(stop, "preview-") && !strings.Contains("preview-asking preview-error preview-help", stop) {
		head = 8
	}
	if head == 0 {
		return frame
	}
	const foot = 2
	lines := strings.Split(frame, "\n")
	own := append(lines[:head:head], "", "          (drawn by package view)", "")
	own = append(own, lines[len(lines)-foot:]...)
	own[len(own)-foot] = "" // How long a drawing is, is its own business too.
	return strings.Join(own, "\n")
}

func trimEnds(frame string) string {
	lines := strings.Split(frame, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

package view

import (
	"reflect"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

func TestGlyphsAreOneCellWide(t *testing.T) {
	for alphabet, g := range map[string]Glyphs{"unicode": unicodeGlyphs(), "ascii": asciiGlyphs()} {
		v := reflect.ValueOf(g)
		for i := range v.NumField() {
			name, glyph := v.Type().Field(i).Name, v.Field(i).String()
			want := 1
			if name == "Ellipsis" && alphabet == "ascii" {
				want = 3
			}
			if ansi.StringWidth(glyph) != want {
				t.Errorf("%s %s is %q, want %d cells", alphabet, name, glyph, want)
			}
			if alphabet == "ascii" && len(glyph) != want {
				t.Errorf("%s %s is %q, which is not ASCII", alphabet, name, glyph)
			}
		}
	}
}

// States that stand in one column must differ without colour.
func TestGlyphsOfAColumnDiffer(t *testing.T) {
	for alphabet, g := range map[string]Glyphs{"unicode": unicodeGlyphs(), "ascii": asciiGlyphs()} {
		seen := map[string]bool{}
		for _, glyph := range []string{g.Done, g.Running, g.Waiting, g.Failed, g.NotRun} {
			if seen[glyph] {
				t.Errorf("%s: %q stands for two states", alphabet, glyph)
			}
			seen[glyph] = true
		}
	}
}

func TestThemes(t *testing.T) {
	plain, color := reflect.ValueOf(PlainTheme()), reflect.ValueOf(ColorTheme())
	for i := range plain.NumField() {
		name := plain.Type().Field(i).Name
		if got := plain.Field(i).Interface().(lipgloss.Style).Render("text"); got != "text" {
			t.Errorf("plain %s renders %q", name, got)
		}
		if got := color.Field(i).Interface().(lipgloss.Style).Render("text"); got == "text" || ansi.Strip(got) != "text" {
			t.Errorf("coloured %s renders %q", name, got)
		}
	}
}

func TestNewCanvas(t *testing.T) {
	if got := NewCanvas(0, true, false).Width; got != 80 {
		t.Errorf("a canvas of unknown width is %d wide, want 80", got)
	}
	if got := NewCanvas(10, true, false).Narrower(20).Width; got != 1 {
		t.Errorf("narrower than nothing is %d, want 1", got)
	}
}

package wizard

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/ownfile"
)

// The report goes to a file that the person names, in the format that its
// ending says, new and for them alone.
func TestAnAuditIsWrittenToAFile(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct{ name, begins, holds string }{
		{"report.md", "#", "somebody-0001"},
		{"report.HTML", "<!DOCTYPE html>", "somebody-0001"},
		{"report.json", "{", "somebody-0001"},
		{"report.csv", "account", "worst finding"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(dir, tc.name)
			d := drive(t, freshAccount(), audits(reportOf("demo", 3))).until("enter yes, go on").press("enter", "enter").until("How it stands")
			d.press("e").has("Write the report to a file", "The ending says the format", "esc back")
			d.press(path, "enter").until("The report is written").has("by you alone")
			d.press("enter").has("How it stands")
			text, err := os.ReadFile(path)
			if err != nil || !strings.HasPrefix(strings.ToLower(string(text)), strings.ToLower(tc.begins)) || !strings.Contains(string(text), tc.holds) {
				t.Errorf("%v: it holds %.200q", err, text)
			}
			if strings.HasSuffix(tc.name, ".json") && !json.Valid(text) {
				t.Errorf("it is no JSON: %q", text)
			}
			if others, err := ownfile.OthersMayRead(path); others || err != nil {
				t.Errorf("others may read it: %v, %v", others, err)
			}
		})
	}
}

// What cannot be written is told beside the field, and nothing that is there is
// touched.
func TestAReportThatCannotBeWritten(t *testing.T) {
	there := filepath.Join(t.TempDir(), "there.md")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := drive(t, freshAccount(), audits(reportOf("demo", 3))).until("enter yes, go on").press("enter", "enter").until("How it stands")
	d.press("e", "report.doc").has("has an ending that says no format", ".md, .html, .json, .csv").press("enter").has("Write the report")
	d.press("ctrl+u", there, "enter").until("is there already").has("Name another")
	d.press("x").lacks("is there already").has("says no format") // there.mdx
	d.press("ctrl+u", filepath.Join(filepath.Dir(there), "nowhere", "x.md"), "enter").until("name another file")
	if text, err := os.ReadFile(there); err != nil || string(text) != "mine" {
		t.Errorf("it holds %q, %v", text, err)
	}
	d.press("esc").has("How it stands")
}

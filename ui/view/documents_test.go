package view

import (
	"strings"
	"testing"
)

func TestDifference(t *testing.T) {
	const before = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["S3:putobject","s3:DeleteObject"],"Resource":"arn:aws:s3:::b/*"}}`
	const after = `{"Statement":[{"Resource":["arn:aws:s3:::b/*"],"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"]}],"Version":"2012-10-17"}`
	got := strings.Join(difference(before, after), "\n")
	if !strings.Contains(got, `-        "s3:DeleteObject",`) || !strings.Contains(got, `+        "s3:GetObject",`) {
		t.Errorf("the difference in actions, in their own spelling, is missing:\n%s", got)
	}
	if strings.Count(got, "\n-")+strings.Count(got, "\n+") != 2 {
		t.Errorf("order, case and lists of one count as differences:\n%s", got)
	}
	for _, l := range strings.Split(got, "\n") {
		if strings.HasPrefix(l, "---") || strings.HasPrefix(l, "+++") {
			t.Errorf("file names are left in: %q", l)
		}
	}
}

// A document that cannot be read as a policy is compared as it is.
func TestDifferenceOfWhatIsNoPolicy(t *testing.T) {
	got := strings.Join(difference("not JSON at all", `{"Version":"2012-10-17","Statement":[]}`), "\n")
	if !strings.Contains(got, "-not JSON at all") {
		t.Errorf("the text that is there is not shown:\n%s", got)
	}
}

// Code may be broken over lines, but none of it is lost.
func TestLongCodeGoesOnBelow(t *testing.T) {
	p := page{c: NewCanvas(20, false, false)}
	line := `    "Resource": "arn:aws:s3:::` + strings.Repeat("bucket", 5) + `/*"`
	p.codeLine(2, PlainTheme().Muted, line)
	var whole string
	for _, l := range p.lines {
		whole += strings.TrimPrefix(strings.TrimSpace(l), "> ")
	}
	if strings.ReplaceAll(whole, " ", "") != strings.ReplaceAll(line, " ", "") {
		t.Errorf("%q became:\n%s", line, p.String())
	}
}

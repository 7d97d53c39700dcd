package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
)

// drawings are all drawings of a preview.
func drawings(c Canvas, p *migrate.InstallPreview) map[string]string {
	return map[string]string{
		"headline":  Headline(c, p),
		"consent":   ConsentText(c, p),
		"changes":   Changes(c, p),
		"access":    Access(c, p),
		"reach":     AccessHeadline(c, p),
		"graph":     Graph(c, p),
		"documents": Documents(c, p),
		"calls":     Calls(c, p),
		"remarks":   Remarks(c, p),
	}
}

// keepsRules fails unless a drawing keeps the rules that the package gives for
// all of them.
func keepsRules(t rapid.TB, c Canvas, name, drawing string) {
	t.Helper()
	for i, l := range strings.Split(drawing, "\n") {
		bare := ansi.Strip(l)
		switch {
		case ansi.StringWidth(l) > c.Width:
			t.Fatalf("%s: line %d is %d cells wide, the canvas %d:\n%s", name, i+1, ansi.StringWidth(l), c.Width, l)
		case strings.HasSuffix(bare, " "):
			t.Fatalf("%s: line %d ends in a space: %q", name, i+1, l)
		case strings.IndexFunc(bare, active) >= 0:
			t.Fatalf("%s: line %d is not inert: %q", name, i+1, l)
		}
	}
	if drawing != strings.Trim(drawing, "\n") || strings.Contains(drawing, "\n\n\n") {
		t.Fatalf("%s: empty lines in the wrong place:\n%s", name, drawing)
	}
}

// someText is a name as an account may hold it, now and then a hostile one.
func someText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9+=,.@_-]{1,64}`),
		// Without what marks a cut, so that a mark in a drawing is one.
		rapid.Map(rapid.StringN(1, 40, 80), func(s string) string { return "x" + strings.ReplaceAll(s, "…", "") }),
		rapid.Just(hostileName),
		rapid.Just("大字"+strings.Repeat("長", 30)),
	)
}

// someValue is text as a policy may hold it.
func someValue() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9+=,.@_-]{1,64}`), rapid.Just(hostileValue))
}

// somePreview is a preview over an account in any state: nothing there, a part
// of it, changed documents, things of other people.
func somePreview(t *rapid.T) *migrate.InstallPreview {
	s := provision.Spec{Cluster: rapid.StringMatching(`[A-Za-z0-9+=,.@_-]{1,31}`).Draw(t, "cluster")}
	kinds := rapid.IntRange(1, 3).Draw(t, "destinations")
	if kinds&1 != 0 {
		s.Destinations = append(s.Destinations, ecr())
	}
	if kinds&2 != 0 {
		s.Destinations = append(s.Destinations, s3(rapid.StringMatching(`b[a-z0-9]{1,61}z`).Draw(t, "bucket")))
		s.CreateBucket = rapid.Bool().Draw(t, "create")
	}
	if kinds&1 != 0 && rapid.Bool().Draw(t, "pull") {
		s.CrossAccountPull, s.PullAccounts = true, []string{"210987654321", "345678901234"}
	}
	if rapid.Bool().Draw(t, "tags") {
		s.Tags = map[string]string{"team": "platform", strings.Repeat("k", 128): strings.Repeat("v", 256)}
	}
	inv := emptyAccount("")
	if s.Bucket() != "" {
		state := rapid.SampledFrom([]provision.BucketState{provision.BucketOwn, provision.BucketAbsent, provision.BucketForbidden})
		inv.Buckets = []provision.Bucket{{Name: s.Bucket(), State: state.Draw(t, "bucket state")}}
	}
	calls := planned(t, s, inv).Plan.Calls()
	for _, c := range calls[:rapid.IntRange(0, len(calls)).Draw(t, "done")] {
		if err := inv.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	disturb(t, inv)
	p := planned(t, s, inv)
	text := someText()
	if rapid.Bool().Draw(t, "remarks") {
		problem := provision.Problem{Field: text.Draw(t, "field"), Rule: text.Draw(t, "rule"), Way: text.Draw(t, "way")}
		p.Plan.Blockers = append(p.Plan.Blockers, problem)
		p.Warnings = append(p.Warnings, problem)
		p.Unchecked = append(p.Unchecked, text.Draw(t, "unchecked"))
	}
	return p
}

func planned(t rapid.TB, s provision.Spec, inv *provision.Inventory) *migrate.InstallPreview {
	b, err := provision.NewBlueprint(s, testPlace)
	if err != nil {
		t.Fatal(err)
	}
	return judged(t, &migrate.InstallPreview{Request: migrate.InstallRequest{Spec: b.Spec}, Inventory: inv, Plan: provision.NewPlan(b, inv)})
}

// disturb is what other people do to an account.
func disturb(t *rapid.T, inv *provision.Inventory) {
	text := someText()
	for i := range inv.Policies {
		if rapid.Bool().Draw(t, "other document") {
			inv.Policies[i].Document = rapid.SampledFrom([]string{
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, `{}`, hostileName,
				allowing("s3:*", "*", someValue().Draw(t, "condition")), allowing("ecr:*", "arn:aws:ecr:*:*:repository/a*", ""),
			}).Draw(t, "document")
		}
	}
	for i := range inv.Groups {
		if rapid.Bool().Draw(t, "other grant") {
			inv.Groups[i].Inline = []provision.InlinePolicy{{Name: text.Draw(t, "inline of group"), Document: allowing("s3:Get*", "arn:aws:s3:::x"+someValue().Draw(t, "resource"), "")}}
		}
		inv.Groups[i].Members = append(inv.Groups[i].Members, rapid.SliceOfN(text, 0, 2).Draw(t, "members")...)
	}
	if inv.User != nil {
		inv.User.Groups = append(inv.User.Groups, rapid.SliceOfN(text, 0, 2).Draw(t, "groups")...)
		inv.User.Tags = map[string]string{"team": text.Draw(t, "tag")}
	}
	if inv.Role != nil && rapid.Bool().Draw(t, "other trust") {
		inv.Role.Trust = trusting("arn:aws:iam::999999999999:role/other", someValue().Draw(t, "trust"))
		inv.Role.Inline = []provision.InlinePolicy{{Name: text.Draw(t, "inline")}}
	}
}

func TestDrawingsKeepTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width, utf8 := rapid.IntRange(40, 200).Draw(t, "width"), rapid.Bool().Draw(t, "utf8")
		plain, color := NewCanvas(width, utf8, false), NewCanvas(width, utf8, true)
		p := somePreview(t)
		colored := drawings(color, p)
		for name, drawing := range drawings(plain, p) {
			keepsRules(t, plain, name, drawing)
			keepsRules(t, color, name, colored[name])
			if ansi.Strip(colored[name]) != drawing {
				t.Fatalf("%s says something else in colour:\n%s\nand without:\n%s", name, ansi.Strip(colored[name]), drawing)
			}
		}
	})
}

// A foreign member's name is shown, but what it would do to a terminal is not
// done.
func TestHostileNamesAreShownInert(t *testing.T) {
	c := NewCanvas(200, true, true)
	p := hostileScene(t)
	for name, drawing := range map[string]string{"graph": Graph(c, p), "remarks": Remarks(c, p)} {
		for _, inert := range []string{`eve\x1b[31m\x1b]0;owned\x07`, `\u202etxt.exe`, `\u2066\u200b`, `\x9b2J`, `\xff`} {
			if !strings.Contains(drawing, inert) {
				t.Errorf("%s does not show %s:\n%s", name, inert, drawing)
			}
		}
		for _, act := range []string{"\x1b[31m\x1b]", "\x07", "\u202e", "\u2066", "\x9b2J"} {
			if strings.Contains(drawing, act) {
				t.Errorf("%s lets %q through", name, act)
			}
		}
	}
}

// Narrower than anybody works, a drawing may be ugly, but it keeps the rules.
func TestDrawingsFitAnyWidth(t *testing.T) {
	for _, s := range scenes(t) {
		for width := 20; width < 40; width += 3 {
			c := NewCanvas(width, false, false)
			for name, drawing := range drawings(c, s.preview) {
				keepsRules(t, c, fmt.Sprintf("%s/%s/%d", s.name, name, width), drawing)
			}
		}
	}
}

func TestChangesShowEveryChangeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePreview(t)
		p.Plan.Changes = append(p.Plan.Changes, provision.Change{
			ID: "unheard-of", Mark: provision.Remove, Title: "Remove a thing of the future",
			Entity: provision.Entity{Type: "thing", Name: "of-the-future"},
			Calls:  []provision.Call{{Action: "iam:DeleteThing"}},
		})
		c := NewCanvas(rapid.SampledFrom([]int{40, 80, 200}).Draw(t, "width"), true, false)
		got := map[byte]int{}
		for _, l := range strings.Split(Changes(c, p), "\n") {
			if l != "" {
				got[l[0]]++
			}
		}
		want := NewTally(p.Plan)
		if got['+'] != want.Add || got['~'] != want.Change || got['-'] != want.Remove {
			t.Fatalf("marked rows are %v, want %+v:\n%s", got, want, Changes(c, p))
		}
	})
}

// Names wrap: from 40 columns on, no tree and no remark is ever cut.
func TestNothingIsCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCanvas(rapid.IntRange(40, 200).Draw(t, "width"), true, false)
		p := somePreview(t)
		for name, drawing := range map[string]string{
			"headline": Headline(c, p), "changes": Changes(c, p), "graph": Graph(c, p), "remarks": Remarks(c, p), "documents": Documents(c, p),
			"access": Access(c, p), "reach": AccessHeadline(c, p), "consent": ConsentText(c, p),
		} {
			if strings.Contains(drawing, c.Glyphs.Ellipsis) {
				t.Fatalf("%s is cut:\n%s", name, drawing)
			}
		}
	})
}

func TestCallsShowEveryCallWithItsParameters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePreview(t)
		lines := strings.Fields(Calls(NewCanvas(600, true, false), p))
		for _, call := range p.Plan.Calls() {
			if !slices.Contains(lines, call.Service()+":"+call.Operation()) {
				t.Fatalf("%s is not shown", call)
			}
			for k, v := range call.Tags {
				if !slices.ContainsFunc(lines, func(w string) bool { return strings.TrimSuffix(w, ",") == k+"="+v }) {
					t.Fatalf("tag %s of %s is not shown", k, call)
				}
			}
			for _, q := range call.Params {
				if !isObject(q.Value) && !slices.Contains(lines, strings.Fields(Inert(q.Value))[0]) && !slices.Contains(lines, q.Name+"="+Inert(q.Value)) {
					t.Fatalf("%s of %s is not shown", q.Name, call)
				}
			}
		}
	})
}

func TestChecklistKeepsTheRulesAndItsHeight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCanvas(rapid.IntRange(40, 200).Draw(t, "width"), rapid.Bool().Draw(t, "utf8"), rapid.Bool().Draw(t, "color"))
		var list ChecklistState
		for i := range rapid.IntRange(1, 6).Draw(t, "steps") {
			list.Steps = append(list.Steps, checklist.Step{ID: fmt.Sprint(i), Title: someText().Draw(t, "title")})
		}
		states := rapid.SampledFrom([]checklist.State{checklist.Waiting, checklist.Running, checklist.Done, checklist.Failed, checklist.NotRun})
		for range rapid.IntRange(0, 10).Draw(t, "events") {
			list.Apply(checklist.Event{
				Step: rapid.SampledFrom(list.Steps).Draw(t, "step").ID, State: states.Draw(t, "state"),
				Detail: someText().Draw(t, "detail"), Took: time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "took")),
			})
		}
		drawing := Checklist(c, list)
		keepsRules(t, c, "checklist", drawing)
		if got := len(strings.Split(drawing, "\n")); got != len(list.Steps) {
			t.Fatalf("%d steps are %d lines:\n%s", len(list.Steps), got, drawing)
		}
	})
}

func TestSummariesKeepTheRules(t *testing.T) {
	for _, e := range endings(t) {
		for width := 40; width <= 200; width += 8 {
			plain, color := NewCanvas(width, true, false), NewCanvas(width, true, true)
			name := fmt.Sprintf("%s/%d", e.name, width)
			keepsRules(t, plain, name, Summary(plain, e.summary))
			keepsRules(t, color, name, Summary(color, e.summary))
			if ansi.Strip(Summary(color, e.summary)) != Summary(plain, e.summary) {
				t.Errorf("%s says something else in colour", name)
			}
		}
	}
}

func BenchmarkDrawings(b *testing.B) {
	p, c := preview(b, demo(), emptyAccount("demo-assets")), NewCanvas(120, true, true)
	for name, draw := range map[string]func(Canvas, *migrate.InstallPreview) string{
		"changes": Changes, "graph": Graph, "documents": Documents, "calls": Calls, "access": Access,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				draw(c, p)
			}
		})
	}
	b.Run("checklist", func(b *testing.B) {
		list := halfway()
		for b.Loop() {
			Checklist(c, list)
		}
	})
}

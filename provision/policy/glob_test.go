package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naive matches by trying everything; slow and plainly right.
func naive(p, s []rune) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	switch p[0] {
	case anyRun, segmentRun:
		return naive(p[1:], s) || len(s) > 0 && (p[0] == anyRun || s[0] != ':') && naive(p, s[1:])
	case anyOne, segmentOne:
		return len(s) > 0 && (p[0] == anyOne || s[0] != ':') && naive(p[1:], s[1:])
	}
	return len(s) > 0 && p[0] == s[0] && naive(p[1:], s[1:])
}

// genPattern draws compiled patterns over a tiny alphabet, all wildcards
// included.
func genPattern(t *rapid.T, label string) *language {
	text := rapid.StringOfN(rapid.RuneFrom([]rune{'a', 'b', ':', 'é', anyRun, anyRun, anyOne, segmentRun, segmentOne}), 0, 6, -1).Draw(t, label)
	return newLanguage(patternOf(text, false), text)
}

// texts are all texts of up to four letters over the alphabet and one letter
// beyond it.
func texts() []string {
	out := []string{""}
	for start, n := 0, 0; n < 4; n++ {
		end := len(out)
		for _, s := range out[start:end] {
			for _, c := range []string{"a", "b", ":", "é", "z"} {
				out = append(out, s+c)
			}
		}
		start = end
	}
	return out
}

func TestMatchAgreesWithNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := genPattern(t, "pattern")
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab:éz€")), 0, 9, -1).Draw(t, "text")
		if got, want := p.match(s), naive(p.tokens, []rune(s)); got != want {
			t.Fatalf("%q matches %q: %v, want %v", p.text, s, got, want)
		}
	})
}

// Containment and intersection of two patterns agree with every short text,
// and what the algebra claims it can show.
func TestKinAgreesWithBruteForce(t *testing.T) {
	all := texts()
	rapid.Check(t, func(t *rapid.T) {
		a, b := genPattern(t, "a"), genPattern(t, "b")
		meet, beyond := false, false
		for _, s := range all {
			if a.match(s) {
				if b.match(s) {
					meet = true
				} else {
					beyond = true
				}
			}
		}
		k := a.kin(b)
		switch {
		case meet && k == unrelated:
			t.Fatalf("%q and %q meet", a.text, b.text)
		case beyond && k == within:
			t.Fatalf("%q is not within %q", a.text, b.text)
		}
		inside, ok := search([]*language{a, b}, nil)
		if ok != a.meets(b) || ok && (!a.match(inside) || !b.match(inside)) {
			t.Fatalf("%q and %q: witness %q, %v", a.text, b.text, inside, ok)
		}
		outside, ok := search([]*language{a}, []*language{b})
		if ok && (!a.match(outside) || b.match(outside)) {
			t.Fatalf("%q without %q: witness %q", a.text, b.text, outside)
		}
		switch {
		case k == within && ok:
			t.Fatalf("%q within %q, but for %q", a.text, b.text, outside)
		case k == crossing && (!ok || inside == "" && !a.match("")):
			t.Fatalf("%q crosses %q without a witness", a.text, b.text)
		}
	})
}

func TestKinOfResources(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       kinship
	}{
		{"an object is within its bucket", "arn:aws:s3:::b/x", "arn:aws:s3:::b/*", within},
		{"a bucket is not within its objects", "arn:aws:s3:::b", "arn:aws:s3:::b/*", unrelated},
		{"a prefix is within a shorter one", "arn:aws:s3:::b/x*", "arn:aws:s3:::b/*", within},
		{"a shorter prefix goes beyond a longer one", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x*", crossing},
		{"a question mark is within an asterisk", "arn:aws:s3:::b/?", "arn:aws:s3:::b/*", within},
		{"an asterisk may be empty, a question mark not", "arn:aws:s3:::b/*", "arn:aws:s3:::b/?*", crossing},
		{"beginning and end overlap without either containing the other", "arn:aws:s3:::b/x*", "arn:aws:s3:::b/*x", crossing},
		{"a region keeps to its component", "arn:aws:ecr:us-*-1:*:repository/a", "arn:aws:ecr:*:*:repository/a", within},
		{"repositories of two teams", "arn:aws:ecr:*:*:repository/a/*", "arn:aws:ecr:*:*:repository/b/*", unrelated},
		{"everything", "arn:aws:s3:::b/*", "*", within},
		{"two spellings of one set", "arn:aws:s3:::b/**", "arn:aws:s3:::b/*", within},
	} {
		t.Run(c.name, func(t *testing.T) {
			of := func(s string) *language {
				tm := newTemplate(s, true, false, conditionARN)
				return newLanguage(tm.pattern, s)
			}
			if got := of(c.a).kin(of(c.b)); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// A search that would visit too many states gives up on the safe side.
func TestSearchGivesUp(t *testing.T) {
	var in, out []*language
	for i := range 12 {
		text := string(rune(anyRun)) + strings.Repeat(string(rune(anyOne)), i) + "a" + strings.Repeat(string(rune(anyOne)), 11) + string(rune(anyRun))
		in = append(in, newLanguage(patternOf(text, false), text))
		out = append(out, newLanguage(patternOf(string(rune('b'+i))+string(rune(anyRun))+"a"+strings.Repeat(string(rune(anyOne)), 14), false), ""))
	}
	if w, ok := search(in, out); !ok {
		t.Errorf("got %q, %v: a search that gives up must say yes", w, ok)
	}
}

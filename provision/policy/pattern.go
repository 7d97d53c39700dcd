package policy

import (
	"strings"
	"unicode/utf8"
)

// A pattern is text with wildcards, compiled once. Wildcards are kept as
// control bytes that no policy may contain, so that a literal asterisk, from
// ${*} or from the value of a variable, needs no escape.
const (
	anyRun     = '\x01' // * : any characters
	anyOne     = '\x02' // ? : one character
	segmentRun = '\x03' // * within an ARN segment: any characters but a colon
	segmentOne = '\x04' // ? within an ARN segment: one character but a colon
)

// reserved are the bytes above; text that holds one cannot be put in a
// pattern.
const reserved = "\x01\x02\x03\x04"

// pattern is compiled text with wildcards.
type pattern struct {
	text string
	wild bool // holds a wildcard
	all  bool // matches everything
	fold bool // text is lower case and letters match in either case
	// chunks are the literal texts around the runs, when the pattern has no
	// other wildcards and keeps to case: the common form, matched fastest.
	chunks []string
}

// newPattern compiles plain text in which * and ? are wildcards that know no
// segments. With fold it ignores the case of ASCII letters.
func newPattern(text string, fold bool) pattern {
	if fold {
		text = lowerASCII(text)
	}
	return patternOf(wildcards(text), fold)
}

// patternOf wraps text whose wildcards are compiled already.
func patternOf(text string, fold bool) pattern {
	p := pattern{
		text: text,
		wild: strings.ContainsAny(text, reserved),
		all:  text != "" && strings.Trim(text, string(rune(anyRun))) == "",
		fold: fold,
	}
	if p.wild && !fold && !strings.ContainsAny(text, string([]byte{anyOne, segmentRun, segmentOne})) {
		p.chunks = strings.Split(text, string(rune(anyRun)))
	}
	return p
}

// wildcards replaces * and ? by the bytes that stand for them.
func wildcards(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '*':
			return anyRun
		case '?':
			return anyOne
		}
		return r
	}, text)
}

// match reports whether the whole of s is in the pattern's language.
func (p *pattern) match(s string) bool {
	switch {
	case p.all:
		return true
	case p.chunks != nil:
		return matchChunks(p.chunks, s)
	case p.wild:
		return globMatch(p.text, s, p.fold)
	case p.fold:
		return len(p.text) == len(s) && foldPrefix(s, p.text)
	default:
		return p.text == s
	}
}

// matchChunks matches literal texts with runs between them: the first must
// begin s, the last must end it, and the others follow one another, each as
// early as possible.
func matchChunks(chunks []string, s string) bool {
	first, last := chunks[0], chunks[len(chunks)-1]
	if len(s) < len(first)+len(last) || s[:len(first)] != first || s[len(s)-len(last):] != last {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, chunk := range chunks[1 : len(chunks)-1] {
		i := strings.Index(s, chunk)
		if i < 0 {
			return false
		}
		s = s[i+len(chunk):]
	}
	return true
}

// globMatch matches with backtracking to the last run only, which is enough
// for globs and takes time at most len(p)·len(s). A run bounded by a segment
// cannot swallow a colon, so the last unbounded run is kept as well.
func globMatch(p, s string, fold bool) bool {
	var i, j int
	run, mark := -1, 0        // after the last unbounded run, and where it may end
	inner, innerMark := -1, 0 // the same for the last bounded run
	for j < len(s) || i < len(p) {
		if i < len(p) {
			switch c := p[i]; {
			case c == anyRun:
				if i++; i == len(p) {
					return true
				}
				run, mark, inner = i, j, -1
				continue
			case c == segmentRun:
				i++
				inner, innerMark = i, j
				continue
			case j < len(s) && (c == anyOne || c == segmentOne && s[j] != ':'):
				i, j = i+1, j+runeLen(s[j:])
				continue
			case j < len(s) && (c == s[j] || fold && c == lowerByte(s[j])):
				i, j = i+1, j+1
				continue
			}
		}
		switch {
		case inner >= 0 && innerMark < len(s) && s[innerMark] != ':':
			innerMark += runeLen(s[innerMark:])
			i, j = inner, innerMark
		case run >= 0 && mark < len(s):
			mark += runeLen(s[mark:])
			i, j, inner = run, mark, -1
		default:
			return false
		}
	}
	return true
}

// runeLen is the length of the first character of s.
func runeLen(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// foldPrefix reports whether s begins with the lower-case text.
func foldPrefix(s, lower string) bool {
	for i := range len(lower) {
		if lowerByte(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

// lowerByte lowers one ASCII letter.
func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerASCII lowers ASCII letters and leaves everything else alone: actions
// and condition keys are ASCII, and Unicode folding could change lengths.
func lowerASCII(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lowerByte(b[i])
			}
			return string(b)
		}
	}
	return s
}

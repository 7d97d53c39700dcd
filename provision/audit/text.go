package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func quoted(s string) string { return strconv.Quote(s) }

// listed joins items with commas, and "and" before the last.
func listed(items []string) string {
	switch n := len(items); n {
	case 0:
		return ""
	case 1:
		return items[0]
	default:
		return strings.Join(items[:n-1], ", ") + " and " + items[n-1]
	}
}

// mostNamed is how many items a sentence names before it counts the rest.
const mostNamed = 4

// some names a few items and counts the rest.
func some(items []string) string {
	if len(items) <= mostNamed+1 {
		return listed(items)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:mostNamed], ", "), len(items)-mostNamed)
}

const day = 24 * time.Hour

// days is how many whole days lie between two times.
func days(from, to time.Time) int { return max(0, int(to.Sub(from)/day)) }

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// were puts a verb into the right form.
func were(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// matches reports whether a pattern with * and ? matches a text, in any case.
func matches(pattern, text string) bool {
	p, s := pattern, text
	star, from := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && (p[i] == '?' || lower(p[i]) == lower(s[j])) && p[i] != '*':
			i, j = i+1, j+1
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}

// lower is an ASCII letter in lower case; actions have no others.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// within reports whether a pattern can match any action of a list.
func within(pattern string, actions ...string) bool {
	for _, a := range actions {
		if matches(pattern, a) || matches(a, pattern) {
			return true
		}
	}
	return false
}

func nameOfARN(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// accountOf is the account in an ARN or in a bare account ID, or empty.
func accountOf(principal string) string {
	if isAccountID(principal) {
		return principal
	}
	parts := strings.SplitN(principal, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

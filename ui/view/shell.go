package view

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// quote writes one word for a POSIX shell. Words with characters that would
// act on a terminal are written in the form $'…', which bash, zsh and ksh
// read, so that what is shown is inert and what is pasted is exact.
func quote(word string) string {
	if word == "" {
		return "''"
	}
	if strings.IndexFunc(word, active) >= 0 || !utf8.ValidString(word) {
		return quoteBytes(word)
	}
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,+@%="
	if strings.Trim(word, safe) == "" && word[0] != '=' {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// quoteBytes escapes every byte that is not printable ASCII, in octal: hex
// escapes have no end of their own.
func quoteBytes(word string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// command writes a command line, its words quoted.
func command(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = quote(a)
	}
	return strings.Join(quoted, " ")
}

// Commands are command lines for a shell, one a line.
func Commands(list [][]string) string {
	var lines []string
	for _, args := range list {
		lines = append(lines, command(args))
	}
	return strings.Join(lines, "\n")
}

package plain

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errLeft says that the person wants to leave: they said so, the input ended,
// or the context did.
var errLeft = errors.New("left")

// errBack says that the person wants to go back.
var errBack = errors.New("back")

// errNoText is a line that is none: keys such as arrows, or a line without end.
var errNoText = errors.New("that line holds keys or bytes that are no text, such as arrows; type words or numbers")

// longest is how long a line may be, which is far longer than any answer.
const longest = 4096

// reader gives the lines of the input, one at a time and only when asked. It
// is the only one who reads. A read cannot be broken off, so when a context
// ends the line that comes next is lost; nobody asks after that.
type reader struct {
	wanted chan struct{}
	lines  chan line
}

type line struct {
	text string
	err  error
}

func newReader(in io.Reader) *reader {
	r := &reader{wanted: make(chan struct{}), lines: make(chan line, 1)}
	go func() {
		from := bufio.NewReaderSize(in, longest)
		for range r.wanted {
			text, err := readLine(from)
			r.lines <- line{text, err}
		}
	}()
	return r
}

// readLine reads up to the end of a line. Text without an end that stands at
// the end of the input is a line too.
func readLine(from *bufio.Reader) (string, error) {
	text, err := from.ReadSlice('\n')
	whole := string(text)
	for errors.Is(err, bufio.ErrBufferFull) {
		whole = "\x00" // Too long to be anything; the rest is read and dropped.
		_, err = from.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || whole == "") {
		return "", errLeft
	}
	whole = strings.TrimSpace(strings.TrimRight(whole, "\r\n"))
	if !utf8.ValidString(whole) || strings.ContainsFunc(whole, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) {
		return "", errNoText
	}
	return whole, nil
}

// close ends the reader, at once or when the read that is under way comes back.
func (r *reader) close() { close(r.wanted) }

// next gives the next line, without the spaces around it.
func (r *reader) next(ctx context.Context) (string, error) {
	if ctx.Err() != nil {
		return "", errLeft
	}
	select {
	case r.wanted <- struct{}{}:
	case <-ctx.Done():
		return "", errLeft
	}
	select {
	case l := <-r.lines:
		return l.text, l.err
	case <-ctx.Done():
		return "", errLeft
	}
}

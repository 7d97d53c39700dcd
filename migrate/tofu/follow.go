package tofu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// logged runs a command that must outlive this process: an apply has to come to
// its end, and whatever takes the lock of the state has to give it back, which
// it would not if writing to a broken pipe ended it. Its output goes to files of
// the private directory, which are followed while it runs.
func (r *Root) logged(ctx context.Context, p *private, l *listener, args ...string) (err error) {
	// One directory may see several commands.
	log, err := p.numbered("log")
	if err != nil {
		return err
	}
	words, err := p.numbered("words")
	if err != nil {
		return errors.Join(err, log.Close())
	}
	defer func() { err = errors.Join(err, log.Close(), words.Close()) }()

	ended, followed := make(chan struct{}), make(chan error, 1)
	go func() { followed <- follow(log.Name(), l, ended) }()
	err = r.process().run(ctx, log, words, args...)
	close(ended)
	if followErr := <-followed; err == nil {
		err = followErr
	}
	var exit *exitError
	if errors.As(err, &exit) {
		exit.stderr = lastWords(words.Name())
	}
	return err
}

// often is how often a file that grows is looked at.
const often = 50 * time.Millisecond

// follow reads a file that another process writes, until that has ended and
// all of it is read.
func follow(path string, l *listener, ended <-chan struct{}) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("follow the events: %w", err)
	}
	defer f.Close() //nolint:errcheck // It was only read.
	lines := &lineReader{from: f}
	look := time.NewTicker(often)
	defer look.Stop()
	for last := false; ; {
		if err := lines.each(l.line, last); err != nil {
			return fmt.Errorf("follow the events: %w", err)
		}
		if last {
			return nil
		}
		select {
		case <-ended:
			last = true
		case <-look.C:
		}
	}
}

// lineReader reads whole lines of a file that grows.
type lineReader struct {
	from io.Reader
	rest []byte
}

// each hands over the lines that have become whole, and at the last time the
// rest too.
func (r *lineReader) each(line func([]byte), last bool) error {
	more, err := io.ReadAll(r.from)
	if err != nil {
		return err
	}
	r.rest = append(r.rest, more...)
	for {
		i := bytes.IndexByte(r.rest, '\n')
		if i < 0 {
			break
		}
		line(r.rest[:i])
		r.rest = r.rest[i+1:]
	}
	if last && len(r.rest) > 0 {
		line(r.rest)
	}
	return nil
}

// lastWords reads what a command has written to standard error, cut to a size
// for a person.
func lastWords(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(plain(text[max(0, len(text)-mostWords):]))
}

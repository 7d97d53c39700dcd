package tofu

import (
	"context"
	"errors"
	"regexp"
	"strings"
)

// failure makes the most telling error of a command that failed. What a
// context says is passed on as it is.
func (r *Root) failure(ctx context.Context, command string, list []Diagnostic, err error) error {
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return err
	}
	var exit *exitError
	if len(list) == 0 && errors.As(err, &exit) {
		list = spoken(exit.stderr)
	}
	list = errorsIn(list)
	fail := &CommandError{Command: command, Tool: r.tool, Dir: r.dir, Diagnostics: list, Err: err}
	for _, d := range list {
		if known := recognise(d, r.tool, fail); known != nil {
			return known
		}
	}
	return fail
}

// signature recognises one kind of failure by words that both tools use. The
// tools have no codes; the words are those of their sources, and tests run the
// real tool against them.
type signature struct {
	words *regexp.Regexp
	// typed makes the error of what was said and of what the words caught.
	typed func(said string, m []string, t Tool, fail error) error
}

var (
	lockField = func(name string) pattern { return lazy(`(?m)^\s*` + name + `:\s+(.*?)\s*$`) }
	lockID    = lockField("ID")
	lockWho   = lockField("Who")
	lockFor   = lockField("Operation")
	lockSince = lockField("Created")
	lockNamed = lazy(`already locked: ID=(\S+)`)
)

// locked reads who holds a lock. The backend "http" names the lock in its
// answer, and what the tool tells beside it is itself.
func locked(said string, fail error) error {
	e := &LockedError{
		ID: first(lockID, said), Who: first(lockWho, said),
		Operation: strings.TrimPrefix(first(lockFor, said), "OperationType"), Created: first(lockSince, said), Err: fail,
	}
	if id := first(lockNamed, said); id != "" && id != e.ID {
		return &LockedError{ID: id, Err: fail}
	}
	return e
}

func first(p pattern, s string) string {
	if m := p().FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

func signatures() []signature {
	re := regexp.MustCompile
	return []signature{
		{re(`state snapshot was created by \S+ v(\S+?),? which is newer|(?i)unsupported state file format`), func(_ string, m []string, t Tool, fail error) error {
			return &NewerStateError{Wrote: m[1], Tool: t, Err: fail}
		}},
		{re(`Error acquiring the state lock|error locking state`), func(said string, _ []string, _ Tool, fail error) error {
			if first(lockID, said) == "" {
				// No lock is in the way: the tool could not even look.
				return nil
			}
			return locked(said, fail)
		}},
		{re(`(?s)locked provider (\S+) \S+ does not match|Inconsistent dependency lock file.*must use .* init -upgrade`), func(_ string, m []string, _ Tool, fail error) error {
			return &LockFileError{Provider: m[1], Err: fail}
		}},
		{re(`Saved plans not allowed|Saving a generated plan is currently not supported`), func(_ string, _ []string, _ Tool, fail error) error {
			return &RemotePlanError{Err: fail}
		}},
		{re(`Saved plan is stale`), func(_ string, _ []string, _ Tool, fail error) error { return &StalePlanError{Err: fail} }},
		{re(`(?s)Failed to download module.*?(?:module source|source|download) "?([^"\s]+)"?|Could not download module "([^"]+)"|Unreadable module directory|Module not found`), func(_ string, m []string, _ Tool, fail error) error {
			return &UnreachableError{What: orWords(m[1], m[2]), Err: fail}
		}},
		{re(`(?s)(?:Failed to query available provider packages|Failed to install provider|Could not retrieve the list of available versions|Incompatible provider version|provider registry\.[^ ]+ was not found).*?\bprovider\s+"?([\w.-]+/[\w./-]+)`), func(_ string, m []string, _ Tool, fail error) error {
			return &MissingProviderError{Provider: strings.TrimSuffix(m[1], ":"), Err: fail}
		}},
		{re(`Required plugins are not installed|Inconsistent dependency lock file|Backend initialization required|Module not installed|Missing required provider|[Pp]lease run "\w+ init"|Module version requirements have changed|Module source has changed`), func(_ string, _ []string, _ Tool, fail error) error {
			return &UninitializedError{Err: fail}
		}},
	}
}

// recognise gives a typed error for a diagnostic, or nil.
func recognise(d Diagnostic, t Tool, fail error) error {
	said := d.Summary + "\n" + d.Detail
	// The tool breaks its lines for a terminal.
	flat := strings.Join(strings.Fields(said), " ")
	for _, s := range signatures() {
		m := s.words.FindStringSubmatch(flat)
		if m == nil {
			continue
		}
		if err := s.typed(said, m, t, fail); err != nil {
			return err
		}
	}
	return nil
}

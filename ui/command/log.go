package command

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// redacting is a log handler that lets no secret through, whoever logs: the
// AWS SDK writes whole requests and answers, and other libraries may do as
// they like. It takes out what is named as a secret, what the wire formats of
// AWS carry as one, and every run of 40 characters that could be a secret
// access key.
type redacting struct{ to slog.Handler }

var _ slog.Handler = redacting{}

const redactedText = "[redacted]"

// Enabled asks the handler behind.
func (r redacting) Enabled(ctx context.Context, l slog.Level) bool { return r.to.Enabled(ctx, l) }

// WithAttrs redacts what is given ahead.
func (r redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = redactAttr(a)
	}
	return redacting{r.to.WithAttrs(out)}
}

// WithGroup passes the group on.
func (r redacting) WithGroup(name string) slog.Handler { return redacting{r.to.WithGroup(name)} }

// Handle passes a record on without its secrets.
func (r redacting) Handle(ctx context.Context, rec slog.Record) error {
	out := slog.NewRecord(rec.Time, rec.Level, redact(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(redactAttr(a))
		return true
	})
	return r.to.Handle(ctx, out)
}

// redactAttr keeps numbers and the like; all else goes through its text, so
// that nothing hides within a value.
func redactAttr(a slog.Attr) slog.Attr {
	if secretPatterns().name.MatchString(a.Key) {
		return slog.String(a.Key, redactedText)
	}
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindGroup:
		var group []any
		for _, g := range v.Group() {
			group = append(group, redactAttr(g))
		}
		return slog.Group(a.Key, group...)
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, redact(v.String()))
	default:
		return slog.Attr{Key: a.Key, Value: v}
	}
}

// patterns are compiled when the first line is logged: most runs log nothing.
type patterns struct {
	// name is of attributes whose value is a secret, whatever it looks like.
	name *regexp.Regexp
	// shapes are how secrets stand in texts.
	shapes []*regexp.Regexp
	// run is as long as a secret access key, or longer.
	run *regexp.Regexp
}

var secretPatterns = sync.OnceValue(func() patterns {
	p := patterns{
		name: regexp.MustCompile(`(?i)secret|token|password|credential|authorization|api.?key`),
		run:  regexp.MustCompile(`[A-Za-z0-9/+=]{40,}`),
	}
	for _, shape := range []string{
		// Headers, to the end of their line.
		`(?im)^(\s*(?:authorization|x-amz-security-token|cookie|set-cookie)\s*:)[^\r\n]*`,
		// XML and JSON of IAM and STS.
		`(?is)(<(?:SecretAccessKey|SessionToken)>)[^<]*`,
		`(?i)("(?:secret_?access_?key|session_?token|secret|password|token)"\s*:\s*")(?:[^"\\]|\\.)*`,
		// Assignments, and signatures and tokens in addresses.
		`(?i)((?:secret_access_key|session_token|X-Amz-Signature|X-Amz-Security-Token)=)[^&\s]+`,
	} {
		p.shapes = append(p.shapes, regexp.MustCompile(shape))
	}
	return p
})

// redact takes secrets out of a text.
func redact(text string) string {
	p := secretPatterns()
	for _, shape := range p.shapes {
		text = shape.ReplaceAllString(text, "${1}"+redactedText)
	}
	return p.run.ReplaceAllStringFunc(text, func(run string) string {
		if len(run) <= secretLength+2 && strings.ContainsFunc(run, unicode.IsUpper) {
			return redactedText
		}
		return run
	})
}

// secretLength is that of every secret access key.
const secretLength = 40

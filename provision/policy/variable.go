package policy

import "strings"

// Policy variables: ${key}, ${key, 'default'} and the escapes ${*}, ${?} and
// ${$}. They exist in Version2012 only; before, they are plain text.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

// hole is where a variable's value goes in a template's text.
const hole = '\x05'

// variable is one reference to a condition key.
type variable struct {
	key, lower  string
	fallback    string
	hasFallback bool
}

// template is a pattern with variables in it.
type template struct {
	pattern
	variables []variable
	segments  segmentation
}

// newTemplate compiles text. With wild, * and ? are wildcards; with
// variables, ${...} is resolved.
func newTemplate(text string, wild, variables bool, segments segmentation) template {
	t := template{segments: segments}
	var b strings.Builder
	literal := func(s string) {
		if wild {
			s = wildcards(s)
		}
		b.WriteString(s)
	}
	for variables {
		before, rest, ok := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			break
		}
		literal(before)
		text = after
		switch name {
		case "*", "?", "$":
			b.WriteString(name)
			continue
		}
		v, ok := parseVariable(name)
		if !ok {
			literal("${" + name + "}")
			continue
		}
		b.WriteByte(hole)
		t.variables = append(t.variables, v)
	}
	literal(text)
	if len(t.variables) > 0 {
		t.pattern = pattern{text: b.String(), wild: true}
		return t
	}
	t.pattern = patternOf(segments.apply(b.String()), false)
	return t
}

// parseVariable reads what stands between the braces.
func parseVariable(s string) (variable, bool) {
	key, fallback, has := strings.Cut(s, ",")
	key = strings.TrimSpace(key)
	v := variable{key: key, lower: lowerASCII(key)}
	if key == "" {
		return v, false
	}
	if has {
		fallback = strings.TrimSpace(fallback)
		if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
			return v, false
		}
		v.fallback, v.hasFallback = fallback[1:len(fallback)-1], true
	}
	return v, true
}

// resolve puts the variables' values in. The result is yes with the pattern,
// no when a variable has no single value, unknown when its key is.
func (t *template) resolve(c *Context) (pattern, truth) {
	if len(t.variables) == 0 {
		return t.pattern, yes
	}
	var b strings.Builder
	rest := t.text
	answer := yes
	for i := range t.variables {
		before, after, _ := strings.Cut(rest, string(rune(hole)))
		b.WriteString(before)
		rest = after
		value, ok := t.variables[i].value(c)
		answer = min(answer, ok)
		b.WriteString(value)
	}
	if answer != yes {
		return pattern{}, answer
	}
	b.WriteString(rest)
	return patternOf(t.segments.apply(b.String()), false), yes
}

// value resolves one variable. A key with several values has no place in a
// text and counts as absent.
func (v *variable) value(c *Context) (string, truth) {
	values, known := c.lookup(v.key, v.lower)
	switch {
	case len(values) == 1 && !strings.ContainsAny(values[0], reserved):
		return values[0], yes
	case !known:
		return "", unknown
	case v.hasFallback && len(values) == 0:
		return v.fallback, yes
	default:
		return "", no
	}
}

// match reports whether the resolved template matches s.
func (t *template) match(s string, c *Context) truth {
	if len(t.variables) == 0 {
		return truthOf(t.pattern.match(s))
	}
	p, ok := t.resolve(c)
	if ok != yes {
		return ok
	}
	return truthOf(p.match(s))
}

package policy

import "slices"

// cell is a set of resources that no pattern of the comparison tells apart:
// those in every one of in and in none of out. With too many patterns some
// stay open.
type cell struct {
	in, out, open []int
	sample        string // a resource of the cell, unfound if not known
}

// mostCells bounds how finely one base is cut.
const mostCells = 512

// cells cuts the base by all patterns that cross it.
func (c *comparison) cells(base int, all []int) []cell {
	return c.cut([]cell{{in: []int{base}, sample: c.languages[base].sample("z")}}, base, all)
}

// cut refines cells of a base by all patterns that cross it.
func (c *comparison) cut(cells []cell, base int, all []int) []cell {
	for _, q := range all {
		if q == base || c.kin(base, q) != crossing {
			continue
		}
		var next []cell
		for i := range cells {
			if len(cells) >= mostCells {
				c.note("more resource patterns overlap than the comparison explores")
				cells[i].open = append(cells[i].open, q)
				next = append(next, cells[i])
				continue
			}
			next = append(next, c.split(&cells[i], q)...)
		}
		cells = next
	}
	return cells
}

// split cuts a cell by one pattern and keeps the parts that hold a resource.
func (c *comparison) split(x *cell, q int) []cell {
	for _, in := range x.in {
		switch c.kin(in, q) {
		case within:
			return []cell{{append(slices.Clone(x.in), q), x.out, x.open, x.sample}}
		case unrelated:
			return []cell{*x}
		}
	}
	for _, out := range x.out {
		if c.kin(q, out) == within {
			return []cell{*x}
		}
	}
	inside := cell{append(slices.Clone(x.in), q), x.out, x.open, x.sample}
	outside := cell{x.in, append(slices.Clone(x.out), q), x.open, x.sample}
	known := x.sample != unfound
	var has bool
	if !known || !c.languages[q].match(x.sample) {
		if inside.sample, has = c.find(inside.in, inside.out); !has {
			return []cell{outside}
		}
	}
	if !known || c.languages[q].match(x.sample) {
		if outside.sample, has = c.find(outside.in, outside.out); !has {
			return []cell{inside}
		}
	}
	return []cell{inside, outside}
}

// find looks for a resource in all of in and none of out. Patterns that
// cannot make a difference are left out of the search.
func (c *comparison) find(in, out []int) (string, bool) {
	var ins, outs []*language
	for _, i := range c.narrowest(in) {
		ins = append(ins, c.languages[i])
	}
	for _, o := range out {
		apart := slices.ContainsFunc(in, func(i int) bool { return c.kin(o, i) == unrelated })
		if !apart {
			outs = append(outs, c.languages[o])
		}
	}
	w, ok := witness(ins, outs)
	if w == unfound {
		c.note("resource patterns overlap in more ways than the comparison explores")
	}
	return w, ok
}

// narrowest drops the languages that contain another one of the list.
func (c *comparison) narrowest(list []int) []int {
	var out []int
	for i, a := range list {
		wider := false
		for j, b := range list {
			if a != b && c.kin(b, a) == within && (c.kin(a, b) != within || j < i) {
				wider = true
				break
			}
		}
		if !wider {
			out = append(out, a)
		}
	}
	return out
}

// contains reports whether a pattern matches the resources of the cell.
func (c *comparison) contains(x *cell, q int) truth {
	if slices.Contains(x.in, q) {
		return yes
	}
	if slices.Contains(x.out, q) {
		return no
	}
	for _, in := range x.in {
		switch c.kin(in, q) {
		case within:
			return yes
		case unrelated:
			return no
		}
	}
	if slices.Contains(x.open, q) {
		return unknown
	}
	return no
}

// speaks reports whether a voice is about the resources of the cell.
func (c *comparison) speaks(v *voice, x *cell) truth {
	if len(v.resources) == 0 {
		return yes
	}
	some := no
	for _, q := range v.resources {
		if some = max(some, c.contains(x, q)); some == yes {
			break
		}
	}
	if v.statement.NotResource {
		return some.not()
	}
	return some
}

// describe says what a cell is: the patterns that it lies in, of which none
// contains another, and those that it leaves out.
func (c *comparison) describe(x *cell) (in, except []string) {
	for _, i := range c.narrowest(x.in) {
		in = append(in, c.languages[i].show)
	}
	return sorted(in), c.exceptions(x.in, x.out)
}

// exceptions are the widest of out that meet all of in.
func (c *comparison) exceptions(in, out []int) []string {
	var meeting []int
	for _, o := range out {
		if !slices.ContainsFunc(in, func(i int) bool { return c.kin(o, i) == unrelated }) {
			meeting = append(meeting, o)
		}
	}
	var names []string
	for _, o := range c.widest(distinct(meeting)) {
		names = append(names, c.languages[o].show)
	}
	return sorted(names)
}

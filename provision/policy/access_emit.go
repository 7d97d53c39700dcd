package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Grants put together again from cells: few, wide, and in a fixed order.

// bundle gathers the actions of one status that share everything else.
type bundle map[string]*bundled

// bundled is a grant for several actions.
type bundled struct {
	grant   Grant
	actions []actionClass
}

// add gathers a grant for a class of actions.
func (b bundle) add(g Grant, class actionClass) {
	id := strings.Join([]string{
		g.Resource, strings.Join(g.AndResources, "\x01"), strings.Join(g.Except, "\x01"),
		g.Condition, strings.Join(g.By, "\x01"), strings.Join(g.Was, "\x01"),
	}, "\x00")
	if b[id] == nil {
		b[id] = &bundled{grant: g}
	}
	b[id].actions = append(b[id].actions, class)
}

// region is a group of cells with the same result.
type region struct {
	status    status
	condition string
	cells     []bool
	by, was   [][]string // by cell
}

// emit turns the results of a base's cells into grants.
func (c *comparison) emit(class actionClass, base int, cells []cell, results [][]result) {
	var regions []*region
	for i, list := range results {
		for _, r := range list {
			at := slices.IndexFunc(regions, func(g *region) bool {
				return g.status == r.status && g.condition == r.condition
			})
			if at < 0 {
				at = len(regions)
				regions = append(regions, &region{
					status: r.status, condition: r.condition, cells: make([]bool, len(cells)),
					by: make([][]string, len(cells)), was: make([][]string, len(cells)),
				})
			}
			regions[at].cells[i] = true
			regions[at].by[i], regions[at].was[i] = r.by, r.was
		}
	}
	for _, r := range regions {
		c.emitRegion(class, base, cells, r)
	}
}

// emitRegion covers a region by patterns, the widest first: each whole, or
// but for patterns that lie outside the region. What no pattern fits is
// described cell by cell.
func (c *comparison) emitRegion(class actionClass, base int, cells []cell, r *region) {
	open := slices.Clone(r.cells)
	candidates := c.candidates(base, cells)
	for _, q := range candidates {
		if c.kin(q, base) != within {
			continue // It matches resources that these cells know nothing of.
		}
		except, ok := c.fits(q, candidates, cells, r.cells)
		if !ok {
			continue
		}
		var members []int
		useful := false
		for i := range cells {
			if r.cells[i] && c.contains(&cells[i], q) == yes {
				members = append(members, i)
				useful = useful || open[i]
				open[i] = false
			}
		}
		if useful {
			c.addGrant(class, r, members, Grant{Resource: c.languages[q].show, Except: except})
		}
	}
	for i := range cells {
		if open[i] {
			in, except := c.describe(&cells[i])
			c.addGrant(class, r, []int{i}, Grant{Resource: in[0], AndResources: in[1:], Except: except})
		}
	}
}

// addGrant completes a grant with the condition and the credits of its cells.
func (c *comparison) addGrant(class actionClass, r *region, members []int, g Grant) {
	var by, was []string
	for _, i := range members {
		by = append(by, r.by[i]...)
		if r.was[i] == nil {
			was = append(was, r.by[i]...)
		}
		was = append(was, r.was[i]...)
	}
	g.Condition, g.By = r.condition, sorted(by)
	if was = sorted(was); r.status == kept && !slices.Equal(was, g.By) {
		g.Was = was
	}
	if len(g.AndResources) == 0 {
		g.AndResources = nil
	}
	c.grants[r.status].add(g, class)
}

// candidates are the patterns by which cells can be described, the widest
// first.
func (c *comparison) candidates(base int, cells []cell) []int {
	var list []int
	for i := range cells {
		list = append(list, cells[i].in...)
	}
	list = distinct(list)
	size := map[int]int{}
	for _, q := range list {
		for i := range cells {
			if c.contains(&cells[i], q) == yes {
				size[q]++
			}
		}
	}
	slices.SortStableFunc(list, func(a, b int) int {
		if a == base || b == base {
			return cmp.Compare(boolRank(b == base), boolRank(a == base))
		}
		return cmp.Or(cmp.Compare(size[b], size[a]), strings.Compare(c.languages[a].text, c.languages[b].text))
	})
	return list
}

// boolRank orders false before true.
func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fits reports whether a pattern describes cells of the region and, but for
// exceptions, no others. An exception must lie outside the region whole.
func (c *comparison) fits(q int, candidates []int, cells []cell, region []bool) ([]string, bool) {
	var bad, inside []int
	for i := range cells {
		if c.contains(&cells[i], q) != yes {
			continue
		}
		if region[i] {
			inside = append(inside, i)
		} else {
			bad = append(bad, i)
		}
	}
	if len(inside) == 0 || len(bad) == 0 {
		return nil, len(inside) > 0
	}
	var except []int
	for _, e := range candidates {
		touches := slices.ContainsFunc(inside, func(i int) bool { return c.contains(&cells[i], e) != no })
		left := slices.DeleteFunc(slices.Clone(bad), func(i int) bool { return c.contains(&cells[i], e) == yes })
		if !touches && len(left) < len(bad) {
			bad = left
			except = append(except, e)
		}
	}
	if len(bad) > 0 {
		return nil, false
	}
	names := make([]string, len(except))
	for i, e := range except {
		names[i] = c.languages[e].show
	}
	return sorted(names), true
}

// list spells the gathered grants out, whole services in one.
func (b bundle) list(t *actionTable) []Grant {
	var all []*Grant
	for _, g := range b {
		for _, class := range t.summarise(g.actions) {
			grant := g.grant
			grant.Action, grant.ExceptActions = class.actions[0], class.except
			all = append(all, &grant)
		}
	}
	slices.SortFunc(all, (*Grant).compare)
	out := make([]Grant, len(all))
	for i, g := range all {
		out[i] = *g
	}
	return out
}

// compare orders grants by action, resource and condition, and then by all
// the rest, so that the order is complete.
func (g *Grant) compare(other *Grant) int {
	if n := strings.Compare(g.Action, other.Action); n != 0 {
		return n
	}
	if n := strings.Compare(g.Resource, other.Resource); n != 0 {
		return n
	}
	return cmp.Or(
		strings.Compare(g.Condition, other.Condition),
		slices.Compare(g.ExceptActions, other.ExceptActions),
		slices.Compare(g.AndResources, other.AndResources),
		slices.Compare(g.Except, other.Except),
		slices.Compare(g.By, other.By),
		slices.Compare(g.Was, other.Was),
	)
}

// summarise names actions by as few patterns as there are: by those of the
// policies and by whole services. A pattern over services that leaves out the
// known ones takes in those that are there whole.
func (t *actionTable) summarise(classes []actionClass) []actionClass {
	left := make([]bool, len(t.names))
	var out []actionClass
	for _, class := range classes {
		for _, name := range class.actions {
			if i, ok := slices.BinarySearch(t.lower, lowerASCII(name)); ok {
				left[i] = true
			} else {
				out = append(out, class)
			}
		}
	}
	for i := range out {
		if out[i].actions[0] != "*" && out[i].actions[0] != "*:*" {
			continue
		}
		var except []string
		for _, e := range out[i].except {
			if g := t.named(e); g == nil || !g.take(left) {
				except = append(except, e)
			}
		}
		out[i].except = except
	}
	for i := range t.groups {
		if g := &t.groups[i]; len(g.members) > 1 && g.take(left) {
			out = append(out, actionClass{actions: []string{g.name}})
		}
	}
	for i, open := range left {
		if open {
			out = append(out, actionClass{actions: []string{t.names[i]}})
		}
	}
	return out
}

// named finds the group of a whole service.
func (t *actionTable) named(name string) *actionGroup {
	i := slices.IndexFunc(t.groups, func(g actionGroup) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	return &t.groups[i]
}

// take takes a group's actions away if they are all there.
func (g *actionGroup) take(left []bool) bool {
	for _, i := range g.members {
		if !left[i] {
			return false
		}
	}
	for _, i := range g.members {
		left[i] = false
	}
	return true
}

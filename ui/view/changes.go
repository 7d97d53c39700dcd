package view

import (
	"maps"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// Changes draws the plan as trees, one for each entity as a person thinks of
// them: the user, the group with its grants, the role, the bucket, the key.
// What is kept is there too. Every change is one row with its mark, so that
// the rows add up to the headline.
func Changes(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	out.forest(changeTree(p))
	out.common(p.Plan)
	return out.String()
}

// common says once what all that is made has in common.
func (p *page) common(plan provision.Plan) {
	if NewTally(plan).Add == 0 {
		return
	}
	spec := plan.Blueprint.Spec
	if spec.PermissionsBoundary != "" {
		p.blank()
		p.text(0, p.c.Theme.Muted, "User and role are made with the permissions boundary "+spec.PermissionsBoundary+".")
	}
	if len(spec.Tags) > 0 {
		p.blank()
		p.text(0, p.c.Theme.Muted, "All but the group, which cannot have tags, is made with the tags "+tagWords(spec.Tags)+".")
	}
}

// tagWords is tags in one line, sorted.
func tagWords(tags map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, k+"="+tags[k])
	}
	return strings.Join(out, ", ")
}

// grower makes the tree of changes, and knows which changes are still without
// a row.
type grower struct {
	preview *migrate.InstallPreview
	left    []provision.Change
	kept    []provision.Entity
	said    []string
}

func changeTree(p *migrate.InstallPreview) []branch {
	g := &grower{preview: p, left: slices.Clone(p.Plan.Changes), kept: slices.Clone(p.Plan.Kept)}
	b := p.Plan.Blueprint
	var roots []branch
	add := func(list ...branch) { roots = append(roots, list...) }
	add(g.entity(provision.Entity{Type: provision.UserEntity, Name: b.User.Name}, "user")...)
	add(g.group()...)
	add(g.role()...)
	add(g.bucket()...)
	add(g.keys()...)
	return append(roots, g.others()...)
}

// take gives the changes of an entity, and whether it is kept. Each is given
// once.
func (g *grower) take(e provision.Entity) (changes []provision.Change, kept bool) {
	g.left = slices.DeleteFunc(g.left, func(c provision.Change) bool {
		if c.Entity == e {
			changes = append(changes, c)
		}
		return c.Entity == e
	})
	n := len(g.kept)
	g.kept = slices.DeleteFunc(g.kept, func(k provision.Entity) bool { return k == e })
	return changes, len(g.kept) < n
}

// entity gives the row of an entity, or none when the plan does not know it.
// Creation is the row itself; what is changed about it hangs on it.
func (g *grower) entity(e provision.Entity, kind string) []branch {
	changes, kept := g.take(e)
	row := branch{kind: kind, name: e.Name}
	switch {
	case len(changes) == 0 && !kept:
		return nil
	case len(changes) == 0:
		row.word = "unchanged"
		return []branch{row}
	}
	row.stand, row.word = present, "exists"
	for _, c := range changes {
		if c.Mark == provision.Update {
			row.twigs = append(row.twigs, g.aspect(c))
			continue
		}
		row.stand, row.word, row.notes = standOf(c.Mark), wordOf(c), g.why(c)
	}
	return []branch{row}
}

// why gives a change's reason unless it was given before.
func (g *grower) why(c provision.Change) []string {
	if c.Why == "" || slices.Contains(g.said, c.Why) {
		return nil
	}
	g.said = append(g.said, c.Why)
	return []string{c.Why}
}

// aspect is the row of what changes about an entity that stays.
func (g *grower) aspect(c provision.Change) branch {
	row := branch{stand: standOf(c.Mark), word: wordOf(c), notes: g.why(c)}
	switch op := c.Calls[0].Operation(); {
	case c.Entity.Type == provision.RoleEntity && isObject(c.After):
		row.kind, row.name = "trust", "see Documents"
		return row
	case isObject(c.After):
		row.kind, row.name = "document", "see Documents"
		return row
	case op == "UpdateGroup":
		row.kind, row.name, row.word = "name", c.After, "rename"
	case strings.HasPrefix(op, "Tag"):
		row.kind, row.name = "tags", oneLine(c.After)
	case strings.HasSuffix(op, "PermissionsBoundary"):
		row.kind, row.name = "boundary", c.After
	default:
		row.kind, row.name = "setting", oneLine(c.After)
	}
	if c.Before != "" {
		row.notes = append([]string{"It was " + oneLine(c.Before) + "."}, row.notes...)
	}
	return row
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", ", ") }

func standOf(m provision.Mark) stand {
	switch m {
	case provision.Add:
		return added
	case provision.Remove:
		return removed
	case provision.Update:
	}
	return changed
}

// wordOf says in a word what a change does.
func wordOf(c provision.Change) string {
	words := map[provision.EntityType][2]string{
		provision.MembershipEntity: {"add", "take out"},
		provision.AttachmentEntity: {"attach", "detach"},
	}
	word, ok := words[c.Entity.Type]
	if !ok {
		word = [2]string{"create", "delete"}
	}
	switch c.Mark {
	case provision.Add:
		return word[0]
	case provision.Remove:
		return word[1]
	case provision.Update:
	}
	return "change"
}

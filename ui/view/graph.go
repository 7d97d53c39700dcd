package view

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// Graph draws who may do what once the plan is carried out, from those who
// act to the destinations: the build user through its group, the application
// manager through its role, other accounts by the repository policy. What is
// not ours but takes part is shown and said to be so.
func Graph(c Canvas, p *migrate.InstallPreview) string {
	out := page{c: c}
	out.forest(grantTree(p))
	return out.String()
}

// grants tells what of the blueprint is new.
type grants struct {
	preview *migrate.InstallPreview
	b       provision.Blueprint
}

func grantTree(p *migrate.InstallPreview) []branch {
	g := grants{preview: p, b: p.Plan.Blueprint}
	roots := []branch{g.user()}
	if g.b.Role != nil {
		roots = append(roots, g.manager())
	}
	if g.b.RepositoryPolicy != "" {
		roots = append(roots, branch{
			kind: "accounts", name: strings.Join(g.b.Spec.PullAccounts, ", "),
			twigs: []branch{{
				kind: "ECR", name: "pull images, every repository made from now on",
				notes: []string{"By the repository policy, which nullplatform sets on them."},
			}},
		})
	}
	return roots
}

// state gives the stand of what is made of some entities: new when one of them
// is, changing when what they allow changes. Tags allow nothing.
func (g grants) state(entities ...provision.Entity) (stand, string) {
	s, word := settled, ""
	for _, c := range g.preview.Plan.Changes {
		if !slices.Contains(entities, c.Entity) {
			continue
		}
		switch c.Mark {
		case provision.Add:
			return added, "new"
		case provision.Update:
			if isObject(c.After) || strings.HasPrefix(c.ID, "bound-") {
				s, word = changed, "changes"
			}
		case provision.Remove:
			s, word = removed, "goes"
		}
	}
	return s, word
}

func (g grants) row(kind, name string, of ...provision.Entity) branch {
	s, word := g.state(of...)
	return branch{stand: s, kind: kind, name: name, word: word}
}

func (g grants) user() branch {
	name := g.b.User.Name
	row := g.row("user", name, provision.Entity{Type: provision.UserEntity, Name: name})
	row.twigs = []branch{g.group()}
	inv := g.preview.Inventory
	if inv == nil || inv.User == nil {
		return row
	}
	for _, other := range inv.User.Groups {
		if other != g.b.Group.Name {
			row.twigs = append(row.twigs, branch{stand: foreign, kind: "group", name: other, word: "not ours"})
		}
	}
	row.twigs = append(row.twigs, foreignGrants(inv.User.Attached, nil, inv.User.Inline)...)
	return row
}

func (g grants) group() branch {
	name := g.b.Group.Name
	row := g.row("group", name,
		provision.Entity{Type: provision.GroupEntity, Name: name},
		provision.Entity{Type: provision.MembershipEntity, Name: g.b.User.Name, To: name, ToType: provision.GroupEntity})
	for _, p := range g.b.Policies {
		row.twigs = append(row.twigs, g.destination(p.Name, name, provision.GroupEntity))
	}
	if g.preview.Inventory == nil {
		return row
	}
	if have := g.preview.Inventory.Group(name); have != nil {
		row.twigs = append(row.twigs, foreignGrants(have.Attached, g.b.Group.Attached, have.Inline)...)
		for _, m := range have.Members {
			if m != g.b.User.Name {
				row.twigs = append(row.twigs, branch{
					stand: foreign, kind: "member", name: m, word: "not ours",
					notes: []string{"May publish as CI does."},
				})
			}
		}
	}
	return row
}

// destination is what a grant opens.
func (g grants) destination(policy, to string, toType provision.EntityType) branch {
	kind := grantWord(g.b, policy)
	reach := "push and pull images, every repository"
	if kind == "S3" {
		reach = "put and get objects, " + g.b.Spec.Bucket() + "/*"
	}
	row := g.row(kind, reach,
		provision.Entity{Type: provision.PolicyEntity, Name: policy},
		provision.Entity{Type: provision.AttachmentEntity, Name: policy, To: to, ToType: toType})
	row.notes = []string{"By policy " + policy + "."}
	return row
}

func (g grants) manager() branch {
	role := g.b.Role
	row := branch{
		kind: "manager", name: g.b.Spec.ApplicationManager,
		notes: []string{"nullplatform's application manager, which assumes the role."},
	}
	inner := g.row("role", role.Name, provision.Entity{Type: provision.RoleEntity, Name: role.Name})
	for _, a := range role.Attached {
		inner.twigs = append(inner.twigs, g.destination(a.Name, role.Name, provision.RoleEntity))
	}
	if inv := g.preview.Inventory; inv != nil && inv.Role != nil {
		inner.twigs = append(inner.twigs, foreignGrants(inv.Role.Attached, role.Attached, inv.Role.Inline)...)
	}
	row.twigs = []branch{inner}
	return row
}

// foreignGrants are policies beside those of the blueprint.
func foreignGrants(have, want []provision.AttachedPolicy, inline []provision.InlinePolicy) []branch {
	var rows []branch
	for _, a := range have {
		if !slices.Contains(want, a) {
			rows = append(rows, branch{stand: foreign, kind: "policy", name: a.Name, word: "not ours"})
		}
	}
	for _, i := range inline {
		rows = append(rows, branch{stand: foreign, kind: "policy", name: i.Name + " (inline)", word: "not ours"})
	}
	return rows
}

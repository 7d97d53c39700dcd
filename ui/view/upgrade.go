package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// UpgradeHeadline is where an upgrade starts, where it leads, and how much it
// does.
func UpgradeHeadline(c Canvas, p *migrate.UpgradePreview) string {
	out := page{c: c}
	out.text(0, c.Theme.Title, UpgradeTitle(p))
	out.text(0, c.Theme.Muted, fmt.Sprintf("Account %s, %s, as %s.", p.Account.Identity.Place.Account, p.Account.Identity.Place.Region, p.Account.Identity.ARN))
	out.blank()
	words, style := headline(p.Plan())
	out.text(0, style(c.Theme), words)
	return out.String()
}

// UpgradeTitle says what an upgrade is from where to where.
func UpgradeTitle(p *migrate.UpgradePreview) string {
	from := "nothing that is known"
	if p.Standing.Contract != "" {
		from = "contract " + string(p.Standing.Contract)
	}
	to := "contract " + string(p.Request.To)
	if from == to {
		return fmt.Sprintf("Upgrade of %s: at %s", p.Request.Cluster, to)
	}
	return fmt.Sprintf("Upgrade of %s: from %s to %s", p.Request.Cluster, from, to)
}

// Stays draws what an upgrade leaves as it is, come what may: the build user
// and its keys.
func Stays(c Canvas, p *migrate.UpgradePreview) string {
	out := page{c: c}
	if p.Identity.UserName == "" {
		return ""
	}
	out.heading(span{c.Theme.Success, c.Glyphs.Done}, "Stays the same, and is looked at after every step")
	bullet := plain("  " + c.Glyphs.Bullet + " ")
	out.hanging(bullet, lipgloss.NewStyle(), fmt.Sprintf("user %s (%s)", p.Identity.UserName, p.Identity.UserID))
	for _, k := range p.Identity.Keys {
		state := "inactive"
		if k.Active {
			state = "active"
		}
		out.hanging(bullet, lipgloss.NewStyle(), fmt.Sprintf("access key %s, %s, and its secret", k.ID, state))
	}
	return out.String()
}

// Order draws the changes of an upgrade in the order in which they are made,
// with the wait before anything is taken away.
func Order(c Canvas, plan provision.Plan) string {
	out := page{c: c}
	if plan.Empty() {
		return ""
	}
	out.heading(span{c.Theme.Title, c.Glyphs.Arrow}, "In this order, one after another")
	waited := false
	for i, ch := range plan.Changes {
		if ch.Mark == provision.Remove && !waited {
			waited = true
			out.hanging(plain("     "), c.Theme.Muted, "wait until every reader sees all of the above; only then")
		}
		mark := c.mark(standOf(ch.Mark))
		number := fmt.Sprintf("  %s. ", strconv.Itoa(i+1))
		width := widest(number)
		out.row(
			column(width, lipgloss.NewStyle(), number), column(markWidth, mark.style, mark.text),
			column(max(1, c.Width-width-markWidth), lipgloss.NewStyle(), ch.Title),
		)
	}
	return out.String()
}

// UpgradeText is an upgrade's preview for people: what it is, what stays, the
// order, the views asked for, what needs a word, and remarks.
func UpgradeText(c Canvas, p *migrate.UpgradePreview, views ...func(Canvas, *migrate.InstallPreview) string) string {
	parts := []string{UpgradeHeadline(c, p), Stays(c, p), Order(c, p.Plan())}
	for _, draw := range views {
		parts = append(parts, draw(c, p.Account))
	}
	if !p.Plan().Empty() {
		parts = append(parts, AccessHeadline(c, p.Account))
	}
	parts = append(parts, ConsentText(c, p.Account), Remarks(c, p.Account))
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n")
}

// UpgradeMarkdown writes an upgrade's preview for a pull request.
func UpgradeMarkdown(p *migrate.UpgradePreview) string {
	c := markdownCanvas()
	var m markdown
	m.paragraph("### slipway upgrade: %s in account %s, %s",
		codeSpan(p.Request.Cluster), codeSpan(p.Account.Identity.Place.Account), codeSpan(p.Account.Identity.Place.Region))
	words, _ := headline(p.Plan())
	m.paragraph("**From contract %s to %s. %s**", codeSpan(string(p.Standing.Contract)), codeSpan(string(p.Request.To)), words)
	for _, text := range []string{Stays(c, p), Order(c, p.Plan())} {
		if text != "" {
			m.fence("text", text)
		}
	}
	if consent := ConsentText(c, p.Account); consent != "" {
		m.paragraph("**Consent**")
		m.fence("text", consent)
	}
	m.fence("diff", Changes(c, p.Account))
	if remarks := Remarks(c, p.Account); remarks != "" {
		m.fence("text", remarks)
	}
	if len(p.Account.Access) > 0 {
		m.paragraph("**Access**: %s", codeSpan(AccessHeadline(c, p.Account)))
		m.fence("diff", Access(c, p.Account))
	}
	if calls := p.Plan().Calls(); len(calls) > 0 {
		m.details(counted(len(calls), "call", "calls")+" as AWS CLI commands", func() { m.commands(p.Plan()) })
	}
	return m.String()
}

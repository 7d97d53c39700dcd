package view

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/audit"
)

// The grant graph as a drawing: four columns from those who act, through what
// they act, by which policy, to what they reach. Sizes are in the units of the
// drawing.
const (
	nodeWidth  = 216
	nodeHeight = 40
	rowHeight  = 56
	columnStep = 262
	graphEdge  = 8 // room around everything
)

// graphNode is one box.
type graphNode struct {
	Kind, Name string
	Full       string // the whole name, where Name is shortened
	X, Y       int
	Mark       string // a severity, or ""
	column     int
	key        string
}

// TextX and TextY are where the text begins.
func (n graphNode) TextX() int { return n.X + 10 }
func (n graphNode) KindY() int { return n.Y + 16 }
func (n graphNode) NameY() int { return n.Y + 31 }
func (n graphNode) MarkX() int { return n.X + nodeWidth - 10 }

// LineY, EndX, MiddleX and LineLabelY are for what is no box but a line with
// a word.
func (n graphNode) LineY() int      { return n.Y + nodeHeight/2 }
func (n graphNode) EndX() int       { return n.X + nodeWidth }
func (n graphNode) MiddleX() int    { return n.X + nodeWidth/2 }
func (n graphNode) LineLabelY() int { return n.LineY() - 5 }

// Width and Height are those of a box.
func (n graphNode) Width() int  { return nodeWidth }
func (n graphNode) Height() int { return nodeHeight }

// graphEdgeLine is one line between two boxes.
type graphEdgeLine struct {
	X1, Y1, X2, Y2 int
	Mark           string
}

// Middle is where a curve bends.
func (e graphEdgeLine) Middle() int { return (e.X1 + e.X2) / 2 }

// LabelX and LabelY are where the mark is written.
func (e graphEdgeLine) LabelX() int { return e.Middle() }
func (e graphEdgeLine) LabelY() int { return (e.Y1+e.Y2)/2 - 5 }

// grantGraph is the whole drawing.
type grantGraph struct {
	Width, Height int
	Nodes         []graphNode
	Edges         []graphEdgeLine
	links         []graphLink
}

type graphLink struct{ from, to, mark string }

// newGrantGraph lays the routes of a report out.
func newGrantGraph(r audit.Report) grantGraph {
	g := grantGraph{}
	for _, w := range r.Routes {
		if onlyTokens(w) {
			continue // a token by itself reaches nothing
		}
		kind, name := principalWords(w.Principal, r)
		from := g.node(0, kind, name, string(worst(r, entityFindings(r, w.Principal))))
		if w.Through != (provision.Entity{}) {
			next := g.node(1, string(w.Through.Type), w.Through.Name, "")
			g.link(from, next, string(worst(r, membership(r, w))))
			from = next
		} else {
			next := g.node(1, "", "directly", "")
			g.link(from, next, "")
			from = next
		}
		policy := g.node(2, "policy", w.Policy, "")
		grant := worst(r, grantFindings(r, w))
		g.link(from, policy, string(attachmentMark(r, w)))
		g.link(policy, g.node(3, reachKind(w), resourcesInWords(w.Resources), ""), string(grant))
	}
	g.layOut()
	return g
}

// onlyTokens reports whether a route gives nothing but sign-in tokens.
func onlyTokens(w audit.Route) bool {
	return !slices.ContainsFunc(w.Actions, func(a string) bool {
		return a != "ecr:GetAuthorizationToken" && a != "sts:GetServiceBearerToken"
	})
}

// membership are the findings about how a principal comes to act through a
// group or role.
func membership(r audit.Report, w audit.Route) []string {
	var out []string
	for _, f := range r.Findings {
		member := f.Entity.Type == provision.MembershipEntity && f.Entity.Name == w.Principal.Name && f.Entity.To == w.Through.Name
		trust := f.Kind == audit.TrustKind && slices.Contains(w.Findings, f.ID)
		if member || trust {
			out = append(out, f.ID)
		}
	}
	return out
}

// grantFindings are those about the statement itself.
func grantFindings(r audit.Report, w audit.Route) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Kind == audit.GrantKind && slices.Contains(w.Findings, f.ID) {
			out = append(out, f.ID)
		}
	}
	return out
}

// attachmentMark is the gravest about the policy being where it is.
func attachmentMark(r audit.Report, w audit.Route) audit.Severity {
	holder := w.Through.Name
	if holder == "" {
		holder = w.Principal.Name
	}
	var ids []string
	for _, f := range r.Findings {
		if f.Kind != audit.GrantKind && f.Entity.Type == provision.AttachmentEntity && f.Entity.Name == w.Policy && f.Entity.To == holder {
			ids = append(ids, f.ID)
		}
	}
	return worst(r, ids)
}

// reachKind says what sort of destination a route reaches.
func reachKind(w audit.Route) string {
	list := services(w.Actions)
	switch {
	case slices.Contains(w.Actions, "*"):
		return "everything"
	case len(list) == 1:
		return strings.ToUpper(list[0])
	}
	for i := range list {
		list[i] = strings.ToUpper(list[i])
	}
	if len(list) > mostActions {
		return itoa(len(list)) + " services"
	}
	return strings.Join(list, ", ")
}

// node finds or adds a box and gives its key.
func (g *grantGraph) node(column int, kind, name, mark string) string {
	key := itoa(column) + "/" + kind + "/" + name
	i := slices.IndexFunc(g.Nodes, func(n graphNode) bool { return n.key == key })
	if i < 0 {
		g.Nodes = append(g.Nodes, graphNode{
			Kind: kind, Name: shortened(Inert(name), 27), Full: name, column: column, key: key,
		})
		i = len(g.Nodes) - 1
	}
	g.Nodes[i].Mark = graver(g.Nodes[i].Mark, mark)
	return key
}

func (g *grantGraph) link(from, to, mark string) {
	i := slices.IndexFunc(g.links, func(l graphLink) bool { return l.from == from && l.to == to })
	if i < 0 {
		g.links = append(g.links, graphLink{from: from, to: to, mark: mark})
		return
	}
	g.links[i].mark = graver(g.links[i].mark, mark)
}

// graver is the graver of two severities, either of which may be none. Advice
// is not marked: there is nothing wrong with what it is about.
func graver(a, b string) string {
	for _, s := range audit.Severities() {
		if s != audit.Advice && (a == string(s) || b == string(s)) {
			return string(s)
		}
	}
	return ""
}

// shortened takes the middle out of a long name: both ends tell it apart.
func shortened(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	head := (most - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(most-1-head):])
}

// layOut places the boxes column by column, each column in the middle.
func (g *grantGraph) layOut() {
	var rows [4]int
	for _, n := range g.Nodes {
		rows[n.column]++
	}
	most := slices.Max(rows[:])
	g.Width = 3*columnStep + nodeWidth + 2*graphEdge
	g.Height = most*rowHeight - (rowHeight - nodeHeight) + 2*graphEdge
	var taken [4]int
	at := map[string]graphNode{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		n.X = graphEdge + n.column*columnStep
		n.Y = graphEdge + (most-rows[n.column])*rowHeight/2 + taken[n.column]*rowHeight
		taken[n.column]++
		at[n.key] = *n
	}
	for _, l := range g.links {
		a, b := at[l.from], at[l.to]
		g.Edges = append(g.Edges, graphEdgeLine{
			X1: a.X + nodeWidth, Y1: a.Y + nodeHeight/2, X2: b.X, Y2: b.Y + nodeHeight/2, Mark: graver(l.mark, ""),
		})
	}
	// Marked lines are drawn last, on top.
	slices.SortStableFunc(g.Edges, func(x, y graphEdgeLine) int { return len(x.Mark) - len(y.Mark) })
}

package iam

import (
	"encoding/xml"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// The shapes of entities in answers. Field names are AWS's.

type userShape struct {
	Path                string
	UserName            string
	UserID              string `xml:"UserId"`
	Arn                 string
	CreateDate          string
	PermissionsBoundary *boundaryShape
	Tags                *wire.List[tagShape]
}

type groupShape struct {
	Path       string
	GroupName  string
	GroupID    string `xml:"GroupId"`
	Arn        string
	CreateDate string
}

type roleShape struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
	PermissionsBoundary      *boundaryShape
	Tags                     *wire.List[tagShape]
	RoleLastUsed             *struct{}
}

type loginShape struct {
	UserName              string
	CreateDate            string
	PasswordResetRequired bool
}

type tagShape struct{ Key, Value string }

type boundaryShape struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

// plainUser is a user as lists show it: without tags and boundary.
func plainUser(u *directory.User) userShape {
	return userShape{Path: u.Path, UserName: u.Name, UserID: u.ID, Arn: u.ARN, CreateDate: wire.Time(u.Created)}
}

func userOf(u *directory.User) userShape {
	shape := plainUser(u)
	shape.PermissionsBoundary = boundaryOf(u.Grants.Boundary)
	shape.Tags = tagsOf(u.Tags)
	return shape
}

func groupOf(g *directory.Group) groupShape {
	return groupShape{Path: g.Path, GroupName: g.Name, GroupID: g.ID, Arn: g.ARN, CreateDate: wire.Time(g.Created)}
}

// plainRole is a role as lists show it: without tags and boundary.
func plainRole(r *directory.Role) roleShape {
	return roleShape{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.ARN, CreateDate: wire.Time(r.Created),
		AssumeRolePolicyDocument: document(r.Trust.Text), Description: r.Description,
		MaxSessionDuration: int(r.MaxSession.Seconds()),
	}
}

func roleOf(r *directory.Role) roleShape {
	shape := plainRole(r)
	shape.PermissionsBoundary = boundaryOf(r.Grants.Boundary)
	shape.Tags = tagsOf(r.Tags)
	shape.RoleLastUsed = &struct{}{}
	return shape
}

func loginOf(user string, l *directory.Login) loginShape {
	return loginShape{UserName: user, CreateDate: wire.Time(l.Created), PasswordResetRequired: l.ResetRequired}
}

func boundaryOf(arn string) *boundaryShape {
	if arn == "" {
		return nil
	}
	return &boundaryShape{PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: arn}
}

// tagsOf leaves the list out when there are no tags, as AWS does.
func tagsOf(tags []directory.Tag) *wire.List[tagShape] {
	if len(tags) == 0 {
		return nil
	}
	list := convert(tags, func(t directory.Tag) tagShape { return tagShape(t) })
	return &list
}

func (q *query) tagPage(tags []directory.Tag) (any, error) {
	items, more, err := paginate(q, inOrder(tags))
	if err != nil {
		return nil, err
	}
	return struct {
		Tags wire.List[tagShape]
		page
	}{convert(items, func(t directory.Tag) tagShape { return tagShape(t) }), more}, nil
}

// emptyPage is a page without entries.
type emptyPage struct {
	List named
	page
}

// named is an empty list with the name.
type named struct{ name string }

// MarshalXML writes the list under its own name.
func (n named) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return e.EncodeElement("", xml.StartElement{Name: xml.Name{Local: n.name}})
}

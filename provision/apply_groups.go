package provision

import (
	"slices"
	"strings"
)

// The effects of calls on groups.

func effectCreateGroup(inv *Inventory, c Call) error {
	name := c.Param("GroupName")
	if inv.Group(name) != nil {
		return exists("group " + name)
	}
	inv.Groups = append(inv.Groups, Group{Name: name, ARN: inv.Place.GroupARN(name), Path: "/"})
	return nil
}

// effectRenameGroup keeps members, policies and ID: only the name, and with it
// the ARN, is another one.
func effectRenameGroup(inv *Inventory, c Call) error {
	from, to := c.Param("GroupName"), c.Param("NewGroupName")
	g := inv.Group(from)
	if g == nil {
		return absent("group " + from)
	}
	if slices.ContainsFunc(inv.Groups, func(o Group) bool { return o.Name != from && strings.EqualFold(o.Name, to) }) {
		return exists("group " + to)
	}
	g.Name, g.ARN = to, inv.Place.GroupARN(to)
	slices.SortFunc(inv.Groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	if u := inv.User; u != nil && slices.Contains(u.Groups, from) {
		u.Groups = slices.DeleteFunc(u.Groups, func(n string) bool { return n == from })
		u.Groups = with(u.Groups, to)
	}
	return nil
}

func effectDeleteGroup(inv *Inventory, c Call) error {
	g := inv.Group(c.Param("GroupName"))
	if g == nil {
		return absent("group " + c.Param("GroupName"))
	}
	if len(g.Members)+len(g.Attached)+len(g.Inline) > 0 {
		return conflict("group " + g.Name + " still has members or policies")
	}
	inv.Groups = slices.DeleteFunc(inv.Groups, func(x Group) bool { return x.Name == c.Param("GroupName") })
	return nil
}

// memberOf gives the two sides of a membership. The user may be one that the
// inventory does not hold.
func memberOf(inv *Inventory, c Call) (*Group, *User, error) {
	g := inv.Group(c.Param("GroupName"))
	if g == nil {
		return nil, nil, absent("group " + c.Param("GroupName"))
	}
	if inv.User == nil || inv.User.Name != c.Param("UserName") {
		return nil, nil, absent("user " + c.Param("UserName"))
	}
	return g, inv.User, nil
}

func effectAddMember(inv *Inventory, c Call) error {
	g, u, err := memberOf(inv, c)
	if err != nil {
		return err
	}
	g.Members = with(g.Members, u.Name)
	u.Groups = with(u.Groups, g.Name)
	return nil
}

func effectRemoveMember(inv *Inventory, c Call) error {
	g, u, err := memberOf(inv, c)
	if err != nil {
		return err
	}
	g.Members = slices.DeleteFunc(g.Members, func(n string) bool { return n == u.Name })
	u.Groups = slices.DeleteFunc(u.Groups, func(n string) bool { return n == g.Name })
	return nil
}

// with adds a name once, in sorted order, as a read would give it.
func with(list []string, name string) []string {
	if !slices.Contains(list, name) {
		list = append(list, name)
		slices.Sort(list)
	}
	return list
}

func effectAttachGroup(inv *Inventory, c Call) error {
	g := inv.Group(c.Param("GroupName"))
	if g == nil {
		return absent("group " + c.Param("GroupName"))
	}
	return attach(inv, &g.Attached, c.Param("PolicyArn"))
}

func effectDetachGroup(inv *Inventory, c Call) error {
	g := inv.Group(c.Param("GroupName"))
	if g == nil {
		return absent("group " + c.Param("GroupName"))
	}
	return detach(inv, &g.Attached, c.Param("PolicyArn"))
}

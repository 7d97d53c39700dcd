package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// undoGrant says how a statement's access is taken away, and given back.
func (c *scene) undoGrant(s statement, holders []provision.Entity) Remedy {
	g := s.source
	switch {
	case c.own(g.arn):
		return c.restore(g)
	case c.foreignGroup(g.holder):
		return c.leave(g.holder.Name)
	case g.inline:
		return removeInline(g)
	}
	r := Remedy{
		Text:     "Detach the policy, once no pipeline needs it. If one does, give it a user of its own.",
		UndoText: "Attach it again.",
	}
	if g.holder.Type == provision.RoleEntity {
		r.Text = "Detach the policy, once nullplatform needs nothing of it."
	}
	for _, h := range holders {
		r.Fix = append(r.Fix, detach(h, g.arn))
		r.Undo = append(r.Undo, attach(h, g.arn))
	}
	return r
}

// restore puts the contract's own document back into its own policy.
func (c *scene) restore(g grantSource) Remedy {
	r := Remedy{UndoText: "Put the version of now into effect again."}
	if g.version != "" {
		r.Undo = [][]string{iamCommand("set-default-policy-version", "--policy-arn", g.arn, "--version-id", g.version)}
	}
	if c.installable() {
		r.Job = "install"
		r.Text = "Run slipway install: it puts the document of contract " + string(c.base.contract) + " back, and shows beforehand what CI loses by it."
		r.Fix = [][]string{c.installCommand("--allow-loss")}
		return r
	}
	r.Text = "Put the document of contract " + string(c.base.contract) + " back, once no pipeline needs what is beyond it."
	if e, ok := c.base.policy(g.name); ok && len(e.documents) > 0 {
		r.Fix = [][]string{iamCommand("create-policy-version", "--policy-arn", g.arn, "--policy-document", e.documents[0], "--set-as-default")}
	}
	return r
}

// installable reports whether slipway install makes the contract in use.
func (c *scene) installable() bool {
	return slices.Contains(provision.Contracts(), c.base.contract) && c.Survey.Cluster != ""
}

// installCommand is the install that makes what the contract calls for.
func (c *scene) installCommand(more ...string) []string {
	args := []string{"install", "--cluster", c.Survey.Cluster, "--contract", string(c.base.contract)}
	if c.dest.ecr {
		args = append(args, "--ecr")
	}
	switch {
	case len(c.dest.buckets) > 0:
		args = append(args, "--s3", c.dest.buckets[0])
	case c.dest.s3:
		args = append(args, "--s3", "BUCKET") // only a person knows which
	}
	return slipwayCommand(append(args, more...)...)
}

// upgradeCommand is the upgrade to the contract of today.
func (c *scene) upgradeCommand() []string {
	return slipwayCommand("upgrade", "--cluster", c.Survey.Cluster)
}

// foreignGroup reports whether an entity is a group of other people's.
func (c *scene) foreignGroup(e provision.Entity) bool {
	return e.Type == provision.GroupEntity && e.Name != c.names.publishers && e.Name != c.names.legacy
}

// leave takes the build user out of a group.
func (c *scene) leave(group string) Remedy {
	return Remedy{
		Text:     "Take the build user out of the group. The group and its other members stay as they are.",
		Fix:      [][]string{iamCommand("remove-user-from-group", "--group-name", group, "--user-name", c.names.user)},
		UndoText: "Put it back.",
		Undo:     [][]string{iamCommand("add-user-to-group", "--group-name", group, "--user-name", c.names.user)},
	}
}

func removeInline(g grantSource) Remedy {
	kind := string(g.holder.Type)
	name := []string{"--" + kind + "-name", g.holder.Name, "--policy-name", g.name}
	return Remedy{
		Text:     "Delete the inline policy, once no pipeline needs it. Keep its document: the undo has it.",
		Fix:      [][]string{iamCommand(append([]string{"delete-" + kind + "-policy"}, name...)...)},
		UndoText: "Write it again.",
		Undo:     [][]string{iamCommand(append(append([]string{"put-" + kind + "-policy"}, name...), "--policy-document", g.text)...)},
	}
}

func attach(holder provision.Entity, arn string) []string {
	kind := string(holder.Type)
	return iamCommand("attach-"+kind+"-policy", "--"+kind+"-name", holder.Name, "--policy-arn", arn)
}

func detach(holder provision.Entity, arn string) []string {
	kind := string(holder.Type)
	return iamCommand("detach-"+kind+"-policy", "--"+kind+"-name", holder.Name, "--policy-arn", arn)
}

package layout

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The settings of backends that say where a state is. Nothing else is kept:
// the rest of a backend block may be credentials.
var placeSettings = []string{
	"bucket", "key", "region", "profile", "workspace_key_prefix", "path", "workspace_dir", "prefix",
	"hostname", "organization", "container_name", "storage_account_name", "resource_group_name",
	"address", "schema_name", "namespace", "secret_suffix",
}

// backendOf reads the backend from a root's configuration.
func backendOf(files []parsed) Backend {
	out := Backend{Type: "local", Settings: map[string]string{}}
	for _, p := range files {
		for _, b := range p.body.Blocks {
			if b.Type != "terraform" {
				continue
			}
			for _, inner := range b.Body.Blocks {
				switch {
				case inner.Type == "backend" && len(inner.Labels) == 1:
					out.Type = inner.Labels[0]
				case inner.Type == "cloud":
					out.Type = "cloud"
				default:
					continue
				}
				out.Position = p.at(inner.DefRange())
				for name, a := range inner.Body.Attributes {
					if s, ok := literal(a.Expr); ok && slices.Contains(placeSettings, name) {
						out.Settings[name] = s
					}
				}
			}
		}
	}
	return out
}

// BackendOf reads the backend of any root.
func BackendOf(r Root) Backend {
	var files []parsed
	for _, f := range r.Files {
		files = append(files, parse(r.Dir, f))
	}
	return backendOf(files)
}

// RemoteState is a terraform_remote_state in a root.
type RemoteState struct {
	Name string
	// Repeat is its count or for_each.
	Repeat Repeat
	// Backend is what it reads; Settings that are no literals are left out.
	Backend  Backend
	Position Position
}

// RemoteStates lists the states of other roots that a root reads.
func RemoteStates(r Root) []RemoteState {
	var out []RemoteState
	for _, f := range r.Files {
		p := parse(r.Dir, f)
		for _, b := range p.body.Blocks {
			if b.Type == "data" && len(b.Labels) == 2 && b.Labels[0] == "terraform_remote_state" {
				out = append(out, remoteState(p, b))
			}
		}
	}
	return out
}

func remoteState(p parsed, b *hclsyntax.Block) RemoteState {
	rs := RemoteState{Name: b.Labels[1], Position: p.at(b.DefRange()), Backend: Backend{Settings: map[string]string{}}}
	for _, mode := range []string{"count", "for_each"} {
		if a := b.Body.Attributes[mode]; a != nil {
			rs.Repeat = Repeat{Mode: mode, Expression: p.text(a.Expr.Range())}
		}
	}
	if a := b.Body.Attributes["backend"]; a != nil {
		rs.Backend.Type, _ = literal(a.Expr)
	}
	if a := b.Body.Attributes["config"]; a != nil {
		if object, ok := a.Expr.(*hclsyntax.ObjectConsExpr); ok {
			for _, item := range object.Items {
				name, ok1 := literal(item.KeyExpr)
				value, ok2 := literal(item.ValueExpr)
				if ok1 && ok2 && slices.Contains(placeSettings, name) {
					rs.Backend.Settings[name] = value
				}
			}
		}
	}
	return rs
}

// Reads reports whether a backend is surely, or possibly, the one of a root:
// no setting that both spell out may differ, and to be sure the setting that
// names the state has to be spelt out in both.
func (b Backend) Reads(root Backend) (surely, possibly bool) {
	if b.Type != root.Type && (b.Type != "remote" || root.Type != "cloud") {
		return false, b.Type == ""
	}
	named := false
	for _, name := range placeSettings {
		if name == "profile" || name == "region" {
			continue
		}
		x, ok1 := b.Settings[name]
		y, ok2 := root.Settings[name]
		if ok1 && ok2 && x != y {
			return false, false
		}
		if ok1 && ok2 && (name == "key" || name == "path" || name == "prefix" || name == "organization" || name == "address") {
			named = true
		}
	}
	return named, true
}

// checkBackend tells of plans that do not run here. Whether they do is set in
// the workspace, where it cannot be seen from the configuration.
func (f *finder) checkBackend() {
	b := f.out.Backend
	if b.Type != "cloud" && b.Type != "remote" {
		return
	}
	reason := "the workspace is in HCP Terraform or Terraform Enterprise; one that is connected to a repository does not let a plan be saved and applied from here"
	if b.Type == "remote" {
		reason = "the backend \"remote\" saves no plan that runs in its workspace, only those of workspaces with local execution"
	}
	f.tell(RunsElsewhere, b.Position, reason, "take the route pipeline there, which judges the plan that the workspace makes")
}

package ask

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// Project are the answers about what holds an installation that is to be
// upgraded: a root of OpenTofu or Terraform, or nothing but the account. What
// does not apply at the moment is kept here and left out of the request.
type Project struct {
	// Kept says that a root holds it. Decided says that this was said, and is
	// not to be taken from what was found.
	Kept, Decided bool
	Dir           string
	// Route is one of those that work on a root.
	Route migrate.Route
	// Cluster is asked for only where the root does not tell.
	Cluster string

	// More says that the options below are wanted.
	More                bool
	Ref, Source         string
	Tool                string
	VarFiles, Backend   string
	Others, Receiver    string
	StateMoves, Gapless bool
	Patch               string

	// named is the cluster that was named before any root was; of several that
	// a root holds it is the one to upgrade.
	named string
	// of is the directory that what follows was said about: of another one it
	// does not count.
	of string
	// askCluster says that the root does not tell its cluster, and given holds
	// the consents, and the rest of what flags said.
	askCluster bool
	given      migrate.RootRequest
	// repeated are the calls whose instances are asked for, and instances what
	// was said of them.
	repeated  []string
	instances map[string]*string
}

// here begins what is said about the directory, unless that has begun.
func (p *Project) here() {
	if p.of != p.Dir {
		p.of, p.askCluster, p.given = p.Dir, false, migrate.RootRequest{}
		p.repeated, p.instances = nil, nil
	}
}

// AskCluster has the cluster's name asked for: the root does not tell it.
func (p *Project) AskCluster() {
	p.here()
	p.askCluster = true
}

// AcceptRefs agrees that refs which are no release are set to one.
func (p *Project) AcceptRefs() {
	p.here()
	p.given.AcceptRefs = true
}

// AcceptEdits agrees that files with edits that are not committed are changed.
func (p *Project) AcceptEdits() {
	p.here()
	p.given.AcceptEdits = true
}

// ProjectOf reads a request that flags filled in.
func ProjectOf(req migrate.UpgradeRequest) Project {
	p := Project{Decided: req.Route != "" || req.Root != nil, Kept: req.Root != nil, Route: req.Route, Gapless: true}
	if req.Root == nil {
		p.Route, p.named = "", req.Cluster
		return p
	}
	r := *req.Root
	p.Dir, p.of, p.Cluster, p.askCluster = r.Dir, r.Dir, req.Cluster, req.Cluster != ""
	p.Ref, p.Source, p.Patch, p.Receiver = r.Ref, r.Source, r.Patch, r.Receiver
	p.Tool = r.Tool
	p.VarFiles, p.Backend, p.Others = list(r.VarFiles), list(r.BackendConfigs), list(r.Others)
	p.StateMoves, p.Gapless = r.StateMoves, !r.NoBridge
	p.given = r
	p.More = p.Ref+p.Source+p.VarFiles+p.Backend+p.Others+p.Receiver+p.Patch+p.Tool != "" || p.StateMoves || !p.Gapless
	return p
}

// Found takes what was found for an answer, unless one was given.
func (p *Project) Found(all []migrate.Project) {
	if p.Decided {
		return
	}
	p.Kept = len(all) > 0
	if p.Kept && p.Dir == "" {
		p.Dir = all[0].Dir
	}
}

// Request is the upgrade with these answers.
func (p Project) Request(req migrate.UpgradeRequest) migrate.UpgradeRequest {
	if !p.Kept {
		req.Root, req.Route = nil, migrate.RouteAccount
		return req
	}
	p.here()
	r := p.given
	r.Dir, r.Instances = p.Dir, p.instancesGiven()
	r.Ref, r.Source, r.Patch, r.Receiver, r.StateMoves, r.NoBridge = "", "", "", "", false, false
	r.Tool = ""
	r.VarFiles, r.BackendConfigs, r.Others = nil, nil, nil
	if p.More {
		r.Ref, r.Source, r.Receiver, r.StateMoves, r.NoBridge = p.Ref, p.Source, p.Receiver, p.StateMoves, !p.Gapless
		r.Tool = p.Tool
		r.VarFiles, r.BackendConfigs, r.Others = items(p.VarFiles), items(p.Backend), items(p.Others)
		if p.Route == migrate.RoutePipeline {
			r.Patch = p.Patch
		}
	}
	req.Root, req.Route, req.Cluster = &r, p.Route, p.named
	if p.askCluster {
		req.Cluster = p.Cluster
	}
	return req
}

// items splits a list of files that a person wrote with commas.
func items(text string) []string {
	var out []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func list(all []string) string { return strings.Join(all, ", ") }

// ProjectDetails are the questions about what holds the installation.
func ProjectDetails(p *Project, req *migrate.UpgradeRequest, found []migrate.Project) []Question {
	if req.To == "" {
		req.To = provision.DefaultContract
	}
	out := []Question{kept(p, found)}
	if !p.Kept {
		return out
	}
	out = append(out, directory(p, found), contractOf("to", "Goes to", &req.To, "The release of the modules that it is brought up to."))
	if p.askCluster && p.of == p.Dir {
		out = append(out, Question{
			Name: "cluster", Label: "Cluster", Empty: "not named yet", Placeholder: "its name", Needed: true, Solid: true,
			text: &p.Cluster, Hint: func() string { return "The root does not tell it: its cluster_name is not a plain text." },
			problems: func() []provision.Problem { return provision.CheckCluster(p.Cluster) },
		})
	}
	if p.of == p.Dir {
		out = append(out, p.instanceQuestions()...)
	}
	out = append(out, choice("more", "Options", &p.More, []bool{false, true}, []string{"the defaults", "set them here"}, func() string {
		if p.More {
			return "They are below."
		}
		return "Defaults: the newest release of the contract, from where the modules come now, moved blocks, a bridge for CI."
	}))
	if p.More {
		out = append(out, p.options()...)
	}
	return out
}

func kept(p *Project, found []migrate.Project) Question {
	q := choice("kept", "Held by", &p.Kept, []bool{true, false},
		[]string{"OpenTofu or Terraform", "neither: made in the account"}, func() string {
			switch {
			case !p.Kept && len(found) > 0:
				return "A root was found here, though: " + found[0].Dir + ". Its next apply would take back what is done behind it."
			case !p.Kept:
				return "The account is changed through IAM, from here."
			case len(found) == 0:
				return "No root that calls the modules was found in this directory or below it. Name it in the next row."
			}
			return "Its files are edited here, or handed to your pipeline as a patch."
		})
	decide := q.choose
	q.choose = func(i int) {
		p.Decided = p.Decided || q.chosen() != i // To be shown it decides nothing.
		decide(i)
	}
	return q
}

func directory(p *Project, found []migrate.Project) Question {
	var dirs []string
	for _, f := range found {
		dirs = append(dirs, f.Dir)
	}
	return Question{
		Name: "dir", Label: "Directory", Empty: "not named yet", Placeholder: "the root's directory", Needed: true,
		Known: dirs, text: &p.Dir, Of: "Found here:",
		Hint: func() string {
			for _, f := range found {
				if filepath.Clean(p.Dir) == filepath.Clean(f.Dir) {
					return ProjectWords(f)
				}
			}
			return "The directory with the .tf files that call the modules."
		},
		problems: func() []provision.Problem {
			if strings.HasPrefix(p.Dir, "~") {
				return []provision.Problem{{
					Field: "directory", Rule: fmt.Sprintf("%q begins with ~, which only a shell understands", p.Dir), Way: "write it out",
				}}
			}
			return nil
		},
	}
}

// ProjectWords say what a root holds.
func ProjectWords(f migrate.Project) string {
	id := f.Layout.Identities[0]
	what := "It holds a build user"
	if id.Cluster.Known {
		what = "It holds the build user of " + id.Cluster.Value
	}
	if c := id.Contract; c != "" {
		what += ", by contract " + string(c)
	}
	return what + "; its state is in " + place(f.Layout.Backend) + "."
}

func place(b layout.Backend) string {
	if b.Type == "local" {
		return "a file beside it"
	}
	return b.Type
}

// options are the questions that most leave at their defaults.
func (p *Project) options() []Question {
	text := func(name, label, empty string, value *string, hint string, problems func() []provision.Problem) Question {
		return Question{Name: name, Label: label, Empty: empty, Placeholder: empty, text: value, Hint: func() string { return hint }, problems: problems}
	}
	out := []Question{
		text("module_ref", "Release", "the newest of the contract", &p.Ref, "The tag of the modules to go to, such as v6.1.0.", func() []provision.Problem {
			if p.Ref == "" || layout.Release(p.Ref) != nil {
				return nil
			}
			return []provision.Problem{{Field: "release", Rule: fmt.Sprintf("%q is no release", p.Ref), Way: "name a tag, such as v6.1.0"}}
		}),
		text("module_source", "Modules from", "where they come from now", &p.Source, "A repository or a directory, for mirrors and copies.", nil),
		text("tool", "Tool", "the one that the state tells of", &p.Tool, "The binary of OpenTofu or Terraform: a name on the PATH, or a path.", nil),
		text("var_files", "Variable files", "none", &p.VarFiles, "Files that the plan is given with -var-file, separated by commas.", nil),
		text("backend_configs", "Backend files", "none", &p.Backend, "Files that init is given with -backend-config, separated by commas.", nil),
		text("others", "Other roots", "none", &p.Others, "Roots that read this one's outputs, separated by commas.", nil),
	}
	if p.Others != "" {
		out = append(out, text("receiver", "User moves to", "it stays", &p.Receiver, "The one of the other roots that takes the build user over.", func() []provision.Problem {
			if p.Receiver == "" || slices.Contains(items(p.Others), p.Receiver) {
				return nil
			}
			return []provision.Problem{{Field: "receiver", Rule: "is none of the other roots", Way: "name one of them, as it stands there"}}
		}))
	}
	return append(out,
		choice("move", "Addresses move", &p.StateMoves, []bool{false, true}, []string{"by moved blocks", "in the state"}, func() string {
			if p.StateMoves {
				return "With state mv, after a backup. Nothing of it is left in the files."
			}
			return "They stand in the files, so that every plan shows them."
		}),
		choice("bridge", "Bridge", &p.Gapless, []bool{true, false}, []string{"built, so that CI can publish all the while", "left out"}, func() string {
			if p.Gapless {
				return "The build user gets its grants directly while the group's are moved."
			}
			return "CI may be denied for some seconds during the apply."
		}),
		text("patch", "Patch file", "slipway-upgrade.patch", &p.Patch, "For the pipeline's way: where the patch is written.", nil),
	)
}

package layout

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/nullplatform/slipway/migrate/layout/layouttest"
	"github.com/nullplatform/slipway/provision"
)

const modules = "git::https://github.com/nullplatform/tofu-modules.git//"

// read makes the roots of a txtar text: files without a directory are the root
// itself, those in a directory are others.
func read(t testing.TB, text string) Input {
	t.Helper()
	in := Input{Root: Root{Dir: "root", Workspace: "default"}}
	others := map[string]*Root{}
	for _, f := range txtar.Parse([]byte(strings.ReplaceAll(text, "MODULES", modules))).Files {
		dir, name := path.Split(f.Name)
		r := &in.Root
		if dir != "" {
			if others[dir] == nil {
				others[dir] = &Root{Dir: strings.TrimSuffix(dir, "/")}
			}
			r = others[dir]
		}
		if strings.Contains(name, ".tfvars") {
			r.Vars = append(r.Vars, File{Name: name, Data: f.Data})
		} else {
			r.Files = append(r.Files, File{Name: name, Data: f.Data})
		}
	}
	for _, r := range others {
		in.Others = append(in.Others, *r)
	}
	return in
}

func stateOf(t testing.TB, s *layouttest.State) *State {
	t.Helper()
	if s == nil {
		return nil
	}
	out, err := DecodeState(s.JSON(), []byte("salt"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// said are the problems as code@line, with a mark for how grave they are.
func said(l *Layout) []string {
	out := []string{}
	for _, p := range l.Problems {
		mark := map[Severity]string{Refuses: "!", Asks: "?", Tells: ""}[p.Severity]
		at := ""
		if p.Position.Line > 0 {
			at = fmt.Sprintf("@%d", p.Position.Line)
		}
		out = append(out, mark+string(p.Code)+at)
	}
	return out
}

var (
	ecrCall  = layouttest.Module{Call: "ecr"}
	userCall = layouttest.Module{Call: "user"}
)

func legacy(m layouttest.Module, cluster string) *layouttest.State {
	return (&layouttest.State{}).Legacy(m, cluster)
}

const ecr34 = `module "ecr" {
  source       = "MODULESinfrastructure/aws/iam/ecr?ref=v4.2.0"
  cluster_name = "demo"
}
`

const split = `module "user" {
  source       = "MODULESinfrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0"
  cluster_name = "demo"
}
module "ecr" {
  source                    = "MODULESinfrastructure/aws/iam/ecr?ref=v6.1.0"
  cluster_name              = "demo"
  build_workflow_group_name = module.user.group_name
}
`

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		why      string
		files    string
		state    *layouttest.State
		answers  Answers
		contract provision.Contract
		problems []string
	}{
		{
			why: "an empty directory", files: "-- other/main.tf --\n",
			problems: []string{"!not-a-root"},
		}, {
			why: "a root of other things", files: "-- main.tf --\nmodule \"ecr\" {\n  source = \"terraform-aws-modules/ecr/aws\"\n}\n",
			problems: []string{"!no-calls"},
		}, {
			why: "a call that is commented out with the rest of its block", files: `
-- main.tf --
# Repositorio
# module "ecr" {
#   source       = "MODULESinfrastructure/aws/iam/ecr?ref=v1.48.2"
#   cluster_name = "x"
# }`,
			problems: []string{"!no-calls", "commented-out@2"},
		}, {
			why:   "one that is commented out in a block comment, beside one that is not",
			files: "-- main.tf --\n/*\nmodule \"old\" {\n  source = \"MODULESnullplatform/asset/ecr?ref=v1.0.0\"\n}\n*/\n" + ecr34,
			state: legacy(ecrCall, "demo"), contract: Contract34,
			problems: []string{"commented-out@2"},
		}, {
			why: "text about modules in a comment is no call", files: "-- main.tf --\n# module \"ecr\" { uses iam/ecr } and for_each = infrastructure/aws/iam/ecr\n" + ecr34,
			state: legacy(ecrCall, "demo"), contract: Contract34, problems: []string{},
		}, {
			why: "3.4 by ref and state", files: "-- main.tf --\n" + ecr34, state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{},
		}, {
			why: "3.4 by ref alone", files: "-- main.tf --\n" + ecr34, contract: Contract34, problems: []string{"no-state"},
		}, {
			why: "a state that holds something else", files: "-- main.tf --\n" + ecr34, state: &layouttest.State{},
			contract: Contract34, problems: []string{"no-state"},
		}, {
			why: "the user is deep in a module of the user's own", files: "-- main.tf --\nmodule \"platform\" {\n  source = \"./platform\"\n}\n",
			state: legacy(layouttest.Module{Call: "platform.module.ecr"}, "demo"), problems: []string{"!not-editable"},
		}, {
			why: "the call was taken out, the state still has the user", files: "-- main.tf --\n" + ecr34,
			state: legacy(layouttest.Module{Call: "ecr_old"}, "demo"), contract: Contract34, problems: []string{"!state-differs"},
		}, {
			why: "the call was renamed with a moved block that is not applied yet", files: "-- main.tf --\n" + ecr34 + "moved {\n  from = module.ecr_old\n  to = module.ecr\n}\n",
			state: legacy(layouttest.Module{Call: "ecr_old"}, "demo"), contract: Contract34, problems: []string{},
		}, {
			why: "the applied state is ahead of the configuration", files: "-- main.tf --\n" + ecr34,
			state: (&layouttest.State{}).Split(ecrCall, ecrCall, "demo"), contract: provision.Contract61, problems: []string{"!state-differs@1"},
		}, {
			why: "another cluster in the state: an apply would rotate the key", files: "-- main.tf --\n" + ecr34,
			state: legacy(ecrCall, "prod"), contract: Contract34, problems: []string{"!clusters-differ@1"},
		}, {
			why: "a cluster that only the state knows", state: legacy(ecrCall, "prod"), contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "module.eks.eks_cluster_name", 1),
		}, {
			why: "a cluster that nobody knows", contract: Contract34, problems: []string{"?unknown-cluster@1", "no-state"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "module.eks.eks_cluster_name", 1),
		}, {
			why: "a cluster that a person says", contract: Contract34, problems: []string{"no-state"}, answers: Answers{Cluster: "prod"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "module.eks.eks_cluster_name", 1),
		}, {
			why: "a person says another cluster than the state has", contract: Contract34, problems: []string{"!clusters-differ"}, answers: Answers{Cluster: "dev"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "module.eks.eks_cluster_name", 1), state: legacy(ecrCall, "prod"),
		}, {
			why: "a tfvars file decides, over the default", state: legacy(ecrCall, "prod"), contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "var.cluster", 1) + "variable \"cluster\" {\n  default = \"dev\"\n}\n-- terraform.tfvars --\ncluster = \"prod\"\n",
		}, {
			why: "a variable file in JSON decides", state: legacy(ecrCall, "prod"), contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "var.cluster", 1) + "variable \"cluster\" {\n  default = \"dev\"\n}\n-- x.auto.tfvars.json --\n{\"cluster\": \"prod\", \"other\": [1]}\n",
		}, {
			why: "a variable file that is none", state: legacy(ecrCall, "demo"), contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + ecr34 + "-- x.auto.tfvars.json --\n[1\n-- y.tfvars --\n}\n",
		}, {
			why: "the default alone says another cluster than the state", state: legacy(ecrCall, "prod"), contract: Contract34, problems: []string{"!clusters-differ@1"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, `"demo"`, "var.cluster", 1) + "variable \"cluster\" {\n  default = \"dev\"\n}\n",
		}, {
			why: "no cluster_name at all", files: "-- main.tf --\nmodule \"ecr\" {\n  source = \"MODULESinfrastructure/aws/iam/ecr?ref=v4.2.0\"\n}\n",
			contract: Contract34, problems: []string{"!unknown-cluster@1", "no-state"},
		}, {
			why: "two calls that own one user", files: "-- main.tf --\n" + ecr34 + strings.Replace(ecr34, `"ecr"`, `"ecr2"`, 1),
			contract: Contract34, problems: []string{"!same-cluster@5", "no-state"},
		}, {
			why: "two calls of two clusters", contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + ecr34 + strings.NewReplacer(`"ecr"`, `"ecr2"`, "demo", "prod").Replace(ecr34),
			state: legacy(ecrCall, "demo").Legacy(layouttest.Module{Call: "ecr2"}, "prod"),
		}, {
			why: "the name of one of two clusters is no contradiction to the other", contract: Contract34, problems: []string{"no-state"}, answers: Answers{Cluster: "prod"},
			files: "-- main.tf --\n" + ecr34 + strings.NewReplacer(`"ecr"`, `"ecr2"`, "demo", "prod").Replace(ecr34),
		}, {
			why: "a build user beside the old call, perhaps of the same cluster", contract: Contract34, problems: []string{"!same-cluster@5", "?unknown-cluster@5"},
			files: "-- main.tf --\n" + ecr34 + "module \"u\" {\n  source = \"MODULESinfrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0\"\n  cluster_name = module.eks.name\n}\n",
			state: legacy(ecrCall, "demo"),
		}, {
			why: "the generation of modules before", problems: []string{"!no-calls"},
			files: "-- main.tf --\nmodule \"iam_roles_policies\" {\n  source = \"git@github.com:nullplatform/main-terraform-modules.git//modules/aws/iam\"\n}\n",
		}, {
			why: "a call that is switched off in a way that the new call would need too", contract: Contract34, problems: []string{"!not-editable@4"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, "}\n", "  lifecycle {\n    enabled = var.on\n  }\n}\n", 1), state: legacy(ecrCall, "demo"),
		}, {
			why: "the split from local copies; the module as one value gives what it gives already", contract: provision.Contract61, problems: []string{},
			files: "-- main.tf --\n" + strings.NewReplacer("MODULES", "../", "?ref=v6.1.0", "").Replace(split) + "output \"ecr\" {\n  value = module.ecr\n}\n",
			state: (&layouttest.State{}).Split(userCall, ecrCall, "demo"),
		}, {
			why: "the ECR grant alone from a local copy, its group from elsewhere", contract: provision.Contract61, problems: []string{"no-state", "by-hand@1"},
			files: "-- main.tf --\nmodule \"ecr\" {\n  source = \"../infrastructure/aws/iam/ecr\"\n  cluster_name = \"demo\"\n  build_workflow_group_name = \"g\"\n}\n",
		}, {
			why: "one name twice", files: "-- main.tf --\n" + ecr34 + ecr34, state: legacy(ecrCall, "demo"), contract: Contract34, problems: []string{"!unreadable@5"},
		}, {
			why: "grants of one user with two cluster names", contract: provision.Contract61, problems: []string{"!clusters-differ@5", "no-state"},
			files: "-- main.tf --\n" + strings.Replace(split, "cluster_name              = \"demo\"", "cluster_name              = \"prod\"", 1),
		}, {
			why: "whether two expressions are one cluster cannot be told", contract: provision.Contract61, problems: []string{"no-state", "clusters-differ@5"},
			files: "-- main.tf --\n" + strings.Replace(split, "cluster_name              = \"demo\"", "cluster_name              = module.eks.name", 1),
		}, {
			why: "a branch", files: "-- main.tf --\n" + strings.Replace(ecr34, "v4.2.0", "feature/add-output-auth", 1), state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{"?branch-ref@1"},
		}, {
			why: "a branch, agreed to", files: "-- main.tf --\n" + strings.Replace(ecr34, "v4.2.0", "feature/add-output-auth", 1), state: legacy(ecrCall, "demo"),
			answers: Answers{AcceptRefs: true}, contract: Contract34, problems: []string{"branch-ref@1"},
		}, {
			why: "a commit", files: "-- main.tf --\n" + strings.Replace(ecr34, "v4.2.0", "79bb06d", 1), state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{"?branch-ref@1"},
		}, {
			why: "no ref", files: "-- main.tf --\n" + strings.Replace(ecr34, "?ref=v4.2.0", "", 1), state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{"?no-ref@1"},
		}, {
			why: "a release in which the module is not", files: "-- main.tf --\n" + strings.Replace(ecr34, "v4.2.0", "v2.0.0", 1),
			problems: []string{"!unknown-contract@1", "no-state"},
		}, {
			why: "a workspace of HCP Terraform, which may not let a plan be saved", contract: Contract34, problems: []string{"runs-elsewhere@2"},
			files: "-- main.tf --\nterraform {\n  cloud {\n    organization = \"acme\"\n  }\n}\n" + ecr34,
			state: (&layouttest.State{}).Legacy(layouttest.Module{Call: "ecr"}, "demo"),
		}, {
			why: "the backend that goes to such a workspace", contract: Contract34, problems: []string{"runs-elsewhere@2"},
			files: "-- main.tf --\nterraform {\n  backend \"remote\" {\n    organization = \"acme\"\n  }\n}\n" + ecr34,
			state: (&layouttest.State{}).Legacy(layouttest.Module{Call: "ecr"}, "demo"),
		}, {
			why: "1.12: cluster in the names, no group", contract: Contract112, problems: []string{},
			files: "-- main.tf --\nmodule \"asset\" {\n  source = \"MODULESnullplatform/asset/ecr?ref=v1.48.3\"\n  nrn = \"x\"\n  cluster_name = \"demo\"\n}\n",
			state: (&layouttest.State{}).Direct(layouttest.Module{Call: "asset"}, "demo"),
		}, {
			why: "1.12 on a branch, by its arguments", contract: Contract112, problems: []string{"?branch-ref@1", "no-state"},
			files: "-- main.tf --\nmodule \"asset\" {\n  source = \"MODULESnullplatform/asset/ecr?ref=feature/x\"\n  nrn = \"x\"\n  cluster_name = \"demo\"\n}\n",
		}, {
			why: "1.0: no upgrade of the modules keeps the key", contract: Contract10, problems: []string{"!names-change@1"},
			files: "-- main.tf --\nmodule \"asset\" {\n  source = \"MODULESnullplatform/asset/ecr?ref=v1.0.0\"\n  nrn = \"x\"\n}\n",
			state: (&layouttest.State{}).Direct(layouttest.Module{Call: "asset"}, ""),
		}, {
			why: "registrations alone: the user is in another root", problems: []string{"!no-calls@1", "no-state"},
			files: "-- main.tf --\nmodule \"asset\" {\n  source = \"MODULESnullplatform/asset/ecr?ref=v4.2.0\"\n  nrn = \"x\"\n  application_role_arn = local.role\n}\n",
		}, {
			why: "the split", files: "-- main.tf --\n" + split, state: (&layouttest.State{}).Split(userCall, ecrCall, "demo"),
			contract: provision.Contract61, problems: []string{},
		}, {
			why: "the split with the first S3 grant is 5.0", contract: provision.Contract50, problems: []string{},
			files: "-- main.tf --\n" + strings.ReplaceAll(split, "v6.1.0", "v5.2.0") + "module \"s3\" {\n  source = \"MODULESinfrastructure/aws/iam/s3-assets?ref=v5.2.0\"\n  cluster_name = \"demo\"\n  build_workflow_group_name = module.user.group_name\n  assets_bucket = \"b\"\n}\n",
			state: (&layouttest.State{}).Split(userCall, ecrCall, "demo").S3Assets(layouttest.Module{Call: "s3"}),
		}, {
			why: "the bucket policy that shares a path with the S3 grant", contract: provision.Contract61, problems: []string{"other-module@10"},
			files: "-- main.tf --\n" + split + "module \"s3_policy\" {\n  source = \"MODULESinfrastructure/aws/iam/s3?ref=v1.48.2\"\n  bucket_id = \"b\"\n  bucket_arn = \"a\"\n}\n",
			state: (&layouttest.State{}).Split(userCall, ecrCall, "demo"),
		}, {
			why: "user and key were moved by hand, as the release notes say, and group and membership were not", contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + split, state: halfMoved(),
		}, {
			why: "an apply that ended half-way has left the old group behind", contract: provision.Contract61, problems: []string{},
			files: "-- main.tf --\n" + split, state: (&layouttest.State{}).Split(userCall, ecrCall, "demo").
				Add(ecrCall, "aws_iam_group", "nullplatform_ecr_managers", map[string]any{"name": LegacyGroup("demo")}),
		}, {
			why: "the module as one value", files: "-- main.tf --\n" + ecr34 + "output \"ecr\" {\n  value = module.ecr\n}\n", state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{"!whole-use@6"},
		}, {
			why: "the module as one value in a loop without a key, for two kinds of outputs", contract: Contract34, problems: []string{"!whole-use@6", "no-state"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, "  cluster", "  count = 1\n  cluster", 1) + "output \"x\" { value = [for m in module.ecr : [m.application_role_arn, m.build_workflow_access_key_id]] }\n",
		}, {
			why: "an output that no later release has", files: "-- main.tf --\n" + ecr34 + "output \"pull\" {\n  value = module.ecr.cross_account_pull_role_arn\n}\n",
			state: legacy(ecrCall, "demo"), contract: Contract34, problems: []string{"!gone-output@6"},
		}, {
			why: "a call in JSON", files: "-- main.tf.json --\n{\"module\":{\"ecr\":{\"source\":\"MODULESinfrastructure/aws/iam/ecr?ref=v4.2.0\",\"cluster_name\":\"demo\"}}}\n",
			problems: []string{"!not-editable", "!no-calls"},
		}, {
			why: "a use in JSON", files: "-- main.tf --\n" + ecr34 + "-- out.tf.json --\n{\"output\":{\"id\":{\"value\":\"${module.ecr.build_workflow_access_key_id}\"}}}\n",
			state: legacy(ecrCall, "demo"), contract: Contract34, problems: []string{"!not-editable"},
		}, {
			why: "an override of the call", files: "-- main.tf --\n" + ecr34 + "-- dev_override.tf --\nmodule \"ecr\" {\n  cluster_name = \"dev\"\n}\n",
			state: legacy(ecrCall, "demo"), contract: Contract34, problems: []string{"!not-editable@1"},
		}, {
			why: "a source that is put together", files: "-- main.tf --\n" + strings.Replace(ecr34, "v4.2.0", "${var.release}", 1), state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{"!not-editable@1", "?branch-ref@1"},
		}, {
			why: "for_each over what is not known, without a state", contract: Contract34, problems: []string{"?unknown-instances@1", "no-state"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, "  cluster_name = \"demo\"", "  for_each = data.x.y.names\n  cluster_name = each.key", 1),
		}, {
			why: "for_each over what is not known: the state tells", contract: Contract34, problems: []string{},
			files: "-- main.tf --\n" + strings.Replace(ecr34, "cluster_name = \"demo\"", "for_each = data.x.y.names\n  cluster_name = each.key", 1),
			state: legacy(layouttest.Module{Call: "ecr", Key: "prod"}, "prod"),
		}, {
			why: "an instance whose cluster is not what the state has", contract: Contract34, problems: []string{"!clusters-differ@1"},
			files: "-- main.tf --\n" + strings.Replace(ecr34, "cluster_name = \"demo\"", "for_each = { prod = \"acme\" }\n  cluster_name = each.value", 1),
			state: legacy(layouttest.Module{Call: "ecr", Key: "prod"}, "prod"),
		}, {
			why: "a file that does not parse", files: "-- main.tf --\n" + ecr34 + "-- broken.tf --\nmodule {\n", state: legacy(ecrCall, "demo"),
			contract: Contract34, problems: []string{"!unreadable"},
		}, {
			why: "the group comes from another root", contract: provision.Contract61, problems: []string{"no-state", "by-hand@1"},
			files: "-- main.tf --\nmodule \"ecr\" {\n  source = \"MODULESinfrastructure/aws/iam/ecr?ref=v6.1.0\"\n  cluster_name = \"demo\"\n  build_workflow_group_name = local.group\n}\n",
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			in := read(t, tt.files)
			in.Answers, in.Root.State = tt.answers, stateOf(t, tt.state)
			l := Find(in)
			if d := cmp.Diff(tt.problems, said(l)); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
				for _, p := range l.Problems {
					t.Log(p.Error())
				}
			}
			if l.Contract() != tt.contract {
				t.Errorf("contract %q, want %q", l.Contract(), tt.contract)
			}
			for _, p := range l.Problems {
				if p.Reason == "" || p.Severity != Tells && p.Way == "" || p.Position.Root != "root" {
					t.Errorf("a problem without reason, way out or place: %+v", p)
				}
			}
			if (l.Refused() != nil) != slices.ContainsFunc(tt.problems, func(s string) bool { return s[0] == '!' }) {
				t.Errorf("Refused() = %v", l.Refused())
			}
		})
	}
}

// halfMoved is what `state mv` of user and key alone leaves.
func halfMoved() *layouttest.State {
	s := (&layouttest.State{}).
		Add(userCall, "aws_iam_user", "nullplatform_build_workflow_user", map[string]any{"name": UserName("demo")}).
		Add(userCall, "aws_iam_access_key", "nullplatform_build_workflow_user_key", map[string]any{"id": "AKIATEST"})
	s.Add(ecrCall, "aws_iam_group", "nullplatform_ecr_managers", map[string]any{"name": LegacyGroup("demo")})
	return s.Add(ecrCall, "aws_iam_user_group_membership", "build_workflow_ecr_managers", nil)
}

package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/provision"
)

// importsFile is where import blocks are written.
const importsFile = "publishing_imports.tf"

const importsComment = `What is in the account already is taken over as it is.
These blocks may be taken out once they have been applied.`

// imports takes over what is in the account. An access key cannot be taken
// over: its secret is told once, when it is made.
func (e *emitter) imports() {
	if e.Adopt == nil {
		return
	}
	inv, names := e.Adopt, e.Spec.Contract.Names(e.Spec.Cluster)
	user, ecr, s3 := "module."+e.out.User+".", "module."+e.out.ECR+".", "module."+e.out.S3+"."
	group := inv.Group(names.Group)
	attached := func(name string) string {
		if group != nil {
			for _, a := range group.Attached {
				if a.Name == name {
					return group.Name + "/" + a.ARN
				}
			}
		}
		return ""
	}
	if u := inv.User; u != nil && u.Name == names.User {
		e.take(user+userRes, u.Name)
		if len(u.Keys) > 0 {
			e.keyStays(u)
		}
	}
	if group != nil {
		e.take(user+groupRes, group.Name)
		if u := inv.User; u != nil && u.Name == names.User && slices.Contains(u.Groups, group.Name) {
			e.take(user+memberRes, u.Name+"/"+group.Name)
		}
	}
	if e.out.ECR != "" {
		e.takeECR(inv, names, ecr)
		e.take(ecr+groupGrantRes, attached(names.ECRPolicy))
	}
	if e.out.S3 != "" {
		policy, grant := s3Resources(e.Spec.Contract)
		if arn := inv.Place.PolicyARN(names.S3Policy); inv.Policy(arn) != nil {
			e.take(s3+policy, arn)
		}
		e.take(s3+grant, attached(names.S3Policy))
	}
}

func (e *emitter) takeECR(inv *provision.Inventory, names provision.Names, ecr string) {
	arn := inv.Place.PolicyARN(names.ECRPolicy)
	if inv.Policy(arn) != nil {
		e.take(ecr+policyRes, arn)
	}
	if r := inv.Role; r != nil && r.Name == names.Role {
		e.take(ecr+roleRes, r.Name)
		for _, a := range r.Attached {
			if a.ARN == arn {
				e.take(ecr+roleGrantRes, r.Name+"/"+arn)
			}
		}
	}
}

func s3Resources(c provision.Contract) (policy, grant string) {
	if c == provision.Contract50 {
		return "aws_iam_policy.nullplatform_s3_assets_policy", "aws_iam_group_policy_attachment.s3_assets_policy_group"
	}
	return "aws_iam_policy.nullplatform_s3_policy", "aws_iam_group_policy_attachment.s3_policy_group"
}

// keyStays says what becomes of the key that is in use.
func (e *emitter) keyStays(u *provision.User) {
	reason := fmt.Sprintf("the access key of %s cannot be taken over: AWS tells a secret once, so the first apply makes a second key", u.Name)
	severity := layout.Tells
	way := "CI goes on with the key that it has; hand the new one over, see it used, and only then deactivate and delete the old one"
	if e.handsOver() {
		way = "the apply hands it to nullplatform itself, and CI gets it from there at its next build; see the new one used, and only then deactivate and delete the old one"
	}
	if len(u.Keys) > 1 {
		severity = layout.Asks
		reason = fmt.Sprintf("%s has two access keys, which is the most there may be, and the module needs to make one of its own", u.Name)
		way = "delete the key that is not in use first; the apply would fail at that point, with nothing lost"
	}
	e.out.Problems = append(e.out.Problems, layout.Problem{
		Code: layout.ByHand, Severity: severity, Position: layout.Position{Root: e.Root.Dir}, Reason: reason, Way: way,
	})
}

// take writes one import block.
func (e *emitter) take(to, id string) {
	if id == "" {
		return
	}
	comment := ""
	if len(e.out.Imports) == 0 {
		comment = importsComment
	}
	i := Import{To: to, ID: id}
	e.importBlock(i, comment)
	e.out.Imports = append(e.out.Imports, i)
}

func (e *emitter) importBlock(i Import, comment string) {
	f := e.p.file(e.Root.Dir, importsFile)
	b := block{kind: "import", comment: comment, groups: [][]argument{{{"to", i.To}, {"id", layout.Quote(i.ID)}}}}
	f.atEnd(f.inStyle(b.text()))
}

// ImportsOf are the import blocks that an earlier run has written into a root,
// as they stand there now.
func ImportsOf(root layout.Root) []Import {
	var out []Import
	for _, f := range root.Files {
		if f.Name != importsFile {
			continue
		}
		body, _ := layout.Parse(f) // What does not parse imports nothing.
		for _, b := range body.Blocks {
			to, id := b.Body.Attributes["to"], b.Body.Attributes["id"]
			if b.Type != "import" || to == nil || id == nil {
				continue
			}
			at, value := to.Expr.Range(), id.Expr.Range()
			out = append(out, Import{
				To: string(f.Data[at.Start.Byte:at.End.Byte]),
				ID: strings.Trim(string(f.Data[value.Start.Byte:value.End.Byte]), `"`),
			})
		}
	}
	return out
}

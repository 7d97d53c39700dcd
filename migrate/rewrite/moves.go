package rewrite

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/migrate/layout"
)

// Resources by their names in the modules.
const (
	userRes        = "aws_iam_user.nullplatform_build_workflow_user"
	keyRes         = "aws_iam_access_key.nullplatform_build_workflow_user_key"
	oldGroupRes    = "aws_iam_group.nullplatform_ecr_managers"
	groupRes       = "aws_iam_group.asset_publishers"
	oldMemberRes   = "aws_iam_user_group_membership.build_workflow_ecr_managers"
	memberRes      = "aws_iam_user_group_membership.asset_publishers"
	groupGrantRes  = "aws_iam_group_policy_attachment.ecr_manager_policy_group"
	userGrantRes   = "aws_iam_user_policy_attachment.ecr_manager_policy_user"
	roleRes        = "aws_iam_role.nullplatform_application_role"
	policyRes      = "aws_iam_policy.nullplatform_ecr_manager_policy"
	roleGrantRes   = "aws_iam_role_policy_attachment.ecr_manager_policy"
	validationsRes = "terraform_data.validations"
)

// movesFile is where moved blocks are written.
const movesFile = "moved.tf"

const movesComment = `The build user goes to a module of its own, with its key, group and membership.
These blocks may be taken out once they have been applied everywhere.`

// movesFromGrant are the four of the split: user, key, group, membership.
func (p *planner) movesFromGrant(id *layout.Identity, user string) {
	if id.Contract != layout.Contract34 || id.ECR == nil || user == "" {
		return
	}
	old := "module." + id.ECR.Name
	if len(id.Holdings) == 0 {
		if p.l.Root.State != nil || layout.Split(id.Written) && id.User != nil {
			return // Nothing was applied, or nobody can say from where.
		}
		for _, key := range id.ECR.Repeat.Keys {
			p.move(old+key+"."+userRes, "module."+user+key+"."+userRes)
			p.move(old+key+"."+keyRes, "module."+user+key+"."+keyRes)
			p.move(old+key+"."+oldGroupRes, "module."+user+key+"."+groupRes)
			p.move(old+key+"."+oldMemberRes, "module."+user+key+"."+memberRes)
		}
	}
	for _, h := range id.Holdings {
		to := "module." + user + h.Instance + "."
		p.move(h.User, to+userRes)
		p.move(h.AccessKey, to+keyRes)
		p.move(h.Group, to+groupRes)
		p.move(h.Membership, to+memberRes)
	}
	p.writeMoves()
}

// move notes one move within the root. What is not there, or there already,
// moves nowhere.
func (p *planner) move(from, to string) {
	if from == "" || from == to {
		return
	}
	if was, ok := p.moved[from]; ok && was != to {
		p.refuse(layout.StateDiffers, layout.Position{Root: p.l.Root.Dir},
			"a moved block sends "+from+" to "+was+" instead of "+to, "take that block out, or name the call that it goes to")
		return
	}
	p.out.Moves = append(p.out.Moves, Move{FromRoot: p.l.Root.Dir, From: from, ToRoot: p.l.Root.Dir, To: to})
}

// writeMoves writes the moved blocks that are not there yet, or lists them for
// `state mv`.
func (p *planner) writeMoves() {
	for _, m := range p.out.Moves {
		switch {
		case p.moved[m.From] == m.To:
		case p.opts.StateMoves:
			if !slices.Contains(p.out.StateMoves, m) {
				p.out.StateMoves = append(p.out.StateMoves, m)
			}
		default:
			f := p.file(m.FromRoot, movesFile)
			b := block{kind: "moved", groups: [][]argument{{{"from", m.From}, {"to", m.To}}}}
			if !p.announced {
				b.comment = movesComment
			}
			p.announced = true
			f.atEnd(f.inStyle(b.text()))
			p.moved[m.From] = m.To
		}
	}
}

// address is the text of an address in a moved block, without white space.
func address(data []byte, a *hclsyntax.Attribute) string {
	r := a.Expr.Range()
	return strings.Join(strings.Fields(string(data[r.Start.Byte:r.End.Byte])), "")
}

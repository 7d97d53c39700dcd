package audit

import "github.com/nullplatform/slipway/provision"

func userBoundary() Check {
	const id = "boundary"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Advice,
		Title:     "The permissions boundaries are those that are expected",
		Rationale: "The modules set none, so that their next apply takes one away that was set by hand.",
		run: func(c *scene) outcome {
			var out outcome
			check := func(e provision.Entity, have, remove string) {
				out.looked = true
				if have == c.Expect.Boundary {
					return
				}
				f := finding(id, Advice, e, "", capital(e.String())+" has a permissions boundary: "+nameOfARN(have),
					"It limits what the grants give, which is good; tell slipway of it with --permissions-boundary, and the modules too.")
				if have == "" {
					f = finding(id, Low, e, "", capital(e.String())+" has no permissions boundary",
						"It should have "+c.Expect.Boundary+".")
				}
				f = f.seen(Evidence{Read: "iam:Get" + capital(string(e.Type)), Text: "boundary: " + have})
				out.findings = append(out.findings, f.fix(boundaryFix(e, have, c.Expect.Boundary, remove)))
			}
			if u := c.inv.User; u != nil {
				check(entity(provision.UserEntity, u.Name), u.Boundary, "delete-user-permissions-boundary")
			}
			if r := c.inv.Role; r != nil {
				check(entity(provision.RoleEntity, r.Name), r.Boundary, "delete-role-permissions-boundary")
			}
			return out
		},
	}
}

func boundaryFix(e provision.Entity, have, want, remove string) Remedy {
	kind := string(e.Type)
	set := func(arn string) []string {
		return iamCommand("put-"+kind+"-permissions-boundary", "--"+kind+"-name", e.Name, "--permissions-boundary", arn)
	}
	unset := iamCommand(remove, "--"+kind+"-name", e.Name)
	switch {
	case want == "":
		return Remedy{Text: "Nothing has to be done."}
	case have == "":
		return Remedy{Text: "Set it.", Fix: [][]string{set(want)}, UndoText: "Take it away.", Undo: [][]string{unset}}
	}
	return Remedy{Text: "Set the expected one.", Fix: [][]string{set(want)}, UndoText: "Set the one of now.", Undo: [][]string{set(have)}}
}

package audit

import (
	"slices"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// RepositoryEntity is an ECR repository.
const RepositoryEntity provision.EntityType = "repository"

// eachRepository looks at every repository of the region.
func (c *scene) eachRepository(look func(provision.DestinationRepository) []Finding) outcome {
	if c.Survey.Settings == nil {
		return outcome{notAsked: true}
	}
	out := outcome{looked: len(c.Survey.Settings.Repositories) > 0, gaps: c.gaps("*", "ecr:DescribeRepositories")}
	for _, r := range c.Survey.Settings.Repositories {
		out.findings = append(out.findings, look(r)...)
	}
	return out
}

func repositoryPublic() Check {
	const id = "repository-public"
	return Check{
		ID: id, Kind: DestinationKind, Severity: High,
		Title:      "No repository is open to everybody",
		Rationale:  "Whoever can push an image decides what runs; whoever can pull one has the code.",
		References: refs(prowler, "ecr_repositories_not_publicly_accessible", securityHub, "ECR.1"),
		run: func(c *scene) outcome {
			var gaps []provision.Gap
			out := c.eachRepository(func(r provision.DestinationRepository) []Finding {
				if g := c.gaps("repository/"+r.Name, "ecr:GetRepositoryPolicy"); len(g) > 0 {
					gaps = append(gaps, g...)
					return nil
				}
				doc, err := policy.Parse(r.Policy)
				if r.Policy == "" || err != nil {
					return nil
				}
				i := slices.IndexFunc(doc.Statements, func(s policy.Statement) bool {
					return s.Effect == policy.Allow && len(s.Conditions) == 0 &&
						(s.NotPrincipal || slices.ContainsFunc(s.Principals, func(p policy.Principal) bool { return p.ID == "*" }))
				})
				if i < 0 {
					return nil
				}
				s := doc.Statements[i]
				return []Finding{finding(id, High, entity(RepositoryEntity, r.Name), "", "Repository "+r.Name+" is open to everybody",
					"Its policy allows "+some(s.Actions)+" to every AWS account.").
					seen(Evidence{Read: "ecr:GetRepositoryPolicy", Text: effectOf(s), Statement: &StatementRef{
						Policy: "repository policy of " + r.Name, Number: i + 1, Sid: s.Sid, Document: statementText(r.Policy, i), Decides: element("Principal", principals(s)),
					}}).
					fix(Remedy{
						Text: "Name the accounts that may pull.", UndoText: "Put the policy of now back.",
						Fix:  [][]string{aws("ecr", "delete-repository-policy", "--repository-name", r.Name)},
						Undo: [][]string{aws("ecr", "set-repository-policy", "--repository-name", r.Name, "--policy-text", r.Policy)},
					})}
			})
			out.gaps = append(out.gaps, gaps...)
			return out
		},
	}
}

func repositoryScan() Check {
	return repositoryAdvice("repository-scan", "Images are scanned as they arrive",
		"A scan on push tells about known holes before an image runs. A rule of the registry may do it for all.",
		refs(prowler, "ecr_repositories_scan_images_on_push_enabled", securityHub, "ECR.1"),
		func(r provision.DestinationRepository) bool { return r.ScanOnPush }, "are not scanned on push",
		func(name string) [][]string {
			return [][]string{aws("ecr", "put-image-scanning-configuration", "--repository-name", name, "--image-scanning-configuration", "scanOnPush=true")}
		},
		func(name string) [][]string {
			return [][]string{aws("ecr", "put-image-scanning-configuration", "--repository-name", name, "--image-scanning-configuration", "scanOnPush=false")}
		})
}

func repositoryTags() Check {
	return repositoryAdvice("repository-tags", "A tag stays with its image",
		"With tags that move, what runs under a tag today may be another image tomorrow.",
		refs(prowler, "ecr_repositories_tag_immutability", securityHub, "ECR.2"),
		func(r provision.DestinationRepository) bool { return r.Immutable }, "have tags that can move",
		func(name string) [][]string {
			return [][]string{aws("ecr", "put-image-tag-mutability", "--repository-name", name, "--image-tag-mutability", "IMMUTABLE")}
		},
		func(name string) [][]string {
			return [][]string{aws("ecr", "put-image-tag-mutability", "--repository-name", name, "--image-tag-mutability", "MUTABLE")}
		})
}

// repositoryAdvice is one finding for all repositories that lack a setting: a
// hundred lines about a hundred repositories would say no more.
func repositoryAdvice(id, title, rationale string, references []Reference, good func(provision.DestinationRepository) bool, words string, fix, undo func(name string) [][]string) Check {
	return Check{
		ID: id, Kind: DestinationKind, Severity: Advice, Title: title, Rationale: rationale, References: references,
		run: func(c *scene) outcome {
			var lacking []string
			out := c.eachRepository(func(r provision.DestinationRepository) []Finding {
				if !good(r) {
					lacking = append(lacking, r.Name)
				}
				return nil
			})
			if len(lacking) == 0 {
				return out
			}
			f := finding(id, Advice, entity(RepositoryEntity, "*"), "",
				counted(len(lacking), "repository", "repositories")+" "+were(len(lacking), singular(words), words), some(lacking)+".").
				seen(Evidence{Read: "ecr:DescribeRepositories", Text: some(lacking)})
			out.findings = append(out.findings, f.fix(Remedy{
				Text: "Turn it on for new repositories, and for these one by one. The commands are for the first.",
				Fix:  fix(lacking[0]), UndoText: "Turn it off again.", Undo: undo(lacking[0]),
			}))
			return out
		},
	}
}

// singular turns the verb of a predicate.
func singular(words string) string {
	switch {
	case len(words) > 4 && words[:4] == "are ":
		return "is " + words[4:]
	case len(words) > 5 && words[:5] == "have ":
		return "has " + words[5:]
	}
	return words
}

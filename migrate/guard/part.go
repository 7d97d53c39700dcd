package guard

import (
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate/tofu"
)

// part is what a resource is to the publishing identity.
type part string

const (
	user       part = "build user"
	key        part = "access key"
	group      part = "group"
	membership part = "membership"
	grant      part = "grant of the group"
	direct     part = "grant of the user"
	ecrPolicy  part = "ECR policy"
	s3Policy   part = "S3 policy"
	role       part = "application role"
	roleGrant  part = "grant of the role"
	crossPull  part = "cross-account pull"
	validation part = "validation"
	register   part = "registration"
	other      part = "other"
)

// The names that the modules give, with the cluster as their only variable
// part. Before release 1.12.4 they had none.
var (
	userName    = lazy(`^nullplatform-(?:(.+)-)?build-workflow-user$`)
	oldGroup    = lazy(`^nullplatform-(.+)-ecr-managers$`)
	newGroup    = lazy(`^nullplatform-(.+)-asset-publishers$`)
	ecrName     = lazy(`^nullplatform-(?:(.+)-)?ecr-manager-policy$`)
	s3New       = lazy(`^nullplatform-(.+)-s3-policy$`)
	s3Old       = lazy(`^nullplatform-(.+)-s3-assets-policy$`)
	roleName    = lazy(`^nullplatform-(?:(.+)-)?application-role$`)
	pullName    = lazy(`^nullplatform-(.+)-ecr-cross-account-pull(?:-policy)?$`)
	policyOfARN = lazy(`^arn:[^:]+:iam::[^:]*:policy/(?:.*/)?([^/]+)$`)
)

// The labels that the modules give to user and key. They protect an identity
// under whatever name.
const (
	userLabel = "nullplatform_build_workflow_user"
	keyLabel  = "nullplatform_build_workflow_user_key"
)

// values are an attribute before and after, as far as it is known.
func values(c tofu.Change, attribute string) []string {
	var out []string
	for _, v := range []tofu.Values{c.Before, c.After} {
		if text := v.Text(attribute); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// matches reports whether an attribute fits a name, before or after.
func matches(c tofu.Change, attribute string, names ...pattern) bool {
	return slices.ContainsFunc(values(c, attribute), func(v string) bool {
		return slices.ContainsFunc(names, func(re pattern) bool { return re.MatchString(v) })
	})
}

// policyName is the name in the ARN of a policy, "" for none.
func policyName(arn string) string {
	m := policyOfARN.FindStringSubmatch(arn)
	if m == nil {
		return ""
	}
	return m[1]
}

// partOf says what a resource is, by its type and by the names that it has
// before and after.
func partOf(c tofu.Change) part {
	switch c.Type {
	case "aws_iam_user":
		return either(c.Name == userLabel || matches(c, "name", userName), user)
	case "aws_iam_access_key":
		return either(c.Name == keyLabel || matches(c, "user", userName), key)
	case "aws_iam_group":
		return either(matches(c, "name", oldGroup, newGroup), group)
	case "aws_iam_user_group_membership":
		return either(matches(c, "user", userName), membership)
	case "aws_iam_group_policy_attachment":
		return either(matches(c, "group", oldGroup, newGroup), grant)
	case "aws_iam_user_policy_attachment":
		return either(matches(c, "user", userName), direct)
	case "aws_iam_policy", "aws_iam_role":
		return named(c)
	case "aws_iam_role_policy_attachment":
		if matches(c, "role", pullName) {
			return crossPull
		}
		return either(matches(c, "role", roleName), roleGrant)
	case "terraform_data":
		return either(c.Name == "validations", validation)
	case tofu.RegistrationType:
		// What it registers is not kept of a plan; the label tells.
		return either(c.Module != "" && (c.Name == "ecr" || c.Name == "s3"), register)
	}
	return other
}

// goes reports whether what is there goes away, or is left behind by something
// that takes its place.
func goes(c tofu.Change) bool { return c.Action.Destroys() || c.Action == tofu.ReplaceForget }

func either(yes bool, p part) part {
	if yes {
		return p
	}
	return other
}

// named tells policies and roles apart by their names.
func named(c tofu.Change) part {
	policy := c.Type == "aws_iam_policy"
	switch {
	case matches(c, "name", pullName):
		return crossPull
	case policy && matches(c, "name", ecrName):
		return ecrPolicy
	case policy && matches(c, "name", s3New, s3Old):
		return s3Policy
	case !policy && matches(c, "name", roleName):
		return role
	}
	return other
}

// clustersOf are the clusters in the names of a resource, before and after.
func clustersOf(c tofu.Change) []string {
	var found []string
	for _, attribute := range []string{"name", "user", "group", "role"} {
		for _, v := range values(c, attribute) {
			for _, re := range []pattern{userName, oldGroup, newGroup, ecrName, s3New, s3Old, roleName, pullName} {
				if m := re.FindStringSubmatch(v); m != nil {
					found = append(found, m[1])
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// sameCluster reports whether two resources belong to one cluster each, and to
// the same.
func sameCluster(a, b tofu.Change) bool {
	return len(clustersOf(a)) == 1 && slices.Equal(clustersOf(a), clustersOf(b))
}

// ours reports whether a resource belongs to the cluster at hand. One without a
// name that tells belongs to any; one that goes from one cluster to another
// belongs to none.
func (j *judge) ours(c tofu.Change) bool {
	found := clustersOf(c)
	if len(found) > 1 {
		return false
	}
	return j.want.Cluster == "" || len(found) == 0 && !strings.HasPrefix(c.Type, "aws_iam_") ||
		len(found) == 1 && found[0] == j.want.Cluster
}

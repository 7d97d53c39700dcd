package audit

import (
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// allNames are the names that entities of one cluster have under any contract.
type allNames struct {
	user, role, ecr     string
	publishers, legacy  string // the groups since and before the split
	s3, s3Assets, cross string
}

const (
	namePrefix = "nullplatform"
	userSuffix = "-build-workflow-user"
)

func namesOf(cluster string) allNames {
	p := namePrefix
	if cluster != "" {
		p += "-" + cluster
	}
	return allNames{
		user: p + userSuffix, role: p + "-application-role", ecr: p + "-ecr-manager-policy",
		publishers: p + "-asset-publishers", legacy: p + "-ecr-managers",
		s3: p + "-s3-policy", s3Assets: p + "-s3-assets-policy",
		cross: p + "-ecr-cross-account-pull-policy",
	}
}

// policies are the names of all policies that a contract ever made.
func (n allNames) policies() []string { return []string{n.ecr, n.s3, n.s3Assets, n.cross} }

// Scope is what has to be read to audit a cluster of which nothing but the
// name is known.
func Scope(cluster string) provision.SurveyScope {
	n := namesOf(cluster)
	s := provision.SurveyScope{Cluster: cluster, Scope: provision.Scope{
		User: n.user, Role: n.role, Policies: n.policies(),
	}}
	if cluster != "" {
		s.Groups = []string{n.publishers, n.legacy}
	}
	return s
}

// Belongs gives the cluster that an entity belongs to by its name. The names
// before 1.12.4 belong to the cluster without a name.
func Belongs(kind provision.EntityType, name string) (cluster string, ok bool) {
	if !strings.HasPrefix(name, namePrefix+"-") {
		return "", false
	}
	for _, suffix := range suffixes(kind) {
		head, found := strings.CutSuffix(name, suffix)
		switch {
		case !found:
		case head == namePrefix:
			return "", true
		case strings.HasPrefix(head, namePrefix+"-"):
			return strings.TrimPrefix(head, namePrefix+"-"), true
		}
	}
	return "", false
}

// suffixes are the ends of names by type, the longer of two that fit first.
func suffixes(kind provision.EntityType) []string {
	switch kind {
	case provision.UserEntity:
		return []string{userSuffix}
	case provision.GroupEntity:
		return []string{"-asset-publishers", "-ecr-managers"}
	case provision.RoleEntity:
		return []string{"-application-role"}
	case provision.PolicyEntity:
		return []string{"-ecr-manager-policy", "-s3-assets-policy", "-s3-policy", "-ecr-cross-account-pull-policy"}
	}
	return nil
}

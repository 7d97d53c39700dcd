package ask

import (
	"fmt"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// AuditDetails are the questions of an audit.
func AuditDetails(req *migrate.AuditRequest, found Found) []Question {
	all := "all that the account has"
	if n := len(found.Clusters); n > 0 {
		all = fmt.Sprintf("all %d that the account has", n)
	}
	out := []Question{choice("all", "Look at", &req.All, []bool{true, false}, []string{all, "one of them"}, func() string {
		if req.All {
			return "They are found by the names that the modules give."
		}
		return "It costs the calls of that cluster only."
	})}
	if req.All {
		return out
	}
	return append(out, Question{
		Name: "cluster", Label: "Cluster", Empty: "not named yet", Placeholder: "its name",
		Needed: true, Solid: true, Known: found.Clusters, text: &req.Cluster,
		Hint:     func() string { return "The name that the modules call cluster_name." },
		problems: func() []provision.Problem { return provision.CheckCluster(req.Cluster) },
	})
}

package ask

import (
	"slices"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// UpgradeDetails are the questions of an upgrade that changes the account
// through IAM.
func UpgradeDetails(req *migrate.UpgradeRequest, found Found) []Question {
	if req.Route == "" {
		req.Route = migrate.RouteAccount
	}
	if req.To == "" {
		req.To = provision.DefaultContract
	}
	return []Question{
		{
			Name: "cluster", Label: "Cluster", Empty: "not named yet", Placeholder: "its name",
			Needed: true, Solid: true, Known: found.Clusters, text: &req.Cluster,
			Hint: func() string {
				switch {
				case req.Cluster == "":
					return "The name that the modules call cluster_name."
				case slices.Contains(found.Clusters, req.Cluster):
					return "It is in this account."
				case len(found.Clusters) > 0:
					return "It was not seen in this account."
				}
				return "user " + req.To.Names(req.Cluster).User
			},
			problems: func() []provision.Problem { return provision.CheckCluster(req.Cluster) },
		},
		contractOf("to", "Goes to", &req.To, "The release of the modules that it is brought up to."),
		{
			Name: "bucket", Label: "S3 bucket", Empty: "the one that is granted, if any", Placeholder: "the one that is granted, if any",
			Solid: true, Known: found.Buckets, text: &req.Bucket,
			Hint: func() string { return "Only to grant one more, or where the account does not tell which." },
			problems: func() []provision.Problem {
				if req.Bucket == "" {
					return nil
				}
				return provision.CheckBucket(req.Bucket)
			},
		},
	}
}

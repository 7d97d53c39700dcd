package layout

import (
	"fmt"
	"slices"
	"strings"
)

// grants are the calls whose refs an upgrade sets.
func (id *Identity) grants() []*Call {
	var out []*Call
	for _, c := range append([]*Call{id.Owner, id.User, id.ECR}, id.S3...) {
		if c != nil && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// checkRefs asks about refs that are no release.
func (f *finder) checkRefs() {
	for _, id := range f.out.Identities {
		for _, c := range id.grants() {
			s := Asks
			if f.in.Answers.AcceptRefs {
				s = Tells
			}
			const way = "agree with --accept-refs that it is set to a release, or set it to one first"
			switch c.Source.RefKind {
			case Branch:
				f.problem(s, BranchRef, c.Position,
					fmt.Sprintf("module %q follows the branch %s, which may have changed or be gone; its contract is read from its arguments", c.Name, c.Source.Ref), way)
			case Commit:
				f.problem(s, BranchRef, c.Position,
					fmt.Sprintf("module %q is at the commit %s, whose release is not known; its contract is read from its arguments", c.Name, c.Source.Ref), way)
			case NoneGiven:
				f.problem(s, NoRef, c.Position,
					fmt.Sprintf("module %q has no ref, so it is whatever was newest at the last init; its contract is read from its arguments", c.Name), way)
			}
		}
	}
	for _, c := range f.out.Calls {
		if c.Kind == BucketPolicyModule {
			f.tell(OtherModule, c.Position,
				fmt.Sprintf("module %q is the bucket policy that iam/s3 was before 6.1.0, not the S3 grant", c.Name),
				"it is left as it is; do not set it to 6.1.0 or later")
		}
	}
}

// checkContracts refuses what is not known, and what cannot go further.
func (f *finder) checkContracts() {
	if len(f.out.Identities) == 0 {
		c := f.out.Calls[0]
		f.refuse(NoCalls, c.Position, "there are registrations or grants here, but no call that holds the build user or its ECR grant",
			"name the root that calls infrastructure/aws/iam/ecr")
		return
	}
	for _, id := range f.out.Identities {
		at := f.here()
		if gs := id.grants(); len(gs) > 0 {
			at = gs[0].Position
		}
		switch {
		case id.Contract == "":
			f.refuse(UnknownContract, at, "neither ref, arguments nor state say which contract this is",
				"set the ref to the release that was applied last")
		case id.ECR != nil && id.User == nil && id.ECR.Group != "":
			f.tell(ByHand, at, fmt.Sprintf("module %q takes the publishers group from elsewhere (%s); the build user is in another root or module", id.ECR.Name, id.ECR.Group),
				"only the grants are changed here")
		case id.Contract == Contract10:
			f.refuse(NamesChange, at,
				"contract 1.0 names the build user nullplatform-build-workflow-user, without a cluster; every later module renames it, which replaces its key",
				"stay at this release, or install a new identity beside it and hand its key over before this one goes")
		case Older(id.Written, id.Contract) && len(id.Holdings) > 0:
			f.refuse(StateDiffers, at,
				fmt.Sprintf("the state is at contract %s, but the configuration is at %s; an apply would go back across the split", id.Contract, id.Written),
				"bring the configuration to what was applied last")
		}
	}
}

// checkClusters refuses cluster names that differ, which would rename the user
// and so rotate its key.
func (f *finder) checkClusters() {
	for _, id := range f.out.Identities {
		if c := id.Owner; c != nil && c.Cluster.Expression == "" && id.Contract != Contract10 {
			f.refuse(UnknownCluster, c.Position, fmt.Sprintf("module %q gives no cluster_name, without which none of its releases works", c.Name), "add it")
			continue
		}
		f.clusterOf(id)
		f.alike(id)
	}
	f.answered()
	for i, id := range f.out.Identities {
		for _, other := range f.out.Identities[:i] {
			if id.Owner != nil && other.Owner != nil && id.Owner.Repeat.Mode == "" && other.Owner.Repeat.Mode == "" {
				f.apart(other, id)
			}
		}
	}
}

// answered refuses an answer that contradicts all that is known.
func (f *finder) answered() {
	answer, known := f.in.Answers.Cluster, []string{}
	for _, id := range f.out.Identities {
		if !id.Cluster.Known || id.Cluster.Value == answer || id.Owner != nil && id.Owner.Repeat.Mode != "" {
			return
		}
		known = append(known, fmt.Sprintf("%q (%s)", id.Cluster.Value, id.Cluster.From))
	}
	if answer != "" && len(known) > 0 {
		f.refuse(ClustersDiffer, f.here(), fmt.Sprintf("the cluster was given as %q, but here it is %s", answer, strings.Join(known, ", ")),
			"leave it out, or name the right root and workspace")
	}
}

// apart refuses two calls that hold one build user, or may do so.
func (f *finder) apart(a, b *Identity) {
	const way = "keep one of them; two would fight over the same names"
	switch {
	case sameCluster(a.Cluster, b.Cluster):
		f.refuse(SameCluster, b.Owner.Position,
			fmt.Sprintf("modules %q and %q both hold the build user of cluster %s", a.Owner.Name, b.Owner.Name, shown(b.Cluster)), way)
	case !a.Cluster.Known || !b.Cluster.Known:
		f.refuse(SameCluster, b.Owner.Position,
			fmt.Sprintf("modules %q and %q both hold a build user, and whether it is of one cluster cannot be told (%s, %s)", a.Owner.Name, b.Owner.Name, shown(a.Cluster), shown(b.Cluster)),
			"give slipway access to the state, or "+way)
	}
}

func shown(c Cluster) string {
	if c.Known {
		return c.Value
	}
	return c.Expression
}

// clusterOf settles the cluster's name of an identity: configuration, state
// and answer have to agree.
func (f *finder) clusterOf(id *Identity) {
	at := f.here()
	if id.Owner != nil {
		at = id.Owner.Position
		if !id.Cluster.Known {
			id.Cluster = id.Owner.Cluster
		}
	}
	for _, h := range id.Holdings {
		if h.Cluster == "" || id.Owner == nil {
			continue
		}
		c := f.cluster(f.blocks[id.Owner.Name].block, f.blocks[id.Owner.Name].file, f.instance(id.Owner, h.Instance))
		if c.Known && c.Value != h.Cluster {
			f.refuse(ClustersDiffer, at,
				fmt.Sprintf("module %q has the cluster name %q (%s), but the state has %q; an apply would rename the user and replace its key", id.Owner.Name+h.Instance, c.Value, c.From, h.Cluster),
				"give the variable file that is used with --var-file, or set cluster_name to what the state has, to the letter")
		}
	}
	repeated := id.Owner != nil && id.Owner.Repeat.Mode != ""
	switch {
	case repeated:
		f.clustersOf(id)
	case id.Contract == Contract10:
	case len(id.Holdings) > 0 && id.Holdings[0].Cluster != "":
		id.Cluster.Value, id.Cluster.Known, id.Cluster.From = id.Holdings[0].Cluster, true, "state"
	case id.Cluster.Known:
	case f.in.Answers.Cluster != "":
		id.Cluster.Value, id.Cluster.Known, id.Cluster.From = f.in.Answers.Cluster, true, "answer"
	default:
		f.ask(UnknownCluster, at,
			fmt.Sprintf("the cluster's name is %s, which the configuration alone does not tell", orNothing(id.Cluster.Expression)),
			"give it with --cluster, as it is in nullplatform-CLUSTER-build-workflow-user")
	}
}

func orNothing(expression string) string {
	if expression == "" {
		return "not given"
	}
	return expression
}

// alike refuses calls of one identity whose clusters differ.
func (f *finder) alike(id *Identity) {
	for _, c := range append(slices.Clone(id.S3), id.ECR, id.User) {
		if c == nil || c == id.Owner || id.Owner == nil || c.Cluster.Expression == "" {
			continue
		}
		a, b := id.Owner.Cluster, c.Cluster
		switch {
		case a.Known && b.Known && a.Value != b.Value:
			f.refuse(ClustersDiffer, c.Position,
				fmt.Sprintf("module %q has the cluster name %q, but module %q has %q", c.Name, b.Value, id.Owner.Name, a.Value),
				"give both the same; all names derive from it")
		case a.Expression != b.Expression && (!a.Known || !b.Known):
			f.tell(ClustersDiffer, c.Position,
				fmt.Sprintf("the cluster name of module %q is %s, that of module %q is %s; whether they are the same cannot be told here", c.Name, b.Expression, id.Owner.Name, a.Expression),
				"check that they are")
		}
	}
}

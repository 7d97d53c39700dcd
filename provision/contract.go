package provision

import (
	"slices"
	"strings"
)

// Contract is a release range of the nullplatform modules within which names,
// inputs and documents are the same. It is called by its first release.
type Contract string

// The contracts, oldest first. Install makes the last two; the earlier ones are
// what an upgrade starts from.
const (
	// Contract10 is 1.0 up to 1.12.3: the ECR module makes everything, under
	// names that do not tell the cluster.
	Contract10 Contract = "1.0"
	// Contract112 is 1.12.4 up to 3.3.x: as 1.0, with the cluster in the
	// names. The policy is attached to the build user itself.
	Contract112 Contract = "1.12"
	// Contract34 is 3.4.0 up to 4.5.x: the build user gets the ECR grant
	// through a group, and all of it belongs to one module.
	Contract34 Contract = "3.4"
	// Contract50 is 5.0.0 up to 6.0.x: the build user has a module of its
	// own, and the S3 grant is called s3-assets.
	Contract50 Contract = "5.0"
	// Contract61 is 6.1.0 up to today: as 5.0, with the S3 grant renamed.
	Contract61 Contract = "6.1"
)

// DefaultContract is what install makes unless it is told otherwise.
const DefaultContract = Contract61

// Contracts lists the contracts that install can make, newest first.
func Contracts() []Contract { return []Contract{Contract61, Contract50} }

// Known reports whether install can make this contract.
func (c Contract) Known() bool {
	for _, k := range Contracts() {
		if c == k {
			return true
		}
	}
	return false
}

// Before reports whether a contract is older than another.
func (c Contract) Before(other Contract) bool {
	order := []Contract{Contract10, Contract112, Contract34, Contract50, Contract61}
	return slices.Index(order, c) < slices.Index(order, other)
}

const namePrefix = "nullplatform-"

// Names are the entity names of one cluster under one contract. They all
// derive from the cluster name; the modules leave no other choice. What a
// contract does not make has no name.
type Names struct {
	User      string
	Group     string
	Role      string
	ECRPolicy string
	S3Policy  string
}

// Names gives the entity names for a cluster. The cluster name is used byte
// for byte, as the modules do.
func (c Contract) Names(cluster string) Names {
	p := namePrefix + cluster
	if c == Contract10 {
		p = strings.TrimSuffix(namePrefix, "-")
	}
	n := Names{
		User:      p + "-build-workflow-user",
		Group:     p + "-asset-publishers",
		Role:      p + "-application-role",
		ECRPolicy: p + "-ecr-manager-policy",
		S3Policy:  p + "-s3-policy",
	}
	switch c {
	case Contract10, Contract112:
		n.Group, n.S3Policy = "", ""
	case Contract34:
		n.Group, n.S3Policy = p+"-ecr-managers", ""
	case Contract50:
		n.S3Policy = p + "-s3-assets-policy"
	}
	return n
}

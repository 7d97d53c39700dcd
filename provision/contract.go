package provision

// Contract is a release range of the nullplatform modules within which names,
// inputs and documents are the same. It is called by its first release.
type Contract string

// The contracts that install can make. Earlier ones are known to the upgrade,
// but nobody should set up a new account with them.
const (
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

const namePrefix = "nullplatform-"

// Names are the entity names of one cluster under one contract. They all
// derive from the cluster name; the modules leave no other choice.
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
	n := Names{
		User:      p + "-build-workflow-user",
		Group:     p + "-asset-publishers",
		Role:      p + "-application-role",
		ECRPolicy: p + "-ecr-manager-policy",
		S3Policy:  p + "-s3-policy",
	}
	if c == Contract50 {
		n.S3Policy = p + "-s3-assets-policy"
	}
	return n
}

// legacyGroup is the group of the contract before the split.
func legacyGroup(cluster string) string { return namePrefix + cluster + "-ecr-managers" }

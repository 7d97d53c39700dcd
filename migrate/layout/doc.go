// Package layout finds how a root configuration holds the publishing identity
// today: which contract of the modules, under which call names and instance
// keys, with which sources and refs, who uses its outputs, and what the state
// knows about it.
//
// It reads three things and puts them together: the configuration files of a
// root ([Read]), the state as `state pull` prints it ([DecodeState]), and the
// account's inventory where there is one. [Find] is pure; it opens no file and
// runs nothing. The state is never written anywhere, and of its attributes
// only names and IDs are kept: a secret is dropped while it is decoded, with a
// salted digest left to prove later that it is the same.
//
// What cannot be determined is a [Problem] that asks or refuses, with its
// position, its reason and a way out. Nothing is guessed.
package layout

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/nullplatform/slipway/provision"
)

// The contracts before the split. Nothing new is made with them; they are what
// an upgrade comes from. See [provision.Contract50] for the later ones.
const (
	// Contract10 is up to 1.12.3: the user inside nullplatform/asset/ecr,
	// with names that hold no cluster.
	Contract10 provision.Contract = "1.0"
	// Contract112 is 1.12.4 up to 3.3.x: the same, with the cluster in all
	// names.
	Contract112 provision.Contract = "1.12"
	// Contract34 is 3.4.0 up to 4.5.x: the user, its key and its group inside
	// infrastructure/aws/iam/ecr.
	Contract34 provision.Contract = "3.4"
)

// Split reports whether a contract has the build user in a module of its own.
func Split(c provision.Contract) bool {
	return c == provision.Contract50 || c == provision.Contract61
}

// Input is what a layout is found from.
type Input struct {
	// Root is the root that holds the build user.
	Root Root
	// Others are roots that may read the outputs of Root, or may receive the
	// user when it moves between states. May be empty.
	Others []Root
	// Inventory is the account, deepened; nil when it was not read.
	Inventory *provision.Inventory
	// Answers are what a person has said to earlier questions.
	Answers Answers
}

// Answers are replies to problems that ask. The zero value answers none.
type Answers struct {
	// Cluster is the cluster's name where it cannot be determined
	// ([UnknownCluster]). It is checked against the state where there is one.
	Cluster string
	// AcceptRefs agrees that refs which are branches, commits or missing are
	// set to a release ([BranchRef], [NoRef]).
	AcceptRefs bool
	// Instances are the instance keys of a call by its name, as plain text
	// (0, prod), where count or for_each cannot be determined
	// ([UnknownInstances]). They hold for all calls that are repeated over the
	// same, and are checked against the state where there is one.
	Instances map[string][]string
}

// Layout is how a root holds the publishing identity.
type Layout struct {
	// Root and Others are what was looked at, for package rewrite.
	Root   Root
	Others []Root
	// Backend is where Root keeps its state, as far as the configuration says.
	Backend Backend
	// Calls are all calls of modules of our area in Root, by position.
	Calls []*Call
	// Identities are the publishing identities: one for each call that owns
	// a build user, or several instances of one. Mostly one.
	Identities []*Identity
	// Uses are the places that use outputs of the owners, in all roots.
	Uses []Use
	// Problems are what was found on the way, the gravest first.
	Problems []Problem

	// bodies are the files of Root as they were parsed.
	bodies map[fileID]body
}

type fileID struct{ root, name string }

type body struct {
	*hclsyntax.Body
	err error
}

// Body gives a file of the layout's roots as it parses, nil for a file that is
// in none of them. The error is that of the parser. It is not to be changed.
func (l *Layout) Body(root, name string) (*hclsyntax.Body, error) {
	if b, ok := l.bodies[fileID{root, name}]; ok {
		return b.Body, b.err
	}
	for _, r := range append([]Root{l.Root}, l.Others...) {
		for _, f := range r.Files {
			if r.Dir == root && f.Name == name {
				return Parse(f)
			}
		}
	}
	return nil, nil
}

// Contract is the oldest contract among the identities, or empty.
func (l *Layout) Contract() provision.Contract {
	var oldest provision.Contract
	for _, id := range l.Identities {
		if oldest == "" || rank(id.Contract) < rank(oldest) {
			oldest = id.Contract
		}
	}
	return oldest
}

func rank(c provision.Contract) int {
	for i, k := range []provision.Contract{Contract10, Contract112, Contract34, provision.Contract50, provision.Contract61} {
		if c == k {
			return i + 1
		}
	}
	return 0
}

// Older reports whether a is an earlier contract than b. An unknown contract
// is earlier than every known one.
func Older(a, b provision.Contract) bool { return rank(a) < rank(b) }

// Refused gives the problems that refuse, as one error, or nil. Its parts are
// [*Problem] values.
func (l *Layout) Refused() error { return joined(l.Problems, Refuses) }

// Open gives the problems that ask and have not been answered.
func (l *Layout) Open() []Problem {
	var out []Problem
	for _, p := range l.Problems {
		if p.Severity == Asks {
			out = append(out, p)
		}
	}
	return out
}

// Call gives the call of that name in the root, or nil.
func (l *Layout) Call(name string) *Call {
	for _, c := range l.Calls {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Identity is one build user with what belongs to it, or several of the same
// make when its calls are repeated with count or for_each.
type Identity struct {
	// Contract is what is in force: by the state where there is one, else by
	// the configuration.
	Contract provision.Contract
	// Written is what the configuration calls for. It is ahead of Contract
	// between an edit and the apply.
	Written provision.Contract
	// Cluster is what the names derive from.
	Cluster Cluster
	// Clusters are those of the instances of an owner that is repeated, in the
	// order of its keys, as far as the configuration tells.
	Clusters []string
	// Owner is the call that holds the build user in the configuration:
	// asset/ecr, iam/ecr, or the user's own module. Nil when only the state
	// knows the user.
	Owner *Call
	// User, ECR, S3 and AssetECR are the calls that belong together; nil or
	// empty where there are none.
	User     *Call
	ECR      *Call
	S3       []*Call
	AssetECR []*Call
	// Holdings are what the state holds, one for each instance.
	Holdings []Holding
	// Foreign is what hangs on the publishers group besides the modules' own,
	// in words; only with an inventory.
	Foreign []string
}

// Holding is what the state holds of one instance of an identity. Addresses
// are empty for what is not there.
type Holding struct {
	// Instance is the instance key of the module as it stands in an address:
	// empty, `[0]` or `["prod"]`.
	Instance string
	// Module is the address of the module instance that holds the user.
	Module string
	// Cluster is the cluster's name, read from the user's.
	Cluster string
	// UserName and KeyID are as the state has them.
	UserName string
	KeyID    string
	// SecretDigest is the digest of the key's secret, see [DecodeState].
	SecretDigest string
	// Addresses of the resources that moves are about.
	User, AccessKey, Group, Membership, GroupAttachment string
	// Addresses of contracts 1.0 and 1.12.
	UserAttachment, Role, Policy, RoleAttachment, Validations string
}

// Cluster is a call's cluster_name.
type Cluster struct {
	// Expression is the argument's text, empty when there is none.
	Expression string
	// Value is the name; meaningful when Known.
	Value string
	Known bool
	// From says where the value is from: "literal", "local NAME",
	// "variable NAME", "FILE" for a tfvars file, "state", "answer".
	From string
}

// Position is a place in a configuration file.
type Position struct {
	// Root is the root's directory as the caller named it.
	Root string
	File string
	Line int
	// Column counts characters from 1.
	Column int
}

// String gives root, file, line and column as editors understand it; a
// position without a file is the root.
func (p Position) String() string {
	name := p.File
	if p.Root != "" && p.Root != "." {
		name = p.Root + "/" + p.File
	}
	switch {
	case p.File == "":
		return p.Root
	case p.Line == 0:
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, p.Line, p.Column)
}

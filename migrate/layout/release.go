package layout

import (
	"strings"

	version "github.com/hashicorp/go-version"

	"github.com/nullplatform/slipway/provision"
)

// Release gives the version that a tag names, or nil when it names none.
func Release(ref string) *version.Version {
	if refKind(ref) != Tag {
		return nil
	}
	v, err := version.NewVersion(strings.TrimPrefix(ref, "refs/tags/"))
	if err != nil {
		return nil
	}
	return v
}

// since reports whether a release is at or after another one. A pre-release
// counts as its release: the modules make none.
func since(v *version.Version, first string) bool {
	return v.Core().GreaterThanOrEqual(version.Must(version.NewVersion(first)))
}

// ContractOf gives the contract that a module has at a release, empty when the
// module says nothing about it (or does not exist there).
func ContractOf(k Kind, ref string) provision.Contract {
	v := Release(ref)
	if v == nil {
		return ""
	}
	switch k {
	case UserModule, ECRModule, AssetECRModule, S3Module, S3AssetsModule:
	default:
		return ""
	}
	switch {
	case since(v, "6.1.0"):
		return provision.Contract61
	case since(v, "5.0.0"):
		return provision.Contract50
	case since(v, "3.4.0"):
		return Contract34
	case since(v, "1.12.4"):
		return Contract112
	}
	return Contract10
}

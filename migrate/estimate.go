package migrate

import (
	"github.com/nullplatform/slipway/provision"
)

// ScopeOf is what has to be read of an account to plan an install. It fails for
// a spec that is not valid.
func ScopeOf(req InstallRequest) (provision.Scope, error) {
	spec := req.Spec.WithDefaults()
	if err := spec.Validate(); err != nil {
		return provision.Scope{}, err
	}
	nowhere, err := provision.NewBlueprint(withoutPartition(spec), provision.Place{})
	if err != nil {
		return provision.Scope{}, err
	}
	return nowhere.Scope(), nil
}

// EstimateInstall plans an install for an account as it was read, or for nil as
// if it held nothing of it but the bucket. It reads nothing, looks at no rights
// and quotas, and is good for showing numbers alone: what is carried out is
// what [PreviewInstall] shows.
func EstimateInstall(req InstallRequest, at provision.Place, known *provision.Inventory) (*InstallPreview, error) {
	req.Spec = req.Spec.WithDefaults()
	if err := req.Spec.Validate(); err != nil {
		return nil, err
	}
	b, err := provision.NewBlueprint(req.Spec, at)
	if err != nil {
		return nil, err
	}
	if known == nil {
		known = &provision.Inventory{Place: at}
		if bucket := req.Spec.Bucket(); bucket != "" {
			known.Buckets = []provision.Bucket{{Name: bucket, State: provision.BucketOwn, Region: at.Region}}
		}
	}
	return &InstallPreview{Request: req, Inventory: known, Plan: provision.NewPlan(b, known)}, nil
}

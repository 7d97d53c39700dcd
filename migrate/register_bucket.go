package migrate

import (
	"context"
	"slices"

	"github.com/nullplatform/slipway/provision"
)

// LookAtBucket notes in the preview what of a bucket that is there already will
// keep CI from publishing to it though the grant allows it: a policy that
// denies, a KMS key that the grant has no rights on. It is told before anything
// is changed, and keeps nothing from happening: the bucket may be put right
// meanwhile. What cannot be read is noted too.
func (*Registering) LookAtBucket(ctx context.Context, acct Evidence, p *InstallPreview) {
	name := p.Plan.Blueprint.Spec.Bucket()
	if b := p.Inventory.Bucket(name); b == nil || b.State != provision.BucketOwn {
		return // The plan says what it thinks of that.
	}
	is, err := acct.BucketSettings(ctx, name)
	if err != nil {
		p.Unchecked = append(p.Unchecked, "whether the bucket's own settings let CI publish: "+err.Error())
		return
	}
	for _, g := range is.Unread {
		p.Unchecked = append(p.Unchecked, "whether the bucket's own settings let CI publish: "+g.Reason)
	}
	u := p.Plan.Blueprint.User
	u.ARN = p.Identity.Place.UserARN(u.Name)
	own, _ := p.Inventory.PoliciesOfUser()
	for _, o := range is.Obstacles(p.Identity.Place, u, own) {
		o.Warning = true
		if !slices.Contains(p.Warnings, o) {
			p.Warnings = append(p.Warnings, o)
		}
	}
}

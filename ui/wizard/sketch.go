package wizard

import (
	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// Stand-ins for names that are asked for later.
const (
	someCluster = "CLUSTER"
	someBucket  = "your-bucket"
)

// sketch is what the answers so far would make in an empty account. It is a
// picture, not a preview: nobody has looked at the account for it.
func sketch(s *session) (*migrate.InstallPreview, error) {
	a := s.answers
	if a.Cluster == "" || len(ask.Wrong(a.Problems("cluster"))) > 0 {
		a.Cluster = someCluster
	}
	if a.Bucket == "" || len(ask.Wrong(a.Problems("bucket"))) > 0 {
		a.Bucket = someBucket
	}
	a.More, a.Partition = false, ""
	b, err := provision.NewBlueprint(a.Request().Spec, s.identity.Place)
	if err != nil {
		return nil, err
	}
	empty := &provision.Inventory{Place: s.identity.Place}
	if a.S3 {
		empty.Buckets = []provision.Bucket{{Name: a.Bucket, State: provision.BucketOwn, Region: s.identity.Place.Region}}
	}
	return &migrate.InstallPreview{
		Request: a.Request(), Identity: s.identity, Inventory: empty, Plan: provision.NewPlan(b, empty),
	}, nil
}

func sketchLines(c view.Canvas, s *session) []string {
	p, err := sketch(s)
	if err != nil {
		return wrap(err.Error(), c.Width)
	}
	return split(view.Graph(c, p))
}

package view

import (
	"github.com/nullplatform/slipway/migrate"
)

// publishing draws what was seen of publishing after an upgrade.
func (p *page) publishing(list []migrate.Publishing) {
	for _, one := range list {
		p.blank()
		title := "Publishing"
		if len(list) > 1 {
			title += ", " + one.Cluster
		}
		p.text(markWidth, p.c.Theme.Title, title)
		p.checks(one.Checks)
	}
}

// publishingNext says what to do where publishing is refused although the
// grants are in place.
func publishingNext(list []migrate.Publishing) []NextStep {
	var out []NextStep
	for _, one := range list {
		if one.Denied {
			out = append(out, NextStep{
				"The grants are in place, and publishing is refused all the same. Do what the checks say, and look again:",
				command([]string{"slipway", "verify", "--cluster", one.Cluster}),
			})
		}
	}
	return out
}

// PublishingReport is what was seen of publishing after an upgrade of one
// cluster.
type PublishingReport struct {
	Cluster string `json:"cluster"`
	// Checks are those of slipway verify. The probe is not-run where the
	// build user's secret was not given.
	Checks []migrate.Check `json:"checks"`
}

func publishingReports(list []migrate.Publishing) []PublishingReport {
	out := []PublishingReport{}
	for _, one := range list {
		out = append(out, PublishingReport{Cluster: one.Cluster, Checks: orEmpty(one.Checks)})
	}
	return out
}

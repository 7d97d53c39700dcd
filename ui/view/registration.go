package view

import (
	"fmt"

	"charm.land/lipgloss/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// Registrations draws what nullplatform has beside what it should have: each
// destination with what becomes of it, what an update changes, and what is
// worth knowing. It is empty when nullplatform was not asked.
func Registrations(c Canvas, s *platform.Survey) string {
	if s == nil {
		return ""
	}
	out := page{c: c}
	out.text(0, c.Theme.Title, "nullplatform, at "+s.NRN.String())
	for _, r := range s.Registrations {
		mark, words := registrationWords(c, r)
		out.hanging(span{mark.style, "  " + mark.text + " "}, lipgloss.NewStyle(), registrationName(r)+": "+words)
		for _, d := range r.Differences {
			out.hanging(plain("      "), c.Theme.Muted, d.String())
		}
	}
	for _, n := range s.Notes {
		out.hanging(plain("    "+c.Glyphs.Bullet+" "), c.Theme.Muted, n)
	}
	for _, b := range s.Blockers {
		out.hanging(span{c.Theme.Danger, "  " + c.Glyphs.Failed + " "}, lipgloss.NewStyle(), b.Error())
	}
	return out.String()
}

// RegistrationsBack draws what an undo takes back at nullplatform, before
// everything else: what is deleted, what is put back, and what cannot be.
func RegistrationsBack(c Canvas, list []migrate.RegistrationBack) string {
	if len(list) == 0 {
		return ""
	}
	out := page{c: c}
	out.text(0, c.Theme.Title, "nullplatform, first")
	for _, b := range list {
		mark, words := span{c.Theme.Removed, c.Glyphs.Remove}, "is deleted"
		if b.Restores {
			mark, words = span{c.Theme.Changed, c.Glyphs.Update}, "gets back what this run changed"
		}
		out.hanging(span{mark.style, "  " + mark.text + " "}, lipgloss.NewStyle(),
			fmt.Sprintf("%s at %s: %s (%s)", platform.Name(b.Specification), b.NRN, words, b.Configuration))
		for _, v := range b.Values {
			out.hanging(plain("      "), c.Theme.Muted, v)
		}
		for _, path := range b.Lost {
			out.hanging(plain("      "), c.Theme.Warning, path+" cannot be put back: nullplatform does not tell it")
		}
	}
	return out.String()
}

func registrationName(r platform.Registration) string {
	if bucket := r.Wanted.Attribute("bucket.name"); bucket != "" {
		return "S3, bucket " + bucket
	}
	return platform.Name(r.Wanted.Specification)
}

func registrationWords(c Canvas, r platform.Registration) (span, string) {
	switch r.State {
	case platform.Missing:
		return span{c.Theme.Added, c.Glyphs.Add}, "will be registered"
	case platform.Different:
		return span{c.Theme.Changed, c.Glyphs.Update}, fmt.Sprintf("is registered with other values (%s), and will be updated", r.Found[0].ID)
	case platform.Adopted:
		return span{c.Theme.Success, c.Glyphs.Done}, fmt.Sprintf("is registered already, as it should be (%s)", r.Found[0].ID)
	case platform.Several:
	}
	return span{c.Theme.Danger, c.Glyphs.Failed}, fmt.Sprintf("is registered %d times", len(r.Found))
}

// RegistrationReport is the JSON of what nullplatform has and is told. Lists
// are never null. It holds no secrets.
type RegistrationReport struct {
	// NRN is the place in nullplatform.
	NRN string `json:"nrn"`
	// Host is where its API is.
	Host         string                  `json:"host"`
	Destinations []RegisteredDestination `json:"destinations"`
	Blockers     []provision.Problem     `json:"blockers"`
	Notes        []string                `json:"notes"`
	// Proved says what came of publishing as CI would; empty when it was not
	// tried.
	Proved string `json:"proved"`
}

// RegisteredDestination is one destination as nullplatform knows it.
type RegisteredDestination struct {
	// Specification is the provider specification's slug: ecr or
	// s3-configuration.
	Specification string `json:"specification"`
	// State is missing, adopted, different or several, as found beforehand.
	State platform.State `json:"state"`
	// Found are the IDs of the configurations that were there.
	Found []string `json:"found"`
	// Differences are what an update changes.
	Differences []platform.Difference `json:"differences"`
	// Unknown are the attributes that nullplatform does not tell.
	Unknown []string `json:"unknown"`
	// ID is the configuration that was written or adopted; empty before.
	ID string `json:"id"`
}

// registrationReport gives null when nullplatform was not asked.
func registrationReport(s *platform.Survey, registered map[string]string, proved string) *RegistrationReport {
	if s == nil {
		return nil
	}
	out := &RegistrationReport{
		NRN: s.NRN.String(), Host: s.Host, Destinations: []RegisteredDestination{},
		Blockers: orEmpty(s.Blockers), Notes: orEmpty(s.Notes), Proved: proved,
	}
	for _, r := range s.Registrations {
		d := RegisteredDestination{
			Specification: r.Wanted.Specification, State: r.State, Found: []string{},
			Differences: orEmpty(r.Differences), Unknown: orEmpty(r.Unknown), ID: registered[r.Wanted.Specification],
		}
		for _, f := range r.Found {
			d.Found = append(d.Found, f.ID)
		}
		out.Destinations = append(out.Destinations, d)
	}
	return out
}

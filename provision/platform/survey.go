package platform

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/nullplatform/slipway/provision"
)

// Survey is what nullplatform has beside what it should have, and what keeps
// it from taking it. It is made by reads alone.
type Survey struct {
	// Host is where the API is.
	Host          string         `json:"host"`
	NRN           NRN            `json:"nrn"`
	Registrations []Registration `json:"registrations"`
	// Blockers keep registrations from being made. They come with a way out.
	Blockers []provision.Problem `json:"blockers"`
	// Notes are worth knowing and keep nothing from happening.
	Notes []string `json:"notes"`
}

// Survey looks everything up before anything is changed:
//
//  1. whether the key belongs to the NRN's organisation
//  2. whether the specifications are there, and what they allow
//  3. whether ECR has the AWS account that it needs, at the NRN or above
//  4. what is registered, each configuration read by itself
//
// It fails when the API cannot be asked. What the answers rule out is in the
// blockers, all of it at once.
func (c *Client) Survey(ctx context.Context, wanted []Wanted, newKey bool) (Survey, error) {
	s := Survey{Host: c.Host(), Registrations: []Registration{}, Blockers: []provision.Problem{}, Notes: []string{}}
	if len(wanted) == 0 {
		return s, nil
	}
	s.NRN = wanted[0].NRN
	organization, err := c.Organization(ctx)
	if err != nil {
		return s, err
	}
	if organization != "" && s.NRN.Organization() != organization {
		s.block(provision.Problem{
			Field: "nrn",
			Rule:  fmt.Sprintf("%s is in organisation %s, and %s belongs to organisation %s", s.NRN, s.NRN.Organization(), c.credential(), organization),
			Way:   "use an NRN of organisation " + organization + ", or a key of the other one",
		})
		return s, nil
	}
	found := make([]look, len(wanted))
	g, gctx := errgroup.WithContext(ctx)
	for i, w := range wanted {
		g.Go(func() (err error) {
			found[i], err = c.look(gctx, w)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return s, err
	}
	for i, w := range wanted {
		s.judge(w, found[i], newKey)
	}
	return s, nil
}

func (s *Survey) block(p provision.Problem) { s.Blockers = append(s.Blockers, p) }

// look is what was found out about one wanted configuration.
type look struct {
	specification *Specification
	// account says whether there is an AWS account to depend on; true where
	// none is needed.
	account bool
	found   []Configuration
}

func (c *Client) look(ctx context.Context, w Wanted) (look, error) {
	l := look{account: true}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		l.specification, err = c.Specification(gctx, w.Specification, w.NRN)
		return err
	})
	if w.Specification == ECRSpecification {
		g.Go(func() error {
			accounts, err := c.Configurations(gctx, w.NRN, AWSSpecification, true)
			l.account = slices.ContainsFunc(accounts, func(a Configuration) bool {
				at, err := ParseNRN(a.NRN)
				return err == nil && w.NRN.Within(at)
			})
			return err
		})
	}
	g.Go(func() (err error) {
		l.found, err = c.Own(gctx, w.NRN, w.Specification)
		return err
	})
	return l, g.Wait()
}

// judge turns what was found into a registration and blockers.
func (s *Survey) judge(w Wanted, l look, newKey bool) {
	what := Name(w.Specification)
	if l.specification == nil {
		s.block(provision.Problem{
			Field: "registration", Rule: fmt.Sprintf("of %s needs the provider specification %q, which this nullplatform does not have at %s", what, w.Specification, w.NRN),
			Way: "ask nullplatform's support to add it to the organisation, or leave the registration out and run again later",
		})
		return
	}
	if len(w.Dimensions) > 0 && !l.specification.AllowDimensions {
		s.block(provision.Problem{
			Field: "dimension", Rule: fmt.Sprintf("is given, and the specification %s has none", w.Specification),
			Way: "leave --dimension out",
		})
	}
	if region := w.Attribute("ci.region"); region != "" && l.specification.Regions != nil && !slices.Contains(l.specification.Regions, region) {
		s.block(provision.Problem{
			Field: "region", Rule: fmt.Sprintf("%s is none that the specification %s allows (%s)", region, w.Specification, strings.Join(l.specification.Regions, ", ")),
			Way: "use another region, or ask nullplatform's support to allow it",
		})
	}
	if !l.account {
		s.block(provision.Problem{
			Field: "registration", Rule: fmt.Sprintf("of %s needs an AWS account (%s) at %s or above it, and there is none", what, AWSSpecification, w.NRN),
			Way: "add the account in nullplatform first (the module nullplatform/cloud/aws, or Platform settings), and run again",
		})
	}
	r := Compare(w, l.found, newKey)
	r.specification = l.specification.ID
	s.Registrations = append(s.Registrations, r)
	s.note(r)
}

func (s *Survey) note(r Registration) {
	what := Name(r.Wanted.Specification)
	for _, a := range r.Above {
		s.Notes = append(s.Notes, fmt.Sprintf("%s is registered at %s too (%s); what is closer wins", what, a.NRN, a.ID))
	}
	if r.State == Adopted || r.State == Different {
		if v, ok := r.Found[0].Value(ciRolePath); ok && (v.Hidden || v.Text != "") {
			s.Notes = append(s.Notes, "the registration of "+what+" names a role for CI ("+ciRolePath+"), and then nullplatform ignores the access key")
		}
	}
	if r.State == Adopted && slices.Contains(r.Unknown, keyPath) {
		s.Notes = append(s.Notes, "which access key is registered for "+what+" cannot be read; slipway verify tells whether publishing works")
	}
	for _, v := range r.Extra {
		if r.State == Different && v.Path != ciRolePath {
			s.Notes = append(s.Notes, fmt.Sprintf("%s of the registration of %s is not slipway's; it may be dropped by the update", v.Path, what))
		}
	}
}

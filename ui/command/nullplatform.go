package command

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/platform"
)

// platformFlags say where destinations are registered with nullplatform. The
// key comes from the environment alone: a command line can be read by others.
type platformFlags struct {
	nrn        string
	dimensions []string
	namingRule string
}

func (p *platformFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&p.nrn, "nrn", "", "the place in nullplatform: organization=1:account=2 (`NRN`)")
	fl.StringSliceVar(&p.dimensions, "dimension", nil, "narrow the bucket's registration, as `KEY=VALUE`; may be repeated")
	fl.StringVar(&p.namingRule, "naming-rule", "", "how nullplatform names image repositories, a jq `EXPRESSION`")
	rarely(fl, "dimension", "naming-rule")
}

// over lays the flags over what an answers file says.
func (p *platformFlags) over(r migrate.Register) (migrate.Register, error) {
	override(&r.NRN, p.nrn)
	override(&r.NamingRule, p.namingRule)
	for i, d := range p.dimensions {
		k, v, ok := strings.Cut(d, "=")
		if !ok || k == "" || v == "" {
			return r, usage("--dimension %s has no key or no value; write it as KEY=VALUE", d)
		}
		if i == 0 {
			r.Dimensions = map[string]string{}
		}
		r.Dimensions[k] = v
	}
	return r, nil
}

// registry opens nullplatform to register at a place, or to look there. It
// gives nil where it is not to be asked, with a reason.
func (s *session) registry(e Edge, t platform.Target) (migrate.Registry, string, error) {
	if t.NRN.Empty() {
		return nil, "no NRN was given", nil
	}
	return s.nullplatform(e)
}

// nullplatform opens it as the environment says, or the sandbox's. Without a
// key it gives nil, and says so.
func (s *session) nullplatform(e Edge) (migrate.Registry, string, error) {
	o, ok := platform.Environment(e.Env)
	if s.emulated != nil {
		o, ok = platform.Options{Host: s.emulated.PlatformHost(), APIKey: provision.NewSecret(s.emulated.PlatformKey()), From: "the sandbox"}, true
	}
	if !ok {
		return nil, "no API key of nullplatform was given", nil
	}
	o.Now, o.Log = e.Now, s.log
	if e.TestOnlyPlatform != nil {
		o = e.TestOnlyPlatform(o)
	}
	c, err := platform.Open(o)
	if err != nil {
		return nil, "", fmt.Errorf("open nullplatform: %w", err)
	}
	s.closers = append(s.closers, c.Close)
	return c, "", nil
}

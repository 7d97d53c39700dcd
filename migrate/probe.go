package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

const (
	probeID    = "probe"
	probeTitle = "Publishing works with the build user's key"
)

// SecretWanted says how the build user's secret is given.
const SecretWanted = "give the key with BUILD_AWS_ACCESS_KEY and BUILD_AWS_SECRET_ACCESS_KEY, or with --credentials file:creds.env"

// Prove publishes as CI would, with the build user's own key, and adds what
// came of it to the checks. Without a secret it says that it was not run. It
// fails when nothing could be concluded.
func (v *Verification) Prove(ctx context.Context, key provision.Credentials, tell func(inARow int, why string)) error {
	switch {
	case v.Blueprint.User.ARN == "":
		v.add(notRun(probeID, probeTitle, "there is nothing to publish with, or to", ""))
		return nil
	case key.Secret.Empty():
		v.add(notRun(probeID, probeTitle, "the build user's secret was not given", SecretWanted))
		return nil
	}
	t := trialFor(v.Blueprint, v.others)
	t.Name, t.Rounds, t.Patience = v.Request.Name, v.Request.Rounds, v.Request.Patience
	got, err := v.acct.Probe(ctx, key, t, tell)
	if err != nil {
		return err
	}
	v.Probe = &got
	v.Checks = append(v.Checks, probeChecks(got)...)
	return nil
}

// trialFor is what CI does with the destinations of a blueprint.
func trialFor(b provision.Blueprint, others []string) account.Trial {
	_, ecr := b.Spec.Destination(provision.ECR)
	return account.Trial{User: b.User.ARN, ECR: ecr, Bucket: b.Spec.Bucket(), Others: others}
}

// probeChecks turns the result of a probe into checks: one for all that went
// well, one for each thing that did not, and one for what was not tried.
func probeChecks(r account.ProbeResult) []Check {
	var out []Check
	var done, skipped []string
	var why string
	for _, p := range r.Proofs {
		what := p.Action + " on " + p.On
		if p.Denied {
			what += " is refused"
		}
		switch {
		case !p.Tried:
			skipped, why = append(skipped, what), p.Why
		case !p.OK:
			out = append(out, fails(probeID, probeTitle, what+": "+p.Why, "see the checks above; if the key is new, run again in a minute"))
		default:
			done = append(done, what)
		}
	}
	if r.OK() {
		out = append(out, passes(probeID, probeTitle, fmt.Sprintf("%s, %d rounds in a row", strings.Join(done, ", "), r.InARow)))
	}
	if len(skipped) > 0 {
		out = append(out, notRun(probeID+"-rest", "Nothing was left out of the probe", strings.Join(skipped, ", ")+": "+why, ""))
	}
	for _, name := range r.Left {
		out = append(out, leftOpen(probeID+"-left", "The probe leaves nothing behind", name+" could not be removed", "delete it (aws s3 rm "+name+")"))
	}
	return out
}

// Verdict is the worst that the checks say: fail before unknown before
// not-run before pass.
func (v *Verification) Verdict() Verdict {
	worst := Pass
	rank := map[Verdict]int{Pass: 0, NotRun: 1, Unknown: 2, Fail: 3}
	for _, c := range v.Checks {
		if rank[c.Verdict] > rank[worst] {
			worst = c.Verdict
		}
	}
	return worst
}

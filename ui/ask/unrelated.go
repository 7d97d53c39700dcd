package ask

import (
	"errors"
	"slices"

	"github.com/nullplatform/slipway/migrate/guard"
)

// Unrelated are the changes for which alone the guard has refused a plan, so
// that a person may consent to them; none where anything else is in the way.
func Unrelated(err error) []guard.Finding {
	var refused *guard.RefusedError
	if !errors.As(err, &refused) || len(refused.Verdict.Refusals) > 0 {
		return nil
	}
	if slices.ContainsFunc(refused.Verdict.Unrelated, func(f guard.Finding) bool { return f.Address == "" }) {
		return nil
	}
	return refused.Verdict.Unrelated
}

// Consent keeps that these changes of the plan may be made along with the
// upgrade, and no other ones.
func (p *Project) Consent(to []guard.Finding) {
	for _, f := range to {
		if !slices.Contains(p.given.AllowAddresses, f.Address) {
			p.given.AllowAddresses = append(slices.Clone(p.given.AllowAddresses), f.Address)
		}
	}
}

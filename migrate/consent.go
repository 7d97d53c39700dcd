package migrate

import (
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// ConsentError says that a plan changes access in a way that nobody has said
// yes to. Nothing was changed.
type ConsentError struct {
	// Broadening and Loss are what would happen, in words; a list is empty
	// when it needs no word or the word was given.
	Broadening, Loss []string
}

// Error says what would happen and which word allows it.
func (e *ConsentError) Error() string {
	var parts []string
	if len(e.Broadening) > 0 {
		parts = append(parts, "the plan broadens access: "+strings.Join(e.Broadening, "; ")+"; allow it with --allow-broadening")
	}
	if len(e.Loss) > 0 {
		parts = append(parts, "the plan takes access away: "+strings.Join(e.Loss, "; ")+"; allow it with --allow-loss")
	}
	return strings.Join(parts, "\n")
}

// Allow are the words that have been given.
type Allow struct {
	// Broadening allows access beyond what the blueprint calls for.
	Broadening bool
	// Loss allows that access of use is taken away.
	Loss bool
	// Registration allows that what is registered with nullplatform with other
	// values is changed.
	Registration bool
}

// Withheld gives a [*ConsentError] for what the plan needs a word for and does
// not have, or nil.
func (a Allow) Withheld(c provision.Consent) error {
	e := &ConsentError{}
	if !a.Broadening {
		e.Broadening = c.Broadening
	}
	if !a.Loss {
		e.Loss = c.Loss
	}
	if len(e.Broadening)+len(e.Loss) == 0 {
		return nil
	}
	return e
}

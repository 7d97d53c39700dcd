package provision_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision"
)

func TestIdentityGuard(t *testing.T) {
	was := provision.IdentityOf(&provision.User{Name: "u", ID: "AIDA1", Keys: []provision.Key{{ID: "AKIAONE", Active: true}, {ID: "AKIATWO"}}})
	for _, tt := range []struct {
		why  string
		now  *provision.User
		says string
	}{
		{why: "the same, whatever the order", now: &provision.User{Name: "u", ID: "AIDA1", Keys: []provision.Key{{ID: "AKIATWO"}, {ID: "AKIAONE", Active: true}}}},
		{why: "grants are no part of it", now: &provision.User{Name: "u", ID: "AIDA1", Groups: []string{"g"}, Keys: []provision.Key{{ID: "AKIAONE", Active: true}, {ID: "AKIATWO"}}}},
		{why: "gone", says: "user u is gone"},
		{why: "made anew under its name", now: &provision.User{Name: "u", ID: "AIDA2", Keys: []provision.Key{{ID: "AKIAONE", Active: true}, {ID: "AKIATWO"}}}, says: "its ID was AIDA1 and is AIDA2"},
		{why: "a key less", now: &provision.User{Name: "u", ID: "AIDA1", Keys: []provision.Key{{ID: "AKIATWO"}}}, says: "key AKIAONE is gone"},
		{why: "a key more", now: &provision.User{Name: "u", ID: "AIDA1", Keys: []provision.Key{{ID: "AKIAONE", Active: true}, {ID: "AKIATWO"}, {ID: "AKIANEW"}}}, says: "key AKIANEW is new"},
		{why: "switched off", now: &provision.User{Name: "u", ID: "AIDA1", Keys: []provision.Key{{ID: "AKIAONE"}, {ID: "AKIATWO"}}}, says: "key AKIAONE was active and is inactive"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			err := was.Same(provision.IdentityOf(tt.now))
			var e *provision.IdentityError
			switch {
			case tt.says == "" && err != nil:
				t.Error(err)
			case tt.says != "" && (!errors.As(err, &e) || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("err = %v, want %q", err, tt.says)
			}
		})
	}
}

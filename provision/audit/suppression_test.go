package audit_test

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/audit"
)

func suppressing(t *testing.T, s audit.Suppression) audit.Report {
	t.Helper()
	x := subject(t)
	group(&x).Members = append(group(&x).Members, "ana", "bob")
	x.Suppressions = []audit.Suppression{s}
	return audit.Run(x)
}

func TestSuppressions(t *testing.T) {
	const ana = "membership ana to group " + publishers
	for _, tt := range []struct {
		why  string
		s    audit.Suppression
		want audit.Counts
		also string
	}{
		{"one entity: the other stays", audit.Suppression{Check: "group-members", Entity: ana, Reason: "she is on call", Expires: "2026-12-31"}, audit.Counts{High: 1, Advice: 2, Suppressed: 1}, ""},
		{"all entities", audit.Suppression{Check: "group-members", Entity: "*", Reason: "r", Expires: "2026-12-31"}, audit.Counts{Advice: 2, Suppressed: 2}, ""},
		{"the last day still counts", audit.Suppression{Check: "group-members", Reason: "r", Expires: "2026-11-24"}, audit.Counts{Advice: 2, Suppressed: 2}, ""},
		{"expired: what it hid is back, and it is a finding itself", audit.Suppression{Check: "group-members", Reason: "r", Expires: "2026-11-23"}, audit.Counts{High: 2, Medium: 1, Advice: 2}, "suppression-expired"},
		{"it suppresses nothing", audit.Suppression{Check: "key-age", Reason: "r", Expires: "2026-12-31"}, audit.Counts{High: 2, Advice: 3}, "suppression-unused"},
		{"another cluster's is none of ours", audit.Suppression{Check: "group-members", Cluster: "prod", Reason: "r", Expires: "2026-12-31"}, audit.Counts{High: 2, Advice: 2}, ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			r := suppressing(t, tt.s)
			got := r.Counts()
			got.Passed, got.Unknown = 0, 0
			if got != tt.want {
				t.Errorf("counts are %+v, want %+v", got, tt.want)
			}
			if tt.also != "" && status(r, tt.also) != audit.Fail {
				t.Errorf("%s is %s", tt.also, status(r, tt.also))
			}
			if says := tt.want.High > 0; r.Says(audit.High) != says {
				t.Errorf("the report says no: %t, want %t", !says, says)
			}
			wellFormed(t, r)
		})
	}
}

func TestSuppressionsAreRefusedWithoutReasonDayOrCheck(t *testing.T) {
	good := audit.Suppression{Check: "key-age", Reason: "r", Expires: "2026-12-31"}
	if p := good.Problems(); len(p) > 0 {
		t.Fatalf("a good one is refused: %v", p)
	}
	for field, bad := range map[string]audit.Suppression{
		"reason":  {Check: "key-age", Expires: "2026-12-31"},
		"expires": {Check: "key-age", Reason: "r", Expires: "next year"},
		"check":   {Check: "key-rage", Reason: "r", Expires: "2026-12-31"},
	} {
		if p := bad.Problems(); len(p) != 1 || !strings.Contains(p[0].Field, field) {
			t.Errorf("%s: %v", field, p)
		}
	}
}

// Somebody may live with not knowing, too, until a day.
func TestNotKnowingCanBeLivedWith(t *testing.T) {
	for expires, says := range map[string]bool{"2026-12-31": false, "2026-01-01": true} {
		x := subject(t)
		refuse(&x, "iam:GetLoginProfile", "user/"+buildUser)
		x.Suppressions = []audit.Suppression{
			{Check: "login-profile", Reason: "r", Expires: expires}, {Check: "login-mfa", Reason: "r", Expires: expires},
		}
		r := audit.Run(x)
		if status(r, "login-profile") != audit.Unknown || len(r.Unread) != 1 {
			t.Error("what is not known is no longer said")
		}
		if r.Says(audit.High) != says {
			t.Errorf("until %s the report says no: %t", expires, !says)
		}
		if status(r, "suppression-unused") != audit.Pass && !says {
			t.Error("the suppression is said to be of no use")
		}
	}
}

package crashtest

import (
	"slices"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// epoch stands for times that do not matter.
var epoch time.Time

// sorted puts into order what has an order that nobody decides: which of two
// things that are done side by side comes first.
func sorted(s sandbox.Snapshot) sandbox.Snapshot {
	for i := range s.Users {
		slices.Sort(s.Users[i].Groups)
		slices.Sort(s.Users[i].Attached)
	}
	for i := range s.Groups {
		slices.Sort(s.Groups[i].Members)
		slices.Sort(s.Groups[i].Attached)
	}
	for i := range s.Roles {
		slices.Sort(s.Roles[i].Attached)
	}
	return s
}

package crashtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// Call names one call of one run, the same in every run: the order in which
// calls side by side arrive says nothing.
type Call struct {
	// Action is "iam:CreateUser".
	Action string
	// On is what it is about, in words.
	On string
	// Nth counts the calls of that action on that, from 1.
	Nth int
	// Writes reports whether it changes anything.
	Writes bool
	// ByTool reports whether OpenTofu or Terraform makes it.
	ByTool bool
}

// String is "iam:CreateUser nullplatform-demo-build-workflow-user".
func (c Call) String() string {
	text := strings.TrimSpace(c.Action + " " + c.On)
	if c.ByTool {
		text = "the tool's " + text
	}
	if c.Nth > 1 {
		text += fmt.Sprintf(" (%d)", c.Nth)
	}
	return text
}

// calls keeps the books on the calls of one run.
type calls struct {
	mu    sync.Mutex
	names map[string]int  // how often each was met
	byID  map[string]Call // by the ID of the request
	// at is called before and after each call. It may block, and abort the
	// call by a panic.
	at func(Call, sandbox.Phase)
}

// begin forgets the run before.
func (c *calls) begin(at func(Call, sandbox.Phase)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names, c.byID, c.at = map[string]int{}, map[string]Call{}, at
}

func (c *calls) met(e sandbox.Entry, phase sandbox.Phase, byTool bool) {
	call, at := c.identify(e, byTool)
	if at != nil {
		at(call, phase)
	}
}

// identify names the call of a request: by counting, when it is new.
func (c *calls) identify(e sandbox.Entry, byTool bool) (Call, func(Call, sandbox.Phase)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call, known := c.byID[e.ID]
	if !known {
		call = Call{Action: e.Service + ":" + e.Action, On: subject(e), Writes: !sandboxtest.IsRead(e), ByTool: byTool}
		c.names[call.String()]++
		call.Nth = c.names[call.String()]
		if c.byID == nil {
			c.byID = map[string]Call{}
		}
		c.byID[e.ID] = call
	}
	return call, c.at
}

// subject says what a call is about without IDs that are drawn anew in each
// run.
func subject(e sandbox.Entry) string {
	var parts []string
	add := func(s string) {
		s = s[strings.LastIndexAny(s, "/:")+1:]
		if s != "" && s != "*" && !strings.HasPrefix(s, "AKIA") && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	switch e.Service {
	case "platform":
		add(e.Params["specification_slug"])
		add(e.Params["slug"])
		return strings.Join(parts, " ")
	case "s3":
		// The name of a probe's object has the time in it.
		bucket, _, _ := strings.Cut(e.Resource, "/")
		add(bucket)
		return strings.Join(parts, " ")
	}
	add(e.Resource)
	for _, name := range []string{"UserName", "GroupName", "RoleName", "PolicyName", "PolicyArn", "VersionId"} {
		add(e.Params[name])
	}
	return strings.Join(parts, " ")
}

package sandbox_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision/sandbox"
)

func TestFaults(t *testing.T) {
	cases := []struct {
		kind   sandbox.FaultKind
		code   string // "" when the client gets no answer of AWS
		effect bool
	}{
		{sandbox.FaultThrottle, "Throttling", false},
		{sandbox.FaultInternal, "ServiceFailure", false},
		{sandbox.FaultAccessDenied, "AccessDenied", false},
		{sandbox.FaultNoSuchEntity, "NoSuchEntity", false},
		{sandbox.FaultReset, "", false},
		{sandbox.FaultResetAfter, "", true},
		{sandbox.FaultMalformed, "", true},
	}
	for _, c := range cases {
		t.Run(c.kind.String(), func(t *testing.T) {
			s := start(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Kind: c.kind, Action: "iam:CreateGroup", Nth: 2})
			if err := createGroup(s, "first"); err != nil {
				t.Fatalf("the first call failed: %v", err)
			}
			err := createGroup(s, "second")
			if err == nil || codeOf(err) != c.code {
				t.Errorf("the second call gives %q, want %q: %v", codeOf(err), c.code, err)
			}
			if _, there := s.Peek().Group("second"); there != c.effect {
				t.Errorf("the second call took effect: %t, want %t", there, c.effect)
			}
			if err := createGroup(s, "third"); err != nil {
				t.Errorf("the third call failed: %v", err)
			}
		})
	}
}

func TestNoAnswerAfterTheEffect(t *testing.T) {
	s := start(t, sandbox.Options{})
	s.Inject(sandbox.Fault{Kind: sandbox.FaultTimeoutAfter, Action: "CreateGroup"})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	name := "g"
	_, err := operatorIAM(s).CreateGroup(ctx, &awsiam.CreateGroupInput{GroupName: &name})
	var timeout net.Error
	if !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &timeout) || !timeout.Timeout()) {
		t.Errorf("the client got %v, want a timeout", err)
	}
	if _, there := s.Peek().Group("g"); !there {
		t.Error("the call took no effect")
	}
}

func TestCloseEndsAHangingRequest(t *testing.T) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Inject(sandbox.Fault{Kind: sandbox.FaultTimeoutAfter})
	done := make(chan error, 1)
	go func() { done <- createGroup(s, "g") }()
	for len(s.Log()) == 0 {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("the hanging call succeeded")
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("closing took %s", took)
	}
}

func TestFaultsMatchAndCount(t *testing.T) {
	s := start(t, sandbox.Options{})
	s.Inject(sandbox.Fault{Kind: sandbox.FaultThrottle, Service: "iam", Nth: 1, Times: 2})
	s.Inject(sandbox.Fault{Kind: sandbox.FaultInternal, Action: "ecr:CreateRepository", Times: -1})
	var codes []string
	for range 4 {
		codes = append(codes, codeOf(getGroup(s, "none")))
	}
	if got := strings.Join(codes, " "); got != "Throttling Throttling NoSuchEntity NoSuchEntity" {
		t.Errorf("the calls give %s", got)
	}
	s.Inject(sandbox.Fault{Kind: sandbox.FaultInternal, Times: -1})
	if codeOf(getGroup(s, "none")) != "ServiceFailure" {
		t.Error("a fault for every call did not hit")
	}
	s.ClearFaults()
	if codeOf(getGroup(s, "none")) != "NoSuchEntity" {
		t.Error("a cleared fault still hits")
	}
}

func TestStaleReadsThaw(t *testing.T) {
	c := newClock()
	s := start(t, sandbox.Options{Now: c.now})
	s.Inject(sandbox.Fault{Kind: sandbox.FaultStaleReads, Action: "CreateGroup", For: time.Minute})
	if err := createGroup(s, "g"); err != nil {
		t.Fatal(err)
	}
	if codeOf(getGroup(s, "g")) != "NoSuchEntity" {
		t.Error("a stale read shows the group")
	}
	c.move(61 * time.Second)
	if err := getGroup(s, "g"); err != nil {
		t.Errorf("after a minute a read is still stale: %v", err)
	}
}

func TestThrottlingRefills(t *testing.T) {
	c := newClock()
	s := start(t, sandbox.Options{Now: c.now, Throttle: sandbox.Throttle{Rate: 2, Burst: 3}})
	count := func() (passed int) {
		for range 6 {
			switch code := codeOf(getGroup(s, "none")); code {
			case "NoSuchEntity":
				passed++
			case "Throttling":
			default:
				t.Fatalf("the code is %q", code)
			}
		}
		return passed
	}
	if n := count(); n != 3 {
		t.Errorf("%d calls passed at once, want the burst of 3", n)
	}
	c.move(time.Second)
	if n := count(); n != 2 {
		t.Errorf("%d calls passed a second later, want the rate of 2", n)
	}
}

func TestLatencyIsAdded(t *testing.T) {
	s := start(t, sandbox.Options{Latency: 30 * time.Millisecond})
	_ = getGroup(s, "none")
	if took := s.Log()[0].Took; took < 30*time.Millisecond {
		t.Errorf("the call took %s", took)
	}
}

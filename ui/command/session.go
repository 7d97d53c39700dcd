package command

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/ownfile"
	"github.com/nullplatform/slipway/provision/sandbox"
)

// The sandbox of a single run is slow enough to show what real IAM is like:
// calls take a moment, and readers see a change only after another.
const (
	sandboxLatency = 15 * time.Millisecond
	sandboxLag     = 400 * time.Millisecond
)

// session is what a command holds open while it runs: a sandbox, a log.
type session struct {
	options account.Options
	log     *slog.Logger
	closers []func() error
	// emulated is nil but for a sandbox in this process.
	emulated *sandbox.Sandbox
}

func openSession(e Edge, c *commonFlags) (*session, error) {
	s := &session{
		options: account.Options{Profile: c.profile, Region: c.region, Endpoint: c.endpoint},
		log:     slog.New(slog.DiscardHandler),
	}
	if c.logFile != "" {
		if err := s.openLog(c.logFile); err != nil {
			return nil, err
		}
	}
	if c.sandbox != "" {
		if err := s.openSandbox(e, c); err != nil {
			s.close()
			return nil, err
		}
	}
	if e.TestOnlyAccount != nil {
		s.options = e.TestOnlyAccount(s.options)
	}
	return s, nil
}

func (s *session) openLog(path string) error {
	f, err := ownfile.Append(path)
	if err != nil {
		return problemError("log-file", err)
	}
	s.closers = append(s.closers, f.Close)
	s.log = slog.New(redacting{slog.NewJSONHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})})
	s.options.Log = s.log
	return nil
}

func problemError(flag string, err error) error {
	return &provision.Problem{Field: flag, Rule: "cannot be used: " + err.Error(), Way: "name another path"}
}

func (s *session) openSandbox(e Edge, c *commonFlags) error {
	sb, err := sandbox.Start(sandbox.Options{
		Scenario: c.sandbox, Latency: sandboxLatency, Lag: sandboxLag, Now: e.Now,
	})
	if err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	s.closers = append(s.closers, sb.Close)
	s.emulated = sb
	region := c.region
	if region == "" {
		region = sb.Region()
	}
	s.options = account.Options{
		Log: s.options.Log, Region: region, Endpoint: sb.URL(),
		KeyID: sb.Operator().ID, Secret: provision.NewSecret(sb.Operator().Secret),
	}
	return nil
}

// open prepares the account, with every change that is made written to the
// log.
func (s *session) open(ctx context.Context, o account.Options) (migrate.Account, error) {
	a, err := account.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &loggedAccount{Account: a, log: s.log}, nil
}

// buckets lists the buckets of the account, for a person to choose from.
func (s *session) buckets(ctx context.Context) ([]string, error) {
	a, err := account.Open(ctx, s.options)
	if err != nil {
		return nil, err
	}
	return a.Buckets(ctx)
}

// evidence prepares the account for looking at it.
func (s *session) evidence(ctx context.Context) (migrate.Evidence, error) {
	return account.Open(ctx, s.options)
}

// evidenceOf is an account that was opened, for looking at it: the one that was
// worked on, whichever was asked for first.
func (s *session) evidenceOf(ctx context.Context, a migrate.Account) (migrate.Evidence, error) {
	if opened, ok := a.(*loggedAccount); ok {
		if e, ok := opened.evidence(); ok {
			return e, nil
		}
	}
	return s.evidence(ctx)
}

func (s *session) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		// What could fail here has been used already and is going away.
		_ = s.closers[i]()
	}
}

// loggedAccount writes the calls that change something to a log. Calls hold no
// secrets, and results are not written.
type loggedAccount struct {
	migrate.Account
	log *slog.Logger
}

// evidence is the account behind it, for looking at it.
func (l *loggedAccount) evidence() (migrate.Evidence, bool) {
	e, ok := l.Account.(migrate.Evidence)
	return e, ok
}

// Do carries the call out and logs it.
func (l *loggedAccount) Do(ctx context.Context, c provision.Call) (account.Result, error) {
	l.log.InfoContext(ctx, "call", "action", c.Action, "resource", c.Resource)
	res, err := l.Account.Do(ctx, c)
	if err != nil {
		l.log.ErrorContext(ctx, "call failed", "action", c.Action, "resource", c.Resource, "error", err.Error())
	} else {
		l.log.InfoContext(ctx, "call done", "action", c.Action, "resource", c.Resource)
	}
	return res, err
}

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/ecr"
	"github.com/nullplatform/slipway/provision/sandbox/iam"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/s3"
	"github.com/nullplatform/slipway/provision/sandbox/sts"
)

// What the emulated account is called.
const (
	account = "123456789012"
	region  = "us-east-1"
)

// platformSeed keeps what the nullplatform API draws apart from the account's
// IDs.
const platformSeed = 0x706c6174

// closeGrace is how long Close waits for running requests.
const closeGrace = 3 * time.Second

// Options say what the sandbox is like. The zero value is an empty account
// that answers at once and consistently.
type Options struct {
	// Scenario is what the account holds at the start, see Scenarios. Empty
	// means "fresh".
	Scenario string
	// Addr is where to listen, "127.0.0.1:0" when empty. Anything but a
	// loopback address is refused.
	Addr string
	// Latency is added to every answer.
	Latency time.Duration
	// Lag is how long a change to IAM may take to be visible to every reader.
	// Zero means that reads are consistent.
	Lag time.Duration
	// Now is the account's clock, time.Now when nil.
	Now func() time.Time
	// Seed decides IDs, secrets, and how changes spread under a lag.
	Seed uint64
	// Throttle limits the calls to each service; zero means no limit.
	Throttle Throttle
	// Hook, if any, is called before and after each call. It may block. If it
	// panics with http.ErrAbortHandler, the connection breaks and the call
	// goes no further: before, it takes no effect; after, nobody learns of it.
	Hook func(Entry, Phase)
	// Platform says what the nullplatform API beside the account is like.
	Platform platform.Options
	// Seeding, if any, changes the account after the scenario has filled it
	// and before the first request.
	Seeding func(*Seed) error
}

// Key is an access key with its secret.
type Key struct {
	ID     string
	Secret string
}

// String names the key without its secret.
func (k Key) String() string { return k.ID }

// GoString names the key without its secret.
func (k Key) GoString() string { return "sandbox.Key{" + k.ID + "}" }

// Sandbox is a running emulated account. It is safe for use by several
// goroutines.
type Sandbox struct {
	now      func() time.Time
	latency  time.Duration
	hook     func(Entry, Phase)
	store    *directory.Store
	sessions *sts.Sessions
	mint     *mint
	usage    *usage
	faults   faults
	throttle *throttle
	log      requestLog
	services map[string]service
	registry *ecr.Service
	buckets  *s3.Buckets
	operator Key
	platform *platform.Service

	server   *http.Server
	listener net.Listener
	second   *secondServer
	fresh    freshConns
	closing  chan struct{}
	once     sync.Once
	served   chan error
}

// Start starts a sandbox. It fails when the scenario is not known, when the
// address is not loopback, or when nothing can listen there.
func Start(o Options) (*Sandbox, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if err := checkLoopback(o.Addr); err != nil {
		return nil, err
	}
	seed, err := fill(o)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Addr, err)
	}
	s, err := build(o, seed)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.listener = listener
	s.server = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ConnState: s.fresh.track,
		// The server would write to standard error, which may be a drawn
		// screen; what went wrong is in the request log.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if s.second, err = servePlatform(s); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// build puts the parts together around the seeded account.
func build(o Options, seed *Seed) (*Sandbox, error) {
	s := &Sandbox{
		now: o.Now, latency: o.Latency, hook: o.Hook,
		store:    directory.NewStore(seed.state, o.Lag, o.Seed, o.Now),
		sessions: sts.NewSessions(),
		mint:     seed.mint, usage: seed.usage,
		throttle: newThrottle(o.Throttle, o.Now),
		operator: seed.operator,
		buckets:  s3.NewBuckets(seed.buckets...),
		closing:  make(chan struct{}),
		served:   make(chan error, 1),
	}
	objects, err := s3.New(account, s.buckets, o.Seed, o.Now)
	if err != nil {
		return nil, fmt.Errorf("fill object store: %w", err)
	}
	if s.platform, err = platform.New(platformOptions(o), newMint(o.Seed^platformSeed), seed.identity(), o.Now); err != nil {
		return nil, fmt.Errorf("fill platform: %w", err)
	}
	s.registry = ecr.New(account, s.mint, s.URL)
	s.services = map[string]service{
		"iam": iam.New(s.store, s.mint, s.usage),
		"sts": sts.New(s.store, s.sessions, s.mint),
		"ecr": s.registry,
		"s3":  objects,
	}
	return s, nil
}

// checkLoopback refuses an address that other machines could reach.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("read address %s: %w", addr, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("refuse address %s: the sandbox listens on loopback only", addr)
}

// URL returns the endpoint of all services.
func (s *Sandbox) URL() string { return "http://" + s.listener.Addr().String() }

// Region returns the region of the account's resources.
func (s *Sandbox) Region() string { return region }

// AccountID returns the account's ID.
func (s *Sandbox) AccountID() string { return account }

// Operator returns the access key of an administrator of the account.
func (s *Sandbox) Operator() Key { return s.operator }

// Environment returns the variables with which the AWS SDKs, the AWS CLI,
// Terraform and slipway use the sandbox as its operator. It contains secrets. No
// setting for path-style S3 is among them: the tools choose that by themselves
// for an endpoint that is an IP address.
func (s *Sandbox) Environment() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + s.operator.ID,
		"AWS_SECRET_ACCESS_KEY=" + s.operator.Secret,
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_ENDPOINT_URL=" + s.URL(),
		"AWS_EC2_METADATA_DISABLED=true",
		// A token left over from another session would be signed into every
		// request.
		"AWS_SESSION_TOKEN=",
		"NULLPLATFORM_HOST=" + s.PlatformHost(),
		"NULLPLATFORM_API_KEY=" + s.platform.APIKey(),
	}
}

// Close stops the sandbox: no new request is taken, running ones get a moment
// to end, and the rest are cut. Twice is safe.
func (s *Sandbox) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		s.fresh.close()
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		if err = s.server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			err = s.server.Close()
		}
		if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		err = errors.Join(err, s.second.close())
	})
	if err != nil {
		return fmt.Errorf("close sandbox: %w", err)
	}
	return nil
}

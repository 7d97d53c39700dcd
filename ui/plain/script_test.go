package plain

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/ask"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// script is a whole conversation: the lines that a person types, each only
// when it is asked for, and everything that is said. As on a terminal what is
// typed is seen in its place.
type script struct {
	t     testing.TB
	sb    *sandbox.Sandbox
	dir   string
	lines []string
	// before is called before a line is given, with its place.
	before func(i int)

	mu   sync.Mutex
	next int
	said strings.Builder
}

func newScript(t testing.TB, o sandbox.Options, lines ...string) *script {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return &script{t: t, sb: sandboxtest.Start(t, o), dir: dir, lines: lines}
}

// Read gives one line a call, and the end of the input after the last.
func (s *script) Read(p []byte) (int, error) {
	s.mu.Lock()
	i := s.next
	s.next++
	s.mu.Unlock()
	if i >= len(s.lines) {
		return 0, io.EOF
	}
	if s.before != nil {
		s.before(i)
	}
	line := s.lines[i]
	if rest, ok := strings.CutPrefix(line, "DIR/"); ok {
		line = filepath.Join(s.dir, rest)
	}
	text := line + "\n"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said.WriteString(text)
	return copy(p, text), nil
}

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

// open opens the sandbox as an account.
func (s *script) open(ctx context.Context, _ account.Options) (migrate.Account, error) {
	return account.Open(ctx, account.Options{
		Endpoint: s.sb.URL(), Region: s.sb.Region(),
		KeyID: s.sb.Operator().ID, Secret: provision.NewSecret(s.sb.Operator().Secret),
	})
}

func (s *script) buckets(ctx context.Context) ([]string, error) {
	acct, err := s.open(ctx, account.Options{})
	if err != nil {
		return nil, err
	}
	return acct.(*account.Account).Buckets(ctx)
}

func (s *script) run(with func(*Options)) (ask.Outcome, error) {
	o := Options{Start: ask.InstallTask, Open: s.open, Buckets: s.buckets, Input: s, Output: s}
	if with != nil {
		with(&o)
	}
	return Run(s.t.Context(), o)
}

// text is everything that was said, as it is the same each time.
func (s *script) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.ReplaceAll(s.said.String(), s.dir, "DIR")
	text = regexp.MustCompile(`AKIA[A-Z0-9]{16}`).ReplaceAllString(text, "AKIA................")
	text = regexp.MustCompile(`, after \d+s\.`).ReplaceAllString(text, ".")
	return steady(sandboxtest.Slashes(text))
}

// steady sorts what is told of steps that run side by side, and leaves out
// which of them began alone.
func steady(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool {
		return regexp.MustCompile(`^Now: (Create (user|group|policy|role|bucket)|Put|Attach) `).MatchString(l)
	})
	count := regexp.MustCompile(`^Done, \d+ of`)
	for from := 0; from < len(lines); from++ {
		to := from
		for to < len(lines) && count.MatchString(lines[to]) {
			lines[to] = count.ReplaceAllString(lines[to], "Done, N of")
			to++
		}
		slices.Sort(lines[from:to])
		from = max(from, to)
	}
	return strings.Join(lines, "\n")
}

func (s *script) has(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if got := s.text(); !strings.Contains(got, text) {
			s.t.Errorf("it was not said: %q\n%s", text, got)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// both answers everything by hand, for both destinations.
func both() []string {
	return []string{"1", "3", "demo", "demo-assets", "1", "DIR/creds.env", "1", "1", "yes"}
}

func bothRequest(dir string) migrate.InstallRequest {
	return migrate.InstallRequest{
		Spec: provision.Spec{Cluster: "demo", Contract: provision.DefaultContract, Destinations: []provision.Destination{
			{Kind: provision.ECR}, {Kind: provision.S3, Bucket: "demo-assets"},
		}},
		Handover: "file:" + filepath.Join(dir, "creds.env"),
	}
}

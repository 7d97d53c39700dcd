package s3

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// Bucket is a bucket and its settings. A value that is in the set of buckets
// is never written to. Settings that were never made are nil or empty.
type Bucket struct {
	Name, Owner, Region string
	Created             time.Time
	Policy              *policy.Document
	PolicyText          string
	PublicAccess        *publicAccess
	Encryption          *encryption
	Ownership           *ownership
	Tags                *tagging
}

// arn returns the bucket's ARN.
func (b *Bucket) arn() string { return "arn:aws:s3:::" + b.Name }

// Buckets are all buckets that there are, also those of other accounts, since
// names are unique among all. It is safe for use by several goroutines.
type Buckets struct {
	mu     sync.Mutex
	byName map[string]*Bucket
}

// NewBuckets returns a set of buckets.
func NewBuckets(buckets ...Bucket) *Buckets {
	set := &Buckets{byName: map[string]*Bucket{}}
	for _, b := range buckets {
		set.byName[b.Name] = &b
	}
	return set
}

// Find returns the bucket with the name, or NoSuchBucket.
func (s *Buckets) Find(name string) (*Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.byName[name]; ok {
		return b, nil
	}
	return nil, wire.Errorf("NoSuchBucket", "The specified bucket does not exist")
}

// All returns the buckets by name.
func (s *Buckets) All() []*Bucket {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Bucket, 0, len(s.byName))
	for _, b := range s.byName {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b *Bucket) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// add adds a bucket, and returns the one that has the name already if there is
// one.
func (s *Buckets) add(b Bucket) *Bucket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, there := s.byName[b.Name]; there {
		return old
	}
	s.byName[b.Name] = &b
	return nil
}

// change replaces the settings of a bucket.
func (s *Buckets) change(name string, f func(*Bucket)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, there := s.byName[name]
	if !there {
		return wire.Errorf("NoSuchBucket", "The specified bucket does not exist")
	}
	next := *old
	f(&next)
	s.byName[name] = &next
	return nil
}

func (s *Buckets) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byName, name)
}

// The rules for bucket names.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var (
	bucketName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	})
	likeAnIP = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`) })
)

func checkName(name string) error {
	bad := !bucketName().MatchString(name) || likeAnIP().MatchString(name) || strings.Contains(name, "..")
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		bad = bad || strings.HasPrefix(name, prefix)
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		bad = bad || strings.HasSuffix(name, suffix)
	}
	if bad {
		return wire.Errorf("InvalidBucketName", "The specified bucket is not valid.")
	}
	return nil
}

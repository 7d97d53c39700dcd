package s3

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// Service answers S3 calls. It is safe for use by several goroutines.
type Service struct {
	account string
	buckets *Buckets
	backend *s3mem.Backend
	store   http.Handler // gofakes3 over the backend
}

// New returns a service for the buckets of the account. Its objects live in
// memory, under version IDs that the seed decides.
func New(account string, buckets *Buckets, seed uint64, now func() time.Time) (*Service, error) {
	times := clock(now)
	backend := s3mem.New(s3mem.WithTimeSource(times), s3mem.WithVersionSeed(rand.New(rand.NewPCG(seed, 3)).Int64()))
	for _, b := range buckets.All() {
		if err := backend.CreateBucket(b.Name); err != nil {
			return nil, err
		}
	}
	faker := gofakes3.New(backend, gofakes3.WithTimeSource(times), gofakes3.WithTimeSkewLimit(0))
	return &Service{account: account, buckets: buckets, backend: backend, store: faker.Server()}, nil
}

// clock gives gofakes3 the account's time.
type clock func() time.Time

// Now returns the account's time.
func (c clock) Now() time.Time { return c() }

// Since returns how long ago the time was.
func (c clock) Since(t time.Time) time.Duration { return c().Sub(t) }

// target is what a call is about.
type target struct {
	call        *wire.Call
	op          operation
	query       url.Values
	bucket, key string
	found       *Bucket // nil for the service and for CreateBucket
}

// Decode reads what the call is about.
func (s *Service) Decode(c *wire.Call) error {
	t, err := s.target(c)
	c.Resource = t.resource()
	c.Action = t.op.name
	c.Params = wire.ParamsOf(t.query)
	return err
}

// target finds bucket, key and operation of a request.
func (s *Service) target(c *wire.Call) (*target, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(c.Request.URL.Path, "/"), "/")
	t := &target{call: c, query: c.Request.URL.Query(), bucket: bucket, key: key}
	at := onObject
	switch {
	case bucket == "":
		at = onService
	case key == "":
		at = onBucket
	}
	for _, op := range operations {
		if op.level != at || op.method != c.Request.Method {
			continue
		}
		if op.sub != "" && t.query.Has(op.sub) || op.sub == "" && !t.unknown() {
			t.op = op
			return t, nil
		}
	}
	t.op = operation{name: c.Request.Method}
	return t, wire.Errorf("NotImplemented", "%s %s is outside the subset of S3 that this sandbox emulates.", c.Request.Method, c.Request.URL.RequestURI())
}

// unknown tells whether the query selects an operation that is not known.
func (t *target) unknown() bool {
	return slices.ContainsFunc(stillUnknown, t.query.Has)
}

// resource returns the ARN of what the call is about.
func (t *target) resource() string {
	switch {
	case t.bucket == "":
		return "*"
	case t.key == "":
		return "arn:aws:s3:::" + t.bucket
	default:
		return "arn:aws:s3:::" + t.bucket + "/" + t.key
	}
}

// Needs returns what the caller must be allowed to do. A bucket that is not
// there is NoSuchBucket, one in another region PermanentRedirect; both come
// before any permission, as with AWS.
func (s *Service) Needs(c *wire.Call) ([]wire.Need, error) {
	t, err := s.target(c)
	if err != nil {
		return nil, err
	}
	need := wire.Need{Action: t.op.permission, Resource: t.resource(), Context: t.context()}
	if t.bucket == "" || t.op.name == "CreateBucket" {
		return []wire.Need{need}, nil
	}
	b, err := s.locate(c, t.bucket)
	if err != nil {
		return nil, err
	}
	need.Policy, need.Owner = b.Policy, b.Owner
	var needs []wire.Need
	if need.Action != "" {
		needs = append(needs, need)
	}
	if source := c.Request.Header.Get("X-Amz-Copy-Source"); source != "" {
		from, err := s.sourceNeed(c, source)
		if err != nil {
			return nil, err
		}
		needs = append(needs, from)
	}
	return needs, nil
}

// locate finds a bucket in the region for which the call was signed.
func (s *Service) locate(c *wire.Call, name string) (*Bucket, error) {
	b, err := s.buckets.Find(name)
	if err != nil {
		return nil, err
	}
	if b.Region != c.Region {
		return nil, &wire.Error{
			Code: "PermanentRedirect", Status: http.StatusMovedPermanently,
			Message: "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
			Header:  http.Header{"X-Amz-Bucket-Region": {b.Region}},
		}
	}
	return b, nil
}

// sourceNeed is the permission to read the source of a copy.
func (s *Service) sourceNeed(c *wire.Call, source string) (wire.Need, error) {
	decoded, err := url.PathUnescape(source)
	if err != nil {
		return wire.Need{}, wire.Errorf("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(decoded, "/"), "?versionId=")
	bucket, key, ok := strings.Cut(path, "/")
	if !ok || key == "" {
		return wire.Need{}, wire.Errorf("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	b, err := s.locate(c, bucket)
	if err != nil {
		return wire.Need{}, err
	}
	return wire.Need{
		Action: "s3:GetObject", Resource: b.arn() + "/" + key, Policy: b.Policy, Owner: b.Owner,
	}, nil
}

// context returns S3's own condition keys.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func (t *target) context() map[string][]string {
	out := map[string][]string{}
	for param, key := range map[string]string{
		"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys", "versionId": "s3:VersionId",
	} {
		if t.query.Has(param) {
			out[key] = []string{t.query.Get(param)}
		}
	}
	for header, key := range map[string]string{
		"X-Amz-Acl": "s3:x-amz-acl", "X-Amz-Server-Side-Encryption": "s3:x-amz-server-side-encryption",
		"X-Amz-Content-Sha256": "s3:x-amz-content-sha256",
	} {
		if v := t.call.Request.Header.Get(header); v != "" {
			out[key] = []string{v}
		}
	}
	return out
}

// Serve carries the call out.
func (s *Service) Serve(c *wire.Call) (*wire.Answer, error) {
	t, err := s.target(c)
	if err != nil {
		return nil, err
	}
	if t.bucket != "" && t.op.name != "CreateBucket" {
		if t.found, err = s.buckets.Find(t.bucket); err != nil {
			return nil, err
		}
	}
	return t.op.run(s, t)
}

// Refuse encodes an error.
func (s *Service) Refuse(c *wire.Call, e *wire.Error) *wire.Answer { return wire.RESTRefusal(c, e) }

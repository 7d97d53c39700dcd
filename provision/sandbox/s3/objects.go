package s3

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// recorder keeps what gofakes3 answers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers to fill in.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write keeps the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// atStore lets gofakes3 answer.
func (s *Service) atStore(t *target) (*wire.Answer, error) {
	rec := &recorder{header: http.Header{}}
	s.store.ServeHTTP(rec, t.forStore())
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	a := &wire.Answer{Status: rec.status, Header: rec.header, Body: rec.body.Bytes()}
	a.Header.Set("X-Amz-Request-Id", t.call.ID)
	if rec.status >= http.StatusBadRequest {
		var e struct{ Code string }
		// An answer to HEAD has no body, and so no code.
		_ = xml.Unmarshal(a.Body, &e)
		a.Code = e.Code
		if a.Code == "" {
			a.Code = strconv.Itoa(rec.status)
		}
	}
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers"} {
		a.Header.Del(name)
	}
	return a, nil
}

// forStore returns the request as gofakes3 needs it: without signature,
// framing and parameters of the SDKs.
func (t *target) forStore() *http.Request {
	r := t.call.Request.Clone(t.call.Request.Context())
	query := url.Values{}
	for name, value := range t.query {
		if !strings.HasPrefix(name, "X-Amz-") && name != "x-id" {
			query[name] = value
		}
	}
	r.URL.RawQuery = query.Encode()
	r.Header = http.Header{}
	for name, values := range t.call.Request.Header {
		if kept(name) {
			r.Header[name] = values
		}
	}
	if encoding := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Content-Encoding"), "aws-chunked"), ","); encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	} else {
		r.Header.Del("Content-Encoding")
	}
	r.Body = nopCloser{bytes.NewReader(t.call.Body)}
	r.ContentLength = int64(len(t.call.Body))
	r.Header.Set("Content-Length", strconv.Itoa(len(t.call.Body)))
	return r
}

// kept tells whether a request header is part of what is stored or asked.
func kept(name string) bool {
	switch name {
	case "Content-Type", "Content-Md5", "Content-Encoding", "Content-Disposition", "Content-Language",
		"Cache-Control", "Expires", "Range", "If-Match", "If-None-Match", "If-Modified-Since",
		"If-Unmodified-Since", "X-Amz-Copy-Source", "X-Amz-Metadata-Directive":
		return true
	}
	return strings.HasPrefix(name, "X-Amz-Meta-")
}

type nopCloser struct{ *bytes.Reader }

// Close does nothing.
func (nopCloser) Close() error { return nil }

// putObject stores an object or a part after its checksum was verified.
func (s *Service) putObject(t *target) (*wire.Answer, error) {
	if t.op.name == "UploadPart" && t.call.Request.Header.Get("X-Amz-Copy-Source") != "" {
		return nil, wire.Errorf("NotImplemented", "UploadPartCopy is outside the subset of S3 that this sandbox emulates.")
	}
	checked, err := t.verifyChecksums()
	if err != nil {
		return nil, err
	}
	a, err := s.atStore(t)
	if err != nil {
		return nil, err
	}
	if a.Code == "" {
		for name, value := range checked {
			a.Header.Set(name, value)
		}
		if t.op.name == "PutObject" {
			a.Header.Set("X-Amz-Server-Side-Encryption", t.algorithm())
		}
	}
	return a, nil
}

// algorithm returns how the bucket encrypts.
func (t *target) algorithm() string {
	e := t.found.Encryption
	if e == nil || len(e.Rule) == 0 {
		return "AES256"
	}
	return e.Rule[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm
}

// checksums are the algorithms that the SDKs may choose.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
var checksums = map[string]func() hash.Hash{
	"X-Amz-Checksum-Crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"X-Amz-Checksum-Crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"X-Amz-Checksum-Crc64nvme": func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) },
	"X-Amz-Checksum-Sha1":      sha1.New,
	"X-Amz-Checksum-Sha256":    sha256.New,
}

// verifyChecksums compares the checksums that were sent, in headers or in
// trailers, and returns them.
func (t *target) verifyChecksums() (map[string]string, error) {
	out := map[string]string{}
	for name, algorithm := range checksums {
		sent := t.call.Request.Header.Get(name)
		if sent == "" {
			continue
		}
		h := algorithm()
		h.Write(t.call.Body)
		if base64.StdEncoding.EncodeToString(h.Sum(nil)) != sent {
			return nil, wire.Errorf("BadDigest", "The %s you specified did not match the calculated checksum.", strings.ToLower(name))
		}
		out[name] = sent
	}
	return out, nil
}

// getObject reads an object or its headers. Who may not list the bucket is not
// told that an object is missing.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (s *Service) getObject(t *target) (*wire.Answer, error) {
	a, err := s.atStore(t)
	if err != nil {
		return nil, err
	}
	switch {
	case a.Status == http.StatusNotFound && !t.call.May(wire.Need{
		Action: "s3:ListBucket", Resource: t.found.arn(), Policy: t.found.Policy, Owner: t.found.Owner,
	}):
		return nil, wire.Errorf("AccessDenied", "User: %s is not authorized to perform: s3:ListBucket on resource: %q because no identity-based policy allows the s3:ListBucket action", t.call.Caller.ARN, t.found.arn())
	case a.Code == "":
		a.Header.Set("X-Amz-Server-Side-Encryption", t.algorithm())
	}
	return a, nil
}

type (
	deletedShape struct {
		Key       string
		VersionID string `xml:"VersionId,omitempty"`
	}
	notDeleted struct{ Key, Code, Message string }
)

// deleteObjects removes many objects. Permission is checked for each, and one
// that is refused does not keep the others.
func (s *Service) deleteObjects(t *target) (*wire.Answer, error) {
	var asked struct {
		Quiet  bool
		Object []deletedShape
	}
	if err := t.read(&asked); err != nil {
		return nil, err
	}
	var out struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
		Deleted []deletedShape
		Error   []notDeleted
	}
	for _, object := range asked.Object {
		need := wire.Need{Action: "s3:DeleteObject", Resource: t.found.arn() + "/" + object.Key, Policy: t.found.Policy, Owner: t.found.Owner}
		if object.VersionID != "" {
			need.Action = "s3:DeleteObjectVersion"
		}
		if !t.call.May(need) {
			out.Error = append(out.Error, notDeleted{object.Key, "AccessDenied", "Access Denied"})
			continue
		}
		if err := s.deleteOne(t.bucket, object); err != nil {
			out.Error = append(out.Error, notDeleted{object.Key, "InternalError", err.Error()})
			continue
		}
		if !asked.Quiet {
			out.Deleted = append(out.Deleted, object)
		}
	}
	return t.ok(out)
}

func (s *Service) deleteOne(bucket string, o deletedShape) error {
	if o.VersionID != "" && o.VersionID != "null" {
		_, err := s.backend.DeleteObjectVersion(bucket, o.Key, gofakes3.VersionID(o.VersionID))
		return err
	}
	_, err := s.backend.DeleteObject(bucket, o.Key)
	return err
}

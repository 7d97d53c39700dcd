package signature_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/encoding/httpbinding"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/sandbox/signature"
)

// request builds a request as a server receives it.
func request(method, url string, header map[string]string, body string) *http.Request {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	return r
}

// The requests and signatures that AWS publishes.
func TestPublishedExamples(t *testing.T) {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	cases := []struct {
		name   string
		r      *http.Request
		secret string
	}{
		{
			// https://docs.aws.amazon.com/general/latest/gr/sigv4-create-canonical-request.html
			"IAM, with parameters in the URL",
			request("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", map[string]string{
				"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-Amz-Date": "20150830T123600Z",
				"Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
			}, ""),
			"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
		},
		{
			// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
			"S3, reading a range",
			request("GET", "https://examplebucket.s3.amazonaws.com/test.txt", map[string]string{
				"Range": "bytes=0-9", "X-Amz-Content-Sha256": empty, "X-Amz-Date": "20130524T000000Z",
				"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
			}, ""),
			"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		},
		{
			"S3, writing to a key with a dollar sign",
			request("PUT", "https://examplebucket.s3.amazonaws.com/test$file.text", map[string]string{
				"Date": "Fri, 24 May 2013 00:00:00 GMT", "X-Amz-Date": "20130524T000000Z", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY",
				"X-Amz-Content-Sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
				"Authorization":        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
			}, "Welcome to Amazon S3."),
			"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		},
		{
			// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
			"S3, a presigned URL",
			request("GET", "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", nil, ""),
			"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, err := io.ReadAll(c.r.Body)
			if err != nil {
				t.Fatal(err)
			}
			s, err := signature.Read(c.r)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Verify(c.r, body, c.secret); err != nil || !bytes.Equal(got, body) {
				t.Errorf("Verify gives %q, %v", got, err)
			}
			if _, err := s.Verify(c.r, body, c.secret+"x"); !errors.Is(err, signature.ErrMismatch) {
				t.Errorf("with another secret Verify gives %v", err)
			}
		})
	}
}

// chunked is the published example of a signed stream: 66,560 times the letter
// a, in chunks of 64 KiB.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func chunked() (r *http.Request, body string) {
	body = "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + strings.Repeat("a", 65536) + "\r\n" +
		"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + strings.Repeat("a", 1024) + "\r\n" +
		"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
	return request("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt", map[string]string{
		"Content-Encoding": "aws-chunked", "Content-Length": "66824", "X-Amz-Content-Sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
		"X-Amz-Date": "20130524T000000Z", "X-Amz-Decoded-Content-Length": "66560", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY",
		"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	}, ""), body
}

func TestPublishedStream(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	r, body := chunked()
	s, err := signature.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Verify(r, []byte(body), secret)
	if err != nil || string(got) != strings.Repeat("a", 66560) {
		t.Errorf("Verify gives %d bytes, %v", len(got), err)
	}

	for name, broken := range map[string]string{
		"a letter of the second chunk is another": strings.Replace(body, "a\r\n0;", "b\r\n0;", 1),
		"the signature of the end is missing":     strings.Replace(body, "b6c6ea8a", "00000000", 1),
		"the stream ends in the middle":           body[:66000],
		"a chunk claims to be longer":             strings.Replace(body, "400;", "fffff;", 1),
		"a size is not a number":                  strings.Replace(body, "400;", "zz;", 1),
		"nothing is left":                         "",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Verify(r, []byte(broken), secret)
			if !errors.Is(err, signature.ErrMismatch) && !errors.Is(err, signature.ErrPayload) {
				t.Errorf("Verify gives %v", err)
			}
		})
	}
}

func TestUnsignedStreamWithTrailer(t *testing.T) {
	r := request("PUT", "http://127.0.0.1/bucket/key", map[string]string{"X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, "")
	sign(t, r, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "s3", "secret")
	s, err := signature.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Verify(r, []byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"), "secret")
	if err != nil || string(got) != "hello" {
		t.Errorf("Verify gives %q, %v", got, err)
	}
	if sum := r.Header.Get("X-Amz-Checksum-Crc32"); sum != "NhCmhg==" {
		t.Errorf("the checksum in the trailer is %q", sum)
	}
}

// sign signs a request with the SDK's own signer.
func sign(t interface{ Fatal(...any) }, r *http.Request, payload, service, secret string) {
	r.URL.Scheme, r.URL.Host = "http", r.Host
	err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }).SignHTTP(context.Background(),
		aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: secret}, r, payload, service, "us-east-1", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever the SDK signs is accepted, and no longer is once a part of it was
// changed.
func TestTheSDKsSignatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9 +/=&?%~._ü-]{0,12}`)
		service := rapid.SampledFrom([]string{"iam", "sts", "ecr", "s3"}).Draw(t, "service")
		path := "/"
		if service == "s3" {
			// As the SDK's S3 client writes paths.
			path += httpbinding.EscapePath(text.Draw(t, "path"), false)
		}
		query := url.Values{}
		for range rapid.IntRange(0, 3).Draw(t, "parameters") {
			query.Add("p"+rapid.StringMatching(`[a-zA-Z-]{0,3}`).Draw(t, "name"), text.Draw(t, "value"))
		}
		body := rapid.String().Draw(t, "body")
		sum := sha256.Sum256([]byte(body))
		payload := hex.EncodeToString(sum[:])
		r := request("POST", "http://127.0.0.1:4566"+path+"?"+query.Encode(), map[string]string{"X-Amz-Content-Sha256": payload, "X-Amz-Target": text.Draw(t, "header")}, body)
		sign(t, r, payload, service, "secret")

		s, err := signature.Read(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Verify(r, []byte(body), "secret"); err != nil {
			t.Fatalf("%s %s: %v", r.Method, r.URL, err)
		}
		if _, err := s.Verify(r, []byte(body+"x"), "secret"); !errors.Is(err, signature.ErrPayload) {
			t.Fatalf("with another body: %v", err)
		}
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			r.Method = "PUT"
		case 1:
			r.URL.Path += "x"
		case 2:
			r.URL.RawQuery += "&x=y"
		case 3:
			r.Host = "elsewhere"
		}
		if _, err := s.Verify(r, []byte(body), "secret"); !errors.Is(err, signature.ErrMismatch) {
			t.Fatalf("with another request: %v", err)
		}
	})
}

func TestWhatCannotBeRead(t *testing.T) {
	const good = "AWS4-HMAC-SHA256 Credential=K/20260102/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00"
	cases := map[string]struct {
		authorization, date string
		want                error
	}{
		"no signature":                  {"", "20260102T030405Z", signature.ErrMissing},
		"another way of authorisation":  {"Basic YTpi", "20260102T030405Z", signature.ErrIncomplete},
		"a scope with a part missing":   {strings.Replace(good, "/iam", "", 1), "20260102T030405Z", signature.ErrIncomplete},
		"the host is not signed":        {strings.Replace(good, "=host", "=date", 1), "20260102T030405Z", signature.ErrIncomplete},
		"no date":                       {good, "", signature.ErrIncomplete},
		"the date is not the scope's":   {good, "20260103T030405Z", signature.ErrIncomplete},
		"the signature itself is empty": {strings.Replace(good, "=00", "=", 1), "20260102T030405Z", signature.ErrIncomplete},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := request("POST", "http://127.0.0.1/", map[string]string{"X-Amz-Date": c.date}, "")
			if c.authorization != "" {
				r.Header.Set("Authorization", c.authorization)
			}
			if _, err := signature.Read(r); !errors.Is(err, c.want) {
				t.Errorf("Read gives %v, want %v", err, c.want)
			}
		})
	}
}

package signature

import (
	"bytes"
	"crypto/hmac"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The framings of a streamed body, as named in x-amz-content-sha256.
const (
	signedChunks    = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// unchunk removes the aws-chunked framing and checks the signature of every
// chunk. Trailers are added to the request's headers, where a checksum that
// was known beforehand would stand.
func (s *Signature) unchunk(r *http.Request, body []byte, framing string, signingKey []byte) ([]byte, error) {
	if framing != signedChunks && framing != signedTrailer && framing != unsignedTrailer {
		return nil, fmt.Errorf("%w: unknown framing %s", ErrIncomplete, framing)
	}
	previous := s.value
	var out []byte
	for {
		line, rest, ok := bytes.Cut(body, []byte("\r\n"))
		if !ok {
			return nil, fmt.Errorf("%w: a chunk has no header", ErrPayload)
		}
		size, extension, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(size, 16, 31)
		if err != nil || int(n) > len(rest) {
			return nil, fmt.Errorf("%w: a chunk has no usable size", ErrPayload)
		}
		data := rest[:n]
		if framing != unsignedTrailer {
			value := strings.TrimPrefix(extension, "chunk-signature=")
			want := sign(signingKey, s.chunkToSign(previous, data))
			if !hmac.Equal([]byte(want), []byte(value)) {
				return nil, ErrMismatch
			}
			previous = value
		}
		body = rest[n:]
		if n == 0 {
			break
		}
		out = append(out, data...)
		if body, ok = bytes.CutPrefix(body, []byte("\r\n")); !ok {
			return nil, fmt.Errorf("%w: a chunk is longer than its size", ErrPayload)
		}
	}
	return out, s.trailers(r, body, framing, previous, signingKey)
}

func (s *Signature) chunkToSign(previous string, data []byte) string {
	return algorithm + "-PAYLOAD\n" + s.At.Format(timeFormat) + "\n" + s.scope() + "\n" +
		previous + "\n" + hash(nil) + "\n" + hash(data)
}

// trailers reads the headers after the last chunk.
func (s *Signature) trailers(r *http.Request, text []byte, framing, previous string, signingKey []byte) error {
	if framing == signedChunks {
		return nil
	}
	var signed strings.Builder
	var value string
	for line := range strings.SplitSeq(string(text), "\n") {
		name, content, ok := strings.Cut(strings.TrimRight(line, "\r"), ":")
		if !ok {
			continue
		}
		if strings.EqualFold(name, "x-amz-trailer-signature") {
			value = content
			continue
		}
		signed.WriteString(name + ":" + content + "\n")
		r.Header.Set(name, strings.TrimSpace(content))
	}
	if framing != signedTrailer {
		return nil
	}
	want := sign(signingKey, algorithm+"-TRAILER\n"+s.At.Format(timeFormat)+"\n"+s.scope()+"\n"+
		previous+"\n"+hash([]byte(signed.String())))
	if !hmac.Equal([]byte(want), []byte(value)) {
		return ErrMismatch
	}
	return nil
}

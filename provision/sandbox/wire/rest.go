package wire

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
)

// RESTAnswer encodes the result of a REST call with XML. A nil result is an
// answer without a body.
func RESTAnswer(c *Call, status int, result any) (*Answer, error) {
	a := &Answer{Status: status, Header: restHeader(c)}
	if result == nil {
		return a, nil
	}
	body, err := xml.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("encode answer to %s: %w", c.Action, err)
	}
	a.Body = append([]byte(xml.Header), body...)
	a.Header.Set("Content-Type", "application/xml")
	return a, nil
}

// RESTRefusal encodes an error of a REST call. The answer to a HEAD request
// has no body, so that its status is all that the client sees.
func RESTRefusal(c *Call, e *Error) *Answer {
	a := &Answer{Status: e.HTTPStatus(), Header: merge(restHeader(c), e.Header), Code: e.Code}
	if c.Request != nil && c.Request.Method == http.MethodHead {
		return a
	}
	var b bytes.Buffer
	b.WriteString(xml.Header + "<Error><Code>")
	escape(&b, e.Code)
	b.WriteString("</Code><Message>")
	escape(&b, e.Message)
	b.WriteString("</Message><Resource>")
	escape(&b, c.Resource)
	fmt.Fprintf(&b, "</Resource><RequestId>%s</RequestId></Error>", c.ID)
	a.Body = b.Bytes()
	a.Header.Set("Content-Type", "application/xml")
	return a
}

func restHeader(c *Call) http.Header {
	return http.Header{"X-Amz-Request-Id": {c.ID}, "Server": {"AmazonS3"}}
}

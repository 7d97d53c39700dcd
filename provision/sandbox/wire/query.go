package wire

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

// List is a list in a Query answer. It is written even when it is empty, as
// AWS does: clients tell "none" from "not sent".
type List[T any] struct {
	Member []T `xml:"member"`
}

// ListOf makes a list of its arguments.
func ListOf[T any](items []T) List[T] { return List[T]{Member: items} }

// Time writes a time the way the Query protocol does.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// QueryAnswer encodes the result of a Query call. A nil result is an answer
// with nothing but the request ID.
func QueryAnswer(namespace string, c *Call, result any) (*Answer, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=%q>\n", c.Action, namespace)
	if result != nil {
		e := xml.NewEncoder(&b)
		start := xml.StartElement{Name: xml.Name{Local: c.Action + "Result"}}
		if err := e.EncodeElement(result, start); err != nil {
			return nil, fmt.Errorf("encode answer to %s: %w", c.Action, err)
		}
	}
	fmt.Fprintf(&b, "\n<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>\n</%sResponse>\n", c.ID, c.Action)
	return &Answer{Status: http.StatusOK, Header: queryHeader(c), Body: b.Bytes()}, nil
}

// QueryRefusal encodes an error of a Query call.
func QueryRefusal(namespace string, c *Call, e *Error) *Answer {
	fault := "Sender"
	if e.HTTPStatus() >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<ErrorResponse xmlns=%q>\n<Error><Type>%s</Type><Code>", namespace, fault)
	escape(&b, e.Code)
	b.WriteString("</Code><Message>")
	escape(&b, e.Message)
	fmt.Fprintf(&b, "</Message></Error>\n<RequestId>%s</RequestId>\n</ErrorResponse>\n", c.ID)
	return &Answer{
		Status: e.HTTPStatus(), Header: merge(queryHeader(c), e.Header),
		Body: b.Bytes(), Code: e.Code,
	}
}

func queryHeader(c *Call) http.Header {
	return http.Header{"Content-Type": {"text/xml"}, "X-Amzn-Requestid": {c.ID}}
}

func escape(b *bytes.Buffer, s string) {
	// Writing to a bytes.Buffer cannot fail, so neither can this.
	_ = xml.EscapeText(b, []byte(s))
}

func merge(into, more http.Header) http.Header {
	for name, values := range more {
		into[name] = values
	}
	return into
}

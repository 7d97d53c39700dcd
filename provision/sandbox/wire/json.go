package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// JSONAnswer encodes the result of a JSON 1.1 call.
func JSONAnswer(c *Call, result any) (*Answer, error) {
	body, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("encode answer to %s: %w", c.Action, err)
	}
	return &Answer{Status: http.StatusOK, Header: jsonHeader(c), Body: body}, nil
}

// JSONRefusal encodes an error of a JSON 1.1 call.
func JSONRefusal(c *Call, e *Error) *Answer {
	code := e.Code
	if code == "AccessDenied" || code == "Throttling" {
		// The JSON services spell these with the suffix of a type name.
		code += "Exception"
	}
	body, err := json.Marshal(map[string]string{"__type": code, "message": e.Message})
	if err != nil {
		// Two strings always encode; a replaced rune is the worst case.
		body = []byte("{}")
	}
	header := jsonHeader(c)
	header.Set("X-Amzn-Errortype", code)
	status := e.HTTPStatus()
	if status == http.StatusForbidden || strings.HasPrefix(code, "Throttling") {
		status = http.StatusBadRequest
	}
	return &Answer{Status: status, Header: merge(header, e.Header), Body: body, Code: e.Code}
}

func jsonHeader(c *Call) http.Header {
	return http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {c.ID}}
}

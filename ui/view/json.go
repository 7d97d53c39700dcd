package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// ReportVersion is the version of the JSON shapes [PlanReport] and
// [ResultReport]. Fields may be added within a version; none is renamed,
// removed or given another meaning.
const ReportVersion = 1

// Text is text that may be a JSON object, as policy documents are. An object
// is written as an object, so that jq can look into it; all else as a string.
type Text string

// MarshalJSON writes the text as it is documented at [Text].
func (t Text) MarshalJSON() ([]byte, error) {
	if s := strings.ToValidUTF8(string(t), "\uFFFD"); isObject(s) {
		return []byte(s), nil
	}
	return json.Marshal(string(t))
}

// encodeReport writes JSON with indents and a line feed at the end. What a
// terminal would act on is escaped, which means the same in JSON.
func encodeReport(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	var out bytes.Buffer
	for _, r := range b.String() {
		switch {
		case r == '\n' || !active(r):
			out.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, hi, lo)
		}
	}
	return out.Bytes(), nil
}

// orEmpty gives a list that is written as [] when there is nothing in it.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

package policy

import "strings"

// segmentation says how far a wildcard of a pattern may reach in an ARN.
type segmentation uint8

const (
	// plainText knows no segments.
	plainText segmentation = iota
	// resourceARN is for Resource elements: a wildcard stays within its
	// segment, but an asterisk that ends a segment reaches beyond the colon.
	//
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
	resourceARN
	// conditionARN is for the Arn condition operators: each of the six
	// components is matched by itself.
	//
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
	conditionARN
)

// arnColons separate the six components of an ARN. Colons after them belong
// to the resource.
const arnColons = 5

// apply narrows the wildcards of a compiled text to their segments.
func (g segmentation) apply(text string) string {
	if g == plainText || !strings.ContainsAny(text, string([]byte{anyRun, anyOne})) {
		return text
	}
	if strings.Count(text, ":") < arnColons {
		return text
	}
	b := []byte(text)
	colons := 0
	for i := 0; i < len(b) && colons < arnColons; i++ {
		switch b[i] {
		case ':':
			colons++
		case anyOne:
			b[i] = segmentOne
		case anyRun:
			if g == conditionARN || b[i+1] != ':' && b[i+1] != anyRun {
				b[i] = segmentRun
			}
		}
	}
	return string(b)
}

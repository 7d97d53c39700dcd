package policy

import "strings"

// The condition operators.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html

// setPrefix says how several values in the request are taken together.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
type setPrefix uint8

const (
	single setPrefix = iota
	forAllValues
	forAnyValue
)

// comparator is what an operator does with one value.
type comparator uint8

const (
	stringEquals comparator = iota
	stringEqualsIgnoreCase
	stringLike
	numericEquals
	numericLess
	numericLessOrEqual
	numericGreater
	numericGreaterOrEqual
	dateEquals
	dateLess
	dateLessOrEqual
	dateGreater
	dateGreaterOrEqual
	boolEquals
	binaryEquals
	ipAddress
	arnLike
	null
)

// operator is a condition operator taken apart.
type operator struct {
	name     string // as AWS spells it, without prefix and suffix
	compare  comparator
	negated  bool
	set      setPrefix
	ifExists bool
}

// operators are all there are, without prefix and suffix.
var operators = [...]operator{
	{name: "StringEquals", compare: stringEquals},
	{name: "StringNotEquals", compare: stringEquals, negated: true},
	{name: "StringEqualsIgnoreCase", compare: stringEqualsIgnoreCase},
	{name: "StringNotEqualsIgnoreCase", compare: stringEqualsIgnoreCase, negated: true},
	{name: "StringLike", compare: stringLike},
	{name: "StringNotLike", compare: stringLike, negated: true},
	{name: "NumericEquals", compare: numericEquals},
	{name: "NumericNotEquals", compare: numericEquals, negated: true},
	{name: "NumericLessThan", compare: numericLess},
	{name: "NumericLessThanEquals", compare: numericLessOrEqual},
	{name: "NumericGreaterThan", compare: numericGreater},
	{name: "NumericGreaterThanEquals", compare: numericGreaterOrEqual},
	{name: "DateEquals", compare: dateEquals},
	{name: "DateNotEquals", compare: dateEquals, negated: true},
	{name: "DateLessThan", compare: dateLess},
	{name: "DateLessThanEquals", compare: dateLessOrEqual},
	{name: "DateGreaterThan", compare: dateGreater},
	{name: "DateGreaterThanEquals", compare: dateGreaterOrEqual},
	{name: "Bool", compare: boolEquals},
	{name: "BinaryEquals", compare: binaryEquals},
	{name: "IpAddress", compare: ipAddress},
	{name: "NotIpAddress", compare: ipAddress, negated: true},
	{name: "ArnEquals", compare: arnLike},
	{name: "ArnNotEquals", compare: arnLike, negated: true},
	{name: "ArnLike", compare: arnLike},
	{name: "ArnNotLike", compare: arnLike, negated: true},
	{name: "Null", compare: null},
}

// parseOperator reads an operator name in any case. Null takes no IfExists:
// it asks for existence itself.
func parseOperator(text string) (operator, bool) {
	name, set, ifExists := lowerASCII(text), single, false
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		name, set = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		name, set = rest, forAnyValue
	}
	if rest, ok := strings.CutSuffix(name, "ifexists"); ok {
		name, ifExists = rest, true
	}
	for _, o := range operators {
		if lowerASCII(o.name) == name && (o.compare != null || !ifExists) {
			o.set, o.ifExists = set, ifExists
			return o, true
		}
	}
	return operator{}, false
}

// String spells the operator as AWS does.
func (o operator) String() string {
	s := o.name
	switch o.set {
	case forAllValues:
		s = "ForAllValues:" + s
	case forAnyValue:
		s = "ForAnyValue:" + s
	}
	if o.ifExists {
		s += "IfExists"
	}
	return s
}

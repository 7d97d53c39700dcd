package policy

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"strings"
	"time"
)

// operand is one value of a condition, read as its operator needs it. A value
// that the operator cannot read is not valid and matches nothing.
type operand struct {
	valid  bool
	text   template     // String and Arn operators
	number *big.Rat     // Numeric operators
	date   time.Time    // Date operators
	flag   bool         // Bool and Null
	binary []byte       // BinaryEquals
	prefix netip.Prefix // IP operators
}

// newOperand reads a value of the policy. Variables are resolved in the
// String and Arn operators only.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse
func newOperand(c comparator, v string, variables bool) operand {
	var o operand
	switch c {
	case stringEquals, stringEqualsIgnoreCase:
		o.text, o.valid = newTemplate(v, false, variables, plainText), true
	case stringLike:
		o.text, o.valid = newTemplate(v, true, variables, plainText), true
	case arnLike:
		o.text, o.valid = newTemplate(v, true, variables, conditionARN), true
	case boolEquals, null:
		o.flag, o.valid = parseBool(v)
	case binaryEquals:
		var err error
		o.binary, err = base64.StdEncoding.DecodeString(v)
		o.valid = err == nil
	case ipAddress:
		o.prefix, o.valid = parsePrefix(v)
	case dateEquals, dateLess, dateLessOrEqual, dateGreater, dateGreaterOrEqual:
		o.date, o.valid = parseDate(v)
	default:
		o.number, o.valid = parseNumber(v)
	}
	return o
}

// compare compares one value of the request with this one, before negation.
// readable is no when either side is not of the operator's type; then
// neither the operator nor its negation holds. That case is not documented.
func (o *operand) compare(c comparator, v string, ctx *Context) (equal, readable truth) {
	if !o.valid {
		return no, no
	}
	var same, ok bool
	switch c {
	case stringEquals, stringLike, stringEqualsIgnoreCase, arnLike:
		return o.compareText(c, v, ctx)
	case boolEquals:
		var flag bool
		flag, ok = parseBool(v)
		same = flag == o.flag
	case binaryEquals:
		b, err := base64.StdEncoding.DecodeString(v)
		same, ok = string(b) == string(o.binary), err == nil
	case ipAddress:
		a, err := netip.ParseAddr(v)
		same, ok = o.prefix.Contains(a), err == nil
	case dateEquals, dateLess, dateLessOrEqual, dateGreater, dateGreaterOrEqual:
		var d time.Time
		d, ok = parseDate(v)
		same = ordered(d.Compare(o.date), c-dateEquals)
	default:
		var n *big.Rat
		if n, ok = parseNumber(v); ok {
			same = ordered(n.Cmp(o.number), c-numericEquals)
		}
	}
	return truthOf(same), truthOf(ok)
}

// compareText compares by the String and Arn operators. A variable without a
// value equals nothing, so that a negated operator holds.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (o *operand) compareText(c comparator, v string, ctx *Context) (equal, readable truth) {
	p, ok := o.text.resolve(ctx)
	if ok != yes {
		return ok, yes
	}
	switch c {
	case stringEqualsIgnoreCase:
		return truthOf(strings.EqualFold(p.text, v)), yes
	case arnLike:
		return truthOf(p.match(v)), truthOf(isARN(p.text) && isARN(v))
	default:
		return truthOf(p.match(v)), yes
	}
}

// isARN reports whether text has the six components of an ARN.
func isARN(s string) bool {
	return strings.Count(s, ":") >= arnColons && strings.HasPrefix(s, "arn:")
}

// ordered reads a three-way comparison. The five relations stand in the same
// order for numbers and for dates: =, <, <=, >, >=.
func ordered(order int, relation comparator) bool {
	switch numericEquals + relation {
	case numericEquals:
		return order == 0
	case numericLess:
		return order < 0
	case numericLessOrEqual:
		return order <= 0
	case numericGreater:
		return order > 0
	default:
		return order >= 0
	}
}

// parseBool reads true or false in any case.
func parseBool(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// parsePrefix reads an address or a CIDR block, IPv4 or IPv6. A bare address
// is the block that holds only itself.
func parsePrefix(s string) (netip.Prefix, bool) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// parseNumber reads an integer or a decimal exactly.
func parseNumber(s string) (*big.Rat, bool) {
	const longest = 64 // More digits than any key has; bounds the work.
	if s == "" || len(s) > longest || strings.Trim(s, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// dateLayouts are the W3C forms of ISO 8601, from the year alone to fractions
// of a second.
var dateLayouts = [...]string{
	"2006", "2006-01", "2006-01-02",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00",
}

// parseDate reads an ISO 8601 date or seconds since 1970. Four digits are a
// year.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	n, ok := parseNumber(s)
	if !ok {
		return time.Time{}, false
	}
	seconds, nanos := new(big.Int), new(big.Int)
	seconds.DivMod(n.Num(), n.Denom(), nanos)
	if seconds.CmpAbs(big.NewInt(1<<53)) > 0 {
		return time.Time{}, false
	}
	nanos.Mul(nanos, big.NewInt(int64(time.Second))).Div(nanos, n.Denom())
	return time.Unix(seconds.Int64(), nanos.Int64()), true
}

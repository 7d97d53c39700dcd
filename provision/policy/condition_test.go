package policy

import (
	"fmt"
	"testing"
)

const (
	pageOperators = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	pageSets      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
	pageCondition = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html"
)

func TestConditions(t *testing.T) {
	const user = "aws:username"
	none := []string(nil)
	one := func(v string) []string { return []string{v} }
	for _, c := range []struct {
		page, operator, key, values string
		request                     []string
		want                        bool
		why                         string
	}{
		{pageOperators, "StringEquals", user, `"bob"`, one("bob"), true, "equal"},
		{pageOperators, "StringEquals", user, `"bob"`, one("Bob"), false, "case counts"},
		{pageOperators, "StringEquals", user, `["eve","bob"]`, one("bob"), true, "one of several values"},
		{pageOperators, "StringEquals", user, `"b*"`, one("bob"), false, "no wildcards"},
		{pageOperators, "StringEquals", user, `"b*"`, one("b*"), true, "an asterisk is a character"},
		{pageOperators, "StringEquals", user, `"bob"`, none, false, "an absent key matches nothing"},
		{pageCondition, "StringEquals", "AWS:UserName", `"bob"`, one("bob"), true, "keys ignore case"},
		{pageOperators, "StringEquals", "s3:prefix", `["","home/"]`, one(""), true, "an empty value can be asked for"},
		{pageOperators, "StringNotEquals", user, `"bob"`, one("eve"), true, "negated"},
		{pageOperators, "StringNotEquals", user, `["eve","bob"]`, one("bob"), false, "negated means none of them"},
		{pageOperators, "StringNotEquals", user, `"bob"`, none, true, "an absent key satisfies a negated operator"},
		{pageOperators, "StringEqualsIgnoreCase", user, `"BOB"`, one("bob"), true, "case does not count"},
		{pageOperators, "StringNotEqualsIgnoreCase", user, `"BOB"`, one("bob"), false, "negated without case"},
		{pageOperators, "StringLike", user, `"b?b*"`, one("bobby"), true, "wildcards"},
		{pageOperators, "StringLike", user, `"B*"`, one("bob"), false, "wildcards with case"},
		{pageOperators, "StringNotLike", user, `["x*","y*"]`, one("bob"), true, "like none"},
		{pageVariables, "StringEquals", "s3:prefix", `"${aws:username}"`, one("${aws:username}"), false, "a variable is resolved, not compared"},
		{pageVariables, "StringNotEquals", "s3:prefix", `"${aws:username}"`, one("x"), true, "a negated operator matches a variable without value"},
		{pageVariables, "StringEquals", "s3:prefix", `"${aws:username, 'x'}"`, one("x"), true, "a default value"},
		{pageVariables, "StringLike", user, `"${*}"`, one("bob"), false, "an escaped asterisk is no wildcard"},

		{pageOperators, "NumericEquals", "s3:max-keys", `"10"`, one("10.0"), true, "numbers, not texts"},
		{pageOperators, "NumericEquals", "s3:max-keys", `10`, one("10"), true, "quotation marks are optional"},
		{pageOperators, "NumericNotEquals", "s3:max-keys", `"10"`, one("11"), true, "negated"},
		{pageOperators, "NumericNotEquals", "s3:max-keys", `"10"`, none, true, "negated and absent"},
		{pageOperators, "NumericLessThan", "s3:max-keys", `"10"`, one("9.5"), true, "decimals"},
		{pageOperators, "NumericLessThan", "s3:max-keys", `"10"`, one("10"), false, "less is not equal"},
		{pageOperators, "NumericLessThanEquals", "s3:max-keys", `"10"`, one("10"), true, "at most"},
		{pageOperators, "NumericGreaterThan", "s3:max-keys", `"-1"`, one("0"), true, "negative numbers"},
		{pageOperators, "NumericGreaterThanEquals", "s3:max-keys", `"9007199254740993"`, one("9007199254740992"), false, "large numbers are exact"},
		{pageOperators, "NumericEquals", "s3:max-keys", `"10"`, one("ten"), false, "not a number"},
		{pageOperators, "NumericNotEquals", "s3:max-keys", `"10"`, one("ten"), false, "what is no number differs from none"},

		{pageOperators, "DateLessThan", "aws:CurrentTime", `"2026-06-30T00:00:00Z"`, one("2026-06-29T23:59:59Z"), true, "ISO 8601"},
		{pageOperators, "DateLessThan", "aws:CurrentTime", `"2026-06-30T02:00:00+02:00"`, one("2026-06-30T00:00:00Z"), false, "time zones"},
		{pageOperators, "DateGreaterThan", "aws:EpochTime", `"1700000000"`, one("1700000001"), true, "seconds since 1970"},
		{pageOperators, "DateGreaterThanEquals", "aws:CurrentTime", `"1767225600"`, one("2026-01-01T00:00:00Z"), true, "seconds against ISO 8601"},
		{pageOperators, "DateEquals", "aws:CurrentTime", `"2026-01-01"`, one("2026-01-01T00:00:00Z"), true, "a day is its beginning"},
		{pageOperators, "DateEquals", "aws:CurrentTime", `"2026"`, one("2026-01-01T00:00:00Z"), true, "four digits are a year"},
		{pageOperators, "DateNotEquals", "aws:CurrentTime", `"2026-01-01T00:00:00Z"`, one("2026-01-01T00:00:00.5Z"), true, "fractions count"},
		{pageOperators, "DateLessThanEquals", "aws:CurrentTime", `"2026-01-01T00:00Z"`, one("2026-01-01T00:00:00Z"), true, "seconds may be left out"},

		{pageOperators, "Bool", "aws:SecureTransport", `"true"`, one("true"), true, "true"},
		{pageOperators, "Bool", "aws:SecureTransport", `false`, one("true"), false, "a bare boolean"},
		{pageOperators, "Bool", "aws:MultiFactorAuthPresent", `"false"`, none, false, "absent is not false"},
		{pageOperators, "BoolIfExists", "aws:MultiFactorAuthPresent", `"false"`, none, true, "absent is enough"},
		{pageVariables, "Bool", "aws:SecureTransport", `"${aws:MultiFactorAuthPresent}"`, one("true"), false, "no variables here"},

		{pageOperators, "BinaryEquals", "kms:x", `"QmluYXJ5"`, one("QmluYXJ5"), true, "the same bytes"},
		{pageOperators, "BinaryEquals", "kms:x", `"QmluYXJ5"`, one("QmluYXJ4"), false, "other bytes"},

		{pageOperators, "IpAddress", "aws:SourceIp", `"203.0.113.0/24"`, one("203.0.113.9"), true, "in the block"},
		{pageOperators, "IpAddress", "aws:SourceIp", `"203.0.113.0/24"`, one("203.0.114.9"), false, "outside"},
		{pageOperators, "IpAddress", "aws:SourceIp", `"203.0.113.7"`, one("203.0.113.7"), true, "a lone address is /32"},
		{pageOperators, "IpAddress", "aws:SourceIp", `"2001:DB8:1234:5678::/64"`, one("2001:db8:1234:5678::1"), true, "IPv6"},
		{pageOperators, "IpAddress", "aws:SourceIp", `["203.0.113.0/24","2001:db8::/32"]`, one("2001:db8::1"), true, "both families together"},
		{pageOperators, "NotIpAddress", "aws:SourceIp", `["203.0.113.0/24","2001:db8::/32"]`, one("198.51.100.1"), true, "in none"},
		{pageOperators, "NotIpAddress", "aws:SourceIp", `"203.0.113.0/24"`, none, true, "absent, as in calls through an endpoint"},

		{pageOperators, "ArnEquals", "aws:SourceArn", `"arn:aws:sns:*:123456789012:t-*"`, one("arn:aws:sns:eu-west-1:123456789012:t-1"), true, "wildcards in a component"},
		{pageOperators, "ArnLike", "aws:SourceArn", `"arn:aws:sns:*:t"`, one("arn:aws:sns:eu-west-1:123456789012:t"), false, "a wildcard keeps to its component"},
		{pageOperators, "ArnLike", "aws:SourceArn", `"*"`, one("arn:aws:sns:eu-west-1:123456789012:t"), false, "six components are needed"},
		{pageOperators, "ArnLike", "aws:PrincipalArn", `"arn:aws:iam::1:role/*"`, one("arn:aws:iam::1:role/a/b:c"), true, "the last component is the rest"},
		{pageOperators, "ArnNotEquals", "aws:SourceArn", `"arn:aws:s3:::b"`, one("arn:aws:s3:::c"), true, "negated"},
		{pageOperators, "ArnNotLike", "aws:SourceArn", `"arn:aws:s3:::b*"`, one("arn:aws:s3:::bb"), false, "negated with wildcard"},
		{pageOperators, "ArnNotLike", "aws:SourceArn", `"arn:aws:s3:::b*"`, none, true, "negated and absent"},

		{pageOperators, "Null", "aws:TokenIssueTime", `"true"`, none, true, "absent"},
		{pageOperators, "Null", "aws:TokenIssueTime", `"true"`, one("x"), false, "present"},
		{pageOperators, "Null", "aws:TokenIssueTime", `"false"`, one("x"), true, "must be present"},
		{pageOperators, "Null", "aws:TokenIssueTime", `"false"`, one(""), false, "an empty value is none"},

		{pageOperators, "StringEqualsIfExists", user, `"bob"`, none, true, "absent is enough"},
		{pageOperators, "StringEqualsIfExists", user, `"bob"`, one("eve"), false, "present must match"},
		{pageOperators, "StringNotEqualsIfExists", user, `"bob"`, none, true, "absent is enough for a negated one"},
		{pageOperators, "NumericLessThanIfExists", "s3:max-keys", `"10"`, none, true, "absent is enough for numbers"},
		{pageOperators, "IpAddressIfExists", "aws:SourceIp", `"10.0.0.0/8"`, none, true, "absent is enough for addresses"},
		{pageOperators, "ArnLikeIfExists", "aws:SourceArn", `"arn:aws:s3:::b"`, none, true, "absent is enough for ARNs"},

		{pageSets, "ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`, []string{"a", "b"}, true, "every value is in the list"},
		{pageSets, "ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`, []string{"a", "c"}, false, "one value is not"},
		{pageSets, "ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`, none, true, "true without the key"},
		{pageSets, "ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`, one(""), true, "true for a null dataset"},
		{pageSets, "ForAllValues:StringNotEquals", "aws:TagKeys", `["a","b"]`, []string{"c", "d"}, true, "every value is none of the list"},
		{pageSets, "ForAllValues:StringNotEquals", "aws:TagKeys", `["a","b"]`, []string{"c", "a"}, false, "one value is in the list"},
		{pageSets, "ForAllValues:StringLike", "aws:TagKeys", `"k-*"`, []string{"k-1", "k-2"}, true, "patterns"},
		{pageSets, "ForAnyValue:StringEquals", "aws:TagKeys", `["a","b"]`, []string{"c", "b"}, true, "one value is in the list"},
		{pageSets, "ForAnyValue:StringEquals", "aws:TagKeys", `["a","b"]`, []string{"c", "d"}, false, "no value is"},
		{pageSets, "ForAnyValue:StringEquals", "aws:TagKeys", `["a","b"]`, none, false, "false without the key"},
		{pageSets, "ForAnyValue:StringNotEquals", "aws:TagKeys", `["a","b"]`, []string{"a", "c"}, true, "one value is none of the list"},
		{pageSets, "ForAnyValue:StringNotEquals", "aws:TagKeys", `["a","b"]`, []string{"a", "b"}, false, "all are in the list"},
		{pageSets, "ForAnyValue:StringNotEquals", "aws:TagKeys", `"a"`, none, false, "false without the key, though negated"},
		{pageSets, "ForAnyValue:StringEqualsIfExists", "aws:TagKeys", `"a"`, none, false, "IfExists does not help: there is no value to be true of"},
		{pageSets, "ForAnyValue:ArnLike", "aws:x", `"arn:aws:s3:::b*"`, []string{"arn:aws:s3:::c", "arn:aws:s3:::b1"}, true, "other families"},
	} {
		t.Run(c.operator+" "+c.why, func(t *testing.T) {
			p := policies(t, v2012(fmt.Sprintf(
				`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{%q:{%q:%s}}}`, c.operator, c.key, c.values)))
			r := Request{"s3:GetObject", "arn:aws:s3:::b/x", Context{Values: map[string][]string{}}}
			key := c.key
			if key == "AWS:UserName" {
				key = user
			}
			if c.request != nil {
				r.Context.Values[key] = c.request
			}
			if got := p.Decide(r); (got.Outcome == Allowed) != c.want {
				t.Errorf("%s: %s %s %s with %q: got %v, want %v", c.page, c.operator, c.key, c.values, c.request, got.Outcome, c.want)
			}
		})
	}
}

// Several conditions must all hold; several values of one are alternatives.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func TestConditionsTogether(t *testing.T) {
	p := policies(t, v2012(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
		"StringEquals":{"aws:PrincipalTag/team":["red","blue"],"aws:RequestedRegion":"us-east-1"},
		"Bool":{"aws:SecureTransport":"true"}}}`))
	for _, c := range []struct {
		team, region, secure string
		want                 Outcome
	}{
		{"red", "us-east-1", "true", Allowed},
		{"blue", "us-east-1", "true", Allowed},
		{"green", "us-east-1", "true", Denied},
		{"red", "us-east-2", "true", Denied},
		{"red", "us-east-1", "false", Denied},
	} {
		got := p.Decide(Request{"s3:GetObject", "*", Context{Values: map[string][]string{
			"aws:PrincipalTag/team": {c.team}, "aws:RequestedRegion": {c.region}, "aws:SecureTransport": {c.secure},
		}}})
		if got.Outcome != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// Every operator is known with every prefix and suffix in any case, and is
// written back as AWS spells it.
func TestOperatorNames(t *testing.T) {
	for _, o := range operators {
		for _, prefix := range []string{"", "ForAllValues:", "ForAnyValue:"} {
			for _, suffix := range []string{"", "IfExists"} {
				name := prefix + o.name + suffix
				got, ok := parseOperator(lowerASCII(name))
				if want := o.compare != null || suffix == ""; ok != want {
					t.Errorf("%s: known %v, want %v", name, ok, want)
				} else if ok && got.String() != name {
					t.Errorf("%s is written %s", name, got)
				}
			}
		}
	}
	for _, bad := range []string{"", "StringEqual", "ForAllValues:", "ForEveryValue:StringEquals", "IfExists", "StringEqualsIfExistsIfExists"} {
		if o, ok := parseOperator(bad); ok {
			t.Errorf("%q is taken for %s", bad, o)
		}
	}
}

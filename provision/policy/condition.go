package policy

// condition is a Condition compiled: one operator, one key, its values.
type condition struct {
	operator operator
	key      string
	lower    string // key in lower case
	values   []operand
}

// compileCondition prepares a condition for evaluation.
func compileCondition(c Condition, variables bool) condition {
	op, _ := parseOperator(c.Operator)
	out := condition{operator: op, key: c.Key, lower: lowerASCII(c.Key)}
	for _, v := range c.Values {
		out.values = append(out.values, newOperand(op.compare, v, variables))
	}
	return out
}

// eval decides the condition for a request.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// for absent keys, and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
// for the set prefixes.
func (c *condition) eval(ctx *Context) truth {
	values, known := ctx.lookup(c.key, c.lower)
	switch {
	case !known:
		return unknown
	case c.operator.compare == null:
		return c.evalNull(nothing(values))
	case len(values) == 0, c.operator.set != single && nothing(values):
		return c.evalAbsent()
	}
	// Without a set prefix a negated operator asks that it holds for every
	// value of the request, any other that it holds for one. AWS requires a
	// prefix there and defines neither.
	every := c.operator.set == forAllValues || c.operator.set == single && c.operator.negated
	all, some := yes, no
	for _, v := range values {
		t := c.evalOne(v, ctx)
		all, some = min(all, t), max(some, t)
	}
	if every {
		return all
	}
	return some
}

// nothing reports whether the values are a null dataset in the words of the
// page above: no value, or only empty ones. A plain operator still compares
// an empty value, so that StringEquals s3:prefix "" works.
func nothing(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

// evalNull asks whether the key is absent ("true") or present ("false").
func (c *condition) evalNull(absent bool) truth {
	for i := range c.values {
		if c.values[i].valid && c.values[i].flag == absent {
			return yes
		}
	}
	return no
}

// evalAbsent is the answer when the request does not have the key. IfExists
// does not help ForAnyValue, which needs a value to be true of.
func (c *condition) evalAbsent() truth {
	switch c.operator.set {
	case forAnyValue:
		return no
	case forAllValues:
		return yes
	default:
		return truthOf(c.operator.ifExists || c.operator.negated)
	}
}

// evalOne applies the operator to one value of the request: a negated one
// must hold against every value of the policy, any other against one.
func (c *condition) evalOne(v string, ctx *Context) truth {
	all, some := yes, no
	for i := range c.values {
		equal, readable := c.values[i].compare(c.operator.compare, v, ctx)
		if c.operator.negated {
			all = min(all, equal.not(), readable)
		} else if some = max(some, min(equal, readable)); some == yes {
			return yes
		}
	}
	if c.operator.negated {
		return all
	}
	return some
}

package provision

import (
	"fmt"
	"strings"
)

// Call is one request to the account as data: what a preview shows, what is
// sent, and what a journal records are the same value. Parameters carry the
// names of the AWS API.
type Call struct {
	// Action is the IAM action that permits the call, such as
	// "iam:CreateUser"; it names the operation too.
	Action string `json:"action"`
	// Resource is the ARN that the permission is checked against.
	Resource string  `json:"resource"`
	Params   []Param `json:"params"`
	// Tags are kept apart from the other parameters, being a list.
	Tags map[string]string `json:"tags,omitempty"`
}

// Param is one parameter of a call.
type Param struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Param gives a parameter's value, or empty.
func (c Call) Param(name string) string {
	for _, p := range c.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Service is the part of the action before the colon.
func (c Call) Service() string { s, _, _ := strings.Cut(c.Action, ":"); return s }

// Operation is the API operation's name. It is the part of the action behind
// the colon but for the S3 settings, whose permissions have other names.
func (c Call) Operation() string {
	switch c.Action {
	case "s3:PutBucketPublicAccessBlock":
		return "PutPublicAccessBlock"
	case "s3:PutEncryptionConfiguration":
		return "PutBucketEncryption"
	}
	_, op, _ := strings.Cut(c.Action, ":")
	return op
}

// String is the call in one line, for logs and errors. Calls hold no secrets.
func (c Call) String() string {
	var b strings.Builder
	b.WriteString(c.Operation())
	for _, p := range c.Params {
		v := p.Value
		if strings.HasPrefix(v, "{") {
			v = "{…}"
		}
		fmt.Fprintf(&b, " %s=%s", p.Name, v)
	}
	return b.String()
}

// CLI is the call as a command of the AWS CLI, one argument an element, for a
// person who wants to make it by hand.
func (c Call) CLI() []string {
	service := c.Service()
	if service == "s3" {
		service = "s3api"
	}
	args := []string{"aws", service, kebab(c.Operation())}
	for _, p := range c.Params {
		switch p.Name {
		case "SetAsDefault":
			args = append(args, "--set-as-default")
		case "TagKeys":
			args = append(args, "--tag-keys")
			args = append(args, strings.Split(p.Value, ",")...)
		case "LocationConstraint":
			args = append(args, "--create-bucket-configuration", "LocationConstraint="+p.Value)
		default:
			args = append(args, "--"+kebab(p.Name), p.Value)
		}
	}
	if len(c.Tags) > 0 {
		if c.Action == "s3:PutBucketTagging" {
			return append(args, "--tagging", "TagSet=["+strings.Join(tagShorthand(c.Tags, "{Key=%s,Value=%s}"), ",")+"]")
		}
		args = append(args, "--tags")
		args = append(args, tagShorthand(c.Tags, "Key=%s,Value=%s")...)
	}
	return args
}

func tagShorthand(tags map[string]string, format string) []string {
	var out []string
	for _, k := range sortedKeys(tags) {
		out = append(out, fmt.Sprintf(format, k, tags[k]))
	}
	return out
}

// kebab turns an API name into the AWS CLI's spelling: a hyphen before each
// capital that begins a word.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 {
			prevLower := name[i-1] >= 'a' && name[i-1] <= 'z'
			nextLower := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
			if prevLower || nextLower {
				b.WriteByte('-')
			}
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func call(action, resource string, params ...string) Call {
	c := Call{Action: action, Resource: resource}
	for i := 0; i < len(params); i += 2 {
		if params[i+1] != "" {
			c.Params = append(c.Params, Param{Name: params[i], Value: params[i+1]})
		}
	}
	return c
}

func (c Call) tagged(tags map[string]string) Call {
	if len(tags) > 0 {
		c.Tags = tags
	}
	return c
}

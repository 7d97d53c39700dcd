package layout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// stateVersion is the only version of the format that Terraform since 0.12 and
// every OpenTofu write.
const stateVersion = 4

// StateError says why a state could not be used. It never quotes the state.
type StateError struct{ Reason, Way string }

// Error is the reason and the way out.
func (e *StateError) Error() string { return "read state: " + e.Reason + "; " + e.Way }

// DecodeState reads a state as `state pull` prints it. Everything but
// addresses, names and IDs is dropped while it is decoded. Of an access key's
// secret an HMAC-SHA-256 under salt is kept, so that two states read with one
// salt show whether the secret is the same; without a salt nothing is kept.
//
// An empty input is [ErrNoState]; what is no state, or one of another version
// of the format, is a [*StateError].
func DecodeState(data, salt []byte) (*State, error) {
	if len(strings.TrimSpace(string(data[:min(len(data), 64)]))) == 0 {
		return nil, ErrNoState
	}
	var raw rawState
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, &StateError{
			Reason: "it is not JSON" + offset(err),
			Way:    "give the output of `state pull` as it is, with nothing before it",
		}
	}
	switch {
	case bool(raw.Encrypted):
		return nil, &StateError{
			Reason: "it is encrypted",
			Way:    "pull it with the tool that has the key (`tofu state pull`), which decrypts it",
		}
	case raw.Version != stateVersion:
		return nil, &StateError{
			Reason: fmt.Sprintf("its format has version %d, and %d is the one that is known", raw.Version, stateVersion),
			Way:    "let the tool that the root is used with write it once (`terraform apply -refresh-only`)",
		}
	}
	s := &State{Version: raw.Version, ToolVersion: raw.ToolVersion, Serial: raw.Serial, Lineage: raw.Lineage}
	for name := range raw.Outputs {
		s.Outputs = append(s.Outputs, name)
	}
	slices.Sort(s.Outputs)
	for _, r := range raw.Resources {
		s.Tool = tool(s.Tool, r.Provider)
		if r.Mode == "managed" {
			s.Instances = append(s.Instances, r.instances(salt)...)
		}
	}
	return s, nil
}

// ErrNoState is an empty state: `state pull` prints nothing where there is
// none yet.
var ErrNoState = errors.New("there is no state yet; nothing has been applied from this root and workspace")

// offset is where a JSON error is, without the text that is there.
func offset(err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(" (byte %d)", syntax.Offset)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf(" of a state (byte %d)", kind.Offset)
	}
	return ""
}

// tool tells the tool by one more provider address. One provider of the
// OpenTofu registry is enough: Terraform cannot go on with such a state.
func tool(sofar Tool, provider string) Tool {
	switch {
	case sofar == OpenTofu || strings.Contains(provider, "registry.opentofu.org/"):
		return OpenTofu
	case strings.Contains(provider, "registry.terraform.io/"):
		return Terraform
	}
	return sofar
}

type rawState struct {
	Version     int              `json:"version"`
	ToolVersion string           `json:"terraform_version"`
	Serial      uint64           `json:"serial"`
	Lineage     string           `json:"lineage"`
	Outputs     map[string]there `json:"outputs"`
	Resources   []rawResource    `json:"resources"`
	Encrypted   there            `json:"encrypted_data"`
}

type rawResource struct {
	Module    string `json:"module"`
	Mode      string `json:"mode"`
	Type      string `json:"type"`
	Name      string `json:"name"`
	Provider  string `json:"provider"`
	Instances []struct {
		Key        key           `json:"index_key"`
		Deposed    string        `json:"deposed"`
		Attributes rawAttributes `json:"attributes"`
	} `json:"instances"`
}

// rawAttributes are the only attributes that are decoded.
type rawAttributes struct {
	ID        text   `json:"id"`
	Name      text   `json:"name"`
	ARN       text   `json:"arn"`
	UniqueID  text   `json:"unique_id"`
	User      text   `json:"user"`
	Group     text   `json:"group"`
	Groups    texts  `json:"groups"`
	PolicyARN text   `json:"policy_arn"`
	Status    text   `json:"status"`
	Secret    secret `json:"secret"`
}

func (r rawResource) instances(salt []byte) []Instance {
	var out []Instance
	for _, i := range r.Instances {
		if i.Deposed != "" {
			continue
		}
		one := Instance{Module: r.Module, Type: r.Type, Name: r.Name, Key: string(i.Key)}
		one.Address = strings.TrimPrefix(r.Module+".", ".") + r.Type + "." + r.Name + string(i.Key)
		if strings.HasPrefix(r.Type, "aws_iam_") {
			a := i.Attributes
			one.ID, one.EntityName, one.ARN, one.UniqueID = string(a.ID), string(a.Name), string(a.ARN), string(a.UniqueID)
			one.User, one.Group, one.Groups = string(a.User), string(a.Group), a.Groups
			one.PolicyARN, one.Status = string(a.PolicyARN), string(a.Status)
		}
		if r.Type == "aws_iam_access_key" {
			one.SecretDigest = digest(i.Attributes.Secret.Secret, salt)
		}
		out = append(out, one)
	}
	return out
}

func digest(s provision.Secret, salt []byte) string {
	if len(salt) == 0 || s.Empty() {
		return ""
	}
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(s.Reveal()))
	return hex.EncodeToString(mac.Sum(nil))
}

// there is whether a field is there at all, whatever it holds.
type there bool

// UnmarshalJSON never fails.
func (t *there) UnmarshalJSON([]byte) error {
	*t = true
	return nil
}

// text is a string, or nothing when the attribute is anything else: other
// resources use the same names for other types.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if len(b) > 0 && b[0] == '"' && json.Unmarshal(b, &s) == nil {
		*t = text(s)
	}
	return nil
}

// texts are strings, or nothing.
type texts []string

// UnmarshalJSON never fails.
func (t *texts) UnmarshalJSON(b []byte) error {
	var s []string
	if json.Unmarshal(b, &s) == nil {
		*t = s
	}
	return nil
}

// secret is a secret that goes nowhere but into its digest.
type secret struct{ provision.Secret }

// UnmarshalJSON never fails.
func (s *secret) UnmarshalJSON(b []byte) error {
	var plain string
	if len(b) > 0 && b[0] == '"' && json.Unmarshal(b, &plain) == nil {
		s.Secret = provision.NewSecret(plain)
	}
	return nil
}

// key is an instance key as it stands in an address.
type key string

// UnmarshalJSON takes a number or a string; it never fails.
func (k *key) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case json.Unmarshal(b, &s) == nil && len(b) > 0 && b[0] == '"':
		*k = key(StringKey(s))
	case string(b) != "null":
		*k = key("[" + string(b) + "]")
	}
	return nil
}

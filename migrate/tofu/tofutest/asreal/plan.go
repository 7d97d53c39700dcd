package asreal

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Plan is a plan to be written.
type Plan struct {
	// OpenTofu writes it as OpenTofu does: with errored, and without applyable
	// and complete.
	OpenTofu bool
	Changes  []Change
	// Outputs are the actions of the outputs that carry the key: its ID, and
	// its secret.
	Outputs []string
	// Errored says that planning failed half-way.
	Errored bool
	// More are other fields of the plan.
	More map[string]any
}

// Change is one resource in a plan.
type Change struct {
	// Address is the whole address, and Previous the one before a move.
	Address, Previous string
	// Mode is "managed" when empty.
	Mode    string
	Actions []string
	Reason  string
	// Before and After are nil for what is not there.
	Before, After Attributes
	// Unknown are the attributes that are known after the apply.
	Unknown []string
	// Replace are the attributes that force a replacement.
	Replace []string
}

// Keep is a resource that stays as it is.
func Keep(address string, a Attributes) Change {
	return Change{Address: address, Actions: []string{"no-op"}, Before: a, After: a}
}

// From is the same change of a resource that was elsewhere before.
func (c Change) From(previous string) Change {
	c.Previous = previous
	return c
}

// JSON is the plan as `show -json` prints it.
func (p Plan) JSON() string {
	changes := []any{}
	for _, c := range p.Changes {
		changes = append(changes, c.json(p.OpenTofu))
	}
	out := map[string]any{
		"format_version": "1.2", "terraform_version": "1.13.4", "timestamp": "2026-01-02T03:04:05Z", "errored": p.Errored,
		"variables":      map[string]any{"cluster_name": map[string]any{"value": "demo"}, "np_api_key": map[string]any{"value": Secret}},
		"planned_values": map[string]any{"outputs": map[string]any{"secret": map[string]any{"sensitive": true, "type": "string", "value": Secret}}},
		// What a refresh has found: counts and tags, as after most applies.
		"resource_drift": []any{map[string]any{
			"address": "module.ecr.aws_iam_policy.nullplatform_ecr_manager_policy", "module_address": "module.ecr", "mode": "managed", "type": "aws_iam_policy",
			"name": "nullplatform_ecr_manager_policy", "provider_name": "registry.terraform.io/hashicorp/aws",
			"change": map[string]any{"actions": []any{"update"}, "before": map[string]any{"attachment_count": 0, "tags": nil}, "after": map[string]any{"attachment_count": 2, "tags": none()}},
		}},
		"resource_changes":    changes,
		"relevant_attributes": []any{map[string]any{"resource": "module.ecr.aws_iam_policy.nullplatform_ecr_manager_policy", "attribute": []any{"arn"}}},
		"checks":              []any{map[string]any{"address": map[string]any{"kind": "resource", "to_display": "module.ecr.terraform_data.validations"}, "status": "pass"}},
		"prior_state":         map[string]any{"format_version": "1.0", "values": map[string]any{"outputs": map[string]any{"secret": map[string]any{"value": Secret}}}},
		"configuration": map[string]any{
			"provider_config": map[string]any{"aws": map[string]any{"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}},
			"root_module": map[string]any{"outputs": map[string]any{
				"key_id": output("build_workflow_access_key_id", false), "secret": output("build_workflow_access_key_secret", true),
			}},
		},
	}
	if p.OpenTofu {
		out["terraform_version"] = "1.11.2"
	} else {
		out["applyable"], out["complete"] = true, true
	}
	if p.Outputs != nil {
		out["output_changes"] = map[string]any{
			"key_id": outputChange(p.Outputs, KeyID, false), "secret": outputChange(p.Outputs, Secret, true),
		}
	}
	maps.Copy(out, p.More)
	return text(out)
}

func output(name string, sensitive bool) map[string]any {
	out := map[string]any{"expression": map[string]any{"references": []any{"module.build_user." + name, "module.build_user"}}}
	if sensitive {
		out["sensitive"] = true
	}
	return out
}

func outputChange(actions []string, value string, sensitive bool) map[string]any {
	out := map[string]any{
		"actions": actions, "before": value, "after": value, "after_unknown": false, "before_sensitive": sensitive, "after_sensitive": sensitive,
	}
	if !slices.Equal(actions, []string{"no-op"}) {
		delete(out, "after")
		out["after_unknown"] = true
	}
	return out
}

func (c Change) json(openTofu bool) map[string]any {
	module, kind, name := parts(c.Address)
	registry := "registry.terraform.io/"
	if openTofu {
		registry = "registry.opentofu.org/"
	}
	provider := map[bool]string{true: registry + "hashicorp/aws", false: "terraform.io/builtin/terraform"}[strings.HasPrefix(kind, "aws_")]
	if strings.HasPrefix(kind, "nullplatform_") {
		provider = registry + "nullplatform/nullplatform"
	}
	change := map[string]any{
		"actions": c.Actions, "before": c.Before, "after": c.After, "after_unknown": marks(c.Unknown),
		"before_sensitive": side(c.Before, kind), "after_sensitive": side(c.After, kind),
	}
	if c.After != nil {
		change["after"] = c.After.Without(c.Unknown...)
	}
	if c.After == nil && !slices.Contains(c.Actions, "create") {
		change["after_unknown"] = map[string]any{}
	}
	if len(c.Replace) > 0 {
		var paths []any
		for _, r := range c.Replace {
			paths = append(paths, []any{r})
		}
		change["replace_paths"] = paths
	}
	if !openTofu {
		if c.Before != nil && Identity(kind, c.Before) != nil {
			change["before_identity"] = Identity(kind, c.Before)
		}
		if c.After != nil && Identity(kind, c.After) != nil {
			change["after_identity"] = Identity(kind, c.After)
		}
	}
	out := map[string]any{"address": c.Address, "mode": "managed", "type": kind, "name": name, "provider_name": provider, "change": change}
	if c.Mode != "" {
		out["mode"] = c.Mode
	}
	if module != "" {
		out["module_address"] = module
	}
	if c.Previous != "" {
		out["previous_address"] = c.Previous
	}
	if c.Reason != "" {
		out["action_reason"] = c.Reason
	}
	return out
}

// side are the marks of one side of a change: an object where there is
// something, and else just false.
func side(a Attributes, kind string) any {
	if a == nil {
		return false
	}
	out := marks(sensitive(kind))
	for name, v := range a {
		switch v := v.(type) {
		case map[string]any:
			out[name] = map[string]any{}
		case []any:
			out[name] = slices.Repeat([]any{false}, len(v))
		}
	}
	return out
}

func marks(names []string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

// parts takes an address apart.
func parts(address string) (module, kind, name string) {
	steps := strings.Split(address, ".")
	n := len(steps)
	name, kind = steps[n-1], steps[n-2]
	rest := steps[:n-2]
	if len(rest) > 0 && (rest[len(rest)-1] == "data" || rest[len(rest)-1] == "ephemeral") {
		rest = rest[:len(rest)-1]
	}
	name, _, _ = strings.Cut(name, "[")
	return strings.Join(rest, "."), kind, name
}

func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // Only what this package puts together is marshalled.
	}
	return string(out)
}

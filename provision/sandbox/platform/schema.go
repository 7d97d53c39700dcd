package platform

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
)

// The specifications, with the part of JSON Schema that they use: type,
// required, properties, additionalProperties, pattern, enum and nullplatform's
// own keyword "secret".

// object describes an object. Nothing else may be in it.
func object(required []string, properties map[string]any) map[string]any {
	return map[string]any{"type": "object", "required": required, "properties": properties, "additionalProperties": false}
}

func text() map[string]any { return map[string]any{"type": "string"} }

func secret(schema map[string]any, is bool) map[string]any {
	if is {
		schema["secret"] = true
	}
	return schema
}

// regions are those that the ECR specification allows.
var regions = []string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-west-1", "eu-west-2",
	"eu-west-3", "eu-north-1", "eu-south-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
}

func specifications(mint Mint, showKeyID bool) []*specification {
	region := map[string]any{"type": "string", "enum": regions}
	keyID := map[string]any{"type": "string", "pattern": "^[A-Z0-9]{20}$"}
	return []*specification{
		{
			ID: mint.UUID(), Name: "Amazon Web Services", Slug: "aws-configuration", Categories: []string{"cloud-providers"},
			DependsOn: []string{}, VisibleTo: []string{"organization=*"},
			Schema: object([]string{"account"}, map[string]any{"account": object([]string{"id"}, map[string]any{"id": text(), "region": text()})}),
		},
		{
			ID: mint.UUID(), Name: "Elastic Container Registry", Slug: "ecr", Categories: []string{"assets-repository"},
			DependsOn: []string{"aws-configuration"}, VisibleTo: []string{"organization=*"},
			Schema: object([]string{"ci", "setup"}, map[string]any{
				"ci": object([]string{"region"}, map[string]any{
					"region": region, "role_arn": text(),
					"access_key": secret(keyID, !showKeyID), "secret_key": secret(text(), true),
				}),
				"setup": object([]string{"region", "role_arn"}, map[string]any{
					"region": region, "role_arn": text(), "naming_rule": text(), "policy": text(),
				}),
				"read":                object(nil, map[string]any{"region": region, "role_arn": text()}),
				"repository_provider": map[string]any{"type": "string", "enum": []string{"aws-ecr"}},
			}),
		},
		{
			ID: mint.UUID(), Name: "S3", Slug: "s3-configuration", Dimensions: true, Categories: []string{"assets-repository"},
			DependsOn: []string{}, VisibleTo: []string{"organization=*"},
			Schema: object([]string{"bucket"}, map[string]any{"bucket": object([]string{"name"}, map[string]any{"name": text()})}),
		},
	}
}

// checkSchema refuses what does not fit, as the API's validation words it. A
// null passes where a text does: the API keeps what it is given.
func checkSchema(path string, v any, schema map[string]any) error {
	bad := func(format string, args ...any) error {
		return refuse(http.StatusBadRequest, "FST_ERR_VALIDATION", "%s "+format, append([]any{path}, args...)...)
	}
	properties, isObject := schema["properties"].(map[string]any)
	if !isObject {
		s, ok := v.(string)
		enum, listed := schema["enum"].([]string)
		pattern, _ := schema["pattern"].(string)
		switch {
		case v == nil:
		case !ok:
			return bad("must be string")
		case listed && !slices.Contains(enum, s):
			return bad("must be equal to one of the allowed values")
		case pattern != "" && !regexp.MustCompile(pattern).MatchString(s):
			return bad("must match pattern %q", pattern)
		}
		return nil
	}
	given, ok := v.(map[string]any)
	if !ok {
		return bad("must be object")
	}
	required, _ := schema["required"].([]string)
	for _, name := range required {
		if _, ok := given[name]; !ok {
			return bad("must have required property '%s'", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		child, ok := properties[name].(map[string]any)
		if !ok {
			return bad("must NOT have additional properties (%s)", name)
		}
		if err := checkSchema(fmt.Sprintf("%s/%s", path, name), given[name], child); err != nil {
			return err
		}
	}
	return nil
}

// nullified gives attributes with their secrets taken out.
func nullified(attributes, schema map[string]any) map[string]any {
	out := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	for k, v := range attributes {
		child, _ := properties[k].(map[string]any)
		inner, isObject := v.(map[string]any)
		switch {
		case child["secret"] == true:
			out[k] = nil
		case isObject:
			out[k] = nullified(inner, child)
		default:
			out[k] = v
		}
	}
	return out
}

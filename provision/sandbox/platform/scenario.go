package platform

import (
	"fmt"
	"slices"
)

type scenario struct {
	name  string
	about string
	fill  func(*Service, Identity)
}

// namingRule is the modules' default.
const namingRule = `"\(.namespace.slug)/\(.application.slug)"`

func scenarios() []scenario {
	return []scenario{
		{"ready", "the specifications and an AWS account, and no destination", func(*Service, Identity) {}},
		{"registered", "ECR and the bucket are registered as the modules do", (*Service).register},
		{"different", "ECR is registered with another role, the bucket under another name", (*Service).registerOther},
		{"duplicates", "ECR is registered twice: by hand and by a module", func(s *Service, is Identity) {
			s.register(is)
			s.add(NRN, s.slug("ecr"), ecr(is))
		}},
		{"above", "ECR is registered for the whole organisation", func(s *Service, is Identity) {
			s.add("organization="+Organization, s.slug("ecr"), ecr(is))
		}},
		{"deleted", "ECR was registered and deleted by hand", func(s *Service, is Identity) {
			s.deleted = append(s.deleted, s.add(NRN, s.slug("ecr"), ecr(is)).ID)
			s.configs = slices.DeleteFunc(s.configs, func(c *configuration) bool { return c.ID == s.deleted[0] })
		}},
		{"no-s3-specification", "the specification s3-configuration is not installed", func(s *Service, _ Identity) {
			s.specs = slices.DeleteFunc(s.specs, func(sp *specification) bool { return sp.Slug == "s3-configuration" })
		}},
		{"no-account", "no AWS account is configured, which ECR depends on", func(s *Service, _ Identity) {
			s.configs = nil
		}},
	}
}

// Scenarios lists the names that Options.Scenario may have.
func Scenarios() []string {
	var out []string
	for _, sc := range scenarios() {
		out = append(out, sc.name)
	}
	return out
}

func (s *Service) fill(name string, is Identity) error {
	if name == "" {
		name = "ready"
	}
	i := slices.IndexFunc(scenarios(), func(sc scenario) bool { return sc.name == name })
	if i < 0 {
		return fmt.Errorf("no platform scenario is called %q; there are %v", name, Scenarios())
	}
	s.add("organization="+Organization, s.slug("aws-configuration"), map[string]any{
		"account": map[string]any{"id": "123456789012", "region": is.Region},
	})
	scenarios()[i].fill(s, is)
	return nil
}

func ecr(is Identity) map[string]any {
	return map[string]any{
		"ci":    map[string]any{"region": is.Region, "access_key": is.KeyID, "secret_key": is.Secret},
		"setup": map[string]any{"region": is.Region, "role_arn": is.RoleARN, "naming_rule": namingRule, "policy": ""},
	}
}

func (s *Service) register(is Identity) {
	s.add(NRN, s.slug("ecr"), ecr(is))
	if is.Bucket != "" {
		s.add(NRN, s.slug("s3-configuration"), map[string]any{"bucket": map[string]any{"name": is.Bucket}})
	}
}

func (s *Service) registerOther(is Identity) {
	is.RoleARN += "-before"
	s.add(NRN, s.slug("ecr"), ecr(is))
	s.add(NRN, s.slug("s3-configuration"), map[string]any{"bucket": map[string]any{"name": is.Bucket + "-before"}})
}

package audit

import (
	"testing"

	"github.com/nullplatform/slipway/provision"
)

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"s3:GetObject", "S3:getobject", true},
		{"s3:Get*", "s3:GetObjectAcl", true},
		{"s3:Get*", "s3:PutObject", false},
		{"*", "anything", true},
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"*:*Role*", "sts:AssumeRoleWithSAML", true},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxcyyb", false},
		{"ab", "abc", false},
		{"abc*", "abc", true},
	} {
		if got := matches(tt.pattern, tt.text); got != tt.want {
			t.Errorf("matches(%q, %q) = %t", tt.pattern, tt.text, got)
		}
	}
}

func TestBelongs(t *testing.T) {
	for _, tt := range []struct {
		kind, name, cluster string
		ok                  bool
	}{
		{"user", "nullplatform-prod-build-workflow-user", "prod", true},
		{"user", "nullplatform-build-workflow-user", "", true},
		{"user", "nullplatform-a-b-build-workflow-user", "a-b", true},
		{"user", "somebody", "", false},
		{"user", "nullplatformx-build-workflow-user", "", false},
		{"group", "nullplatform-prod-ecr-managers", "prod", true},
		{"policy", "nullplatform-prod-s3-assets-policy", "prod", true},
		{"policy", "nullplatform-prod-s3-policy", "prod", true},
		{"policy", "team-s3-policy", "", false},
		{"role", "nullplatform-prod-application-role", "prod", true},
		{"bucket", "nullplatform-prod-application-role", "", false},
	} {
		cluster, ok := Belongs(provision.EntityType(tt.kind), tt.name)
		if cluster != tt.cluster || ok != tt.ok {
			t.Errorf("%s %s belongs to %q, %t", tt.kind, tt.name, cluster, ok)
		}
	}
}

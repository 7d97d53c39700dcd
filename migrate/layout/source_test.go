package layout

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

func TestParseSource(t *testing.T) {
	const (
		ecr  = "infrastructure/aws/iam/ecr"
		user = "infrastructure/aws/iam/ci-build-workflow-user"
	)
	for _, tt := range []struct {
		raw     string
		want    Source
		kind    Kind
		sibling string
	}{
		{
			raw:     "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.3.0",
			want:    Source{Form: GitHTTPS, Base: "git::https://github.com/nullplatform/tofu-modules.git", Slashes: "//", Path: ecr, Query: "?ref=v4.3.0", Ref: "v4.3.0", RefKind: Tag},
			kind:    ECRModule,
			sibling: "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0",
		}, {
			// A third slash, as some write it, and more in the query.
			raw:     "git::https://github.com/nullplatform/tofu-modules.git///infrastructure/aws/iam/ecr?ref=v3.5.0&depth=1",
			want:    Source{Form: GitHTTPS, Base: "git::https://github.com/nullplatform/tofu-modules.git", Slashes: "///", Path: ecr, Query: "?ref=v3.5.0&depth=1", Ref: "v3.5.0", RefKind: Tag},
			kind:    ECRModule,
			sibling: "git::https://github.com/nullplatform/tofu-modules.git///infrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0&depth=1",
		}, {
			raw:     "git::ssh://git@github.com/nullplatform/tofu-modules.git//nullplatform/asset/ecr?ref=feat/a/b",
			want:    Source{Form: GitSSH, Base: "git::ssh://git@github.com/nullplatform/tofu-modules.git", Slashes: "//", Path: "nullplatform/asset/ecr", Query: "?ref=feat/a/b", Ref: "feat/a/b", RefKind: Branch},
			kind:    AssetECRModule,
			sibling: "git::ssh://git@github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0",
		}, {
			raw:     "git@github.com:nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr",
			want:    Source{Form: SCP, Base: "git@github.com:nullplatform/tofu-modules.git", Slashes: "//", Path: ecr, RefKind: NoneGiven},
			kind:    ECRModule,
			sibling: "git@github.com:nullplatform/tofu-modules.git//infrastructure/aws/iam/ci-build-workflow-user?ref=v6.1.0",
		}, {
			// A mirror that keeps the modules further down.
			raw:     "github.com/acme/platform//vendor/tofu/infrastructure/aws/iam/ecr/?ref=79bb06d1",
			want:    Source{Form: Other, Base: "github.com/acme/platform", Slashes: "//", Path: "vendor/tofu/infrastructure/aws/iam/ecr/", Query: "?ref=79bb06d1", Ref: "79bb06d1", RefKind: Commit},
			kind:    ECRModule,
			sibling: "github.com/acme/platform//vendor/tofu/infrastructure/aws/iam/ci-build-workflow-user/?ref=v6.1.0",
		}, {
			raw:     "https://modules.example.com/tofu-modules-4.2.0.zip//infrastructure/aws/iam/ecr",
			want:    Source{Form: Other, Base: "https://modules.example.com/tofu-modules-4.2.0.zip", Slashes: "//", Path: ecr, RefKind: NotApplicable},
			kind:    ECRModule,
			sibling: "https://modules.example.com/tofu-modules-4.2.0.zip//infrastructure/aws/iam/ci-build-workflow-user",
		}, {
			raw:     "../../tofu-modules/infrastructure/aws/iam/ecr",
			want:    Source{Form: Local, Base: "../../tofu-modules/", Path: ecr, RefKind: NotApplicable},
			kind:    ECRModule,
			sibling: "../../tofu-modules/infrastructure/aws/iam/ci-build-workflow-user",
		}, {
			raw:     "./modules/iam/ecr",
			want:    Source{Form: Local, Base: "./modules/", Path: "iam/ecr", RefKind: NotApplicable},
			kind:    ECRModule,
			sibling: "./modules/iam/ci-build-workflow-user",
		}, {
			// The short path counts in a local copy alone.
			raw:  "git::https://example.com/other.git//iam/ecr?ref=v1.0.0",
			want: Source{Form: GitHTTPS, Base: "git::https://example.com/other.git", Slashes: "//", Path: "iam/ecr", Query: "?ref=v1.0.0", Ref: "v1.0.0", RefKind: Tag},
		}, {
			raw:  "./modules/my-ecr",
			want: Source{Form: Local, Path: "./modules/my-ecr", RefKind: NotApplicable},
		}, {
			raw:  "terraform-aws-modules/ecr/aws",
			want: Source{Form: Other, Base: "terraform-aws-modules/ecr/aws", RefKind: NotApplicable},
		},
	} {
		got := ParseSource(tt.raw)
		tt.want.Raw = tt.raw
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.raw, d)
		}
		if got.kind() != tt.kind {
			t.Errorf("%s is of kind %q, want %q", tt.raw, got.kind(), tt.kind)
		}
		if tt.kind != "" && got.Sibling(user, "v6.1.0") != tt.sibling {
			t.Errorf("sibling of %s is %s", tt.raw, got.Sibling(user, "v6.1.0"))
		}
	}
}

// Whatever a source looks like, its parts are it.
func TestSourcePartsAreTheSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SampledFrom([]string{"", "git::", "./", "../", "git@"}).Draw(t, "begin") +
			rapid.StringOf(rapid.SampledFrom([]rune("ab:/.?=&@-r f"))).Draw(t, "rest") +
			rapid.SampledFrom([]string{"", "//infrastructure/aws/iam/ecr", "///iam/ecr?ref=v1.2.3", "?ref="}).Draw(t, "end")
		s := ParseSource(raw)
		if got := s.Base + s.Slashes + s.Path + s.Query; got != raw {
			t.Fatalf("%q is not %q", got, raw)
		}
		if strings.Contains(s.Ref, "&") {
			t.Fatalf("ref %q of %q", s.Ref, raw)
		}
	})
}

// The borders between contracts, as they were released.
func TestContractOf(t *testing.T) {
	for ref, want := range map[string]provision.Contract{
		"v1.0.0": Contract10, "v1.12.3": Contract10, "v1.12.4": Contract112, "v2.5.1": Contract112, "v3.3.9": Contract112,
		"v3.4.0": Contract34, "4.5.2": Contract34, "refs/tags/v5.0.0": provision.Contract50, "v6.0.0": provision.Contract50,
		"v6.1.0": provision.Contract61, "v6.20.0": provision.Contract61, "v7.8.0": provision.Contract61,
		"main": "", "v5": "", "79bb06d": "", "": "",
	} {
		if got := ContractOf(ECRModule, ref); got != want {
			t.Errorf("%s is of contract %q, want %q", ref, got, want)
		}
	}
}

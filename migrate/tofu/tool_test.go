package tofu_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/migrate/tofu"
	"github.com/nullplatform/slipway/migrate/tofu/tofutest"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	const warning = `There are some problems with the CLI configuration:
╷
│ Warning: Unable to open CLI configuration file
╵

`
	for _, tt := range []struct{ name, says, want, err string }{
		{"Terraform", "Terraform v1.11.4\non linux_amd64\n", "Terraform 1.11.4", ""},
		{"OpenTofu", "OpenTofu v1.12.6\non linux_amd64\n", "OpenTofu 1.12.6", ""},
		{"a warning before it", warning + "OpenTofu v1.6.0\non linux_amd64\n", "OpenTofu 1.6.0", ""},
		{"a candidate", "Terraform v1.15.0-rc1\n", "Terraform 1.15.0-rc1", ""},
		{"its own build", "OpenTofu v1.10.0-dev+abc\n", "OpenTofu 1.10.0-dev", ""},
		{"the oldest Terraform", "Terraform v1.5.0\n", "Terraform 1.5.0", ""},
		{"too old a Terraform", "Terraform v1.4.9\n\nYour version of Terraform is out of date!\n", "", "Terraform 1.4.9, which is too old; Terraform 1.5"},
		{"too old an OpenTofu", "OpenTofu v1.5.9\n", "", "OpenTofu 1.6 or newer"},
		{"something else", "fake 1.2.3\n", "", "neither as OpenTofu nor as Terraform"},
		{"a version that is none", "Terraform v1.x\n", "", "not a version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := fake(t, "tool", script{Says: map[string]string{"version": tt.says}})
			tool, err := tofu.Ask(t.Context(), path, nil, t.TempDir())
			if tt.err == "" && (err != nil || tool.String() != tt.want || tool.Path != path) {
				t.Errorf("%v, %v", tool, err)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%v, want %q", err, tt.err)
			}
		})
	}
}

// The real tool prints a warning before everything else when the
// configuration of its command line is not there. The question for the version
// must not meet it, and the person's environment stays what it was.
func TestAskDespiteABrokenConfiguration(t *testing.T) {
	t.Parallel()
	kit := tofutest.Need(t, tofu.Terraform)
	temp := t.TempDir()
	environ := append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(temp, "nowhere"), "TMPDIR="+temp)
	tool, err := tofu.Ask(t.Context(), kit.Tool.Path, environ, temp)
	if err != nil || tool != kit.Tool {
		t.Errorf("%v, %v", tool, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	says := func(version string) script { return script{Says: map[string]string{"version": version + "\n"}} }
	terraform := fake(t, "terraform", says("Terraform v1.9.0"))
	open := fake(t, "tofu", says("OpenTofu v1.8.0"))
	disguised := fake(t, "terraform", says("OpenTofu v1.8.0"))
	unusable := filepath.Join(t.TempDir(), "tofu")
	if err := os.WriteFile(unusable, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := func(tools ...string) []string {
		var dirs []string
		for _, tool := range tools {
			dirs = append(dirs, filepath.Dir(tool))
		}
		return []string{"PATH=/overridden", "PATH=" + strings.Join(append(dirs, os.Getenv("PATH")), string(os.PathListSeparator))}
	}
	for _, tt := range []struct {
		why     string
		want    tofu.Product
		environ []string
		found   string
	}{
		{"by the name of the product", tofu.Terraform, path(open, terraform), terraform},
		{"by the name of the other product", tofu.OpenTofu, path(terraform, open), open},
		{"what cannot be run is passed over", tofu.OpenTofu, path(unusable, open), open},
		{"the one under the other's name is not taken", tofu.Terraform, path(disguised), ""},
		{"nothing there", tofu.OpenTofu, []string{"PATH=" + t.TempDir()}, ""},
		{"the folder at hand does not count", tofu.OpenTofu, []string{"PATH=." + string(os.PathListSeparator) + "relative"}, ""},
		{"no PATH at all", tofu.OpenTofu, nil, ""},
	} {
		tool, err := tofu.Find(t.Context(), tt.want, tt.environ, t.TempDir())
		var missing *tofu.MissingToolError
		if tool.Path != tt.found || (tt.found == "") != errors.As(err, &missing) {
			t.Errorf("%s: %v, %v", tt.why, tool, err)
		}
		if tt.found == "" && !strings.Contains(err.Error(), "install it") {
			t.Errorf("%s: no way out in %q", tt.why, err)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	order := []string{"1.5.7", "1.6.0", "1.11.4", "v1.11.5-beta1", "2.0.0"}
	for i := range order {
		for j := range order {
			a, errA := tofu.ParseVersion(order[i])
			b, errB := tofu.ParseVersion(order[j])
			if errA != nil || errB != nil || a.Before(b) != (i < j) {
				t.Errorf("%s before %s: %v, %v %v", order[i], order[j], a.Before(b), errA, errB)
			}
		}
	}
	for _, bad := range []string{"", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.99999999999999999999"} {
		if v, err := tofu.ParseVersion(bad); err == nil {
			t.Errorf("%q is %v", bad, v)
		}
	}
}

// What reaches the tool: the person's environment without logs, and no secret
// among the arguments.
func TestWhatTheToolGets(t *testing.T) {
	t.Parallel()
	record := t.TempDir()
	path := fake(t, "terraform", script{Record: record, Says: map[string]string{
		"version":    "Terraform v1.9.0\n",
		"show":       "Warning: something\n\n" + `{"format_version":"1.2","configuration":{}}` + "\n",
		"state pull": `{"version":4,"lineage":"x","serial":1}` + "\n",
	}})
	environ := []string{
		"PATH=" + os.Getenv("PATH"), "TF_VAR_password=hunter2", "TF_WORKSPACE=prod", "TF_CLI_ARGS_plan=-parallelism=3", "AWS_PROFILE=ops", "TF_CLI_CONFIG_FILE=/mine",
		"TF_LOG=TRACE", "TF_LOG_PATH=/tmp/x", "TF_LOG_CORE=DEBUG", "TF_LOG_PROVIDER=TRACE", "TF_LOG_PROVIDER_AWS=TRACE", "TMPDIR=" + t.TempDir(), "TMP=" + t.TempDir(),
	}
	tool, err := tofu.Ask(t.Context(), path, environ, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(simple), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := tofu.Open(tofu.Options{Dir: dir, Tool: tool, Environ: environ, VarFiles: []string{"common.tfvars"}, BackendConfigs: []string{"prod.hcl"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Init(t.Context(), tofu.InitOptions{}); err != nil {
		t.Fatal(err)
	}
	saved, err := r.Plan(t.Context(), tofu.PlanOptions{Targets: []string{"module.a"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Apply(t.Context(), saved, nil); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"init", "plan", "show", "apply"} {
		text, err := os.ReadFile(filepath.Join(record, "env-"+command))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Split(string(text), "\n")
		for _, v := range []string{"TF_VAR_password=hunter2", "TF_WORKSPACE=prod", "TF_CLI_ARGS_plan=-parallelism=3", "AWS_PROFILE=ops", "TF_CLI_CONFIG_FILE=/mine", "TF_IN_AUTOMATION=1"} {
			if !slices.Contains(got, v) {
				t.Errorf("%s does not get %s", command, v)
			}
		}
		if strings.Contains(string(text), "TF_LOG") {
			t.Errorf("%s gets a log: %s", command, text)
		}
	}
	args, err := os.ReadFile(filepath.Join(record, "args"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"-backend-config=prod.hcl", "-var-file=common.tfvars", "-target=module.a", "-input=false", "-lock-timeout=0s"} {
		if !strings.Contains(string(args), s) {
			t.Errorf("no %s in %s", s, args)
		}
	}
	if strings.Contains(string(args), "hunter2") || strings.Contains(string(args), "-detailed-exitcode") {
		t.Errorf("arguments: %s", args)
	}
}

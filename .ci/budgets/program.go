package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// runs is how often a program is started for one figure.
const runs = 21

// programRows measures the built program as a whole.
func programRows(ctx context.Context, dir string) ([]row, error) {
	slipway, err := build(ctx, dir, "slipway", ".")
	if err != nil {
		return nil, err
	}
	source := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return nil, err
	}
	empty, err := build(ctx, dir, "empty", source)
	if err != nil {
		return nil, err
	}
	ours, theirs, err := inTurn(ctx, []string{slipway, "version"}, []string{empty})
	if err != nil {
		return nil, err
	}
	ratio := float64(ours) / float64(theirs)
	rows := []row{{
		what: "slipway version, beside an empty Go program", budget: "3×",
		measured: fmt.Sprintf("%.1f× (%.1f ms)", ratio, ours.Seconds()*1e3), over: ratio > 3,
	}}
	peer, err := besideAWS(ctx, slipway)
	return append(rows, peer...), err
}

// inTurn starts two programs in turn and gives the median time of each.
func inTurn(ctx context.Context, a, b []string) (ours, theirs time.Duration, err error) {
	var all [2][]time.Duration
	for range runs {
		for i, args := range [][]string{a, b} {
			begun := time.Now()
			if err := exec.CommandContext(ctx, args[0], args[1:]...).Run(); err != nil {
				return 0, 0, fmt.Errorf("run %s: %w", strings.Join(args, " "), err)
			}
			all[i] = append(all[i], time.Since(begun))
		}
	}
	slices.Sort(all[0])
	slices.Sort(all[1])
	return all[0][runs/2], all[1][runs/2], nil
}

// besideAWS lets slipway make a preview, and the AWS CLI the reads of one, of
// the same emulated account at 80 ms a call.
func besideAWS(ctx context.Context, slipway string) ([]row, error) {
	if _, err := exec.LookPath("aws"); err != nil {
		return []row{{what: "the reads of a preview, by the AWS CLI", measured: "aws is not installed"}}, nil
	}
	environ, end, err := standing(ctx, slipway)
	if err != nil {
		return nil, err
	}
	defer end()
	timed := func(lines ...string) (time.Duration, error) {
		begun := time.Now()
		for _, l := range lines {
			args := strings.Fields(l)
			cmd := exec.CommandContext(ctx, args[0], args[1:]...)
			cmd.Env = environ
			if out, err := cmd.CombinedOutput(); err != nil {
				return 0, fmt.Errorf("%s: %w: %s", l, err, out)
			}
		}
		return time.Since(begun), nil
	}
	ours, err := timed(slipway + " install --cluster demo --ecr --s3 demo-assets --check --contract 6.1")
	if err != nil {
		return nil, err
	}
	theirs, err := timed(reads()...)
	if err != nil {
		return nil, err
	}
	plan, err := terraformPlan(ctx, environ)
	return []row{
		{what: "a preview, beside the same reads by the AWS CLI", measured: fmt.Sprintf("%.1f s, %.1f s", ours.Seconds(), theirs.Seconds())},
		{what: "a preview, beside terraform plan of the same", measured: fmt.Sprintf("%.1f s, %s", ours.Seconds(), plan)},
	}, err
}

// reads are the calls with which somebody looks at one cluster by hand.
func reads() []string {
	const (
		user  = "nullplatform-demo-build-workflow-user"
		group = "nullplatform-demo-asset-publishers"
		role  = "nullplatform-demo-application-role"
		arn   = "arn:aws:iam::123456789012:policy/nullplatform-demo-"
	)
	return []string{
		"aws sts get-caller-identity",
		"aws iam get-user --user-name " + user,
		"aws iam list-access-keys --user-name " + user,
		"aws iam list-groups-for-user --user-name " + user,
		"aws iam list-attached-user-policies --user-name " + user,
		"aws iam get-group --group-name " + group,
		"aws iam list-attached-group-policies --group-name " + group,
		"aws iam get-role --role-name " + role,
		"aws iam list-attached-role-policies --role-name " + role,
		"aws iam get-policy --policy-arn " + arn + "ecr-manager-policy",
		"aws iam get-policy-version --version-id v1 --policy-arn " + arn + "ecr-manager-policy",
		"aws iam get-policy --policy-arn " + arn + "s3-policy",
		"aws iam get-policy-version --version-id v1 --policy-arn " + arn + "s3-policy",
		"aws s3api head-bucket --bucket demo-assets",
	}
}

// standing starts a sandbox with contract 6.1 in it and gives the environment
// that leads to it.
func standing(ctx context.Context, slipway string) (environ []string, end func(), err error) {
	cmd := exec.CommandContext(ctx, slipway, "sandbox", "--scenario", "current", "--latency", "80ms")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start the sandbox: %w", err)
	}
	end = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	environ = append(os.Environ(), "AWS_PAGER=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := strings.ReplaceAll(strings.TrimPrefix(lines.Text(), "export "), "'", "")
		environ = append(environ, line)
		if strings.HasPrefix(line, "AWS_SESSION_TOKEN=") {
			return environ, end, nil
		}
	}
	end()
	return nil, nil, fmt.Errorf("the sandbox did not say where it is")
}

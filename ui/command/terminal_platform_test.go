//go:build unix

package command_test

import (
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// What is registered, of the key alone whether it is there with its secret.
func registeredAs(sb *sandbox.Sandbox) map[string]string {
	out := map[string]string{}
	for _, c := range sb.Platform().Configurations() {
		switch c.Slug {
		case "ecr":
			secret, _ := sb.TestOnlySecret(c.Attributes["ci.access_key"])
			out["role"] = c.Attributes["setup.role_arn"]
			if secret != "" && c.Attributes["ci.secret_key"] == secret {
				out["key"] = "with its secret"
			}
		case "s3-configuration":
			out["bucket"] = c.Attributes["bucket.name"]
		}
	}
	return out
}

const roleOfDemo = "arn:aws:iam::123456789012:role/nullplatform-demo-application-role"

// On screens: nullplatform is asked about, what is wrong with an NRN is told
// while one types, and the secret goes there and nowhere else.
func TestRegisterOnScreens(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	p := atTerminal(t, 100, 56, sb.Environment(), "install", "--cluster", "demo", "--ecr", "--s3", "demo-assets")
	p.until("enter yes, go on").types("\r").until("Where should CI publish").types("\r")
	p.until("Every name in the account").types("\r\r").until("tell nullplatform of it").types("\x1b[B\r")
	p.until("The place in nullplatform").types("organization=x").until("which is not a number")
	p.types("\x7f*").until("has a wildcard").types("\x7f4242:account=77\r")
	p.until("this screen, shown once").types("\x1b[B\x1b[B\x1b[B").until("> nullplatform, which gives it").until("kept nowhere else").types("\r")
	p.until("set them here").types("\r")
	p.until("ECR: will be registered").until("S3, bucket demo-assets: will be registered").types("\r")
	p.until("and register 2 destinations").until("nullplatform, at organization=4242:account=77").confirms()
	p.until("The publishing identity is in place").types("\r")
	if code := p.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.until("CI can publish: 3 rounds in a row")
	if got := registeredAs(sb); got["role"] != roleOfDemo || got["key"] == "" || got["bucket"] != "demo-assets" {
		t.Errorf("registered: %v", got)
	}
	if form := sandboxtest.Plant(sb.TestOnlySecrets()...).In(p.written()); form != "" {
		t.Errorf("a secret is on the terminal, %s", form)
	}
	answers := p.file("state/slipway/123456789012/demo/install.yaml")
	if !strings.Contains(answers, "nrn: organization=4242:account=77") || !strings.Contains(answers, "handover: platform") {
		t.Errorf("the answers do not repeat it:\n%s", answers)
	}
}

// What is registered with other values is changed only by who types the
// cluster's name.
func TestOtherValuesAreConfirmedByName(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Platform: platform.Options{Scenario: "different"}})
	p := atTerminal(t, 100, 40, sb.Environment(), "install", "--plain", "--cluster", "demo", "--ecr", "--s3", "demo-assets",
		"--nrn", platform.NRN, "--handover", "platform")
	p.untilSaid("Is this the right account?").types("1\n")
	p.untilSaid("3. both").types("\n").untilSaid("It is demo. Enter keeps it.").types("\n").untilSaid("It is demo-assets. Enter keeps it.").types("\n")
	p.untilSaid("tell nullplatform of it").types("\n").untilSaid("It is " + platform.NRN + ". Enter keeps it.").types("\n")
	p.untilSaid("nullplatform, which gives it").types("\n").untilSaid("set them here").types("\n")
	p.untilSaid("is registered with other values").untilSaid("application-role-before").untilSaid("tell the calls").types("1\n")
	p.untilSaid("Loss: the registration of ECR").untilSaid("Type the cluster's name, demo,").types("yes\n")
	p.untilSaid("it is not the word demo").types("demo\n")
	if code := p.ends(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.written())
	}
	if got := registeredAs(sb); got["role"] != roleOfDemo || got["key"] == "" || got["bucket"] != "demo-assets" {
		t.Errorf("registered: %v", got)
	}
	if form := sandboxtest.Plant(sb.TestOnlySecrets()...).In(p.written()); form != "" {
		t.Errorf("a secret is on the terminal, %s", form)
	}
}

// What nullplatform lacks is told on the preview, before anything is changed.
func TestWhatIsMissingIsToldOnThePreview(t *testing.T) {
	for scenario, say := range map[string]string{
		"no-s3-specification": "provider specification",
		"no-account":          "needs an AWS account",
		"duplicates":          "is there 2 times",
	} {
		t.Run(scenario, func(t *testing.T) {
			sb := sandboxtest.Start(t, sandbox.Options{Platform: platform.Options{Scenario: scenario}})
			p := atTerminal(t, 100, 40, sb.Environment(), "install", "--cluster", "demo", "--ecr", "--s3", "demo-assets",
				"--nrn", platform.NRN, "--handover", "platform")
			p.until("enter yes, go on").types("\r").until("Where should CI publish").types("\r")
			p.until("Every name in the account").types("\r\r\r\r\r\r")
			p.until("This cannot be done yet").until(say).types("\x03")
			if code := p.ends(); code != 130 || len(sandboxtest.Writes(sb)) != 0 {
				t.Errorf("exit code %d, written %v", code, sandboxtest.Writes(sb))
			}
		})
	}
}

// After an upgrade the secret is asked for; what is typed is not shown, and the
// answer is what a build would meet.
func TestTheSecretIsAskedForAfterAnUpgrade(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Scenario: "legacy"})
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	secret, _ := sb.TestOnlySecret(user.Keys[0].ID)
	p := atTerminal(t, 100, 40, sb.Environment(), "upgrade", "--plain", "--cluster", "demo")
	p.untilSaid("Is this the right account?").types("1\n").untilSaid("Number, or enter for 2: ").types("\n").untilSaid("It is demo. Enter keeps it.").types("\n")
	p.untilSaid("modules 6.1 and later").types("\n").untilSaid("Enter leaves it at").types("\n").untilSaid("tell the calls").types("1\n")
	p.untilSaid("Your word: ").types("demo\n")
	p.untilSaid("Secret of " + user.Keys[0].ID).types(secret + "\r")
	if code := p.ends(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.written())
	}
	if said := p.written(); !strings.Contains(said, "pass") || !strings.Contains(said, "3 rounds in a row") || strings.Contains(said, secret) {
		t.Errorf("said:\n%s", said)
	}
}

// A run that nullplatform stopped in the middle is gone on with by who is asked,
// with what it was asked to register.
func TestAnOpenRegistrationGoesOnInLines(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	env := append(sb.Environment(), "XDG_STATE_HOME="+t.TempDir())
	args := []string{"install", "--cluster", "demo", "--ecr", "--s3", "demo-assets", "--nrn", platform.NRN, "--handover", "platform"}
	sb.Inject(sandbox.Fault{Kind: sandbox.FaultAccessDenied, Action: "platform:CreateProvider", Times: -1})
	first := atTerminal(t, 100, 40, env, append(args, "--yes")...)
	if code := first.ends(); code != 1 {
		t.Fatalf("exit code %d\n%s", code, first.written())
	}
	sb.ClearFaults()
	p := atTerminal(t, 100, 40, env, append(args, "--plain")...)
	p.untilSaid("Is this the right account?").types("1\n")
	p.untilSaid("3. both").types("\n").untilSaid("It is demo. Enter keeps it.").types("\n").untilSaid("It is demo-assets. Enter keeps it.").types("\n")
	p.untilSaid("tell nullplatform of it").types("\n").untilSaid("It is " + platform.NRN + ". Enter keeps it.").types("\n")
	p.untilSaid("nullplatform, which gives it").types("\n").untilSaid("set them here").types("\n")
	p.untilSaid("A run is open.").untilSaid("ECR: will be registered").untilSaid("tell the calls").types("1\n")
	p.untilSaid("Your word").types("yes\n")
	if code := p.ends(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.written())
	}
	if got := registeredAs(sb); got["role"] != roleOfDemo || got["key"] == "" || got["bucket"] != "demo-assets" || keysOf(sb) != 1 {
		t.Errorf("registered: %v, %d keys", got, keysOf(sb))
	}
	if !strings.Contains(p.written(), "CI can publish") {
		t.Errorf("nothing was proved:\n%s", p.written())
	}
}

package command

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

const planted = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// A secret does not get into the log, in whatever shape it comes.
func TestTheLogHoldsNoSecret(t *testing.T) {
	for _, tt := range []struct {
		why string
		log func(l *slog.Logger)
	}{
		{why: "the answer of CreateAccessKey", log: func(l *slog.Logger) {
			l.Info("<AccessKey><SecretAccessKey>" + planted + "</SecretAccessKey></AccessKey>")
		}},
		{why: "a JSON answer", log: func(l *slog.Logger) { l.Info("x", "says", `{"SecretAccessKey": "`+planted+`"}`) }},
		{why: "a token in a header", log: func(l *slog.Logger) {
			l.Info("x", "says", "POST / HTTP/1.1\r\nX-Amz-Security-Token: short-"+planted[:8]+"\r\nHost: x")
		}},
		{why: "a session token in XML", log: func(l *slog.Logger) { l.Info("<SessionToken>a\n" + planted[:8] + "b</SessionToken>") }},
		{why: "an attribute that is named as one", log: func(l *slog.Logger) { l.Info("x", "api_key", planted[:8]) }},
		{why: "an error's text", log: func(l *slog.Logger) { l.Info("x", "error", errors.New("cannot write "+planted)) }},
		{why: "a struct", log: func(l *slog.Logger) { l.Info("x", "v", struct{ S string }{planted}) }},
		{why: "within a group", log: func(l *slog.Logger) { l.Info("x", slog.Group("g", "v", planted)) }},
		{why: "given ahead", log: func(l *slog.Logger) { l.With("v", planted).WithGroup("g").Info("x") }},
		{why: "a dotenv line", log: func(l *slog.Logger) { l.Info("BUILD_AWS_SECRET_ACCESS_KEY=" + planted[:8]) }},
		{why: "the type itself", log: func(l *slog.Logger) { l.Info("x", "v", provision.NewSecret(planted)) }},
		{why: "credentials", log: func(l *slog.Logger) {
			l.Info("x", "v", provision.Credentials{Secret: provision.NewSecret(planted)}, "w", &provision.Credentials{Secret: provision.NewSecret(planted)})
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			var out bytes.Buffer
			tt.log(slog.New(redacting{slog.NewJSONHandler(&out, nil)}))
			if strings.Contains(out.String(), planted[:8]) || out.Len() == 0 {
				t.Errorf("the log says %s", out.String())
			}
		})
	}
}

// Whatever stands around a secret access key, it is found.
func TestASecretIsFoundInAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.StringMatching(`[ "'<>:;,.(){}\n\-_]{1,5}`)
		text := rapid.String().Draw(t, "before") + around.Draw(t, "left") + planted + around.Draw(t, "right") + rapid.String().Draw(t, "after")
		if strings.Contains(redact(text), planted) {
			t.Fatalf("%q is left in %q", planted, redact(text))
		}
	})
}

// What helps to find a fault stays.
func TestTheLogKeepsWhatIsOfUse(t *testing.T) {
	const text = "CreatePolicy arn:aws:iam::123456789012:policy/nullplatform-demo-ecr-manager-policy AKIAIOSFODNN7EXAMPLE 503"
	if got := redact(text); got != text {
		t.Errorf("%q became %q", text, got)
	}
}

// The SDK's own log of a whole install goes through the handler, and says
// something.
func TestTheSDKLogsWithoutSecrets(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "XDG_STATE_HOME="+dir)
	for _, v := range sb.Environment() {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	log := filepath.Join(dir, "log")
	var out, errs bytes.Buffer
	code := Run(t.Context(), []string{
		"install", "--cluster", "demo", "--ecr", "--handover", "file:" + filepath.Join(dir, "x.env"), "--yes", "--log-file", log,
	}, Edge{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: env, Now: time.Now})
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	text, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(text), "aws sdk") || !strings.Contains(string(text), "CreateAccessKey") {
		t.Fatalf("the log holds nothing of the SDK: %v", err)
	}
	user, _ := sb.Peek().User("nullplatform-demo-build-workflow-user")
	made, _ := sb.TestOnlySecret(user.Keys[0].ID)
	for _, secret := range []string{made, sb.Operator().Secret} {
		if secret == "" || strings.Contains(string(text)+out.String()+errs.String(), secret) {
			t.Errorf("a secret is there")
		}
	}
	if strings.Contains(string(text), "Signature=") {
		t.Error("signatures are there")
	}
}

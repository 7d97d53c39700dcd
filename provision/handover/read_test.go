package handover_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
)

// What was written is read back, whatever the secret is, in both forms.
func TestWhatWasWrittenIsReadBack(t *testing.T) {
	root := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		c := provision.Credentials{
			User: "u", KeyID: rapid.StringMatching(`[A-Z0-9]{20}`).Draw(t, "key"),
			Secret: provision.NewSecret(rapid.StringMatching(`[A-Za-z0-9/+]{40}`).Draw(t, "secret")), Region: "eu-west-1",
		}
		n++
		name := filepath.Join(root, "creds"+strings.Repeat("x", n%7)+rapid.SampledFrom([]string{".env", ".json"}).Draw(t, "form"))
		text := handover.Dotenv(c)
		if strings.HasSuffix(name, ".json") {
			text = handover.JSON(c)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := handover.Read("file:" + name)
		if err != nil || got.KeyID != c.KeyID || got.Secret.Reveal() != c.Secret.Reveal() || got.Region != c.Region {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestReadRefuses(t *testing.T) {
	const secret = "a/secret+that+nobody+is+to+see/0123456789"
	for _, tt := range []struct{ why, place, content, say string }{
		// In the system's own words.
		{"no such file", "file:missing.env", "", "cannot be read: " + syscall.ENOENT.Error()},
		{"an encrypted file", "age:age1x:creds.age", "", "has to be decrypted first"},
		{"another place", "keyring:ci", "", "write it as file:PATH"},
		{"a secret without its key", "file:creds.env", "BUILD_AWS_SECRET_ACCESS_KEY=" + secret, "does not name a key and its secret"},
		{"half a JSON object", "file:creds.json", `{"access_key_id":"AKIA","secret_access_key":"` + secret, "does not name a key and its secret"},
		{"nothing", "file:creds.env", "", "does not name a key and its secret"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if name, ok := strings.CutPrefix(tt.place, "file:"); ok && name != "missing.env" {
				if err := os.WriteFile(name, []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := handover.Read(tt.place)
			if err == nil || !strings.Contains(err.Error(), tt.say) || strings.Contains(err.Error(), secret) {
				t.Errorf("err = %v, want %q said", err, tt.say)
			}
		})
	}
}

// The names of the variables are those that CI uses.
func TestFromEnvironment(t *testing.T) {
	env := map[string]string{"BUILD_AWS_ACCESS_KEY": "AKIA", "BUILD_AWS_SECRET_ACCESS_KEY": "s\n", "BUILD_AWS_REGION": "us-east-1"}
	c, ok := handover.FromEnvironment(func(name string) string { return env[name] })
	if !ok || c.KeyID != "AKIA" || c.Secret.Reveal() != "s" || c.Region != "us-east-1" {
		t.Errorf("%+v %v", c, ok)
	}
	if _, ok := handover.FromEnvironment(func(string) string { return "" }); ok {
		t.Error("a secret where there is none")
	}
}

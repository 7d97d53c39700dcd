package handover_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/ownfile"
)

// sshIdentity is a key as ssh-keygen makes it: the line of its .pub file, and
// the identity that decrypts.
func sshIdentity(t *testing.T, public, private any) (string, age.Identity) {
	t.Helper()
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := agessh.ParseIdentity(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), identity
}

func TestAgeCanBeDecryptedByItsRecipientAlone(t *testing.T) {
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edLine, edIdentity := sshIdentity(t, edPublic, edPrivate)
	rsaPrivate, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaLine, rsaIdentity := sshIdentity(t, rsaPrivate.Public(), rsaPrivate)
	for _, tt := range []struct {
		why, recipient, file, want string
		identity                   age.Identity
	}{
		{"the usual key", x25519.Recipient().String(), "creds.env.age", asDotenv, x25519},
		{"JSON inside", x25519.Recipient().String(), "creds.json.age", asJSON, x25519},
		{"an encrypted file may be called by what is inside", x25519.Recipient().String(), "creds.json", asJSON, x25519},
		{"a colon belongs to the path", x25519.Recipient().String(), "a:b.age", asDotenv, x25519},
		{"a key that outlasts quantum computers", hybrid.Recipient().String(), "creds.age", asDotenv, hybrid},
		{"the key that one has already", edLine, "creds.age", asDotenv, edIdentity},
		{"with the comment of a .pub file", edLine + " me@here", "creds.age", asDotenv, edIdentity},
		{"an older key", rsaLine, "creds.age", asDotenv, rsaIdentity},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(tt.file, ":") {
				t.Skip("SKIPPED: Windows has no such names")
			}
			dir := privateDir(t)
			path := filepath.Join(dir, tt.file)
			place, err := handover.Parse("age:"+tt.recipient+":"+path, handover.Edge{})
			if err != nil {
				t.Fatal(err)
			}
			if err := place.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := place.Put(t.Context(), credentials()); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(secretText)) {
				t.Error("the secret is there in plain text")
			}
			if exposed, err := ownfile.OthersMayRead(path); exposed || err != nil {
				t.Errorf("others may read it: %v, %v", exposed, err)
			}
			plain, err := age.Decrypt(bytes.NewReader(content), tt.identity)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(plain); err != nil || string(got) != tt.want {
				t.Errorf("decrypted %q (%v)", got, err)
			}
			other, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := age.Decrypt(bytes.NewReader(content), other); err == nil {
				t.Error("anybody can decrypt it")
			}
			if err := place.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "exists already") {
				t.Errorf("Check = %v, want that it is not overwritten", err)
			}
			if len(place.String()) > len(path)+120 {
				t.Errorf("%q is too long for a line", place)
			}
		})
	}
}

func TestAgeShowsTheFingerprintOfSSH(t *testing.T) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	place, err := handover.NewAge(string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(key))), "x.age")
	if err != nil {
		t.Fatal(err)
	}
	if want := "encrypted to ssh-ed25519 " + ssh.FingerprintSHA256(key); !strings.HasSuffix(place.String(), want) {
		t.Errorf("%q does not end in %q", place, want)
	}
}

func TestAgeRefusesWhatIsNoRecipient(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good, private := identity.Recipient().String(), identity.String()
	mistyped := good[:len(good)-1] + map[bool]string{true: "q", false: "p"}[good[len(good)-1] == 'p']
	for _, tt := range []struct{ why, text, says string }{
		{"a typing error is found by the checksum", "age:" + mistyped + ":c.age", "not a whole public key"},
		{"cut off when copied", "age:" + good[:40] + ":c.age", "not a whole public key"},
		{"no recipient", "age::c.age", "not a whole public key"},
		{"nothing", "age:", "not a whole public key"},
		{"a path alone, with a drive letter", `age:C:\c.age`, "not a whole public key"},
		{"a plugin would have to be run", "age:age1yubikey1q0000000000:c.age", "plugins are not supported"},
		{"half of an SSH key", "age:ssh-ed25519 AAAA:c.age", "not a whole public key"},
		{"a kind of SSH key that age does not know", "age:ssh-dss AAAAB3NzaC1kc3M=:c.age", "not a whole public key"},
		{"two recipients would hide the second", "age:" + good + "\n" + good + ":c.age", "not a whole public key"},
		{"a recipient without a file", "age:" + good, "no file"},
		{"the private key instead of the public one", "age:" + private + ":c.age", "private key"},
		{"in lower case it is one as well", "age:" + strings.ToLower(private) + ":c.age", "private key"},
		{"a private key without the scheme", private + ":c.age", "private key"},
		{"the private key of SSH", "age:-----BEGIN OPENSSH PRIVATE KEY-----:c.age", "private key"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, err := handover.Parse(tt.text, handover.Edge{})
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "use age:RECIPIENT:PATH") {
				t.Errorf("err = %v, want %q and a way out", err, tt.says)
			}
			if err != nil && strings.Contains(strings.ToUpper(err.Error()), private) {
				t.Error("the private key is repeated")
			}
		})
	}
	if _, err := handover.NewAge(private, "c.age"); err == nil || !strings.Contains(err.Error(), "private key") {
		t.Errorf("err = %v", err)
	}
}

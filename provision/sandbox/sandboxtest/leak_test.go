package sandboxtest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// A search that cannot find is worse than none. Each case hides a secret as
// some program would, by that program's own means.
func TestASecretIsFoundInEveryForm(t *testing.T) {
	for seed := range uint64(20) {
		secret := sandboxtest.Start(t, sandbox.Options{Seed: seed}).Operator().Secret
		planted := sandboxtest.Plant("some other secret that is as long as this", secret)
		for why, text := range hidden(t, secret) {
			if planted.In(text) == "" {
				t.Errorf("%s is not found: %q", why, text)
			}
		}
	}
}

func hidden(t *testing.T, secret string) map[string]string {
	t.Helper()
	dotenv := "BUILD_AWS_SECRET_ACCESS_KEY=" + secret + "\n"
	asJSON, err := json.Marshal(map[string]string{"secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := template.Must(template.New("").Parse("<b>{{.}}</b><a href='/?q={{.}}'><script>x={{.}}</script>")).Execute(&page, secret); err != nil {
		t.Fatal(err)
	}
	var wide []byte
	for _, u := range utf16.Encode([]rune(dotenv)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	out := map[string]string{
		"a line of a file":          dotenv,
		"a quoted value":            fmt.Sprintf("%q", secret),
		"a JSON value":              string(asJSON),
		"JSON as PHP writes it":     strings.ReplaceAll(string(asJSON), "/", `\/`),
		"a query":                   url.Values{"secret": {secret}}.Encode(),
		"a path":                    "/" + url.PathEscape(secret) + "/",
		"a query in lower case":     strings.NewReplacer("%2F", "%2f", "%2B", "%2b").Replace(url.QueryEscape(secret)),
		"a page":                    page.String(),
		"a dump in hex":             hex.EncodeToString([]byte(dotenv)),
		"bytes that were printed":   fmt.Sprintf("%v", []byte(dotenv)),
		"UTF-16":                    string(wide),
		"the first half":            secret[:20],
		"the second half":           "..." + secret[20:],
		"a cut in the middle":       secret[:16] + "\n" + secret[16:],
		"a header of basic log-in":  "Basic " + base64.StdEncoding.EncodeToString([]byte("AKIAEXAMPLE:"+secret)),
		"base64 for URLs":           base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64 without its equals": base64.RawStdEncoding.EncodeToString([]byte(secret)),
	}
	for n := range 3 {
		out[fmt.Sprintf("base64 of a file, %d bytes in", n)] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("#", n) + dotenv))
	}
	return out
}

func TestWhatIsNoSecretIsNotFound(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	planted := sandboxtest.Plant(sb.Operator().Secret)
	other := sandboxtest.Start(t, sandbox.Options{Seed: 99}).Operator().Secret
	for why, text := range map[string]string{
		"nothing":                  "",
		"another secret":           other,
		"the ID of the key":        sb.Operator().ID,
		"a few letters of it":      sb.Operator().Secret[:4] + "****",
		"what stands in its place": "[secret]",
	} {
		if form := planted.In(text); form != "" {
			t.Errorf("%s is taken for a secret %s", why, form)
		}
	}
}

func TestFilesAreSearchedByContentAndName(t *testing.T) {
	secret := sandboxtest.Start(t, sandbox.Options{}).Operator().Secret
	planted := sandboxtest.Plant(secret)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	allowed := write("creds.env", secret)
	leak := write(filepath.Join("state", "deep", "journal"), "{\"x\":\""+secret+"\"}")
	named := write(url.PathEscape(secret), "")
	write("fine", "nothing")
	found, err := planted.InTree(dir, allowed)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || !strings.Contains(strings.Join(found, " "), leak) || !strings.Contains(strings.Join(found, " "), named) {
		t.Errorf("found %q", found)
	}
	if found, err := planted.InTree(filepath.Join(dir, "nowhere")); err != nil || len(found) != 0 {
		t.Errorf("where nothing is: %v, %v", found, err)
	}
}

package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/provision/sandbox/platform"
	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
)

// These tests speak to the nullplatform API in the raw, as its Terraform
// provider and its scripts do, and not through slipway's own client.

// ask makes one request and gives status and decoded body.
func ask(t *testing.T, sb *sandbox.Sandbox, token, method, path, body string, header ...string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+sb.PlatformHost()+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if len(text) > 0 {
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatalf("%s %s: %s", method, path, text)
		}
	}
	return res.StatusCode, out
}

func signIn(t *testing.T, sb *sandbox.Sandbox, name string) string {
	t.Helper()
	status, out := ask(t, sb, "", http.MethodPost, "/token", fmt.Sprintf(`{%q:%q}`, name, sb.PlatformKey()))
	token, _ := out["access_token"].(string)
	if status != http.StatusOK || strings.Count(token, ".") != 2 || out["refresh_token"] == nil || out["organization_id"] != 4242.0 || out["token_expires_at"] == nil {
		t.Fatalf("token: %d %v", status, out)
	}
	return token
}

const ecrBody = `{"nrn":%q,"specification_id":%q,"attributes":{
  "ci":{"region":"us-east-1","access_key":"AKIAABCDEFGHIJKLMNOP","secret_key":"planted"},
  "setup":{"region":"us-east-1","role_arn":"arn:aws:iam::123456789012:role/r","naming_rule":"x","policy":""}},"dimensions":{}}`

func specification(t *testing.T, sb *sandbox.Sandbox, token, slug string) string {
	t.Helper()
	status, out := ask(t, sb, token, http.MethodGet, "/provider_specification?&slug="+slug+"&nrn="+platform.NRN, "")
	results, _ := out["results"].([]any)
	if status != http.StatusOK || len(results) != 1 {
		t.Fatalf("specification %s: %d %v", slug, status, out)
	}
	first, _ := results[0].(map[string]any)
	id, _ := first["id"].(string)
	return id
}

// The life of a configuration, in the status codes and fields that clients
// rely on.
func TestALifeOfAProviderConfiguration(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	for _, name := range []string{"apikey", "api_key"} { // the provider's name and the scripts'
		signIn(t, sb, name)
	}
	token := signIn(t, sb, "apikey")
	spec := specification(t, sb, token, "ecr")

	status, made := ask(t, sb, token, http.MethodPost, "/provider", fmt.Sprintf(ecrBody, platform.NRN, spec))
	id, _ := made["id"].(string)
	if status != http.StatusOK || id == "" || made["nrn"] != platform.NRN || made["specification_id"] != spec {
		t.Fatalf("create: %d %v", status, made)
	}
	status, read := ask(t, sb, token, http.MethodGet, "/provider/"+id+"?no_merge=true", "")
	if text := fmt.Sprint(read); status != http.StatusOK || strings.Contains(text, "planted") || !strings.Contains(text, "secret_key:<nil>") {
		t.Errorf("read: %d %v", status, read)
	}
	status, _ = ask(t, sb, token, http.MethodPatch, "/provider/"+id, `{"attributes":{"ci":{"region":"us-east-2"},"setup":{"region":"us-east-1","role_arn":"r"}}}`)
	if status != http.StatusOK || sb.Platform().Configurations()[1].Attributes["ci.region"] != "us-east-2" {
		t.Errorf("update: %d", status)
	}
	if status, out := ask(t, sb, token, http.MethodDelete, "/provider/"+id, "", "Content-Type", "application/json"); status != http.StatusBadRequest || out["code"] != "FST_ERR_CTP_EMPTY_JSON_BODY" {
		t.Errorf("delete with a content type and no body: %d %v", status, out)
	}
	if status, _ := ask(t, sb, token, http.MethodDelete, "/provider/"+id, ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if status, out := ask(t, sb, token, method, "/provider/"+id, ""); status != http.StatusNotFound || out["statusCode"] != 404.0 || out["message"] == nil || out["error"] != "Not Found" {
			t.Errorf("%s after that: %d %v", method, status, out)
		}
	}
}

// What the API refuses, with Fastify's words.
func TestWhatThePlatformRefuses(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Platform: platform.Options{Scenario: "no-account"}})
	token := signIn(t, sb, "apikey")
	ecr, s3 := specification(t, sb, token, "ecr"), specification(t, sb, token, "s3-configuration")
	for _, tt := range []struct {
		why, token, method, path, body string
		status                         int
		say                            string
	}{
		{"a wrong key", "", http.MethodPost, "/token", `{"apikey":"x"}`, 401, "The API key is not valid"},
		{"no token", "", http.MethodGet, "/provider?nrn=" + platform.NRN, "", 401, "The token is not valid"},
		{"no NRN", token, http.MethodGet, "/provider", "", 400, "must have required property 'nrn'"},
		{"another organisation", token, http.MethodGet, "/provider?nrn=organization=9", "", 403, "not authorized"},
		{"an account that is not there", token, http.MethodGet, "/provider?nrn=organization=4242:account=9", "", 404, "does not exist"},
		{"a wildcard in a write", token, http.MethodPost, "/provider", fmt.Sprintf(ecrBody, "organization=4242:account=*", ecr), 400, "must match pattern"},
		{"a dependency that is not there", token, http.MethodPost, "/provider", fmt.Sprintf(ecrBody, platform.NRN, ecr), 400, "unresolved dependencies: AWS"},
		{"dimensions where there are none", token, http.MethodPost, "/provider", strings.Replace(fmt.Sprintf(ecrBody, platform.NRN, ecr), `"dimensions":{}`, `"dimensions":{"environment":"dev"}`, 1), 400, "does not allow dimensions"},
		{"an unknown attribute", token, http.MethodPost, "/provider", `{"nrn":"` + platform.NRN + `","specification_id":"` + s3 + `","attributes":{"bucket":{"name":"b"},"extra":1}}`, 400, "additional properties"},
		{"a missing attribute", token, http.MethodPost, "/provider", `{"nrn":"` + platform.NRN + `","specification_id":"` + s3 + `","attributes":{"bucket":{}}}`, 400, "must have required property 'name'"},
		{"a specification that is not there", token, http.MethodPost, "/provider", fmt.Sprintf(ecrBody, platform.NRN, "x"), 400, "does not exist"},
		{"half a body", token, http.MethodPost, "/provider", `{"nrn":`, 400, "not valid JSON"},
		{"a route that is not there", token, http.MethodGet, "/nothing", "", 404, "Route GET:/nothing not found"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			status, out := ask(t, sb, tt.token, tt.method, tt.path, tt.body)
			if status != tt.status || !strings.Contains(fmt.Sprint(out["message"]), tt.say) || out["statusCode"] != float64(tt.status) {
				t.Errorf("%d %v, want %d and %q", status, out, tt.status, tt.say)
			}
		})
	}
}

// Lists: wildcards, what is above and below, dimensions, paging.
func TestListsOfConfigurations(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{Platform: platform.Options{Scenario: "registered"}})
	token := signIn(t, sb, "apikey")
	below := platform.NRN + ":namespace=5"
	s3 := specification(t, sb, token, "s3-configuration")
	if status, out := ask(t, sb, token, http.MethodPost, "/provider", `{"nrn":"`+below+`","specification_id":"`+s3+`","attributes":{"bucket":{"name":"dev"}},"dimensions":{"environment":"dev"}}`); status != http.StatusOK {
		t.Fatalf("%d %v", status, out)
	}
	for _, tt := range []struct {
		why, query  string
		total, here int
	}{
		{"at the place alone", "nrn=" + platform.NRN, 2, 2},
		{"of one specification", "nrn=" + platform.NRN + "&specification_slug=ecr", 1, 1},
		{"of one category", "nrn=" + platform.NRN + "&categories=assets-repository&show_ascendants=true", 2, 2},
		{"and above", "nrn=" + platform.NRN + "&show_ascendants=true", 3, 3},
		{"and below", "nrn=organization=4242&show_descendants=true", 4, 4},
		{"any account", "nrn=organization=4242:account=*", 2, 2},
		{"in capital or camel letters the parameter is another", "nrn=" + platform.NRN + "&showAscendants=true", 2, 2},
		{"encoded", "nrn=organization%3D4242%3Aaccount%3D77", 2, 2},
		{"of one dimension", "nrn=organization=4242&show_descendants=true&dimensions=%7B%22environment%22%3A%22dev%22%7D", 1, 1},
		{"a page", "nrn=organization=4242&show_descendants=true&limit=3", 4, 3},
		{"the last page", "nrn=organization=4242&show_descendants=true&limit=3&offset=3", 4, 1},
		{"beyond the last page", "nrn=organization=4242&show_descendants=true&offset=9", 4, 0},
	} {
		t.Run(tt.why, func(t *testing.T) {
			status, out := ask(t, sb, token, http.MethodGet, "/provider?"+tt.query, "")
			paging, _ := out["paging"].(map[string]any)
			results, _ := out["results"].([]any)
			if status != http.StatusOK || paging["total"] != float64(tt.total) || len(results) != tt.here {
				t.Errorf("%d: %v, %d results", status, paging, len(results))
			}
		})
	}
	// What is above shines through, unless it is asked not to.
	for _, alone := range []bool{false, true} {
		id := sb.Platform().Configurations()[3].ID
		_, out := ask(t, sb, token, http.MethodGet, fmt.Sprintf("/provider/%s?no_merge=%v", id, alone), "")
		if !strings.Contains(fmt.Sprint(out["attributes"]), "name:dev") {
			t.Errorf("alone %v: %v", alone, out)
		}
	}
}

// The log holds no key and no token.
func TestThePlatformsLogHasNoSecrets(t *testing.T) {
	sb := sandboxtest.Start(t, sandbox.Options{})
	token := signIn(t, sb, "apikey")
	spec := specification(t, sb, token, "ecr")
	ask(t, sb, token, http.MethodPost, "/provider", fmt.Sprintf(ecrBody, platform.NRN, spec))
	text := fmt.Sprintf("%+v", sb.Log())
	for _, secret := range []string{sb.PlatformKey(), token, "planted"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

package layout

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/migrate/layout/layouttest"
)

// A secret is in a state in several places, and in none of what is kept.
func TestDecodeStateKeepsNoSecret(t *testing.T) {
	raw := (&layouttest.State{}).Legacy(ecrCall, "demo").Direct(layouttest.Module{Call: "asset"}, "old").JSON()
	if n := strings.Count(string(raw), layouttest.Secret); n < 4 {
		t.Fatalf("the state has the secret %d times", n)
	}
	s, err := DecodeState(raw, []byte("salt"))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", *s), string(asJSON)} {
		if strings.Contains(shown, layouttest.Secret) || strings.Contains(shown, layouttest.Secret[:12]) {
			t.Errorf("the secret is kept: %s", shown)
		}
	}
}

// Two states show whether the secret is the same, under one salt alone.
func TestSecretDigest(t *testing.T) {
	of := func(raw []byte, salt string) string {
		t.Helper()
		s, err := DecodeState(raw, []byte(salt))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range s.Instances {
			if i.Type == "aws_iam_access_key" {
				return i.SecretDigest
			}
		}
		t.Fatal("there is no key")
		return ""
	}
	raw := legacy(ecrCall, "demo").JSON()
	moved := (&layouttest.State{OpenTofu: true}).Split(userCall, ecrCall, "demo").JSON()
	other := []byte(strings.ReplaceAll(string(raw), layouttest.Secret, "another"))
	lost := []byte(strings.ReplaceAll(string(raw), `"`+layouttest.Secret+`"`, "null"))
	switch a := of(raw, "salt"); {
	case a == "" || a != of(moved, "salt"):
		t.Error("the same secret does not have the same digest")
	case a == of(raw, "pepper"):
		t.Error("the salt does nothing")
	case a == of(other, "salt"):
		t.Error("another secret has the same digest")
	case of(raw, "") != "" || of(lost, "salt") != "":
		t.Error("a digest of nothing")
	}
}

func TestDecodeStateRefuses(t *testing.T) {
	for name, raw := range map[string]string{
		"a warning before it": "Warning: something\n{}",
		"an older format":     `{"version": 3, "modules": []}`,
		"another document":    `{"format_version": "1.2", "values": {}}`,
		"encrypted":           `{"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "c2VjcmV0", "encryption_version": "v0"}`,
		"cut off":             string(legacy(ecrCall, "demo").JSON()[:400]),
		"a list":              `["` + layouttest.Secret + `"]`,
	} {
		_, err := DecodeState([]byte(raw), nil)
		var stateErr *StateError
		if !errors.As(err, &stateErr) || stateErr.Way == "" || strings.Contains(err.Error(), "wJalr") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, raw := range []string{"", "\n"} {
		if _, err := DecodeState([]byte(raw), nil); !errors.Is(err, ErrNoState) {
			t.Errorf("nothing: %v", err)
		}
	}
}

// Attributes of other resources have other types under the same names.
func TestDecodeStateIsLenient(t *testing.T) {
	s, err := DecodeState([]byte(`{"version":4,"serial":3,"lineage":"l","terraform_version":"1.9.0","outputs":{"b":{"value":{"a":1},"type":["object",{}]},"a":{"value":1}},"resources":[
		{"mode":"data","type":"aws_region","name":"x","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"attributes":{"name":"eu"}}]},
		{"module":"module.a[\"x.y\"].module.b[1]","mode":"managed","type":"thing","name":"t","provider":"module.a.provider[\"registry.opentofu.org/acme/thing\"].alias","instances":[
			{"index_key":"k\"q","attributes":{"name":{"x":1},"id":7,"groups":"no","secret":{"a":1},"user":null,"status":true}},
			{"index_key":2,"deposed":"00000001","attributes":null},
			{"index_key":2,"attributes":null}]}
	],"check_results":null}`), []byte("s"))
	if err != nil {
		t.Fatal(err)
	}
	want := &State{
		Version: 4, ToolVersion: "1.9.0", Serial: 3, Lineage: "l", Tool: OpenTofu, Outputs: []string{"a", "b"},
		Instances: []Instance{
			{Address: `module.a["x.y"].module.b[1].thing.t["k\"q"]`, Module: `module.a["x.y"].module.b[1]`, Type: "thing", Name: "t", Key: `["k\"q"]`},
			{Address: `module.a["x.y"].module.b[1].thing.t[2]`, Module: `module.a["x.y"].module.b[1]`, Type: "thing", Name: "t", Key: "[2]"},
		},
	}
	if d := cmp.Diff(want, s); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(legacy(ecrCall, "demo").JSON())
	f.Add([]byte(`{"version":4,"resources":[{"instances":[{"index_key":null,"attributes":{"secret":"x"}}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := DecodeState(raw, []byte("salt"))
		if (s == nil) == (err == nil) {
			t.Fatalf("%v, %v", s, err)
		}
	})
}

package view

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision"
)

// reports are all reports there are, by name.
func reports(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	take := func(name string, b []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	for _, s := range scenes(t) {
		b, err := PlanJSON(s.preview)
		take("plan "+s.name, b, err)
	}
	for _, e := range endings(t) {
		b, err := ResultJSON(e.summary)
		take("result "+e.name, b, err)
	}
	for name, v := range verifications(t) {
		b, err := VerificationJSON(v)
		take("verification "+name, b, err)
	}
	return out
}

func TestReportsAreInertJSONWithoutNullLists(t *testing.T) {
	mayBeNull := []string{"inventory", "user", "role", "probe", "registration"}
	for name, b := range reports(t) {
		for _, l := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
			if strings.IndexFunc(l, active) >= 0 {
				t.Errorf("%s: a line is not inert: %q", name, l)
			}
		}
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if v["version"] != 1.0 {
			t.Errorf("%s has version %v", name, v["version"])
		}
		walk(v, "", func(path string, x any) {
			last := path[strings.LastIndexByte(path, '.')+1:]
			if x == nil && !contains(mayBeNull, last) {
				t.Errorf("%s: %s is null", name, path)
			}
			if s, ok := x.(string); ok && isObject(s) {
				t.Errorf("%s: %s is a document in a string: %s", name, path, s)
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// walk visits every value of decoded JSON.
func walk(v any, path string, visit func(string, any)) {
	visit(path, v)
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			walk(x, path+"."+k, visit)
		}
	case []any:
		for _, x := range v {
			walk(x, path+"[]", visit)
		}
	}
}

// What has no place for a secret cannot give one away.
func TestReportsHaveNoPlaceForSecrets(t *testing.T) {
	secret := reflect.TypeFor[provision.Secret]()
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type, string)
	look = func(x reflect.Type, path string) {
		if x == secret {
			t.Errorf("%s holds a secret", path)
		}
		if seen[x] {
			return
		}
		seen[x] = true
		switch x.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			look(x.Elem(), path)
		case reflect.Struct:
			for i := range x.NumField() {
				look(x.Field(i).Type, path+"."+x.Field(i).Name)
			}
		case reflect.Interface:
			if x.NumMethod() == 0 {
				t.Errorf("%s may hold anything", path)
			}
		}
	}
	look(reflect.TypeFor[PlanReport](), "PlanReport")
	look(reflect.TypeFor[ResultReport](), "ResultReport")
	look(reflect.TypeFor[InstallSummary](), "InstallSummary")
}

// Every field of a report says in JSON how it is called there.
func TestReportFieldsAreNamed(t *testing.T) {
	for _, x := range []reflect.Type{
		reflect.TypeFor[PlanReport](), reflect.TypeFor[ResultReport](), reflect.TypeFor[ChangeReport](),
		reflect.TypeFor[CallReport](), reflect.TypeFor[AccessReport](), reflect.TypeFor[GrantReport](), reflect.TypeFor[ConsentReport](),
		reflect.TypeFor[InventoryReport](), reflect.TypeFor[Tally](), reflect.TypeFor[NextStep](),
	} {
		for i := range x.NumField() {
			f := x.Field(i)
			if tag := f.Tag.Get("json"); tag == "" || strings.Contains(tag, "omitempty") {
				t.Errorf("%s.%s has the tag %q", x.Name(), f.Name, tag)
			}
		}
	}
}

func TestTextIsAnObjectOrAString(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"nothing is an empty string", "", `""`},
		{"a document is an object", ` {"a": [1, 2]} `, `{"a":[1,2]}`},
		{"a list is text", `[1]`, `"[1]"`},
		{"half an object is text", `{"a":`, `"{\"a\":"`},
		{"two objects are text", `{} {}`, `"{} {}"`},
	} {
		b, err := json.Marshal(Text(c.in))
		if err != nil || string(b) != c.want {
			t.Errorf("%s: %q becomes %s (%v), want %s", c.why, c.in, b, err, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b, err := encodeReport(Text(rapid.OneOf(rapid.String(), someText()).Draw(t, "text")))
		if err != nil || !json.Valid(b) {
			t.Fatalf("%s (%v)", b, err)
		}
	})
}

package view

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	validate "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/nullplatform/slipway/migrate/checklist"
)

// shapes are the documents that slipway writes as JSON, by kind. Each has a
// schema in the folder schema, made from its type and the comments there.
func shapes() map[string]any {
	return map[string]any{
		"install-plan":   PlanReport{},
		"install-result": ResultReport{},
		"upgrade-plan":   UpgradeReport{},
		"upgrade-result": UpgradeReport{},
		"root-plan":      RootReport{},
		"root-result":    RootReport{},
		"emit-plan":      EmitReport{},
		"emit-result":    EmitReport{},
		"guard-verdict":  GuardReport{},
		"audit":          AuditReport{},
		"audit-diff":     auditDiffReport{},
		"verification":   VerifyReport{},
		"status":         StatusReport{},
	}
}

// schemas are all documents that have a schema: the reports, and the journal,
// of which a line is one.
func schemas() map[string]any {
	all := shapes()
	all["journal"] = checklist.Line{}
	return all
}

// sourceComments are the comments of the types, by name. The working directory
// is to be the module's root when they are first asked for.
var sourceComments = sync.OnceValues(func() (map[string]string, error) {
	var r jsonschema.Reflector
	for _, dir := range []string{"ui/view", "provision", "provision/audit", "migrate"} {
		if err := r.AddGoComments("github.com/nullplatform/slipway", dir); err != nil {
			return nil, err
		}
	}
	out := map[string]string{}
	for name, text := range r.CommentMap {
		out[filepath.ToSlash(name)] = text // Types are named by their packages, not by folders.
	}
	return out, nil
})

// schemaOf makes the schema of a shape. Readers must bear with fields that
// they do not know, since a version may gain some; the tests must not.
func schemaOf(t *testing.T, kind string, shape any, strict bool) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		AllowAdditionalProperties: !strict, ExpandedStruct: true, Anonymous: true,
		Mapper: func(x reflect.Type) *jsonschema.Schema {
			if x == reflect.TypeFor[Text]() {
				return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "object"}, {Type: "string"}}}
			}
			return nil
		},
	}
	if !strict { // What is only compared with needs no words.
		comments, err := sourceComments()
		if err != nil {
			t.Fatal(err)
		}
		r.CommentMap = comments
	}
	s := r.ReflectFromType(reflect.TypeOf(shape))
	s.Title = kind
	for name, only := range map[string]any{"kind": kind, "version": ReportVersion, "v": checklist.JournalVersion} {
		if field, ok := s.Properties.Get(name); ok {
			field.Const = only
		}
	}
	s.ID = jsonschema.ID("https://github.com/nullplatform/slipway/ui/view/schema/" + kind + ".schema.json")
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSchemasAreWhatTheTypesSay(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	folder := filepath.Join("ui", "view", "schema")
	for kind, shape := range schemas() {
		t.Run(kind, func(t *testing.T) {
			got := schemaOf(t, kind, shape, false)
			path := filepath.Join(folder, kind+".schema.json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("%s is not up to date; go test ./ui/view -update (-want +got):\n%s", path, d)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != len(schemas()) {
		t.Errorf("there are %d schema files for %d shapes, %v", len(files), len(schemas()), err)
	}
}

// Whatever is written fits its schema, and has nothing that the schema does
// not name.
func TestReportsFitTheirSchemas(t *testing.T) {
	written := reports(t)
	maps.Copy(written, upgradeReports(t))
	maps.Copy(written, rootReports(t))
	maps.Copy(written, emitReports(t))
	for name, j := range judgements() {
		b, err := VerdictJSON(j)
		if err != nil {
			t.Fatal(err)
		}
		written["verdict "+name] = b
	}
	maps.Copy(written, auditReports(t))
	var err error
	if written["status"], err = StatusJSON(standings()); err != nil {
		t.Fatal(err)
	}
	if written["status of nothing"], err = StatusJSON(nil); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join("..", ".."))
	compiled := map[string]*validate.Schema{}
	for kind, shape := range shapes() {
		doc, err := validate.UnmarshalJSON(bytes.NewReader(schemaOf(t, kind, shape, true)))
		if err != nil {
			t.Fatal(err)
		}
		c := validate.NewCompiler()
		if err := c.AddResource(kind, doc); err != nil {
			t.Fatal(err)
		}
		if compiled[kind], err = c.Compile(kind); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for name, text := range written {
		var head struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal(text, &head); err != nil || compiled[head.Kind] == nil {
			t.Errorf("%s is of kind %q, which has no schema; %v", name, head.Kind, err)
			continue
		}
		seen[head.Kind] = true
		doc, err := validate.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled[head.Kind].Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for kind := range shapes() {
		if !seen[kind] {
			t.Errorf("no report of kind %s was tried", kind)
		}
	}
}

// A schema that lets anything pass would show nothing.
func TestSchemasRefuse(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	doc, err := validate.UnmarshalJSON(bytes.NewReader(schemaOf(t, "install-plan", PlanReport{}, false)))
	if err != nil {
		t.Fatal(err)
	}
	c := validate.NewCompiler()
	if err := c.AddResource("plan", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("plan")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`{}`, `[]`, `{"version":"1","kind":"install-plan"}`} {
		v, err := validate.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("%s passes", text)
		}
	}
}

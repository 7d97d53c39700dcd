package crashtest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision/sandbox"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// The journals of all jobs, undisturbed and gone on with after a kill, are what
// the schema of the journal says, and hold nothing that it does not name.
func TestJournalsFitTheirSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "view", "schema", "journal.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[checklist.RecordKind]int{}
	for _, job := range append([]crashtest.Job{install(), extend(), undo()}, upgrades()...) {
		t.Run(job.Name, func(t *testing.T) {
			m := crashtest.NewWorld(t, job).Machine()
			for _, args := range append(job.Prepare, job.Args) {
				if e := m.RunHere(nil, args...); e.Code != 0 {
					t.Fatal(e)
				}
			}
			fits(t, schema, m, seen)
		})
	}
	t.Run("killed", func(t *testing.T) {
		job := install()
		m := crashtest.NewWorld(t, job).Machine()
		for _, p := range writesOf(courseOf(t, job), "iam:CreateUser") {
			if p.Phase == sandbox.After {
				m.Kill(t, p, job.Args...)
			}
		}
		if e := m.RunHere(nil, job.Args...); e.Code != 0 {
			t.Fatal(e)
		}
		fits(t, schema, m, seen)
	})
	for _, kind := range []checklist.RecordKind{
		checklist.BeginRecord, checklist.PlanRecord, checklist.IntentRecord, checklist.ResultRecord,
		checklist.FoundRecord, checklist.StepRecord, checklist.EndRecord,
	} {
		if seen[kind] == 0 {
			t.Errorf("no record of kind %s was tried", kind)
		}
	}
}

// fits holds every line of every journal of a machine against the schema, and
// counts the kinds of its records.
func fits(t *testing.T, schema *jsonschema.Schema, m *crashtest.Machine, seen map[checklist.RecordKind]int) {
	t.Helper()
	journals, err := filepath.Glob(filepath.Join(m.StateDir(), "slipway", "*", "*", "journal.jsonl"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("the journals are %q, %v", journals, err)
	}
	text, err := os.ReadFile(journals[0])
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		strict := json.NewDecoder(bytes.NewReader(line))
		strict.DisallowUnknownFields()
		var l checklist.Line
		if err := strict.Decode(&l); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		seen[l.Record.Kind]++
	}
}

// A schema that lets anything pass would show nothing.
func TestTheSchemaOfTheJournalRefuses(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "view", "schema", "journal.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	const record = `{"seq":1,"at":"2026-05-06T07:08:09Z","kind":"step"}`
	for _, tt := range []struct {
		why, line string
		ok        bool
	}{
		{why: "as it should be", line: `{"v":1,"sum":"0badcafe","record":` + record + `}`, ok: true},
		{why: "a field that a later slipway added", line: `{"v":1,"sum":"0badcafe","later":1,"record":` + record + `}`, ok: true},
		{why: "another version", line: `{"v":2,"sum":"0badcafe","record":` + record + `}`},
		{why: "no sum", line: `{"v":1,"record":` + record + `}`},
		{why: "a sum that is none", line: `{"v":1,"sum":"bad","record":` + record + `}`},
		{why: "no record", line: `{"v":1,"sum":"0badcafe"}`},
		{why: "a record without a number", line: `{"v":1,"sum":"0badcafe","record":{"at":"2026-05-06T07:08:09Z","kind":"step"}}`},
		{why: "a kind that there is not", line: `{"v":1,"sum":"0badcafe","record":{"seq":1,"at":"2026-05-06T07:08:09Z","kind":"guess"}}`},
		{why: "records count from one", line: `{"v":1,"sum":"0badcafe","record":{"seq":0,"at":"2026-05-06T07:08:09Z","kind":"step"}}`},
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(tt.line)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.why, err)
		}
	}
}

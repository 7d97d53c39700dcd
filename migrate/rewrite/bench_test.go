package rewrite

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/layout/layouttest"
)

// BenchmarkTenThousandLines is finding and rewriting a root of 10,000 lines,
// and showing the difference.
func BenchmarkTenThousandLines(b *testing.B) {
	var text bytes.Buffer
	for i := 0; bytes.Count(text.Bytes(), []byte("\n")) < 10_000; i++ {
		key := fmt.Sprintf("module.service_%d.id", i/2)
		if i%100 == 0 {
			key = "module.ecr.build_workflow_access_key_id"
		}
		fmt.Fprintf(&text, "# Servicio %d\nmodule \"service_%d\" {\n  source = \"git::https://github.com/acme/modules.git//service?ref=v1.2.3\"\n\n  name   = \"service-%d\"\n  key_id = %s\n  tags   = { for k, v in local.tags : k => upper(v) if k != \"x\" }\n}\n\n", i, i, i, key)
	}
	text.WriteString("module \"ecr\" {\n  source = \"git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.2.0\"\n\n  cluster_name = \"demo\"\n}\n")
	state, err := layout.DecodeState((&layouttest.State{}).Legacy(ecr, "demo").JSON(), nil)
	if err != nil {
		b.Fatal(err)
	}
	in := layout.Input{Root: layout.Root{Dir: "root", State: state, Files: []layout.File{{Name: "main.tf", Data: text.Bytes()}}}}
	b.ReportMetric(float64(bytes.Count(text.Bytes(), []byte("\n"))), "lines")
	for b.Loop() {
		got, err := Plan(layout.Find(in), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if len(got.Edits) != 2 {
			b.Fatalf("%d edits", len(got.Edits))
		}
	}
}

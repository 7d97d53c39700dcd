package rewrite

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate/layout"
	"github.com/nullplatform/slipway/migrate/layout/layouttest"
)

// drawn is a root as somebody may have written it.
type drawn struct {
	files   []layout.File
	call    string
	mode    string
	keys    []any
	cluster string
}

// drawRoot makes up a root of contract 3.4: names, sources, spacing, comments,
// line ends, repetition and uses of the outputs all vary.
func drawRoot(t *rapid.T) drawn {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	d := drawn{
		call:    pick("call", "ecr", "ecr_iam", "foundations_"+misspelt, "asset-provider", "módulo"),
		mode:    pick("mode", "", "", "count", "for_each"),
		cluster: "demo",
		keys:    []any{nil},
	}
	indent, space := pick("indent", "  ", "    ", "\t"), pick("space", " ", "   ", "")
	ref := pick("ref", "v3.4.0", "v3.5.0", "v4.5.2", "4.2.0")
	source := pick("source",
		"git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=",
		"git::https://github.com/nullplatform/tofu-modules.git///infrastructure/aws/iam/ecr?depth=1&ref=",
		"git::ssh://git@github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=",
		"git@github.com:nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=",
		"github.com/acme/mirror//vendor/infrastructure/aws/iam/ecr?ref=") + ref
	index := ""
	args := []string{"source" + space + "= \"" + source + "\""}
	switch d.mode {
	case "count":
		args, index, d.keys = append(args, "count = 2"), "[1]", []any{0, 1}
	case "for_each":
		args, index, d.keys = append(args, `for_each = toset(["a", "b.c"])`), `["b.c"]`, []any{"a", "b.c"}
	}
	args = append(args, "cluster_name"+space+"="+space+pick("cluster", `"demo"`, "var.cluster", "local.cluster", `"${var.cluster}"`)+pick("trailing", "", " # igual que el cluster", " // a } brace"))
	if rapid.Bool().Draw(t, "extra") {
		args = append(args, pick("extra argument", "enable_cross_account_pull = false", "depends_on = [module.eks]", "pull_account_ids = [\n    \"1\",\n  ]", "providers = {\n    aws = aws.stg\n  }"))
	}
	args = rapid.Permutation(args).Draw(t, "order")
	if rapid.Bool().Draw(t, "blank") {
		args[len(args)-1] = "\n" + indent + args[len(args)-1]
	}
	var text strings.Builder
	banner := pick("banner", "", "# ===== Repositorio de imágenes =====\n", "/* module \"x\" {\n source = \"y\" */\n")
	text.WriteString(pick("before", "", "\n\n", "module \"eks\" {\n"+indent+"source = \"./eks\"\n}\n") + banner)
	fmt.Fprintf(&text, "module %q {%s\n", d.call, pick("head", "", " # el nombre quedó así"))
	for _, a := range args {
		text.WriteString(indent + a + "\n")
	}
	text.WriteString("}" + pick("foot", "", " # fin") + "\n")
	use := pick("use", "",
		"output \"id\" {\n"+indent+"value"+space+"= module.CALLINDEX.build_workflow_access_key_id # id\n}\n",
		"locals {\n"+indent+"a = \"${module.CALLINDEX.build_workflow_access_key_secret}-x\"\n"+indent+"b = [ module.CALLINDEX.application_role_arn ]\n}\n",
		"\nlocals {\n"+indent+"t = <<EOT\n"+indent+"id=${ module.CALLINDEX.build_workflow_access_key_id }\nEOT\n}\n")
	text.WriteString(strings.ReplaceAll(use, "CALLINDEX", d.call+index))
	text.WriteString("variable \"cluster\" {\n" + indent + "default = \"demo\"\n}\nlocals {\n" + indent + "cluster = \"demo\"\n}\n")

	data := text.String()
	if rapid.Bool().Draw(t, "no newline at the end") {
		data = strings.TrimRight(data, "\n")
	}
	if rapid.Bool().Draw(t, "CRLF") {
		data = strings.ReplaceAll(data, "\n", "\r\n")
	}
	if rapid.Bool().Draw(t, "byte order mark") {
		data = "\xef\xbb\xbf" + data
	}
	d.files = []layout.File{{Name: "main.tf", Data: []byte(data)}}
	if rapid.Bool().Draw(t, "moved.tf") {
		d.files = append(d.files, layout.File{Name: "moved.tf", Data: []byte("moved {\n  from = module.a\n  to   = module.b\n}" + pick("moved end", "", "\n", "\n\n"))})
	}
	return d
}

func (d drawn) input(t *rapid.T) layout.Input {
	in := layout.Input{Root: layout.Root{Dir: "root", Files: d.files, Workspace: "default"}}
	if rapid.Bool().Draw(t, "state") {
		s := &layouttest.State{OpenTofu: rapid.Bool().Draw(t, "tofu")}
		for _, k := range d.keys {
			s.Legacy(layouttest.Module{Call: d.call, Key: k}, d.cluster)
		}
		state, err := layout.DecodeState(s.JSON(), nil)
		if err != nil {
			t.Fatal(err)
		}
		in.Root.State = state
	}
	return in
}

// Whatever a root looks like, each line of it is there afterwards, in order
// and to the byte, but for the names and refs that had to change; and doing it
// again changes nothing.
func TestEveryOtherByteStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawRoot(t)
		in := d.input(t)
		l := layout.Find(in)
		got, err := Plan(l, Options{Ref: "v6.1.0"})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Moves) != 4*len(d.keys) {
			t.Fatalf("%d moves for %d instances", len(got.Moves), len(d.keys))
		}
		for _, e := range got.Edits {
			stays(t, e, d.call)
			if e.Before == nil && bytes.Contains(e.After, []byte("\r\n")) != bytes.Contains(d.files[0].Data, []byte("\r\n")) {
				t.Fatalf("%s does not end its lines as main.tf", e.File)
			}
		}
		again, err := Plan(layout.Find(written(in, got.Edits)), Options{Ref: "v6.1.0"})
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Edits) > 0 {
			t.Fatalf("a second rewrite changes more:\n%s", again.Diff(""))
		}
	})
}

// stays checks that the old lines are among the new ones, in order.
func stays(t *rapid.T, e Edit, call string) {
	before := strings.SplitAfter(string(e.Before), "\n")
	at := 0
	for line := range strings.SplitAfterSeq(string(e.After), "\n") {
		if at < len(before) && same(before[at], line, call, at == len(before)-1) {
			at++
		}
	}
	if at < len(before) && before[at] != "" {
		t.Fatalf("line %d of %s is gone: %q\nbefore:\n%s\nafter:\n%s", at+1, e.File, before[at], e.Before, e.After)
	}
	if e.Before == nil {
		return
	}
	crlf := bytes.Count(e.After, []byte("\r\n"))
	if bytes.Contains(e.Before, []byte("\r\n")) && crlf != bytes.Count(e.After, []byte("\n")) {
		t.Fatalf("line ends are mixed in %s:\n%q", e.File, e.After)
	}
	if len(e.Before) > 0 && bytes.HasSuffix(e.Before, []byte("\n")) != bytes.HasSuffix(e.After, []byte("\n")) {
		t.Fatalf("the end of %s has changed:\n%q", e.File, e.After)
	}
}

// same reports whether a new line is an old one but for the user's new call
// and the ref.
func same(before, after, call string, last bool) bool {
	if last {
		after = strings.TrimRight(after, "\r\n")
	}
	if before == after {
		return true
	}
	undone := strings.ReplaceAll(after, "module."+defaultUserCall, "module."+call)
	for _, ref := range []string{"v3.4.0", "v3.5.0", "v4.5.2", "4.2.0"} {
		if before == strings.ReplaceAll(undone, "ref=v6.1.0", "ref="+ref) {
			return true
		}
	}
	return false
}

// A root that terraform fmt accepts is one that it accepts afterwards.
func TestFormattedStaysFormatted(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			in, _ := s.input(t)
			got, err := Plan(layout.Find(in), s.opts)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range got.Edits {
				if !bytes.Equal(hclwrite.Format(e.Before), e.Before) {
					continue
				}
				if want := hclwrite.Format(e.After); !bytes.Equal(want, e.After) {
					t.Errorf("%s is no longer formatted:\n%s", e.File, e.After)
				}
			}
		})
	}
}

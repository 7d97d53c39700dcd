package wire_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

func call(action string) *wire.Call { return &wire.Call{ID: "id-1", Action: action} }

func TestParams(t *testing.T) {
	p := wire.ParamsOf(url.Values{
		"Names.member.1": {"a"}, "Names.member.2": {""}, "Names.member.4": {"lost"},
		"Tags.member.1.Key": {"k"}, "Tags.member.1.Value": {"v"}, "Tags.member.2.Key": {"only a key"},
		"Empty": {""},
	})
	if got := p.List("Names"); !slices.Equal(got, []string{"a", ""}) {
		t.Errorf("the list is %q; it ends at the first gap", got)
	}
	tags := p.Structs("Tags")
	if len(tags) != 2 || tags[0].Get("Value") != "v" || tags[1].Get("Key") != "only a key" {
		t.Errorf("the structures are %v", tags)
	}
	if !p.Has("Empty") || p.Has("Absent") {
		t.Error("sent and empty is not told from not sent")
	}
}

func TestQueryAnswer(t *testing.T) {
	a, err := wire.QueryAnswer("https://ns/", call("ListThings"), struct {
		Things wire.List[string]
		Note   string
	}{Note: "a < b & c"})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName xml.Name `xml:"https://ns/ ListThingsResponse"`
		Note    string   `xml:"ListThingsResult>Note"`
		ID      string   `xml:"ResponseMetadata>RequestId"`
	}
	if err := xml.Unmarshal(a.Body, &got); err != nil || got.Note != "a < b & c" || got.ID != "id-1" {
		t.Errorf("%+v, %v in %s", got, err, a.Body)
	}
	if !strings.Contains(string(a.Body), "<Things></Things>") {
		t.Errorf("an empty list is left out of %s", a.Body)
	}
}

func TestRefusalsInEachProtocol(t *testing.T) {
	e := wire.Errorf("AccessDenied", "no <%s>", "way")
	query := wire.QueryRefusal("https://ns/", call("X"), e)
	if query.Status != 403 || !strings.Contains(string(query.Body), "<Type>Sender</Type><Code>AccessDenied</Code><Message>no &lt;way&gt;</Message>") {
		t.Errorf("query: %d %s", query.Status, query.Body)
	}
	var body map[string]string
	inJSON := wire.JSONRefusal(call("X"), e)
	if err := json.Unmarshal(inJSON.Body, &body); err != nil || inJSON.Status != 400 || body["__type"] != "AccessDeniedException" {
		t.Errorf("JSON: %d %s %v", inJSON.Status, inJSON.Body, err)
	}
	c := call("X")
	c.Request = httptest.NewRequest(http.MethodHead, "/b", nil)
	if head := wire.RESTRefusal(c, e); head.Status != 403 || len(head.Body) != 0 || head.Code != "AccessDenied" {
		t.Errorf("the answer to HEAD: %d %q", head.Status, head.Body)
	}
	c.Request.Method = http.MethodGet
	if get := wire.RESTRefusal(c, e); !strings.Contains(string(get.Body), "<Code>AccessDenied</Code>") {
		t.Errorf("REST: %s", get.Body)
	}
}

func TestDecodeQuery(t *testing.T) {
	cases := []struct{ why, url, body, action, code string }{
		{"a form in the body", "/", "Action=A&Version=v&P=1", "A", ""},
		{"parameters in the URL", "/?Action=A&Version=v", "", "A", ""},
		{"no action", "/", "Version=v", "", "MissingAction"},
		{"another API", "/", "Action=A&Version=w", "A", "InvalidAction"},
		{"not a form", "/", "%zz", "", "MalformedQueryString"},
	}
	for _, k := range cases {
		t.Run(k.why, func(t *testing.T) {
			c := &wire.Call{Request: httptest.NewRequest(http.MethodPost, k.url, nil), Body: []byte(k.body)}
			err := wire.DecodeQuery(c, "v")
			if c.Action != k.action || (err == nil) != (k.code == "") || err != nil && !strings.HasPrefix(err.Error(), k.code) {
				t.Errorf("action %q, error %v", c.Action, err)
			}
		})
	}
}

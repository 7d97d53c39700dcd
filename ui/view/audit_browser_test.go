package view

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser is a Chromium without a window, spoken to through two pipes: no port
// is opened, and it ends with the test.
// https://chromedevtools.github.io/devtools-protocol/
type browser struct {
	t       *testing.T
	to      io.WriteCloser
	replies *bufio.Reader
	next    int
	session string

	mu     sync.Mutex
	events []event
}

// event is something that the browser tells unasked.
type event struct {
	Method string
	Params json.RawMessage
}

// browsing bounds a whole session.
const browsing = 5 * time.Minute

// startBrowser starts Chromium with one empty page. Without it the test is
// skipped, with a message that says so.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("SKIPPED ALOUD: chromium is not on the PATH, so nobody looks at the page with a browser; install Debian's chromium to run this test")
	}
	toChild, writes, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reads, fromChild, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	// The test's own context ends before its cleanup, which closes politely.
	ctx, end := context.WithTimeout(context.WithoutCancel(t.Context()), browsing)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(home, "profile"), "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "about:blank")
	cmd.ExtraFiles = []*os.File{toChild, fromChild}
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		end()
		t.Fatalf("start %s: %v", program, err)
	}
	_, _ = toChild.Close(), fromChild.Close()
	b := &browser{t: t, to: writes, replies: bufio.NewReader(reads)}
	t.Cleanup(func() {
		b.call("Browser.close", nil, nil)
		// Its children hold the profile until they are gone.
		_ = cmd.Wait()
		end()
		_ = writes.Close()
		_ = reads.Close()
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call makes one request and waits for its answer; what comes in between is
// kept.
func (b *browser) call(method string, params, into any) {
	b.t.Helper()
	b.next++
	if params == nil {
		params = map[string]any{}
	}
	request := map[string]any{"id": b.next, "method": method, "params": params}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") {
		request["sessionId"] = b.session
	}
	text, err := json.Marshal(request)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Errorf("ask the browser %s: %v", method, err)
		return
	}
	for {
		id, result, err := b.read()
		if err != nil {
			if method != "Browser.close" {
				b.t.Fatalf("the browser did not answer %s: %v", method, err)
			}
			return
		}
		if id != b.next {
			continue
		}
		if into != nil {
			if err := json.Unmarshal(result, into); err != nil {
				b.t.Fatalf("%s answered %s: %v", method, result, err)
			}
		}
		return
	}
}

// read takes one message: an answer, or an event with the ID zero.
func (b *browser) read() (id int, result json.RawMessage, err error) {
	raw, err := b.replies.ReadBytes(0)
	if err != nil {
		return 0, nil, err
	}
	var m struct {
		ID     int
		Result json.RawMessage
		Error  *struct{ Message string }
		Method string
		Params json.RawMessage
	}
	if err := json.Unmarshal(raw[:len(raw)-1], &m); err != nil {
		return 0, nil, err
	}
	if m.Error != nil {
		return m.ID, nil, errors.New(m.Error.Message)
	}
	if m.Method != "" {
		b.mu.Lock()
		b.events = append(b.events, event{m.Method, m.Params})
		b.mu.Unlock()
	}
	return m.ID, m.Result, nil
}

// open shows a file and waits until it is there.
func (b *browser) open(path string) {
	b.t.Helper()
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	for !b.saw("Page.loadEventFired") {
		if _, _, err := b.read(); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *browser) saw(method string) bool {
	for _, e := range b.events {
		if e.Method == method {
			return true
		}
	}
	return false
}

// ask runs a script in the page and gives its value.
func (b *browser) ask(script string, into any) {
	b.t.Helper()
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("the script failed: %s", out.ExceptionDetails.Text)
	}
	if err := json.Unmarshal(out.Result.Value, into); err != nil {
		b.t.Fatalf("the script gave %s: %v", out.Result.Value, err)
	}
}

// as sets the width of the screen, the medium, and the reader's choice of
// colours.
func (b *browser) as(width int, medium, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": medium, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// contrastScript lists the texts that stand out too little from what is
// behind them, after
// https://www.w3.org/TR/WCAG22/#contrast-minimum
const contrastScript = `(() => {
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : Math.pow((v + .055) / 1.055, 2.4) }; return .2126*f(r) + .7152*f(g) + .0722*f(b) };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c } return [255,255,255] };
  const out = []; let seen = 0;
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length || e.closest('title,desc')) continue;
    const s = getComputedStyle(e); seen++;
    const svg = e.namespaceURI.includes('svg');
    const fore = parse(svg ? s.fill : s.color);
    let back = behind(svg ? e.closest('svg') : e);
    if (svg && e.parentElement.querySelector(':scope > rect')) back = parse(getComputedStyle(e.parentElement.querySelector('rect')).fill);
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) out.push(e.tagName + '.' + (e.className.baseVal ?? e.className) + ' ' + ratio.toFixed(2) + ': ' + e.textContent.slice(0, 40));
  }
  return {seen, out};
})()`

// structureScript looks at what a reader who does not see the page goes by.
const structureScript = `(() => {
  const heads = [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1]);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  const named = [...document.querySelectorAll('[aria-labelledby]')].flatMap(e => e.getAttribute('aria-labelledby').split(' '));
  return {
    lang: document.documentElement.lang, title: document.title,
    landmarks: ['header', 'main', 'footer'].map(t => document.querySelectorAll('body > ' + t).length),
    firstHead: heads[0], ones: heads.filter(h => h === 1).length, jumps: heads.filter((h, i) => i > 0 && h > heads[i-1] + 1).length,
    twice: ids.length - new Set(ids).size, lost: named.filter(n => !document.getElementById(n)),
    pictures: [...document.querySelectorAll('svg')].filter(s => s.getAttribute('role') !== 'img' || !s.querySelector('title') || !s.querySelector('desc')).length,
    scripts: document.scripts.length, wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
})()`

// The page as a browser has it: nothing goes wrong, nothing is asked for, and
// it can be read in light and dark, on a phone and on paper.
func TestAuditPageInABrowser(t *testing.T) {
	b := startBrowser(t)
	dir := t.TempDir()
	for _, s := range auditScenes(t) {
		text, err := AuditHTML(s.audit, auditedAt)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, s.name+".html")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{1280, 390} {
			for _, scheme := range []string{"light", "dark"} {
				b.as(width, "screen", scheme)
				b.open(path)
				b.lookAt(fmt.Sprintf("%s at %d in %s", s.name, width, scheme), path)
			}
		}
		// On paper nothing can be unfolded, and a dark page wastes ink.
		b.as(800, "print", "dark")
		b.open(path)
		b.lookAt(s.name+" on paper", path)
		var paper struct {
			Hidden int
			Back   string
		}
		b.ask(paperScript, &paper)
		if paper.Hidden > 0 || paper.Back != "rgb(255, 255, 255)" {
			t.Errorf("%s on paper: %d lines are folded away, on %s", s.name, paper.Hidden, paper.Back)
		}
	}
}

// paperScript counts what is folded away, and tells the colour behind it all.
const paperScript = `({
  hidden: [...document.querySelectorAll('details li')].filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length,
  back: getComputedStyle(document.body).backgroundColor,
})`

func (b *browser) lookAt(what, path string) {
	b.t.Helper()
	var contrast struct {
		Seen int
		Out  []string
	}
	b.ask(contrastScript, &contrast)
	if contrast.Seen < 10 || len(contrast.Out) > 0 {
		b.t.Errorf("%s: of %d texts these stand out too little: %q", what, contrast.Seen, contrast.Out)
	}
	var s struct {
		Lang, Title                                            string
		Landmarks                                              []int
		FirstHead, Ones, Jumps, Twice, Pictures, Scripts, Wide int
		Lost                                                   []string
	}
	b.ask(structureScript, &s)
	if s.Lang != "en" || s.Title == "" || fmt.Sprint(s.Landmarks) != "[1 1 1]" || s.FirstHead != 1 || s.Ones != 1 || s.Jumps != 0 ||
		s.Twice != 0 || len(s.Lost) > 0 || s.Pictures != 0 || s.Scripts != 0 || s.Wide > 0 {
		b.t.Errorf("%s: the structure is not right: %+v", what, s)
	}
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
			b.t.Errorf("%s: the browser says %s", what, e.Params)
		case "Network.requestWillBeSent":
			var r struct{ Request struct{ URL string } }
			if err := json.Unmarshal(e.Params, &r); err != nil || r.Request.URL != "file://"+path {
				b.t.Errorf("%s: the page asks for %s", what, r.Request.URL)
			}
		}
	}
}

// The test must be able to see what it looks for.
func TestABrowserSeesABadPage(t *testing.T) {
	b := startBrowser(t)
	path := filepath.Join(t.TempDir(), "bad.html")
	bad := `<!doctype html><html lang="en"><title>x</title><body><p style="color:#bbb;background:#fff">faint</p><h1>a</h1><h3>b</h3>` +
		`<img src="https://example.invalid/x.png"><script>console.error("no")</script></body></html>`
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(path)
	var contrast struct{ Out []string }
	b.ask(contrastScript, &contrast)
	var structure struct{ Jumps, Scripts int }
	b.ask(structureScript, &structure)
	if len(contrast.Out) != 1 || structure.Jumps != 1 || structure.Scripts != 1 {
		t.Errorf("a bad page looks good: %v, %+v", contrast.Out, structure)
	}
	asked := 0
	for _, e := range b.events {
		if e.Method == "Network.requestWillBeSent" || e.Method == "Runtime.consoleAPICalled" {
			asked++
		}
	}
	if asked < 3 {
		t.Errorf("a page that asks for a picture and complains made %d events, want 3 or more", asked)
	}
}

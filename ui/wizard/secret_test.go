package wizard

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/ui/ask"
)

// toReveal goes as far as the secret's screen.
func toReveal(t *testing.T) *driver {
	d := drive(t, freshAccount(), func(o *Options) {
		o.Request = bothRequest()
		o.Request.Handover = ask.PlaceReveal
	})
	d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter").until("enter apply")
	return d.press("enter").until("Carry this out?").press("down", "enter").until("shown once")
}

// printed are all messages so far, however somebody might log them.
func (d *driver) printed() string {
	var b strings.Builder
	for _, m := range d.seen {
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n%s\n", m, m, m, m)
	}
	return b.String()
}

func TestSecretIsOnOneScreenOnly(t *testing.T) {
	d := toReveal(t)
	d.has(fakeSecret, "AKIAIOSFODNN7EXAMPLE")
	// An enter that was pressed ahead clears nothing.
	d.ahead("enter")
	d.has("I have saved it")
	d.press("enter").has(fakeSecret, "Is it saved?")
	d.ahead("enter")
	d.has(fakeSecret)
	d.press("enter").until("The publishing identity is in place").lacks(fakeSecret)
	if d.copied != "" {
		t.Error("something was copied without being asked for")
	}
	if strings.Contains(d.printed(), fakeSecret) {
		t.Error("a message prints the secret")
	}
	out, err := d.outcome()
	if err != nil || out.Err != nil || out.Result.Install.Handover != "the screen, once" {
		t.Errorf("got %v, %+v", err, out)
	}
	if strings.Contains(fmt.Sprintf("%+v %#v", out, out), fakeSecret) {
		t.Error("the outcome prints the secret")
	}
}

func TestSecretIsCopiedOnRequest(t *testing.T) {
	d := toReveal(t).press("c").until("Asked the terminal")
	d.waitFor("the clipboard", func() bool { return d.copied == fakeSecret })
	d.press("a")
	d.waitFor("the clipboard", func() bool { return strings.Contains(d.copied, "BUILD_AWS_SECRET_ACCESS_KEY="+fakeSecret) })
}

// A secret that nobody took is a failure that names the key, so that it can be
// deleted.
func TestSecretThatIsNotTaken(t *testing.T) {
	d := toReveal(t).press("ctrl+c").has("ctrl+c throw it away").press("c").has("ctrl+c stop")
	d.press("ctrl+c", "ctrl+c").until("Something went wrong")
	d.has("AKIAIOSFODNN7EXAMPLE", "delete it").lacks(fakeSecret)
	d.press("esc").untilQuit()
	if out, err := d.outcome(); err != nil || !errors.Is(out.Err, errUnseen) {
		t.Errorf("got %v, %v", err, out.Err)
	}
}

// A program that goes away with the secret on the screen does not wait for it
// to be taken.
func TestGoneWithTheSecretOnScreen(t *testing.T) {
	d := toReveal(t)
	out, err := d.outcome()
	if err != nil || !errors.Is(out.Err, errUnseen) || !out.Applied {
		t.Errorf("got %v, %+v", err, out.Err)
	}
}

// A screen that is 40 wide is narrower than a secret: it wraps, and no
// character is lost.
func TestSecretIsWholeWhereItWraps(t *testing.T) {
	d := toReveal(t)
	d.resize(40, 24)
	if got := strings.ReplaceAll(d.flat(), " ", ""); !strings.Contains(got, fakeSecret) {
		t.Errorf("the frame lacks characters of the secret:\n%s", d.frame())
	}
}

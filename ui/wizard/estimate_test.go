package wizard

import (
	"context"
	"errors"
	"testing"
)

// What the answers come to stands below them and follows what is typed: first
// for an account that holds nothing, then for the one that is there.
func TestNumbersFollowWhatIsTyped(t *testing.T) {
	f := thinAccount(t)
	d := drive(t, f, func(o *Options) { o.Request = bothRequest() }).until("enter yes, go on").press("enter", "enter")
	d.until("as the account is now").has("Comes to 0 to add, 1 to change, 0 to remove; 1 call")
	d.press("2").has("Comes to 10 to add, 0 to change, 0 to remove; 10 calls", "if the account holds nothing of it yet")
	d.press("backspace").has("1 to change", "as the account is now")
	d.press(" x").has("is told here, once the names are given").lacks("Comes to")
	d.press("backspace", "backspace", "2", "enter").until("as the account is now").has("to add")
	if len(f.done) > 0 {
		t.Errorf("looking has done %v", f.done)
	}
}

// An account that cannot be read is the preview's to tell; here the numbers are
// those of an empty one, and are called so.
func TestNumbersOfAnAccountThatCannotBeRead(t *testing.T) {
	f := freshAccount()
	tried := make(chan struct{})
	f.reading(func(_ context.Context, nth int) error {
		if nth == 1 {
			close(tried)
		}
		return errors.New("no")
	})
	d := drive(t, f, func(o *Options) { o.Request = bothRequest() }).until("enter yes, go on").press("enter", "enter")
	d.untilClosed(tried)
	d.has("10 to add", "if the account holds nothing of it yet").lacks("as the account is now")
}

// Where there is no room for both, the questions come first.
func TestNumbersGiveWayToTheQuestions(t *testing.T) {
	d := drive(t, freshAccount(), func(o *Options) { o.Request = bothRequest() }).until("enter yes, go on").press("enter", "enter")
	d.until("as the account is now")
	d.resize(80, 13)
	d.lacks("Comes to").has("Secret goes to")
	d.resize(80, 30)
	d.has("Comes to")
}

package wizard

import "charm.land/bubbles/v2/key"

func bind(shown, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))
}

// onlyIf gives the binding enabled or not.
func onlyIf(enabled bool, b key.Binding) key.Binding {
	b.SetEnabled(enabled)
	return b
}

func nextKey(does string) key.Binding { return bind("enter", does, "enter") }

func retryKey(does string) key.Binding { return bind("r", does, "r") }

func backKey() key.Binding { return bind("esc", "back", "esc", "alt+esc") }

func quitKey(does string) key.Binding { return bind("ctrl+c", does, "ctrl+c") }

// helpKey is f1 where a question mark is text.
func helpKey(typing bool) key.Binding {
	if typing {
		return bind("f1", "help", "f1")
	}
	return bind("?", "help", "?", "f1")
}

func chooseKey(arrows string) key.Binding { return bind(arrows, "choose", "up", "down") }

// moveKeys scroll a page that does not fit.
func moveKeys(arrows string) key.Binding {
	return bind(arrows, "scroll", "up", "down", "pgup", "pgdown", "home", "end")
}

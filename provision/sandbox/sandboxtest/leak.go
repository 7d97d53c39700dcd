package sandboxtest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// window is how much of a secret must be there to be found: a secret that was
// cut short or broken over two lines is out as well.
const window = 16

// Planted are secrets that are searched for where none may be: as they are,
// and in every form in which a program might pass them on without meaning to.
type Planted struct {
	// forms tells for each piece of each form what it is a piece of.
	forms map[string]string
}

// Plant takes the secrets to search for.
func Plant(secrets ...string) Planted {
	p := Planted{forms: map[string]string{}}
	for _, s := range secrets {
		p.add("as it is", s)
		p.add("URL-encoded", url.QueryEscape(s))
		p.add("URL-encoded", strings.ToLower(url.QueryEscape(s)))
		p.add("URL-encoded", lowerPercent(url.QueryEscape(s)))
		p.add("JSON-escaped", strings.ReplaceAll(s, "/", `\/`))
		p.add("JSON-escaped", strings.NewReplacer("/", `\u002f`, "+", `\u002b`).Replace(s))
		p.add("JSON-escaped", strings.NewReplacer("/", `\u002F`, "+", `\u002B`).Replace(s))
		p.add("JSON-escaped", strings.ReplaceAll(s, "+", `\u002b`))
		p.add("HTML-escaped", html.EscapeString(strings.ReplaceAll(s, "+", "&#43;")))
		p.add("HTML-escaped", strings.NewReplacer("/", "&#x2F;", "+", "&#x2B;").Replace(s))
		p.add("in hex", hex.EncodeToString([]byte(s)))
		p.add("in hex", strings.ToUpper(hex.EncodeToString([]byte(s))))
		p.add("as numbers", strings.Trim(fmt.Sprintf("%v", []byte(s)), "[]"))
		p.add("as UTF-16", strings.Join(strings.Split(s, ""), "\x00"))
		p.addBase64(s)
	}
	return p
}

// addBase64 adds what base64 makes of the secret, alone or inside something
// longer: what comes before decides on one of three alignments, and the first
// and last digits belong in part to the neighbours.
func (p Planted) addBase64(s string) {
	for before := range 3 {
		padded := strings.Repeat("\x00", before) + s
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			digits := enc.EncodeToString([]byte(padded))
			skip := (before*8 + 5) / 6
			p.add("in base64", digits[skip:len(digits)-2])
		}
	}
}

// add takes every piece of a form that no form before it has.
func (p Planted) add(form, text string) {
	for i := 0; i+window <= len(text); i++ {
		if _, known := p.forms[text[i:i+window]]; !known {
			p.forms[text[i:i+window]] = form
		}
	}
}

// lowerPercent makes %2F of a URL %2f and leaves all else.
func lowerPercent(s string) string {
	return strings.NewReplacer("%2F", "%2f", "%2B", "%2b").Replace(s)
}

// In tells in which form a secret is in the text, "" when none is.
func (p Planted) In(text string) string {
	for i := 0; i+window <= len(text); i++ {
		if form, ok := p.forms[text[i:i+window]]; ok {
			return form
		}
	}
	return ""
}

// InTree tells which files below root hold a secret, in their content or in
// their name, other than those that may. A root that is not there holds none.
func (p Planted) InTree(root string, mayHold ...string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if form := p.In(path); form != "" {
			found = append(found, fmt.Sprintf("%s: in the name, %s", path, form))
		}
		if !d.Type().IsRegular() || slices.Contains(mayHold, path) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if form := p.In(string(text)); form != "" {
			found = append(found, fmt.Sprintf("%s: %s", path, form))
		}
		return nil
	})
	if os.IsNotExist(err) {
		err = nil
	}
	return found, err
}

package command

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nullplatform/slipway/provision/sandbox"
)

const (
	outputText     = "text"
	outputJSON     = "json"
	outputMarkdown = "markdown"
)

// commonFlags are the flags of every command that works on an account.
type commonFlags struct {
	profile  string
	region   string
	endpoint string
	sandbox  string
	output   string
	plain    bool
	noColor  bool
	logFile  string
	// formats are what --output may be; nil for text, JSON and Markdown.
	formats []string
}

func (c *commonFlags) add(fl *pflag.FlagSet) {
	c.addHome(fl)
	c.addOutput(fl)
}

// addHome leaves --output out: what is asked on a screen is told there.
func (c *commonFlags) addHome(fl *pflag.FlagSet) {
	fl.StringVar(&c.sandbox, "sandbox", "", "on an emulated account; `SCENARIO` fresh by default")
	fl.Lookup("sandbox").NoOptDefVal = "fresh"
	c.addAccount(fl)
}

// addLasting leaves --sandbox out: its account ends with the process, so there
// is nothing in it to go on with.
func (c *commonFlags) addLasting(fl *pflag.FlagSet) {
	c.addAccount(fl)
	c.addOutput(fl)
}

func (c *commonFlags) addOutput(fl *pflag.FlagSet) {
	fl.StringVar(&c.output, "output", outputText, alternatives(c.outputs())+" (`FORMAT`)")
}

// addAccount adds what says which account, and how it is shown.
func (c *commonFlags) addAccount(fl *pflag.FlagSet) {
	fl.StringVar(&c.profile, "profile", "", "the AWS profile `NAME` (default: the SDK's own chain)")
	fl.StringVar(&c.region, "region", "", "the AWS region `NAME` (default: the SDK's own chain)")
	fl.StringVar(&c.endpoint, "endpoint-url", "", "talk to `URL` instead of AWS")
	fl.BoolVar(&c.plain, "plain", false, "ask in lines, fit for screen readers; ACCESSIBLE does the same")
	fl.BoolVar(&c.noColor, "no-color", false, "no colour; NO_COLOR does the same")
	fl.StringVar(&c.logFile, "log-file", "", "append a log of the calls, without secrets, to `FILE`")
	rarely(fl, "region", "endpoint-url", "plain", "no-color", "log-file")
}

// outputs lists what --output may be.
func (c *commonFlags) outputs() []string {
	if c.formats == nil {
		return []string{outputText, outputJSON, outputMarkdown}
	}
	return c.formats
}

// alternatives joins words, with "or" before the last.
func alternatives(list []string) string {
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// validate refuses values that cannot be used, before anything is opened.
func (c *commonFlags) validate() error {
	if c.output == "" {
		c.output = outputText
	}
	if formats := c.outputs(); !slices.Contains(formats, c.output) {
		return usage("--output %s is unknown; use one of %s", c.output, strings.Join(formats, ", "))
	}
	if c.sandbox == "" {
		return nil
	}
	if known := sandbox.Scenarios(); !slices.Contains(known, c.sandbox) {
		return usage("--sandbox=%s is unknown; use one of %s", c.sandbox, strings.Join(known, ", "))
	}
	if c.endpoint != "" || c.profile != "" {
		return usage("--sandbox makes its own account; leave --endpoint-url and --profile out")
	}
	return nil
}

package command

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Release says what a release was built from. What is empty is looked up in
// the build information that Go records.
type Release struct {
	// Version is the version without a leading v.
	Version string
	// Commit is the whole hash.
	Commit string
	// Date is when the commit was made, in RFC 3339.
	Date string
}

// build is what is known of the program that runs.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Date    string `json:"date,omitempty"`
	// Modified is true when files differed from the commit.
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(e Edge) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  slipway version\n  slipway version --output json",
		Args:    flagsAlone,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			b := newBuild(e.Release, info)
			switch output {
			case outputText:
				return say(e.Stdout, b.String())
			case outputJSON:
				text, err := json.MarshalIndent(b, "", "  ")
				if err != nil {
					return err
				}
				return say(e.Stdout, string(text))
			}
			return usage("--output %s is unknown; use one of %s, %s", output, outputText, outputJSON)
		},
	}
	cmd.Flags().StringVar(&output, "output", outputText, "text or json (`FORMAT`)")
	return cmd
}

// newBuild joins what the release says with what Go recorded; info is nil
// where it recorded nothing.
func newBuild(r Release, info *debug.BuildInfo) build {
	b := build{
		Version: r.Version, Commit: r.Commit, Date: r.Date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if info == nil {
		info = &debug.BuildInfo{}
	}
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	b.Version = cmp.Or(b.Version, strings.TrimPrefix(info.Main.Version, "v"), "(devel)")
	if b.Commit == "" {
		b.Commit, b.Modified = recorded["vcs.revision"], recorded["vcs.modified"] == "true"
	}
	if b.Date == "" {
		b.Date = recorded["vcs.time"]
	}
	return b
}

// String is the build in one line.
func (b build) String() string {
	s := "slipway " + b.Version
	var from []string
	if b.Commit != "" {
		commit := "commit " + b.Commit[:min(12, len(b.Commit))]
		if b.Modified {
			commit += ", modified"
		}
		from = append(from, commit)
	}
	if b.Date != "" {
		from = append(from, b.Date)
	}
	from = append(from, fmt.Sprintf("%s %s", b.Go, b.Platform))
	return s + " (" + strings.Join(from, ", ") + ")"
}

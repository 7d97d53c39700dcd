package command

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nullplatform/slipway/provision/sandbox"
)

// values are what a shell may offer for a flag, whatever the command it
// belongs to. They come from files on this machine alone: a shell that waits
// for the network is worse than one that offers nothing.
func values(e Edge) map[string]func() []string {
	fixed := func(all ...string) func() []string { return func() []string { return all } }
	return map[string]func() []string{
		"sandbox":  scenarios,
		"scenario": scenarios,
		"profile":  func() []string { return profiles(e) },
		"contract": fixed("6.1", "5.0"),
		"to":       fixed("6.1", "5.0"),
		"route":    routes,
		"emit":     fixed(emitTofu),
		"move":     fixed(moveBlocks, moveState),
		"show":     fixed(showChanges, showAccess, showDocuments, showCalls, showGraph, showAll),
		"handover": fixed("file:", "age:", "keyring:", "stdout"),
		"expect":   fixed("upgrade", "install", "nothing"),
		"output":   fixed(outputText, outputJSON, outputMarkdown),
		// A command's own values come before those of the flag.
		"version output": fixed(outputText, outputJSON),
		"audit output":   fixed(outputText, outputJSON, outputMarkdown, outputSARIF, outputHTML, outputCSV),
		"fail-on":        fixed("high", "medium", "low", "advice", failNever),
		"cluster":        func() []string { return keptClusters(e) },
		"account":        func() []string { return profiles(e) },
	}
}

// completeFlags tells every command of the tree what its flags may be.
func completeFlags(root *cobra.Command, e Edge) {
	known := values(e)
	for _, c := range root.Commands() {
		completeFlags(c, e)
	}
	root.Flags().VisitAll(func(f *pflag.Flag) {
		offer, ok := known[root.Name()+" "+f.Name]
		if !ok {
			offer, ok = known[f.Name]
		}
		if !ok {
			return
		}
		// A value that ends in a colon goes on, so no space follows.
		directive := cobra.ShellCompDirectiveNoFileComp
		if f.Name == "handover" {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		_ = root.RegisterFlagCompletionFunc(f.Name, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return offer(), directive
		})
	})
}

func scenarios() []string {
	var out []string
	for _, name := range sandbox.Scenarios() {
		out = append(out, cobra.CompletionWithDesc(name, sandbox.About(name)))
	}
	return out
}

// profiles are the names in the AWS configuration and credentials files.
// See https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-files.html.
func profiles(e Edge) []string {
	home := e.Env("HOME")
	if home == "" {
		home = e.Env("USERPROFILE")
	}
	file := func(variable, name string) string {
		if path := e.Env(variable); path != "" {
			return path
		}
		return filepath.Join(home, ".aws", name)
	}
	var names []string
	for _, section := range sections(file("AWS_CONFIG_FILE", "config")) {
		if section == "default" {
			names = append(names, section)
		} else if name, ok := strings.CutPrefix(section, "profile "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	names = append(names, sections(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"))...)
	slices.Sort(names)
	return slices.Compact(names)
}

// keptClusters are the clusters that slipway has worked on from this machine,
// whatever came of it. Their journals are not read.
func keptClusters(e Edge) []string {
	root, err := stateRoot(e)
	if err != nil {
		return nil
	}
	accounts, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	in := map[string][]string{}
	for _, a := range accounts {
		clusters, err := os.ReadDir(filepath.Join(root, a.Name()))
		if err != nil {
			continue // A file that is none of ours.
		}
		for _, c := range clusters {
			if c.IsDir() {
				name := clusterOf(c.Name())
				in[name] = append(in[name], a.Name())
			}
		}
	}
	var out []string
	for name, accounts := range in {
		out = append(out, cobra.CompletionWithDesc(name, "in "+strings.Join(accounts, ", ")))
	}
	slices.Sort(out)
	return out
}

// sections are the headings of an INI file; none when it cannot be read.
func sections(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	var out []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(text, "[") && strings.Contains(text, "]") {
			out = append(out, strings.TrimSpace(text[1:strings.Index(text, "]")]))
		}
	}
	return out
}

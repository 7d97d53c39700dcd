package command

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Help has two lengths. --help fits on one small screen: what the command is
// for, examples, and the flags that most runs need. slipway help COMMAND has
// all flags. Both come from the command itself, as the manual pages do.

// helpWidth is how wide help is: the width of the smallest usual terminal.
const helpWidth = 80

// rareKey marks flags that only slipway help COMMAND shows.
const rareKey = "slipway_rare"

// rarely keeps flags out of --help. A name that there is not is a defect.
func rarely(fl *pflag.FlagSet, names ...string) {
	for _, name := range names {
		f := fl.Lookup(name)
		if f == nil {
			panic("no flag --" + name)
		}
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[rareKey] = []string{"true"}
	}
}

// helpFully gives root both lengths of help.
func helpFully(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		fmt.Fprint(cmd.OutOrStdout(), helpText(cmd, false))
	})
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := fmt.Fprint(cmd.OutOrStderr(), helpText(cmd, false))
		return err
	})
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show all flags of a command",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []string
			for _, c := range root.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(root, args)
			}
			fmt.Fprint(cmd.OutOrStdout(), helpText(about, true))
			return nil
		},
	})
}

// helpText is the help of a command, with all flags or the usual ones.
func helpText(cmd *cobra.Command, full bool) string {
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	parts := []string{strings.TrimSpace(about), "Usage: " + usageLine(cmd)}
	if commands := commandLines(cmd); commands != "" {
		parts = append(parts, "Commands\n"+commands)
	}
	if cmd.Example != "" {
		parts = append(parts, "Examples\n"+strings.TrimRight(cmd.Example, "\n"))
	}
	flags, hidden := flagLines(cmd, full)
	if flags != "" {
		parts = append(parts, "Flags\n"+flags)
	}
	switch {
	case hidden && cmd.HasAvailableSubCommands():
		parts = append(parts, "More about one: "+cmd.CommandPath()+" COMMAND --help. All flags: "+cmd.CommandPath()+" help")
	case hidden:
		parts = append(parts, "All flags: slipway help "+strings.TrimPrefix(cmd.CommandPath(), "slipway "))
	case cmd.HasAvailableSubCommands():
		parts = append(parts, "More about one: "+cmd.CommandPath()+" COMMAND --help")
	}
	return strings.Join(parts, "\n\n") + "\n"
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() && cmd.Runnable() {
		return cmd.CommandPath() + " [COMMAND]"
	}
	return cmd.UseLine()
}

func commandLines(cmd *cobra.Command) string {
	var rows [][2]string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			rows = append(rows, [2]string{c.Name(), c.Short})
		}
	}
	return columns(rows)
}

// flagLines lists the flags, and tells whether some were left out.
func flagLines(cmd *cobra.Command, full bool) (text string, hidden bool) {
	var rows [][2]string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		switch {
		case f.Hidden, f.Name == "help":
		case !full && f.Annotations[rareKey] != nil:
			hidden = true
		default:
			rows = append(rows, flagRow(f))
		}
	})
	return columns(rows), hidden
}

// flagRow is a flag with its value's name, and what it is for. A name that
// stands in parentheses in the text is there for its name alone.
func flagRow(f *pflag.Flag) [2]string {
	name, text := pflag.UnquoteUsage(f)
	text = strings.Replace(text, " ("+name+")", "", 1)
	flag := "--" + f.Name
	switch {
	case f.NoOptDefVal != "" && f.Value.Type() != "bool":
		flag += "[=" + name + "]"
	case name != "":
		flag += " " + name
	}
	if def := f.DefValue; def != "" && def != "false" && def != "[]" && def != "0s" && !strings.Contains(text, "default") {
		text += " (default " + strings.Trim(def, "[]") + ")"
	}
	return [2]string{flag, text}
}

// columns sets rows in two columns and wraps the second.
func columns(rows [][2]string) string {
	wide := 0
	for _, r := range rows {
		wide = max(wide, min(len(r[0]), 24))
	}
	var lines []string
	for _, r := range rows {
		first := "  " + r[0]
		indent := strings.Repeat(" ", wide+4)
		if len(r[0]) > wide {
			lines = append(lines, first)
			first = ""
		}
		for i, l := range strings.Split(ansi.Wordwrap(r[1], helpWidth-len(indent), ""), "\n") {
			if i > 0 {
				first = ""
			}
			lines = append(lines, fmt.Sprintf("%-*s%s", len(indent), first, l))
		}
	}
	return strings.Join(lines, "\n")
}

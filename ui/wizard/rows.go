package wizard

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/huh/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/view"
)

// row is one field of the details: what it is called, what it holds, how it is
// edited, and what there is to say about it.
type row struct {
	name  string
	label string
	// empty is shown for a value that was not given.
	empty string
	// chooses is true for a list, false for text.
	chooses bool
	// rows is how many lines the open field takes.
	rows     int
	build    func() huh.Field
	value    func() string
	hint     func() string
	problems func() []provision.Problem
}

// rows are the fields that apply to the answers so far, in their order.
func (d *details) rows() []row {
	a := &d.s.answers
	out := []row{d.clusterRow()}
	if a.s3 {
		out = append(out, d.bucketRow())
		if a.create || d.bucketUnknown() {
			out = append(out, d.createRow())
		}
	}
	out = append(out, d.placeRow())
	if a.place == placeFile {
		out = append(out, d.pathRow())
	}
	out = append(out, d.moreRow())
	if !a.more {
		return out
	}
	out = append(out, d.contractRow())
	if a.ecr {
		out = append(out, d.managerRow(), d.pullRow())
	}
	return append(out, d.boundaryRow(), d.tagsRow())
}

// text makes a row for a line of text of the request.
func (d *details) text(name, label, empty, placeholder string, value *string, hint func() string) row {
	return row{
		name: name, label: label, empty: empty, rows: 1,
		build: func() huh.Field {
			return huh.NewInput().Prompt("").Placeholder(placeholder).Accessor(trimmed{value})
		},
		value:    func() string { return *value },
		hint:     hint,
		problems: func() []provision.Problem { return d.s.answers.problems(name) },
	}
}

// trimmed keeps text without the spaces around it.
type trimmed struct{ value *string }

// Get gives the text.
func (t trimmed) Get() string { return *t.value }

// Set keeps the text.
func (t trimmed) Set(v string) { *t.value = strings.TrimSpace(v) }

// list makes a row for a choice.
func list[T comparable](name, label string, value *T, options []huh.Option[T], hint func() string) row {
	return row{
		name: name, label: label, chooses: true, rows: len(options),
		build: func() huh.Field {
			return huh.NewSelect[T]().Options(slices.Clone(options)...).Value(value)
		},
		value: func() string {
			for _, o := range options {
				if o.Value == *value {
					return o.Key
				}
			}
			return ""
		},
		hint:     hint,
		problems: func() []provision.Problem { return nil },
	}
}

func (d *details) clusterRow() row {
	a := &d.s.answers
	return d.text("cluster", "Cluster", "not named yet", "the modules' cluster_name", &a.cluster, func() string {
		if a.cluster == "" {
			return "The name that the modules call cluster_name."
		}
		return "user " + a.contract.Names(a.cluster).User
	})
}

func (d *details) bucketRow() row {
	a := &d.s.answers
	return d.text("bucket", "S3 bucket", "not named yet", "its name", &a.bucket, func() string {
		switch {
		case a.bucket == "" && len(d.s.buckets) > 0:
			return "Type a part of its name, or choose one of the account's:"
		case a.bucket == "":
			return "The bucket that CI puts zips and bundles into."
		case d.bucketUnknown() && len(d.matches()) > 0:
			return "None of the account's so far. The account has these:"
		case d.bucketUnknown():
			return "Not among the account's buckets. The next question is what to do if it is missing."
		}
		return "CI may put and get objects in it."
	})
}

// bucketUnknown reports whether the bucket's name is none that the account is
// known to have.
func (d *details) bucketUnknown() bool {
	a := d.s.answers
	return a.bucket != "" && len(d.s.buckets) > 0 && !slices.Contains(d.s.buckets, a.bucket) &&
		len(wrong(a.problems("bucket"))) == 0
}

func (d *details) createRow() row {
	return list("create", "If it is missing", &d.s.answers.create, []huh.Option[bool]{
		huh.NewOption("tell me on the preview", false),
		huh.NewOption("create it", true),
	}, func() string { return "A bucket that is made is private, encrypted and open to TLS only." })
}

func (d *details) placeRow() row {
	options := []huh.Option[string]{
		huh.NewOption("a file only you can read", placeFile),
		huh.NewOption("this screen, shown once", placeReveal),
	}
	if given := d.s.answers.given; given != "" {
		options = append(options, huh.NewOption("where you said: "+view.Inert(given), given))
	}
	return list("place", "Secret goes to", &d.s.answers.place, options, func() string {
		switch d.s.answers.place {
		case placeReveal:
			return "The secret can be read only once. You copy it into your CI's settings there and then."
		case d.s.answers.given:
			return "The secret can be read only once. The place is tried out before the key is made."
		}
		return "The secret can be read only once. The file is made new, never overwritten."
	})
}

func (d *details) pathRow() row {
	a := &d.s.answers
	r := d.text("path", "File", "not named yet", d.suggestedPath(), &a.path, func() string {
		if a.path == "" {
			return "A file that does not exist yet. Enter takes " + d.suggestedPath() + "."
		}
		if place, err := handover.NewFile(a.path); err == nil {
			return place.String()
		}
		return ""
	})
	r.problems = func() []provision.Problem {
		switch {
		case a.path == "":
			return []provision.Problem{{Field: "path", Rule: "is empty", Way: "name a file, such as " + d.suggestedPath()}}
		case strings.HasPrefix(a.path, "~"):
			return []provision.Problem{{
				Field: "path", Rule: fmt.Sprintf("%q begins with ~, which only a shell understands", a.path),
				Way: "write the directory out",
			}}
		}
		return nil
	}
	return r
}

func (d *details) suggestedPath() string {
	if c := d.s.answers.cluster; c != "" && len(wrong(d.s.answers.problems("cluster"))) == 0 {
		return c + "-credentials.env"
	}
	return "credentials.env"
}

func (d *details) moreRow() row {
	r := list("more", "Options", &d.s.answers.more, []huh.Option[bool]{
		huh.NewOption("the defaults", false),
		huh.NewOption("set them here", true),
	}, func() string {
		a := d.s.answers
		if a.more {
			return "They are below."
		}
		text := "contract " + string(provision.DefaultContract) + ", no permissions boundary, no tags"
		if a.ecr {
			text += ", nullplatform's application manager, no pull from other accounts"
		}
		return "Defaults: " + text + "."
	})
	return r
}

func (d *details) contractRow() row {
	about := map[provision.Contract]string{
		provision.Contract61: "6.1  modules 6.1 and later",
		provision.Contract50: "5.0  modules 5.0 to 6.0",
	}
	var options []huh.Option[provision.Contract]
	for _, c := range provision.Contracts() {
		text := about[c]
		if text == "" {
			text = string(c)
		}
		options = append(options, huh.NewOption(text, c))
	}
	r := list("contract", "Contract", &d.s.answers.contract, options, func() string {
		return "The release of the modules whose names and documents are made."
	})
	r.problems = func() []provision.Problem { return d.s.answers.problems("contract") }
	return r
}

func (d *details) managerRow() row {
	a := &d.s.answers
	return d.text("application_manager", "Application manager", "nullplatform's", "nullplatform's", &a.manager, func() string {
		return "ARN of the role that may assume the application role. Empty is " + provision.DefaultApplicationManager + "."
	})
}

func (d *details) pullRow() row {
	a := &d.s.answers
	return d.text("pull_accounts", "Pull accounts", "none", "none", &a.pull, func() string {
		return "IDs of other accounts that may pull images, separated by commas."
	})
}

func (d *details) boundaryRow() row {
	a := &d.s.answers
	return d.text("permissions_boundary", "Boundary", "none", "none", &a.boundary, func() string {
		return "ARN of a managed policy that bounds the build user and the application role."
	})
}

func (d *details) tagsRow() row {
	a := &d.s.answers
	return d.text("tags", "Tags", "none", "none", &a.tags, func() string {
		return "KEY=VALUE, separated by commas, on all that can carry tags."
	})
}

// cut shortens a line that is made inert already.
func cut(c view.Canvas, line string, width int) string {
	return ansi.Truncate(line, max(1, width), c.Glyphs.Ellipsis)
}

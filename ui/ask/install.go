package ask

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/provision/platform"
)

// Found is what is known of the account beforehand, so that it need not be
// typed. What is not known is empty.
type Found struct {
	// Buckets are the account's.
	Buckets []string
	// Clusters are those whose build user is there.
	Clusters []string
	// Platform names where a key for nullplatform comes from; without one
	// nothing is asked about it.
	Platform string
}

// Only is the cluster that is there, where there is no other; else empty.
func (f Found) Only() string {
	if len(f.Clusters) != 1 {
		return ""
	}
	return f.Clusters[0]
}

// form asks for the details of an install.
type form struct {
	a     *Answers
	found Found
	// screens says that the secret can be shown on a screen that leaves
	// nothing behind.
	screens bool
}

// Details are the questions that apply to the answers so far, in their order.
// With screens, a screen that shows the secret once is among the places for
// it.
func Details(a *Answers, found Found, screens bool) []Question {
	f := form{a: a, found: found, screens: screens}
	out := []Question{f.cluster()}
	if a.S3 {
		out = append(out, f.bucket())
		if a.Create || f.bucketUnknown() {
			out = append(out, f.create())
		}
	}
	if found.Platform != "" || a.Register {
		out = append(out, f.register())
		if a.Register {
			out = append(out, f.nrn())
		}
	}
	out = append(out, f.place())
	out = append(out, f.placeDetails()...)
	out = append(out, f.more())
	if !a.More {
		return out
	}
	out = append(out, f.contract())
	if a.ECR {
		out = append(out, f.manager(), f.pull())
	}
	return append(out, f.boundary(), f.tags())
}

// field is a text of the request, judged by the request's own rules.
func (f form) field(name, label, empty string, value *string, hint func() string) Question {
	return Question{
		Name: name, Label: label, Empty: empty, Placeholder: empty, Hint: hint,
		text:     value,
		problems: func() []provision.Problem { return f.a.Problems(name) },
	}
}

func (f form) cluster() Question {
	q := f.field("cluster", "Cluster", "not named yet", &f.a.Cluster, func() string {
		if f.a.Cluster == "" {
			return "The name that the modules call cluster_name."
		}
		user := "user " + f.a.Contract.Names(f.a.Cluster).User
		if slices.Contains(f.found.Clusters, f.a.Cluster) {
			return user + ", which is there already"
		}
		return user
	})
	q.Placeholder, q.Needed, q.Solid, q.Known = "such as demo", true, true, f.found.Clusters
	return q
}

func (f form) bucket() Question {
	q := f.field("bucket", "S3 bucket", "not named yet", &f.a.Bucket, func() string {
		switch {
		case f.a.Bucket == "":
			return "The bucket that CI puts zips and bundles into."
		case f.bucketUnknown():
			return "Not among the account's buckets. The next question is what to do if it is missing."
		}
		return "CI may put and get objects in it."
	})
	q.Placeholder, q.Needed, q.Solid, q.Known = "its name", true, true, f.found.Buckets
	return q
}

// bucketUnknown reports whether the bucket's name is none that the account is
// known to have.
func (f form) bucketUnknown() bool {
	return f.a.Bucket != "" && len(f.found.Buckets) > 0 && !slices.Contains(f.found.Buckets, f.a.Bucket) &&
		len(Wrong(f.a.Problems("bucket"))) == 0
}

func (f form) create() Question {
	return choice("create", "If it is missing", &f.a.Create,
		[]bool{false, true}, []string{"tell me on the preview", "create it"},
		func() string { return "A bucket that is made is private, encrypted and open to TLS only." })
}

func (f form) place() Question {
	values := []string{PlaceFile, PlaceAge, PlaceKeyring}
	texts := []string{"a file only you can read", "a file encrypted with age", "this computer's keyring"}
	if f.a.Register && f.a.ECR || f.a.Place == PlacePlatform {
		values, texts = append(values, PlacePlatform), append(texts, "nullplatform, which gives it to each build")
	}
	if f.screens {
		values, texts = append(values, PlaceReveal), append(texts, "this screen, shown once")
	}
	if f.a.Given != "" {
		values, texts = append(values, f.a.Given), append(texts, "where you said: "+f.a.Given)
	}
	q := choice("place", "Secret goes to", &f.a.Place, values, texts, func() string {
		const once = "The secret can be read only once. "
		switch f.a.Place {
		case PlaceReveal:
			return once + "You copy it into your CI's settings there and then."
		case PlacePlatform:
			return once + "It goes straight into the registration of ECR, and is kept nowhere else."
		case PlaceAge:
			return once + "Only who holds the age or SSH key can read the file."
		case PlaceKeyring, f.a.Given:
			return once + "The place is tried out before the key is made."
		}
		return once + "The file is made new, never overwritten."
	})
	q.problems = func() []provision.Problem {
		switch {
		case f.a.Place != PlacePlatform:
		case !f.a.Register:
			return []provision.Problem{{Field: "place", Rule: "is nullplatform, where nothing is registered", Way: "register, or choose another place"}}
		case !f.a.ECR:
			return []provision.Problem{{Field: "place", Rule: "is nullplatform, and the registration of a bucket carries no key", Way: "choose another place"}}
		}
		return nil
	}
	return q
}

func (f form) register() Question {
	return choice("register", "Register", &f.a.Register,
		[]bool{false, true}, []string{"not now", "tell nullplatform of it"}, func() string {
			if f.a.Register {
				return "nullplatform is asked before anything is changed, and told when the grants are in place. Then a small object is published as CI would."
			}
			return "nullplatform sends builds only to destinations that it knows. A key for it was found (" + f.found.Platform + "). It can be done later: run install again."
		})
}

func (f form) nrn() Question {
	return Question{
		Name: "nrn", Label: "NRN", Empty: "not given yet", Placeholder: "organization=1:account=2", Needed: true, Solid: true,
		text: &f.a.NRN,
		Hint: func() string {
			return "The place in nullplatform at which the destinations are registered, an account mostly."
		},
		problems: func() []provision.Problem { return platform.CheckNRN(f.a.NRN) },
	}
}

// placeDetails are what the place for the secret needs to know.
func (f form) placeDetails() []Question {
	switch f.a.Place {
	case PlaceFile:
		return []Question{f.path()}
	case PlaceAge:
		return []Question{f.recipient(), f.path()}
	case PlaceKeyring:
		return []Question{f.service()}
	}
	return nil
}

func (f form) path() Question {
	suggested := f.suggestedPath()
	return Question{
		Name: "path", Label: "File", Empty: "not named yet", Placeholder: suggested, Suggested: suggested, Needed: true,
		text: &f.a.Path,
		Hint: func() string {
			if f.a.Path == "" {
				return "A file that does not exist yet. Enter takes " + suggested + "."
			}
			if place, err := handover.NewFile(f.a.Path); err == nil {
				return place.String()
			}
			return ""
		},
		problems: func() []provision.Problem {
			switch {
			case f.a.Path == "":
				return []provision.Problem{{Field: "path", Rule: "is empty", Way: "name a file, such as " + suggested}}
			case strings.HasPrefix(f.a.Path, "~"):
				return []provision.Problem{{
					Field: "path", Rule: fmt.Sprintf("%q begins with ~, which only a shell understands", f.a.Path),
					Way: "write the directory out",
				}}
			}
			return nil
		},
	}
}

func (f form) suggestedPath() string {
	name := "credentials.env"
	if c := f.a.Cluster; c != "" && len(Wrong(f.a.Problems("cluster"))) == 0 {
		name = c + "-" + name
	}
	if f.a.Place == PlaceAge {
		name += ".age"
	}
	return name
}

func (f form) recipient() Question {
	return Question{
		Name: "recipient", Label: "Encrypted for", Empty: "not named yet", Placeholder: "age1... or ssh-ed25519 ...", Needed: true,
		text: &f.a.Recipient,
		Hint: func() string { return "A public key of age or SSH. Only who holds the private key can read the file." },
		problems: func() []provision.Problem {
			if f.a.Recipient == "" {
				return []provision.Problem{{Field: "recipient", Rule: "is empty", Way: "name a public key"}}
			}
			_, err := handover.NewAge(f.a.Recipient, "x.age")
			return problemsOf("recipient", err)
		},
	}
}

func (f form) service() Question {
	return Question{
		Name: "service", Label: "Keyring service", Empty: "slipway's own name", Placeholder: "slipway's own name",
		text: &f.a.Service,
		Hint: func() string { return "The name under which the keyring files it. Empty takes slipway's own." },
		problems: func() []provision.Problem {
			_, err := handover.NewKeyring(f.a.Service)
			return problemsOf("service", err)
		},
	}
}

func (f form) more() Question {
	return choice("more", "Options", &f.a.More, []bool{false, true}, []string{"the defaults", "set them here"}, func() string {
		if f.a.More {
			return "They are below."
		}
		text := "contract " + string(provision.DefaultContract) + ", no permissions boundary, no tags"
		if f.a.ECR {
			text += ", nullplatform's application manager, no pull from other accounts"
		}
		return "Defaults: " + text + "."
	})
}

func (f form) contract() Question {
	q := contractOf("contract", "Contract", &f.a.Contract, "The release of the modules whose names and documents are made.")
	q.problems = func() []provision.Problem { return f.a.Problems("contract") }
	return q
}

func contractOf(name, label string, value *provision.Contract, hint string) Question {
	about := map[provision.Contract]string{
		provision.Contract61: "6.1  modules 6.1 and later",
		provision.Contract50: "5.0  modules 5.0 to 6.0",
	}
	var texts []string
	for _, c := range provision.Contracts() {
		text := about[c]
		if text == "" {
			text = string(c)
		}
		texts = append(texts, text)
	}
	return choice(name, label, value, provision.Contracts(), texts, func() string { return hint })
}

func (f form) manager() Question {
	q := f.field("application_manager", "Application manager", "nullplatform's", &f.a.Manager, func() string {
		return "ARN of the role that may assume the application role. Empty is " + provision.DefaultApplicationManager + "."
	})
	q.Solid = true
	return q
}

func (f form) pull() Question {
	return f.field("pull_accounts", "Pull accounts", "none", &f.a.Pull, func() string {
		return "IDs of other accounts that may pull images, separated by commas."
	})
}

func (f form) boundary() Question {
	q := f.field("permissions_boundary", "Boundary", "none", &f.a.Boundary, func() string {
		return "ARN of a managed policy that bounds the build user and the application role."
	})
	q.Solid = true
	return q
}

func (f form) tags() Question {
	return f.field("tags", "Tags", "none", &f.a.Tags, func() string {
		return "KEY=VALUE, separated by commas, on all that can carry tags."
	})
}

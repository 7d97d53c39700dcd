package ask

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// Answers are what the person said, as they said it. What does not apply at
// the moment, such as a bucket without an S3 destination, is kept here and left
// out of the request.
type Answers struct {
	ECR, S3 bool
	Cluster string
	Bucket  string
	Create  bool

	// Place is one of the places below, or Given. Path is of a file,
	// Recipient of an encrypted one, Service of a keyring.
	Place     string
	Path      string
	Recipient string
	Service   string
	// Given is a place that came with the request and is not one of those
	// that are offered anyway; empty when there is none.
	Given string

	// Register says that nullplatform is told of the destinations, at NRN.
	// Narrowed and NamingRule are not asked for.
	Register   bool
	NRN        string
	Narrowed   string
	NamingRule string

	// More says that the options below are wanted. Without it they are kept
	// here, but the defaults count.
	More     bool
	Contract provision.Contract
	Manager  string
	Pull     string
	Boundary string
	Tags     string

	// Partition is not asked for.
	Partition string
}

// The places that are offered for the secret.
const (
	PlaceFile    = "file"
	PlaceAge     = "age"
	PlaceKeyring = "keyring"
	PlaceReveal  = "reveal"
)

// AnswersOf reads a request that flags or a file filled in.
func AnswersOf(req migrate.InstallRequest) Answers {
	spec := req.Spec
	_, ecr := spec.Destination(provision.ECR)
	_, s3 := spec.Destination(provision.S3)
	a := Answers{
		ECR: ecr, S3: s3,
		Cluster: spec.Cluster, Bucket: spec.Bucket(), Create: spec.CreateBucket,
		Contract: spec.Contract, Manager: spec.ApplicationManager,
		Pull: strings.Join(spec.PullAccounts, ", "), Boundary: spec.PermissionsBoundary,
		Tags: writeTags(spec.Tags), Partition: spec.Partition,
	}
	if a.Contract == "" {
		a.Contract = provision.DefaultContract
	}
	if a.Manager == provision.DefaultApplicationManager {
		a.Manager = ""
	}
	a.NRN, a.Narrowed, a.NamingRule = req.Register.NRN, writeTags(req.Register.Dimensions), req.Register.NamingRule
	a.Register = a.NRN != ""
	a.More = a.Contract != provision.DefaultContract || a.Manager+a.Pull+a.Boundary+a.Tags != ""
	a.readPlace(req.Handover)
	return a
}

func (a *Answers) readPlace(text string) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch {
	case text == "":
		a.Place = PlaceFile
	case scheme == PlaceFile:
		a.Place, a.Path = PlaceFile, rest
	case scheme == PlaceAge:
		a.Place = PlaceAge
		a.Recipient, a.Path, _ = strings.Cut(rest, ":")
	case scheme == PlaceKeyring:
		a.Place, a.Service = PlaceKeyring, rest
	case text == PlaceReveal, text == PlacePlatform:
		a.Place = text
	default:
		a.Given, a.Place = text, text
	}
}

// handover is the place as the command line writes it; empty while it is not
// decided.
func (a Answers) handover() string {
	switch {
	case a.Place == PlaceFile && a.Path == "", a.Place == PlaceAge && (a.Path == "" || a.Recipient == ""):
		return ""
	case a.Place == PlaceFile:
		return "file:" + a.Path
	case a.Place == PlaceAge:
		return "age:" + withoutComment(a.Recipient) + ":" + a.Path
	case a.Place == PlaceKeyring:
		return "keyring:" + a.Service
	}
	return a.Place
}

// withoutComment leaves the comment of an SSH key out: it says nothing, and may
// hold a colon.
func withoutComment(recipient string) string {
	if parts := strings.Fields(recipient); len(parts) > 2 && strings.HasPrefix(recipient, "ssh-") {
		return strings.Join(parts[:2], " ")
	}
	return recipient
}

// Request is what the answers ask for. It may not be valid.
func (a Answers) Request() migrate.InstallRequest {
	if !a.More {
		a.Contract, a.Manager, a.Pull, a.Boundary, a.Tags = provision.DefaultContract, "", "", "", ""
	}
	spec := provision.Spec{
		Cluster: a.Cluster, Contract: a.Contract,
		PermissionsBoundary: a.Boundary, Partition: a.Partition,
	}
	if a.ECR {
		spec.Destinations = append(spec.Destinations, provision.Destination{Kind: provision.ECR})
		spec.ApplicationManager = a.Manager
		spec.PullAccounts = words(a.Pull)
		spec.CrossAccountPull = len(spec.PullAccounts) > 0
	}
	if a.S3 {
		spec.Destinations = append(spec.Destinations, provision.Destination{Kind: provision.S3, Bucket: a.Bucket})
		spec.CreateBucket = a.Create
	}
	spec.Tags, _ = readTags(a.Tags)
	req := migrate.InstallRequest{Spec: spec, Handover: a.handover()}
	if a.Register {
		req.Register = migrate.Register{NRN: a.NRN, NamingRule: a.NamingRule}
		if a.S3 {
			req.Register.Dimensions, _ = readTags(a.Narrowed)
		}
	}
	return req
}

// Problems lists what is wrong with one field of the request.
func (a Answers) Problems(name string) []provision.Problem {
	var out []provision.Problem
	for _, p := range a.Request().Spec.Problems() {
		if p.Field == name {
			out = append(out, p)
		}
	}
	if name == "tags" && a.More {
		if _, wrong := readTags(a.Tags); wrong != "" {
			out = append(out, provision.Problem{
				Field: "tags", Rule: fmt.Sprintf("%q has no =", wrong), Way: "write them as KEY=VALUE, separated by commas",
			})
		}
	}
	return out
}

// Wrong leaves the warnings out.
func Wrong(all []provision.Problem) []provision.Problem {
	return slices.DeleteFunc(slices.Clone(all), func(p provision.Problem) bool { return p.Warning })
}

// words splits a list that a person wrote with commas, spaces or both.
func words(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
}

// readTags reads KEY=VALUE, separated by commas, and gives the first item that
// is none. No comma can be part of a tag.
func readTags(text string) (tags map[string]string, wrong string) {
	for _, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		k, v, ok := strings.Cut(item, "=")
		if !ok {
			return nil, item
		}
		if tags == nil {
			tags = map[string]string{}
		}
		tags[strings.TrimSpace(k)] = strings.TrimSpace(v)
	}
	return tags, ""
}

func writeTags(tags map[string]string) string {
	var items []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		items = append(items, k+"="+tags[k])
	}
	return strings.Join(items, ", ")
}

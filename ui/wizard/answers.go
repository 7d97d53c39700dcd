package wizard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
)

// answers are what the person said, as they said it. What does not apply at
// the moment, such as a bucket without an S3 destination, is kept here and left
// out of the request.
type answers struct {
	ecr, s3 bool
	cluster string
	bucket  string
	create  bool
	place   string
	path    string

	// more says that the options below are wanted. Without it they are kept
	// here, but the defaults count.
	more     bool
	contract provision.Contract
	manager  string
	pull     string
	boundary string
	tags     string

	// given is a place that came with the request and is not one of those
	// that are offered anyway; empty when there is none.
	given string

	// partition is not asked for.
	partition string
}

// The places that the wizard offers for the secret.
const (
	placeFile   = "file"
	placeReveal = "reveal"
)

// answersOf reads a request that flags or a file filled in.
func answersOf(req migrate.InstallRequest) answers {
	spec := req.Spec
	_, ecr := spec.Destination(provision.ECR)
	_, s3 := spec.Destination(provision.S3)
	a := answers{
		ecr: ecr, s3: s3,
		cluster: spec.Cluster, bucket: spec.Bucket(), create: spec.CreateBucket,
		place:    placeFile,
		contract: spec.Contract, manager: spec.ApplicationManager,
		pull: strings.Join(spec.PullAccounts, ", "), boundary: spec.PermissionsBoundary,
		tags: writeTags(spec.Tags), partition: spec.Partition,
	}
	if a.contract == "" {
		a.contract = provision.DefaultContract
	}
	if a.manager == provision.DefaultApplicationManager {
		a.manager = ""
	}
	a.more = a.contract != provision.DefaultContract || a.manager+a.pull+a.boundary+a.tags != ""
	switch path, isFile := strings.CutPrefix(req.Handover, "file:"); {
	case isFile:
		a.path = path
	case req.Handover == placeReveal:
		a.place = placeReveal
	case req.Handover != "":
		a.given, a.place = req.Handover, req.Handover
	}
	return a
}

// request is what the answers ask for. It may not be valid.
func (a answers) request() migrate.InstallRequest {
	if !a.more {
		a.contract, a.manager, a.pull, a.boundary, a.tags = provision.DefaultContract, "", "", "", ""
	}
	spec := provision.Spec{
		Cluster: a.cluster, Contract: a.contract,
		PermissionsBoundary: a.boundary, Partition: a.partition,
	}
	if a.ecr {
		spec.Destinations = append(spec.Destinations, provision.Destination{Kind: provision.ECR})
		spec.ApplicationManager = a.manager
		spec.PullAccounts = words(a.pull)
		spec.CrossAccountPull = len(spec.PullAccounts) > 0
	}
	if a.s3 {
		spec.Destinations = append(spec.Destinations, provision.Destination{Kind: provision.S3, Bucket: a.bucket})
		spec.CreateBucket = a.create
	}
	spec.Tags, _ = readTags(a.tags)
	req := migrate.InstallRequest{Spec: spec, Handover: a.place}
	if a.place == placeFile {
		req.Handover = ""
		if a.path != "" {
			req.Handover = "file:" + a.path
		}
	}
	return req
}

// problems lists what is wrong with one field of the request.
func (a answers) problems(name string) []provision.Problem {
	var out []provision.Problem
	for _, p := range a.request().Spec.Problems() {
		if p.Field == name {
			out = append(out, p)
		}
	}
	if name == "tags" && a.more {
		if _, wrong := readTags(a.tags); wrong != "" {
			out = append(out, provision.Problem{
				Field: "tags", Rule: fmt.Sprintf("%q has no =", wrong), Way: "write them as KEY=VALUE, separated by commas",
			})
		}
	}
	return out
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

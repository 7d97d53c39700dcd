package provision

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// The rules for the fields of a [Spec], one function a field, each usable
// alone so that the wizard can say what is wrong while the person types.

// lazy is a pattern that is compiled when it is first asked for, so that a
// start that needs none does not pay for it.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Lengths from "IAM and AWS STS quotas":
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxUserName    = 64
	maxTags        = 50
	maxTagKey      = 128
	maxTagValue    = 256
	maxClusterName = maxUserName - len(namePrefix) - len("-build-workflow-user")
)

// iamName is the character set of user, group, role and policy names:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
var iamName = lazy(`^[A-Za-z0-9_+=,.@-]+$`)

// CheckCluster checks a cluster name: it must leave room for the longest name
// that is built from it, the user's, and consist of IAM's characters.
func CheckCluster(name string) []Problem {
	bad := func(rule, way string) []Problem {
		return []Problem{{Field: "cluster", Rule: rule, Way: way}}
	}
	switch {
	case name == "":
		return bad("is empty", "give the cluster's name with --cluster NAME, as the modules' cluster_name")
	case !iamName().MatchString(name):
		return bad(fmt.Sprintf("%q has characters that IAM does not allow in names", name),
			"use letters, digits and + = , . @ _ - only")
	case len(name) > maxClusterName:
		return bad(fmt.Sprintf("has %d characters, and at most %d leave the user name nullplatform-…-build-workflow-user within IAM's %d",
			len(name), maxClusterName, maxUserName), "use a shorter name")
	case strings.HasPrefix(name, namePrefix):
		return []Problem{{
			Field: "cluster", Warning: true,
			Rule: fmt.Sprintf("%q already begins with %s, so names will begin with %s%s", name, namePrefix, namePrefix, namePrefix),
			Way:  fmt.Sprintf("use %q unless the doubled prefix is meant", strings.TrimPrefix(name, namePrefix)),
		}}
	}
	return nil
}

// CheckContract checks that install can make a contract.
func CheckContract(c Contract) []Problem {
	if c.Known() {
		return nil
	}
	var known []string
	for _, k := range Contracts() {
		known = append(known, string(k))
	}
	return []Problem{{
		Field: "contract", Rule: fmt.Sprintf("%q is not one that install can make", string(c)),
		Way: "use one of " + strings.Join(known, ", "),
	}}
}

func checkDestinations(ds []Destination) []Problem {
	if len(ds) == 0 {
		return []Problem{{Field: "destinations", Rule: "are empty", Way: "choose --ecr, --s3 BUCKET or both"}}
	}
	var out []Problem
	count := map[Kind]int{}
	for _, d := range ds {
		count[d.Kind]++
		switch d.Kind {
		case ECR:
			if d.Bucket != "" {
				out = append(out, Problem{
					Field: "destinations", Rule: fmt.Sprintf("give the bucket %q to ecr, which has none", d.Bucket),
					Way: "write it as a destination of kind s3",
				})
			}
		case S3:
			out = append(out, CheckBucket(d.Bucket)...)
		default:
			out = append(out, Problem{
				Field: "destinations", Rule: fmt.Sprintf("have the unknown kind %q", string(d.Kind)), Way: "use ecr or s3",
			})
		}
	}
	for _, k := range Kinds() {
		if count[k] > 1 {
			out = append(out, Problem{
				Field: "destinations",
				Rule:  fmt.Sprintf("name %s %d times, and the name of its policy has room for one", k, count[k]),
				Way:   "keep one; a second bucket needs a second cluster name",
			})
		}
	}
	return out
}

var bucketName = lazy(`^[a-z0-9.-]+$`)

// CheckBucket checks a bucket name against the rules for general purpose
// buckets:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func CheckBucket(name string) []Problem {
	bad := func(rule, way string) []Problem {
		return []Problem{{Field: "bucket", Rule: rule, Way: way}}
	}
	edge := func(c byte) bool { return c == '-' || c == '.' }
	switch {
	case name == "":
		return bad("is empty", "give the bucket's name with --s3 BUCKET")
	case len(name) < 3 || len(name) > 63:
		return bad(fmt.Sprintf("%q has %d characters", name, len(name)), "use 3 to 63 characters")
	case !bucketName().MatchString(name):
		return bad(fmt.Sprintf("%q has characters that S3 does not allow in bucket names", name),
			"use lower case letters, digits, dots and hyphens only")
	case edge(name[0]) || edge(name[len(name)-1]):
		return bad(fmt.Sprintf("%q begins or ends with a dot or hyphen", name), "begin and end with a letter or digit")
	case strings.Contains(name, ".."):
		return bad(fmt.Sprintf("%q has two dots in a row", name), "use single dots, or better hyphens")
	case isIPv4(name):
		return bad(fmt.Sprintf("%q looks like an IP address", name), "use a name that does not")
	}
	for _, p := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, p) {
			return bad(fmt.Sprintf("%q begins with %s, which S3 keeps for itself", name, p), "use another beginning")
		}
	}
	for _, s := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, s) {
			return bad(fmt.Sprintf("%q ends with %s, which S3 keeps for itself", name, s), "use another ending")
		}
	}
	if strings.Contains(name, ".") {
		return []Problem{{
			Field: "bucket", Warning: true,
			Rule: fmt.Sprintf("%q has a dot, so virtual-hosted addresses fail the TLS host check", name),
			Way:  "use hyphens where you can",
		}}
	}
	return nil
}

func isIPv4(name string) bool {
	a, err := netip.ParseAddr(name)
	return err == nil && a.Is4()
}

var (
	principalARN = lazy(`^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9_+=,.@/-]+)$`)
	policyARN    = lazy(`^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$`)
	accountID    = lazy(`^[0-9]{12}$`)
)

// CheckApplicationManager checks the ARN of the role that may assume the
// application role.
func CheckApplicationManager(arn string) []Problem {
	if principalARN().MatchString(arn) {
		return nil
	}
	return []Problem{{
		Field: "application_manager", Rule: fmt.Sprintf("%q is not the ARN of an IAM role, user or account root", arn),
		Way: "write it as " + DefaultApplicationManager + ", or leave it out for that default",
	}}
}

// CheckBoundary checks the ARN of a permissions boundary; empty means none.
func CheckBoundary(arn string) []Problem {
	if arn == "" || policyARN().MatchString(arn) {
		return nil
	}
	return []Problem{{
		Field: "permissions_boundary", Rule: fmt.Sprintf("%q is not the ARN of a managed policy", arn),
		Way: "write it as arn:aws:iam::123456789012:policy/NAME",
	}}
}

// CheckAccountID checks one account ID.
func CheckAccountID(field, id string) []Problem {
	if accountID().MatchString(id) {
		return nil
	}
	return []Problem{{
		Field: field, Rule: fmt.Sprintf("%q is not an account ID", id),
		Way: "write twelve digits, without hyphens",
	}}
}

func checkPull(s Spec) []Problem {
	var out []Problem
	_, ecr := s.Destination(ECR)
	switch {
	case s.CrossAccountPull && len(s.PullAccounts) == 0:
		out = append(out, Problem{
			Field: "pull_accounts", Rule: "are empty, but cross-account pull is asked for",
			Way: "name at least one account with --pull-account ID",
		})
	case !s.CrossAccountPull && len(s.PullAccounts) > 0:
		out = append(out, Problem{
			Field: "pull_accounts", Rule: "are given, but cross-account pull is off",
			Way: "set cross_account_pull, or leave the accounts out",
		})
	case s.CrossAccountPull && !ecr:
		out = append(out, Problem{
			Field: "cross_account_pull", Rule: "is about images, but there is no ECR destination",
			Way: "add --ecr, or leave it out",
		})
	}
	for i, id := range s.PullAccounts {
		out = append(out, CheckAccountID("pull_accounts", id)...)
		if slices.Contains(s.PullAccounts[:i], id) {
			out = append(out, Problem{
				Field: "pull_accounts", Rule: fmt.Sprintf("name %s twice", id), Way: "name it once",
			})
		}
	}
	return out
}

var tagText = lazy(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// checkTags applies IAM's rules for tags:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func checkTags(tags map[string]string) []Problem {
	var out []Problem
	bad := func(rule, way string) { out = append(out, Problem{Field: "tags", Rule: rule, Way: way}) }
	if len(tags) > maxTags {
		bad(fmt.Sprintf("are %d, and an entity holds at most %d", len(tags), maxTags), "leave some out")
	}
	folded := map[string]string{}
	for _, k := range sortedKeys(tags) {
		v := tags[k]
		switch n := utf8.RuneCountInString(k); {
		case n == 0:
			bad("have an empty key", "write them as KEY=VALUE")
		case n > maxTagKey:
			bad(fmt.Sprintf("have a key of %d characters", n), fmt.Sprintf("use at most %d", maxTagKey))
		case !tagText().MatchString(k):
			bad(fmt.Sprintf("have the key %q with characters that IAM does not allow", k), "use letters, digits, spaces and _ . : / = + - @")
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			bad(fmt.Sprintf("have the key %q, and AWS keeps aws: for itself", k), "use another prefix")
		}
		if n := utf8.RuneCountInString(v); n > maxTagValue {
			bad(fmt.Sprintf("have a value of %d characters for %q", n, k), fmt.Sprintf("use at most %d", maxTagValue))
		} else if !tagText().MatchString(v) {
			bad(fmt.Sprintf("have a value for %q with characters that IAM does not allow", k), "use letters, digits, spaces and _ . : / = + - @")
		}
		if other, twice := folded[strings.ToLower(k)]; twice {
			bad(fmt.Sprintf("have the keys %q and %q, which IAM takes for the same", other, k), "keep one")
		}
		folded[strings.ToLower(k)] = k
	}
	return out
}

func checkPartition(p string) []Problem {
	if p == "" || slices.Contains(Partitions(), p) {
		return nil
	}
	return []Problem{{
		Field: "partition", Rule: fmt.Sprintf("%q is unknown", p),
		Way: "use one of " + strings.Join(Partitions(), ", ") + ", or leave it out",
	}}
}

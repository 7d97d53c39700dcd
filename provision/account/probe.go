package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nullplatform/slipway/provision"
)

// ProbePrefix is where the probe's objects are in a bucket.
const ProbePrefix = "slipway-probe/"

// Trial is what a probe tries with the build user's key.
type Trial struct {
	// User is the ARN that the key must belong to.
	User string
	// ECR asks for a sign-in to ECR.
	ECR bool
	// Bucket is written to and read from; empty for none.
	Bucket string
	// BucketRegion is where the bucket is; empty for the account's region.
	BucketRegion string
	// Others are buckets that must be closed. The first that tells is taken.
	Others []string
	// Name is the last part of the object's name. It is to be another one
	// each time.
	Name string
	// Rounds is how many rounds in a row must succeed; zero means three.
	Rounds int
	// Patience bounds the whole probe; zero means as long as the account
	// waits for anything.
	Patience time.Duration
}

const defaultRounds = 3

// Object is the name of the object that is written.
func (t Trial) Object() string { return ProbePrefix + t.Name }

func (t Trial) text() []byte {
	return []byte("Slipway wrote this to see whether CI can publish. It may be deleted.\n" + t.Name + "\n")
}

// Proof is what came of one thing that a probe tried.
type Proof struct {
	// Action is what CI does.
	Action string `json:"action"`
	// On is what it was tried on.
	On string `json:"on"`
	// Denied is true for what must be refused.
	Denied bool `json:"must_be_denied,omitempty"`
	// OK is true when it went as it must.
	OK bool `json:"ok"`
	// Why says what was wrong; of something that was not tried, why not.
	Why string `json:"why,omitempty"`
	// Tried is false when it did not come to that.
	Tried bool `json:"tried"`
}

// ProbeResult is what came of a probe.
type ProbeResult struct {
	Proofs []Proof `json:"proofs"`
	// InARow is how many rounds succeeded in the end, one after the other,
	// and Wanted how many had to.
	InARow int `json:"in_a_row"`
	Wanted int `json:"wanted"`
	// Rounds is how many were tried.
	Rounds int `json:"rounds"`
	// Left are objects that could not be removed, as s3://bucket/name.
	Left []string `json:"left"`
}

// OK reports whether all that was tried went as it must, often enough.
func (r ProbeResult) OK() bool { return r.InARow >= r.Wanted }

// Probe publishes with the build user's key as CI would: it asks whose key it
// is, signs in to ECR, writes and reads a small object, and sees that another
// bucket is closed. IAM has no documented time by which a change is seen
// everywhere, so one success proves little: rounds are repeated until enough in
// a row succeed or patience ends. After each round it tells how many have, and
// what stood in the way.
//
// What was written is removed afterwards with the operator's own rights, also
// when the probe is stopped; what could not be is named. It fails only when
// nothing can be concluded; a refusal is a result.
func (a *Account) Probe(ctx context.Context, key provision.Credentials, t Trial, tell func(inARow int, why string)) (ProbeResult, error) {
	if t.Rounds == 0 {
		t.Rounds = defaultRounds
	}
	if t.Patience == 0 {
		t.Patience = a.patience
	}
	run := &probe{p: a.as(key), t: t, result: ProbeResult{Wanted: t.Rounds, Left: []string{}}}
	waiting, cancel := context.WithTimeout(ctx, t.Patience)
	defer cancel()
	err := run.repeat(waiting, tell)
	a.sweep(context.WithoutCancel(ctx), run)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil && run.result.Rounds > 0 {
		err = nil // patience ended: the last round stands
	}
	return run.result, err
}

// probe is one probe under way.
type probe struct {
	p       *publisher
	t       Trial
	result  ProbeResult
	written []string // versions of the object, empty text for none
	strays  []string // buckets that took what they had to refuse
}

func (r *probe) repeat(ctx context.Context, tell func(int, string)) error {
	for dissents := 0; ; {
		proofs, final, err := r.round(ctx)
		if err != nil {
			return err
		}
		r.result.Proofs = proofs
		r.result.Rounds++
		why := ""
		for _, p := range proofs {
			if p.Tried && !p.OK {
				why = p.Why
				break
			}
		}
		if why == "" {
			r.result.InARow++
		} else {
			r.result.InARow = 0
		}
		tell(r.result.InARow, why)
		if r.result.OK() || final {
			return nil
		}
		if why != "" {
			if err := pause(ctx, dissents); err != nil {
				return err
			}
			dissents++
		}
	}
}

// round tries everything once, in the order in which CI would. What depends on
// something that failed is not tried.
func (r *probe) round(ctx context.Context) (proofs []Proof, final bool, err error) {
	note := func(action, on string, must bool, came tried) bool {
		if err == nil {
			err = came.err
		}
		proofs = append(proofs, Proof{Action: action, On: on, Denied: must, Tried: true, OK: came.why == "" && came.err == nil, Why: came.why})
		final = final || came.final
		return came.why == "" && came.err == nil
	}
	skip := func(action, on string, must bool, why string) {
		proofs = append(proofs, Proof{Action: action, On: on, Denied: must, Why: why})
	}
	known := note("sts:GetCallerIdentity", r.t.User, false, r.p.whoAmI(ctx, r.t))
	const unknown = "the key does not work"
	if r.t.ECR {
		if known {
			note("ecr:GetAuthorizationToken", "ECR", false, r.p.signInToECR(ctx, r.t))
		} else {
			skip("ecr:GetAuthorizationToken", "ECR", false, unknown)
		}
	}
	if object := r.t.Bucket + "/" + r.t.Object(); r.t.Bucket != "" {
		if known {
			version, came := r.p.put(ctx, r.t)
			if came.why == "" { // or nobody knows
				r.written = append(r.written, version)
			}
			if note("s3:PutObject", object, false, came) {
				note("s3:GetObject", object, false, r.p.get(ctx, r.t))
			} else {
				skip("s3:GetObject", object, false, "there is nothing to read")
			}
		} else {
			skip("s3:PutObject", object, false, unknown)
			skip("s3:GetObject", object, false, unknown)
		}
	}
	if !known {
		skip("s3:PutObject", "another bucket", true, unknown)
		return proofs, final, err
	}
	for _, other := range r.t.Others {
		if came, tells := r.p.refusedAt(ctx, r.t, other); tells {
			if came.wrote {
				r.strays = append(r.strays, other)
			}
			note("s3:PutObject", other+"/"+r.t.Object(), true, came)
			return proofs, final, err
		}
	}
	skip("s3:PutObject", "another bucket", true, "the account has no other bucket to try")
	return proofs, final, err
}

// sweepTime bounds the removal of what the probe wrote.
const sweepTime = 30 * time.Second

// sweep removes what was written, every version of it.
func (a *Account) sweep(ctx context.Context, r *probe) {
	ctx, cancel := context.WithTimeout(ctx, sweepTime)
	defer cancel()
	left := func(bucket string) {
		name := fmt.Sprintf("s3://%s/%s", bucket, r.t.Object())
		if !strings.Contains(strings.Join(r.result.Left, " "), name) {
			r.result.Left = append(r.result.Left, name)
		}
	}
	seen := map[string]bool{}
	for _, version := range r.written {
		if seen[version] {
			continue
		}
		seen[version] = true
		in := &s3.DeleteObjectInput{Bucket: &r.t.Bucket, Key: aws.String(r.t.Object())}
		if version != "" {
			in.VersionId = &version
		}
		if _, err := a.s3.DeleteObject(ctx, in, inRegion(r.t.BucketRegion)); err != nil {
			left(r.t.Bucket)
		}
	}
	// A store without conditional writes may have kept it.
	for _, bucket := range r.strays {
		if _, err := a.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: aws.String(r.t.Object())}); err != nil {
			left(bucket)
		}
	}
}

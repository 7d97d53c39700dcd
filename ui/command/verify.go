package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/ui/view"
)

// verifyFlags are the flags of verify as they were given.
type verifyFlags struct {
	common      commonFlags
	platform    platformFlags
	cluster     string
	ecr         bool
	s3          string
	credentials string
	noProbe     bool
	rounds      int
	wait        time.Duration
	strict      bool
	push        string
}

func newVerify(e Edge) *cobra.Command {
	f := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Show that CI can publish, and that nullplatform knows where",
		Long: `Look at the build user and its keys, its policies, the bucket, and what is
registered with nullplatform (NULLPLATFORM_API_KEY). With the build user's key
(BUILD_AWS_ACCESS_KEY and BUILD_AWS_SECRET_ACCESS_KEY, --credentials, or asked
for on a terminal) publish a small object as CI would, and remove it again.
Exit 3 when a check says no.`,
		Example: `  slipway verify --sandbox=current --cluster demo
  slipway verify --sandbox=current --cluster demo --no-probe --output json`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), e, f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "the cluster's `NAME`")
	fl.BoolVar(&f.ecr, "ecr", false, "CI publishes to ECR (default: what the policies name)")
	fl.StringVar(&f.s3, "s3", "", "CI publishes to `BUCKET` (default: what the policies name)")
	f.platform.add(fl)
	fl.StringVar(&f.credentials, "credentials", "", "where the build user's key is: file:PATH (`PLACE`)")
	fl.BoolVar(&f.noProbe, "no-probe", false, "publish nothing and ask for no secret")
	fl.IntVar(&f.rounds, "rounds", 3, "how many `TIMES` in a row publishing must work")
	fl.DurationVar(&f.wait, "wait", probePatience, "how long to wait for that")
	fl.BoolVar(&f.strict, "strict", false, "exit 3 for what is unknown or was not run, too")
	fl.StringVar(&f.push, "np-push", "", "have np publish this zip or folder as a Lambda asset (`SOURCE`)")
	f.common.add(fl)
	rarely(fl, "rounds", "wait", "strict", "np-push")
	return cmd
}

// request turns flags into what is asked.
func (f *verifyFlags) request(now time.Time) (migrate.VerifyRequest, error) {
	req := migrate.VerifyRequest{
		Cluster: f.cluster, Rounds: f.rounds, Patience: f.wait,
		Name: probeName(now),
	}
	if f.rounds < 1 {
		return req, usage("--rounds %d is none; use at least 1", f.rounds)
	}
	if f.ecr {
		req.Destinations = append(req.Destinations, provision.Destination{Kind: provision.ECR})
	}
	if f.s3 != "" {
		req.Destinations = append(req.Destinations, provision.Destination{Kind: provision.S3, Bucket: f.s3})
	}
	at, err := f.platform.over(migrate.Register{})
	if err != nil {
		return req, err
	}
	req.Target, err = at.Target()
	return req, err
}

// probeName is the last part of the name of the object that a probe writes.
func probeName(now time.Time) string { return now.UTC().Format("20060102T150405.000000000Z") }

// runVerify looks, then publishes if it has or gets the key, then says what it
// found.
func runVerify(ctx context.Context, e Edge, f *verifyFlags) error {
	if err := f.common.validate(); err != nil {
		return err
	}
	req, err := f.request(e.Now())
	if err != nil {
		return err
	}
	key, err := f.key(e)
	if err != nil {
		return err
	}
	s, err := openSession(e, &f.common)
	if err != nil {
		return err
	}
	defer s.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := watchStops(e, cancel)
	defer stops.end()

	reg, why, err := s.registry(e, req.Target)
	if err != nil {
		return err
	}
	req.Unregistered = why
	acct, err := s.evidence(ctx)
	if err != nil {
		return err
	}
	v, err := migrate.Verify(ctx, acct, reg, req)
	if err != nil {
		return stopped(ctx, err)
	}
	if key, err = f.askKey(ctx, e, v, key); err != nil {
		return stopped(ctx, err)
	}
	if err := v.Prove(ctx, key, f.progress(e)); err != nil {
		return stopped(ctx, err)
	}
	if f.push != "" {
		v.Checks = append(v.Checks, npPush(ctx, e, f.push, key))
	}
	if err := f.show(e, v); err != nil {
		return err
	}
	return f.verdict(v)
}

// verdict is the exit code, the report having been shown.
func (f *verifyFlags) verdict(v *migrate.Verification) error {
	got := v.Verdict()
	if got == migrate.Fail || f.strict && got != migrate.Pass {
		return &toldError{code: exitCheck}
	}
	return nil
}

// key is the build user's, from the file that is named or the environment.
func (f *verifyFlags) key(e Edge) (provision.Credentials, error) {
	if f.noProbe {
		return provision.Credentials{}, nil
	}
	return keyGiven(e, f.credentials)
}

// askKey fills in what is missing of the key: the ID, if there is one active
// key, and the secret, if there is a person to ask.
func (f *verifyFlags) askKey(ctx context.Context, e Edge, v *migrate.Verification, key provision.Credentials) (provision.Credentials, error) {
	active := v.ActiveKeys()
	if key.KeyID == "" && len(active) == 1 {
		key.KeyID = active[0]
	}
	if key.Secret.Empty() && f.mayAsk(e) && len(active) > 0 {
		return askSecret(ctx, e, key, active)
	}
	if !key.Secret.Empty() && key.KeyID == "" {
		return key, &provision.Problem{
			Field: "BUILD_AWS_ACCESS_KEY", Rule: fmt.Sprintf("is not given, and the build user has %d active keys", len(active)),
			Way: "say which key the secret belongs to",
		}
	}
	return key, nil
}

// mayAsk reports whether there is a person to ask for the secret.
func (f *verifyFlags) mayAsk(e Edge) bool {
	return !f.noProbe && !f.common.plain && f.common.output == outputText && onTerminal(e)
}

// progress tells each round on standard error.
func (f *verifyFlags) progress(e Edge) func(int, string) {
	if f.common.output != outputText {
		return func(int, string) {}
	}
	last := ""
	return func(inARow int, why string) {
		text := fmt.Sprintf("published %d of %d times in a row", inARow, f.rounds)
		if why != "" {
			text = "not yet: " + why
		}
		if text != last {
			fmt.Fprintln(e.Stderr, view.Inert(text))
			last = text
		}
	}
}

func (f *verifyFlags) show(e Edge, v *migrate.Verification) error {
	switch f.common.output {
	case outputJSON:
		return writeJSON(e.Stdout, func() ([]byte, error) { return view.VerificationJSON(v) })
	case outputMarkdown:
		return say(e.Stdout, view.VerificationMarkdown(v))
	}
	return say(e.Stdout, view.Verification(canvasFor(e, &f.common, e.Stdout), v))
}

package command

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/ask"
)

// installFlags are the flags of install as they were given.
type installFlags struct {
	common   commonFlags
	platform platformFlags
	emit     emitFlags

	cluster      string
	contract     string
	ecr          bool
	s3           string
	createBucket bool
	manager      string
	pullAccounts []string
	crossPull    bool
	boundary     string
	tags         []string
	partition    string
	handover     string
	credentials  string
	update       bool
	answers      string
	writeAnswers string
	check        bool
	yes          bool
	allow        migrate.Allow
	show         []string
	changedFlags func(name string) bool
}

func newInstall(e Edge) *cobra.Command {
	f := &installFlags{}
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Set up the build user, its group and its grants",
		Long: `Set up build user, publishers group, grants and application role. On a terminal
the wizard opens; with --yes, or without a terminal, nothing is asked.`,
		Example: `  slipway install --sandbox
  slipway install --sandbox --cluster demo --ecr --s3 demo-assets --check
  slipway install --sandbox --cluster demo --ecr --handover file:creds.env --yes`,
		Args: flagsAlone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.changedFlags = cmd.Flags().Changed
			return runInstall(cmd.Context(), e, f, cmd)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.cluster, "cluster", "", "the cluster's `NAME`; all entity names derive from it")
	fl.BoolVar(&f.ecr, "ecr", false, "publish container images to ECR")
	fl.StringVar(&f.s3, "s3", "", "publish Lambda zips and bundles to `BUCKET`")
	fl.BoolVar(&f.createBucket, "create-bucket", false, "create the bucket when it is missing: private, encrypted, TLS only")
	fl.StringVar(&f.handover, "handover", "", "for the secret: file:…, age:…, keyring:…, platform (`PLACE`)")
	f.platform.add(fl)
	fl.BoolVar(&f.update, "update-registration", false, "change what is registered with nullplatform with other values")
	fl.StringVar(&f.credentials, "credentials", "", "where the secret of an existing key is: file:PATH (`PLACE`)")
	fl.BoolVar(&f.check, "check", false, "show the plan alone; exit 3 if there is something to do")
	fl.BoolVar(&f.yes, "yes", false, "carry the plan out without asking")
	fl.BoolVar(&f.allow.Broadening, "allow-broadening", false, "allow access beyond what the choices call for")
	fl.BoolVar(&f.allow.Loss, "allow-loss", false, "allow that access which is of use is taken away")
	fl.StringSliceVar(&f.show, "show", []string{showChanges}, "which `VIEWS` of the plan: changes, access, documents, calls, graph, or all")
	fl.StringVar(&f.contract, "contract", "", "the modules' `RELEASE` to be equal to: 6.1 or 5.0 (default 6.1)")
	fl.StringVar(&f.manager, "application-manager", "", "who may assume the application role, an `ARN` (default nullplatform's)")
	fl.BoolVar(&f.crossPull, "cross-account-pull", false, "make a repository policy with which --pull-account may pull images")
	fl.StringSliceVar(&f.pullAccounts, "pull-account", nil, "an account `ID` that may pull images; may be repeated")
	fl.StringVar(&f.boundary, "permissions-boundary", "", "a policy's `ARN` that bounds the user and the role")
	fl.StringSliceVar(&f.tags, "tag", nil, "tag for what is created, as `KEY=VALUE`; may be repeated")
	fl.StringVar(&f.partition, "partition", "", "refuse an account of another partition than `NAME`: aws, aws-cn or aws-us-gov")
	fl.StringVar(&f.answers, "answers", "", "read choices from a YAML `FILE`; flags override it")
	fl.StringVar(&f.writeAnswers, "write-answers", "", "write the choices to a YAML `FILE` in the end")
	f.emit.add(fl)
	f.common.add(fl)
	rarely(fl, "update-registration", "credentials", "create-bucket", "show", "allow-broadening", "allow-loss", "contract", "application-manager",
		"cross-account-pull", "pull-account", "permissions-boundary", "tag", "partition", "write-answers")
	return cmd
}

// request joins the answers file and the flags into what install is asked.
func (f *installFlags) request() (migrate.InstallRequest, answersFile, error) {
	answers := answersFile{Version: answersVersion, Job: installJob}
	if f.answers != "" {
		var err error
		if answers, err = readAnswers(f.answers); err != nil {
			return migrate.InstallRequest{}, answers, err
		}
	}
	f.allow.Registration = f.update
	req := migrate.InstallRequest{Spec: answers.Spec, Handover: answers.Handover, Allow: f.allow}
	var err error
	if req.Register, err = f.platform.over(answers.Register); err != nil {
		return req, answers, err
	}
	s := &req.Spec
	override(&s.Cluster, f.cluster)
	override((*string)(&s.Contract), f.contract)
	override(&s.ApplicationManager, f.manager)
	override(&s.PermissionsBoundary, f.boundary)
	override(&s.Partition, f.partition)
	override(&req.Handover, f.handover)
	if f.ecr {
		setDestination(s, provision.Destination{Kind: provision.ECR})
	}
	if f.given("s3") {
		setDestination(s, provision.Destination{Kind: provision.S3, Bucket: f.s3})
	}
	s.CreateBucket = s.CreateBucket || f.createBucket
	if len(f.pullAccounts) > 0 {
		s.PullAccounts = f.pullAccounts
	}
	s.CrossAccountPull = s.CrossAccountPull || f.crossPull || len(f.pullAccounts) > 0
	tags, err := parseTags(f.tags)
	if err != nil {
		return req, answers, err
	}
	for k, v := range tags {
		if s.Tags == nil {
			s.Tags = map[string]string{}
		}
		s.Tags[k] = v
	}
	if req.Handover, err = handover.Absolute(req.Handover); err != nil {
		return req, answers, err
	}
	if f.common.region == "" {
		f.common.region = answers.Region
	}
	if f.common.profile == "" {
		f.common.profile = answers.Profile
	}
	return req, answers, nil
}

func (f *installFlags) given(name string) bool { return f.changedFlags != nil && f.changedFlags(name) }

func override(field *string, value string) {
	if value != "" {
		*field = value
	}
}

func setDestination(s *provision.Spec, d provision.Destination) {
	for i := range s.Destinations {
		if s.Destinations[i].Kind == d.Kind {
			s.Destinations[i] = d
			return
		}
	}
	s.Destinations = append(s.Destinations, d)
}

func parseTags(list []string) (map[string]string, error) {
	tags := map[string]string{}
	for _, t := range list {
		k, v, ok := strings.Cut(t, "=")
		if !ok {
			return nil, usage("--tag %s has no =; write it as KEY=VALUE", t)
		}
		if _, twice := tags[k]; twice {
			return nil, usage("--tag %s is given twice; name each key once", k)
		}
		tags[k] = v
	}
	return tags, nil
}

// runInstall chooses between the wizard and the way without questions.
func runInstall(ctx context.Context, e Edge, f *installFlags, cmd *cobra.Command) error {
	if err := errors.Join(f.common.validate(), f.checkEmit()); err != nil {
		return err
	}
	views, err := parseViews(f.show)
	if err != nil {
		return err
	}
	f.show = views
	req, answers, err := f.request()
	if err != nil {
		return err
	}
	if err := f.emit.over(cmd, &req); err != nil {
		return err
	}
	s, err := openSession(e, &f.common)
	if err != nil {
		return err
	}
	defer s.close()
	job := &installJobRun{edge: e, flags: f, session: s, answers: answers}
	if req.Emit != nil {
		return job.emit(ctx, req)
	}
	if mayAsk(e, &f.common, f.yes, f.check) {
		i := &interview{edge: e, common: &f.common, session: s, start: ask.InstallTask, install: req, writeAnswers: f.writeAnswers, credentials: f.credentials}
		return i.run(ctx)
	}
	return job.direct(ctx, req)
}

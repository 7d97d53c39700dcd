package wizard

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/audit"
	"github.com/nullplatform/slipway/ui/ask"
)

// tour shows every screen in every state that it can be in, each under a name
// that says which.
func tour(t testing.TB, style func(*Options), show func(name string, d *driver)) {
	t.Helper()
	given := func(with func(*Options)) func(*Options) {
		return func(o *Options) {
			o.Sandbox = "fresh"
			if with != nil {
				with(o)
			}
			if style != nil {
				style(o)
			}
		}
	}
	filled := given(func(o *Options) {
		o.Request = bothRequest()
		o.Request.Handover = ask.PlaceReveal
	})
	through := func(d *driver) *driver {
		return d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter")
	}
	tourHome(t, given, show)
	tourUpgrade(t, given, show)
	tourRoot(t, given, show)
	tourAudit(t, given, show)
	tourAccount(t, given, show)
	tourDestinations(t, given, show)
	tourDetails(t, given, show)
	tourPreview(t, filled, through, show)
	tourConfirm(t, filled, through, show)
	tourApply(t, filled, through, show)
}

func tourHome(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	broken := given(func(o *Options) {
		atHome(o)
		o.Sandbox = ""
		o.Play = func(string) (account.Options, error) { return account.Options{}, errors.New("there is no room") }
		o.Open = func(context.Context, account.Options) (migrate.Account, error) {
			return nil, &account.Error{Op: "open the account", Why: "no region is set", Way: "give one with --region, AWS_REGION or the profile"}
		}
	})
	d := drive(t, nil, broken)
	show("home-error", d.until("No region is set"))
	show("playground", d.press("down", "down", "enter").until("What should the sandbox hold?"))
	show("playground-error", d.press("down", "enter").until("There is no room"))

	d = drive(t, freshAccount(), given(func(o *Options) {
		atHome(o)
		o.Clusters = func(context.Context) ([]string, error) {
			return []string{"demo", "prod", "staging", "team-a", "team-b", "team-c"}, nil
		}
	}))
	show("home", d.until("and 2 more"))
	show("home-help", d.press("?"))
}

func tourUpgrade(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	upgrade := given(func(o *Options) {
		o.Start = ask.UpgradeTask
		o.Clusters = func(context.Context) ([]string, error) { return []string{"demo", "prod"}, nil }
	})
	acct := legacyAccount(t)
	d := drive(t, acct, upgrade).until("enter yes, go on").press("enter")
	d.waitFor("the clusters", func() bool { return d.s.found.Clusters != nil })
	show("cluster-empty", d)
	show("cluster", d.press("demo"))
	show("cluster-to", d.press("enter"))
	show("cluster-bucket", d.press("enter"))
	show("found", d.press("enter").until("This is what was found"))
	show("preview-upgrade", d.press("enter"))
	show("confirm-upgrade", d.press("enter").until("Carry this out?"))
	show("summary-upgrade", d.press("demo", "enter").until("The installation is up to date"))

	slow := legacyAccount(t)
	slow.onRead = func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }
	through := func(acct *fakeAccount) *driver {
		return drive(t, acct, upgrade).until("enter yes, go on").press("enter", "demo", "enter", "enter", "enter")
	}
	show("found-asking", through(slow).until("Looking at the installation"))
	broken := legacyAccount(t)
	broken.readErr = &account.Error{Op: "read user x", Why: "AWS did not answer in time", Way: "check the network and run again"}
	show("found-error", through(broken).until("It cannot be told"))
}

func tourAudit(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	d := drive(t, freshAccount(), given(audits(reportOf("demo", 12), reportOf("prod", 0), reportOf("staging", 3))))
	show("audit-clusters", d.until("enter yes, go on").press("enter"))
	show("overview", d.press("enter").until("How it stands"))
	show("export", d.press("e"))
	show("export-refused", d.press("report.doc", "enter"))
	show("findings", d.press("esc", "enter"))
	show("findings-filter", d.press("/", "0007"))
	show("findings-nothing", d.press("x"))
	show("finding", d.press("ctrl+u", "enter", "down", "enter").until("One finding"))
	show("finding-copied", d.press("c"))

	many := reportOf("demo", 1000)
	d = drive(t, freshAccount(), given(audits(many))).toFindings()
	show("findings-1000", d.press("pgdown"))

	begun := make(chan struct{})
	d = drive(t, freshAccount(), given(func(o *Options) {
		o.Start = ask.AuditTask
		o.Audit = func(ctx context.Context, _ migrate.AuditRequest, tell func(migrate.AuditProgress)) ([]audit.Report, error) {
			tell(migrate.AuditProgress{Done: 3, Total: 12})
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})).until("enter yes, go on").press("enter", "enter").untilClosed(begun)
	show("overview-asking", d.until("Read 3 of 12 clusters"))
}

func tourAccount(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	d := drive(t, nil, given(func(o *Options) {
		o.Open = func(ctx context.Context, _ account.Options) (migrate.Account, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}))
	show("account-asking", d)
	for n := range patience {
		d.send(tickMsg{d.s.tickets - 1, n})
	}
	show("account-asking-long", d)

	d = drive(t, nil, given(func(o *Options) {
		o.Open = func(context.Context, account.Options) (migrate.Account, error) {
			return nil, &account.Error{
				Op: "open the account", Why: "no AWS credentials were found",
				Way: "sign in (aws sso login), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; --sandbox needs none",
			}
		}
	}))
	show("account-error", d.until("r try again"))

	d = drive(t, freshAccount(), given(func(o *Options) { o.Account.Profile = "ops" }))
	show("account", d.until("enter yes, go on"))
	show("account-help", d.press("?"))
}

func tourDestinations(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	d := drive(t, freshAccount(), given(nil)).until("enter yes, go on")
	show("destinations-none", d.press("enter"))
	show("destinations-refused", d.press("enter"))
	show("destinations-ecr", d.press("space"))
	show("destinations-both", d.press("down", "space"))
}

func tourDetails(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	d := drive(t, freshAccount(), given(func(o *Options) {
		o.Buckets = func(context.Context) ([]string, error) {
			var all []string
			for i := range 12 {
				all = append(all, fmt.Sprintf("team-%02d-assets", i))
			}
			return append(all, "demo-assets"), nil
		}
	})).until("enter yes, go on")
	show("details-empty", d.press("enter", "space", "down", "space", "enter"))
	show("details-refused", d.press("enter"))
	show("details-problem", d.press("de mo"))
	show("details-cluster", d.press("ctrl+u", "demo"))
	d.waitFor("the buckets", func() bool { return d.s.found.Buckets != nil })
	show("details-buckets", d.press("enter", "team", "down", "down"))
	show("details-bucket-unknown", d.press("-nobody"))
	show("details-create", d.press("enter"))
	show("details-place", d.press("enter"))
	show("details-path", d.press("enter"))
	show("details-options", d.press("enter"))
	show("details-contract", d.press("down", "enter"))
	show("details-manager", d.press("enter", "arn:aws:iam::12345:role/x"))
	show("details-tags", d.press("ctrl+u", "enter", "111122223333", "enter", "enter", "team"))
	show("details-help", d.press("f1"))
}

func tourPreview(t testing.TB, filled func(*Options), through func(*driver) *driver, show func(string, *driver)) {
	t.Helper()
	slow := freshAccount()
	slow.onRead = func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }
	show("preview-asking", through(drive(t, slow, filled)).until("Reading the account"))

	d := through(drive(t, freshAccount(), filled)).until("enter apply")
	show("preview-changes", d)
	show("preview-changes-end", d.press("end"))
	show("preview-access", d.press("tab"))
	show("preview-documents", d.press("tab"))
	show("preview-calls", d.press("tab"))
	show("preview-help", d.press("?"))

	d = through(drive(t, driftedAccount(t), filled)).until("enter apply")
	show("preview-drifted", d)
	show("preview-drifted-documents", d.press("3"))

	broken := freshAccount()
	broken.readErr = &account.Error{Op: "read user nullplatform-demo-build-workflow-user", Why: "AWS did not answer in time", Way: "check the network and run again"}
	show("preview-error", through(drive(t, broken, filled)).until("r look again"))

	poor := freshAccount()
	poor.unchecked = "the caller's rights cannot be simulated here (AccessDenied)"
	poor.missing = []provision.Call{{Action: "iam:CreateUser", Resource: "arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user"}}
	poor.inv.Buckets = nil
	show("preview-blocked", through(drive(t, poor, filled)).until("This cannot be done yet"))

	show("preview-nothing", through(drive(t, installedAccount(t), filled)).until("There is nothing to do"))
}

func tourConfirm(t testing.TB, filled func(*Options), through func(*driver) *driver, show func(string, *driver)) {
	t.Helper()
	acct := freshAccount()
	d := through(drive(t, acct, filled)).until("enter apply")
	show("confirm", d.press("enter").until("Carry this out?"))
	acct.reading(func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() })
	show("confirm-asking", d.press("down", "enter").until("Looking once more"))
	d.press("esc").until("enter apply")

	acct.reading(nil)
	acct.change(func(inv *provision.Inventory) {
		inv.Groups = append(inv.Groups, provision.Group{Name: "nullplatform-demo-asset-publishers"})
	})
	show("confirm-changed", d.press("enter", "down", "enter").until("The account has changed"))

	d = through(drive(t, driftedAccount(t), filled)).until("enter apply")
	show("confirm-name", d.press("enter").until("Type the cluster's name"))
	show("confirm-name-wrong", d.press("demu", "enter"))
}

func tourApply(t testing.TB, filled func(*Options), through func(*driver) *driver, show func(string, *driver)) {
	t.Helper()
	confirmed := func(d *driver) *driver {
		return through(d).until("enter apply").press("enter").until("Carry this out?").press("down", "enter")
	}
	acct := freshAccount()
	begun, release := held(acct, "iam:AddUserToGroup")
	d := confirmed(drive(t, acct, filled)).untilClosed(begun).until("9 of 13").until("group AddUserToGroup")
	show("apply-running", d)
	show("apply-help", d.press("?"))
	show("apply-stopping", d.press("?", "ctrl+c").until("Stopping after"))
	release()
	show("apply-stopped", d.until("Stopped"))
	show("apply-log", d.press("l"))

	acct = freshAccount()
	begun, _ = held(acct, "iam:CreateAccessKey")
	d = confirmed(drive(t, acct, filled)).untilClosed(begun)
	show("apply-given-up", d.press("ctrl+c", "ctrl+c").until("Stopped"))

	acct = freshAccount()
	acct.onDo = func(_ context.Context, c provision.Call) error {
		if c.Action != "iam:CreateAccessKey" {
			return nil
		}
		return &account.Error{
			Op: "create an access key for user nullplatform-demo-build-workflow-user", Code: "AccessDenied",
			Why: operator + " may not iam:CreateAccessKey on arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user",
			Way: "allow iam:CreateAccessKey on arn:aws:iam::123456789012:user/nullplatform-demo-build-workflow-user and run again",
		}
	}
	show("apply-failed", confirmed(drive(t, acct, filled)).until("Something went wrong"))

	d = confirmed(drive(t, freshAccount(), filled)).until("shown once")
	show("reveal", d)
	show("reveal-copied", d.press("c"))
	show("reveal-warned", d.press("ctrl+c"))
	show("reveal-sure", d.press("enter"))
	show("summary", d.press("enter").until("The publishing identity is in place"))
}

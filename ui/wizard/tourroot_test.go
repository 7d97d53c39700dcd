package wizard

import (
	"path/filepath"
	"testing"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/guard"
)

// tourRoot shows the screens of an upgrade by way of a root.
func tourRoot(t testing.TB, given func(func(*Options)) func(*Options), show func(string, *driver)) {
	t.Helper()
	with := func(set func(*Options)) func(*Options) {
		roots := withRoots(t)
		return given(func(o *Options) {
			o.Sandbox = ""
			roots(o)
			if set != nil {
				set(o)
			}
		})
	}
	in := func(dir string) func(*Options) {
		return with(func(o *Options) { o.Upgrade = migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: dir}} })
	}
	toLayout := func(d *driver) *driver {
		return d.until("enter yes, go on").press("enter").until("Directory").press("enter", "enter", "enter", "enter")
	}

	d := drive(t, legacyAccount(t), with(nil)).until("enter yes, go on").press("enter")
	show("project", d.until("Directory"))
	show("project-directory", d.press("enter", "x"))
	show("project-options", d.press("backspace", "enter", "enter", "down", "enter"))
	d = drive(t, legacyAccount(t), with(func(o *Options) { o.Projects = func() []migrate.Project { return nil } }))
	d.until("enter yes, go on").press("enter")
	d.waitFor("the roots", func() bool { return d.s.projects != nil })
	show("project-none", d)

	show("layout-error", toLayout(drive(t, legacyAccount(t), in("testdata/nowhere"))).until("could not be read"))
	show("layout-open", toLayout(drive(t, legacyAccount(t), in("testdata/branch"))).until("Has to be said first"))
	broken := legacyAccount(t)
	broken.readErr = denied()
	show("files-error", toLayout(drive(t, broken, in("testdata/roots/infra"))).until("enter routes").press("enter", "enter").until("planned yet"))

	f := legacyAccount(t)
	patch := filepath.Join(t.TempDir(), "up.patch")
	d = toLayout(drive(t, f, with(func(o *Options) {
		o.Upgrade = migrate.UpgradeRequest{Root: &migrate.RootRequest{Dir: "testdata/roots/infra", Patch: patch}}
		o.Keep = keeping(memory())
	})))
	for d.r.flow.screens[d.r.at].about().stage == atProject {
		d.press("enter")
	}
	show("layout", d.until("This is how it is held"))
	show("routes", d.press("enter"))
	show("routes-not-open", d.press("up"))
	show("files", d.press("down", "enter").until("file 1 of 3"))
	show("files-new", d.press("tab"))
	show("preview-root", d.press("enter").until("enter apply"))
	show("preview-root-steps", d.press("tab"))
	show("confirm-root", d.press("enter").until("Carry this out?"))
	show("turn", d.press("demo", "enter").until("It is your turn"))
	show("turn-log", d.press("l"))
	f.applies(t, d)
	d.press("l")
	d.r.aside = newUnrelated(d.s, []guard.Finding{
		{Address: "module.other.aws_s3_bucket.logs", Why: "it has nothing to do with this upgrade, and the plan does: update"},
		{Address: "terraform_data.hostile[\"\x1b[2J\"]", Why: "it has nothing to do with this upgrade, and the plan does: create"},
	})
	d.run(d.r.aside.enter())
	show("unrelated", d)
	d.press("esc")
	show("turn-stopped", d.press("ctrl+c").until("Stopped"))
	show("preview-root-left", d.press("r").until("this is what is left"))
	show("summary-root", d.press("enter").until("Carry this out?").press("demo", "enter").until("The installation is up to date"))
}

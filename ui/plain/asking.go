package plain

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
)

// told turns the wish to go back into a turn.
func told(err error, to turn) (turn, error) {
	if errors.Is(err, errBack) {
		return backward, nil
	}
	return to, err
}

// askJob asks what to do.
func (t *talk) askJob(ctx context.Context) (turn, error) {
	t.title("What do you want to do?")
	names := []string{ask.InstallTask, ask.UpgradeTask}
	texts := []string{
		"install: set up the build user, its group and its grants",
		"upgrade: bring an older installation up to date; its key stays",
	}
	if t.o.Audit != nil {
		names, texts = append(names, ask.AuditTask), append(texts, "audit: tell who can publish what; it only reads")
	}
	for _, r := range t.o.OpenRuns {
		texts = append(texts, "resume: "+r.String())
	}
	i, err := t.choose(ctx, texts, slices.Index(names, t.name), "")
	if err != nil {
		return told(err, onward)
	}
	t.asked, t.look, t.resuming = "", ask.Look{}, i >= len(names)
	if !t.resuming {
		t.name = names[i]
		return onward, nil
	}
	run := t.o.OpenRuns[i-len(names)]
	t.name, t.a.Cluster, t.o.Account, t.acct = ask.InstallTask, run.Cluster, run.Reach, nil
	if run.Upgrade != nil {
		t.name, t.upgrade, t.project = ask.UpgradeTask, *run.Upgrade, ask.ProjectOf(*run.Upgrade)
		t.upgrade.Cluster = run.Cluster
	}
	return onward, nil
}

// askAccount finds out which account this is and as whom it is entered, and has
// the person say that it is the right one.
func (t *talk) askAccount(ctx context.Context) (turn, error) {
	t.heading("the account")
	for {
		if t.acct == nil {
			t.say("Asking AWS who this is.")
			if err := t.openAccount(ctx); err != nil {
				if ctx.Err() != nil {
					return finish, errLeft
				}
				t.faults(err)
				if i, err := t.choose(ctx, []string{"try again", "leave"}, 0, ""); err != nil || i == 1 {
					return leaving(err)
				}
				continue
			}
		}
		t.tellAccount()
		i, err := t.choose(ctx, []string{"yes, this is the right account", "ask again", "no, leave"}, -1,
			"Everything that follows is read from this account, and later made in it.")
		switch {
		case err != nil || i == 2:
			return leaving(err)
		case i == 0:
			return onward, nil
		}
		t.acct = nil
	}
}

// leaving ends the conversation, or goes back if that was the wish.
func leaving(err error) (turn, error) {
	if err == nil {
		err = errLeft
	}
	return told(err, finish)
}

func (t *talk) openAccount(ctx context.Context) error {
	got, err := ask.Open(ctx, t.o.Open, t.o.Account)
	if err != nil {
		return err
	}
	t.acct, t.identity = got.Account, got.Identity
	t.look = ask.Look{} // What was shown of another account is not shown again.
	// Without the lists, names are typed.
	if t.o.Buckets != nil {
		t.found.Buckets, _ = t.o.Buckets(ctx)
	}
	if t.o.Clusters != nil {
		t.found.Clusters, _ = t.o.Clusters(ctx)
		t.upgrade.Cluster = cmp.Or(t.upgrade.Cluster, t.found.Only())
	}
	return nil
}

func (t *talk) tellAccount() {
	at := t.identity.Place
	t.say("Account %s, region %s.", at.Account, at.Region)
	if at.Partition != "aws" {
		t.say("Partition %s.", at.Partition)
	}
	t.say("You are %s.", t.identity.ARN)
	if p := t.o.Account.Profile; p != "" {
		t.say("Profile %s.", p)
	}
	if e := t.o.Account.Endpoint; e != "" && t.o.Sandbox == "" {
		t.say("Endpoint %s.", e)
	}
	if strings.HasSuffix(t.identity.ARN, ":root") {
		t.say("Note: this is the account's root user. It works, but a role for administrators leaves a better trace.")
	}
	t.say("Is this the right account?")
}

// askDestinations asks where assets go.
func (t *talk) askDestinations(ctx context.Context) (turn, error) {
	t.heading("where should CI publish build assets?")
	t.say("Each destination adds one grant to the publishers group. More can be added later by running install again.")
	both := [][2]bool{{true, false}, {false, true}, {true, true}}
	chosen := -1
	for i, b := range both {
		if b == [2]bool{t.a.ECR, t.a.S3} {
			chosen = i
		}
	}
	i, err := t.choose(ctx, []string{
		"ECR, for container images", "S3, for Lambda zips and bundles", "both",
	}, chosen, "")
	if err == nil {
		t.a.ECR, t.a.S3 = both[i][0], both[i][1]
	}
	return told(err, onward)
}

// askDetails asks one question after the other. Answers decide which further
// ones there are. Coming back from behind, it begins with the last one.
func (t *talk) askDetails(ctx context.Context) (turn, error) {
	switch t.name {
	case ask.UpgradeTask:
		t.heading(upgradeTitle)
		t.say("The build user, its keys and their secrets stay as they are, and CI can publish all the while.")
	case ask.AuditTask:
		t.heading(clustersTitle)
		t.say("An audit only reads.")
	default:
		t.heading("names, and where the secret goes")
	}
	return t.askAll(ctx, &t.asked)
}

// askAll asks the questions of a stop one after the other, from the one that
// was asked last.
func (t *talk) askAll(ctx context.Context, asked *string) (turn, error) {
	questions := t.questions
	if asked == &t.askedOfProject {
		questions = func() []ask.Question { return ask.ProjectDetails(&t.project, &t.upgrade, t.projects) }
	}
	at := 0
	for i, q := range questions() {
		if q.Name == *asked {
			at = i
		}
	}
	for {
		all := questions()
		if at >= len(all) {
			*asked = all[len(all)-1].Name
			return onward, nil
		}
		*asked = all[at].Name
		switch err := t.question(ctx, all[at]); {
		case errors.Is(err, errBack) && at == 0:
			*asked = ""
			return backward, nil
		case errors.Is(err, errBack):
			at--
		case err != nil:
			return finish, err
		default:
			at++
		}
	}
}

func (t *talk) questions() []ask.Question {
	switch t.name {
	case ask.UpgradeTask:
		return ask.UpgradeDetails(&t.upgrade, t.found)
	case ask.AuditTask:
		return ask.AuditDetails(&t.audit, t.found)
	}
	found := t.found
	found.Platform = t.o.Platform.KeyFrom()
	return ask.Details(&t.a, found, false)
}

// judge makes the audit; what it found is told in the end.
func (t *talk) judge(ctx context.Context) (turn, error) {
	t.heading("how it stands")
	t.say("Reading the account.")
	reports, err := t.o.Audit(ctx, t.audit, func(p migrate.AuditProgress) {
		if p.Total > 1 {
			t.say("Read %d of %d clusters.", p.Done, p.Total)
		}
	})
	switch {
	case err == nil:
		t.reports, t.finished = reports, true
		return finish, nil
	case ctx.Err() != nil:
		return finish, errLeft
	}
	t.faults(err)
	i, err := t.choose(ctx, []string{"try again", "leave"}, 0, "")
	if err != nil || i == 1 {
		return leaving(err)
	}
	return t.judge(ctx)
}

// faults tells an error: what failed, why, and what now.
func (t *talk) faults(err error) {
	for _, f := range ask.FaultsOf(err) {
		if f.What != "" {
			t.say("Failed: %s.", strings.TrimSuffix(f.What, "."))
		}
		t.say("Reason: %s.", strings.TrimSuffix(ask.UpperFirst(f.Why), "."))
		if f.Way != "" {
			t.say("What to do: %s.", strings.TrimSuffix(ask.UpperFirst(f.Way), "."))
		}
	}
}

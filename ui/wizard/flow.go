package wizard

import "github.com/nullplatform/slipway/ui/ask"

// flow is the screens of one job in their order, with the stops that the step
// bar shows.
type flow struct {
	// name is the command that does the same; empty at home.
	name    string
	stages  []stage
	screens []screen
	// preview and checklist are the places of these screens; there is no way
	// back behind the first once the second was reached.
	preview, checklist int
}

// homeFlow asks what to do.
func homeFlow(s *session) flow {
	return flow{screens: []screen{newHome(s)}, preview: never, checklist: never}
}

// never is behind every screen.
const never = 1 << 20

func installFlow(s *session) flow {
	return flow{
		name:   ask.InstallTask,
		stages: []stage{atAccount, atDestinations, atDetails, atPreview, atApply, atSummary},
		screens: []screen{
			newAccountScreen(s), newDestinations(s), newDetails(s),
			newPreview(s), newConfirm(s), newChecklist(s), newSummary(s),
		},
		preview: 3, checklist: 5,
	}
}

// resumeFlow goes on with an install that ended in the middle. What was
// answered is in its journal.
func resumeFlow(s *session) flow {
	return flow{
		name:    ask.InstallTask,
		stages:  []stage{atAccount, atPreview, atApply, atSummary},
		screens: []screen{newAccountScreen(s), newPreview(s), newConfirm(s), newChecklist(s), newSummary(s)},
		preview: 1, checklist: 3,
	}
}

func upgradeFlow(s *session) flow {
	return flow{
		name:   ask.UpgradeTask,
		stages: []stage{atAccount, atCluster, atFound, atPreview, atApply, atProofs},
		screens: []screen{
			newAccountScreen(s), newClusterScreen(s), newFoundScreen(s),
			newPreview(s), newConfirm(s), newChecklist(s), newSummary(s),
		},
		preview: 3, checklist: 5,
	}
}

func auditFlow(s *session) flow {
	return flow{
		name:   ask.AuditTask,
		stages: []stage{atAccount, atCluster, atOverview, atFindings},
		screens: []screen{
			newAccountScreen(s), newAuditQuestions(s), newOverview(s), newFindings(s),
		},
		preview: never, checklist: never,
	}
}

// flowOf is the flow that the wizard is started for.
func flowOf(s *session) flow {
	switch s.opts.Start {
	case ask.InstallTask:
		return installFlow(s)
	case ask.UpgradeTask:
		return upgradeFlow(s)
	case ask.AuditTask:
		return auditFlow(s)
	}
	return homeFlow(s)
}

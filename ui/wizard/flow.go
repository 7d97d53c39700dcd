package wizard

import "github.com/nullplatform/slipway/ui/ask"

// flow is the screens of one job in their order, with the stops that the step
// bar shows.
type flow struct {
	// name is the command that does the same; empty at home.
	name   string
	stages []stage
	// fork gives the stops where they hang on an answer; nil elsewhere.
	fork    func() []stage
	screens []screen
}

// preview and checklist are the places of these screens; there is no way back
// behind the first once the second was reached. A flow without one has it
// behind every screen.
func (f flow) preview() int   { return placeOf[*preview](f) }
func (f flow) checklist() int { return placeOf[*checklistScreen](f) }

func placeOf[T screen](f flow) int {
	for i, sc := range f.screens {
		if _, ok := sc.(T); ok {
			return i
		}
	}
	return len(f.screens)
}

// homeFlow asks what to do.
func homeFlow(s *session) flow {
	return flow{screens: []screen{newHome(s)}}
}

func installFlow(s *session) flow {
	return flow{
		name:   ask.InstallTask,
		stages: []stage{atAccount, atDestinations, atDetails, atPreview, atApply, atSummary},
		screens: []screen{
			newAccountScreen(s), newDestinations(s), newEstimated(s),
			newPreview(s), newConfirm(s), newChecklist(s), newSummary(s),
		},
	}
}

// resumeFlow goes on with an install that ended in the middle. What was
// answered is in its journal.
func resumeFlow(s *session) flow {
	return flow{
		name:    ask.InstallTask,
		stages:  []stage{atAccount, atPreview, atApply, atSummary},
		screens: []screen{newAccountScreen(s), newPreview(s), newConfirm(s), newChecklist(s), newSummary(s)},
	}
}

func upgradeFlow(s *session) flow {
	return flow{
		name: ask.UpgradeTask,
		fork: s.upgradeStages,
		screens: []screen{
			newAccountScreen(s), newProject(s),
			newClusterScreen(s), newFoundScreen(s),
			newRootFound(s), newRoutes(s), newFiles(s),
			newPreview(s), newConfirm(s), newChecklist(s), newSummary(s),
		},
	}
}

// upgradeStages are the stops of an upgrade by what holds the installation.
func (s *session) upgradeStages() []stage {
	switch {
	case !s.offersRoots():
		return []stage{atAccount, atCluster, atFound, atPreview, atApply, atProofs}
	case s.project.Kept:
		return []stage{atAccount, atProject, atLayout, atRoute, atFiles, atPreview, atApply, atProofs}
	}
	return []stage{atAccount, atProject, atCluster, atFound, atPreview, atApply, atProofs}
}

// offersRoots reports whether installations that a root holds are asked about.
// A sandbox is an account of its own, which no root knows.
func (s *session) offersRoots() bool { return s.opts.Projects != nil && s.opts.Sandbox == "" }

// stops are what the step bar shows.
func (f flow) stops() []stage {
	if f.fork != nil {
		return f.fork()
	}
	return f.stages
}

// resumeUpgradeFlow goes on with an upgrade that ended in the middle.
func resumeUpgradeFlow(s *session) flow {
	return flow{
		name:    ask.UpgradeTask,
		stages:  []stage{atAccount, atPreview, atApply, atProofs},
		screens: []screen{newAccountScreen(s), newPreview(s), newConfirm(s), newChecklist(s), newSummary(s)},
	}
}

func auditFlow(s *session) flow {
	return flow{
		name:   ask.AuditTask,
		stages: []stage{atAccount, atCluster, atOverview, atFindings},
		screens: []screen{
			newAccountScreen(s), newAuditQuestions(s), newOverview(s), newFindings(s),
		},
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

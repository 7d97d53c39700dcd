package audit

// contractChecks are about whether all is there that the contract calls for,
// and nothing of another.
func contractChecks() []Check {
	return []Check{
		identityPresent(), publishPossible(), contractMissing(), contractDocument(),
		contractCurrent(), upgradeUnfinished(), contractLeftover(), policyVersions(),
	}
}

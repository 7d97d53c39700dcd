package audit

// identityChecks are about who the build user is, and who else publishes.
func identityChecks() []Check {
	return []Check{
		groupMembers(), loginProfile(), loginMFA(), deviceLeftover(), directPolicy(), inlinePolicy(),
		otherGroups(), groupPolicies(), rolePolicies(), userBoundary(),
	}
}

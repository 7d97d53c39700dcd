package directory

// Quotas are the limits of an account, named as GetAccountSummary names them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
type Quotas struct {
	Users                      int
	Groups                     int
	Roles                      int
	Policies                   int
	GroupsPerUser              int
	AccessKeysPerUser          int
	AttachedPoliciesPerUser    int
	AttachedPoliciesPerGroup   int
	AttachedPoliciesPerRole    int
	VersionsPerPolicy          int
	PolicySize                 int
	UserPolicySize             int
	GroupPolicySize            int
	RolePolicySize             int
	AssumeRolePolicySize       int
	PolicyVersionsInUse        int
	ServerCertificates         int
	SigningCertificatesPerUser int
	Tags                       int
}

// DefaultQuotas returns the limits of an account for which none was raised.
func DefaultQuotas() Quotas {
	return Quotas{
		Users: 5000, Groups: 300, Roles: 1000, Policies: 1500,
		GroupsPerUser: 10, AccessKeysPerUser: 2,
		AttachedPoliciesPerUser: 10, AttachedPoliciesPerGroup: 10, AttachedPoliciesPerRole: 10,
		VersionsPerPolicy: 5, PolicySize: 6144,
		UserPolicySize: 2048, GroupPolicySize: 5120, RolePolicySize: 10240,
		AssumeRolePolicySize: 2048, PolicyVersionsInUse: 10000,
		ServerCertificates: 20, SigningCertificatesPerUser: 2, Tags: 50,
	}
}

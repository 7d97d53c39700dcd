package sandbox

import "github.com/nullplatform/slipway/provision/sandbox/directory"

// scenario is a way to fill an account.
type scenario struct {
	name  string
	about string
	fill  func(*Seed)
}

// scenarios are told in the order of the modules' history.
var scenarios = []scenario{
	{"fresh", "an account in which nothing was set up", func(*Seed) {}},
	{"legacy-direct", "contract 1.12: the ECR policy is attached to the build user itself", legacyDirect},
	{"legacy", "contract 3.4: one module makes user, key, group and ECR grant", legacy},
	{"split", "contract 5.0: the build user has its own module and group", split},
	{"current", "contract 6.1: as 5.0, with the S3 grant renamed", current},
	{"drifted", "contract 6.1, changed by hand since", drifted},
	{"messy", "contract 3.4 in an account that people use", messy},
}

// Scenarios lists the names that Options.Scenario may have.
func Scenarios() []string {
	names := make([]string, 0, len(scenarios))
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}

// About says in a sentence what a scenario holds, "" for an unknown one.
func About(name string) string {
	s, _ := find(name)
	return s.about
}

func find(name string) (scenario, bool) {
	for _, s := range scenarios {
		if s.name == name {
			return s, true
		}
	}
	return scenario{}, false
}

// The names that the modules give for the cluster "demo".
const (
	buildUser     = "nullplatform-demo-build-workflow-user"
	publishers    = "nullplatform-demo-asset-publishers"
	ecrManagers   = "nullplatform-demo-ecr-managers"
	appRole       = "nullplatform-demo-application-role"
	ecrPolicyName = "nullplatform-demo-ecr-manager-policy"
	s3Name        = "nullplatform-demo-s3-policy"
	s3AssetsName  = "nullplatform-demo-s3-assets-policy"
	assets        = "demo-assets"
)

// common is in every scenario: an operator, and buckets.
func (s *Seed) common() {
	s.User("operator", Days(400))
	s.Attach(directory.Users, "operator", AdministratorAccess)
	s.operator = s.Key("operator", Days(1))

	s.Bucket(assets, Days(300))
	s.Bucket("demo-other", Days(200))
	s.ForeignBucket("taken-by-others")
}

func legacyDirect(s *Seed) {
	s.User(buildUser, Days(340))
	s.Used(s.Key(buildUser, Days(340)), "ecr", Days(1))

	ecr := s.Policy(ecrPolicyName, ecrDescription, ecrManagerEarly, Days(340))
	s.Attach(directory.Users, buildUser, ecr)

	s.Role(appRole, trustManagerEarly, Days(340))
	s.Attach(directory.Roles, appRole, ecr)
}

func legacy(s *Seed) {
	s.User(buildUser, Days(170))
	s.Used(s.Key(buildUser, Days(170)), "ecr", Days(1))

	s.Group(ecrManagers, Days(170))
	s.Join(buildUser, ecrManagers)

	ecr := s.Policy(ecrPolicyName, ecrDescription, ecrManager, Days(170))
	s.Attach(directory.Groups, ecrManagers, ecr)

	s.Role(appRole, trustManager, Days(170))
	s.Attach(directory.Roles, appRole, ecr)
}

func split(s *Seed) { published(s, s3AssetsName, 140) }

func current(s *Seed) { published(s, s3Name, 60) }

// published is the identity since the split, with either name of the S3 grant.
func published(s *Seed, s3PolicyName string, age int) {
	s.User(buildUser, Days(age))
	s.Used(s.Key(buildUser, Days(age)), "s3", Days(1))

	s.Group(publishers, Days(age))
	s.Join(buildUser, publishers)

	ecr := s.Policy(ecrPolicyName, ecrDescription, ecrManager, Days(age))
	s.Attach(directory.Groups, publishers, ecr)
	s.Attach(directory.Groups, publishers, s.Policy(s3PolicyName, s3Description, publishTo(assets), Days(age)))

	s.Role(appRole, trustManager, Days(age))
	s.Attach(directory.Roles, appRole, ecr)
}

// drifted is what hands did to an installation that once was right.
func drifted(s *Seed) {
	s.User(buildUser, Days(60))
	s.Used(s.Key(buildUser, Days(60)), "s3", Days(1))

	s.Group(publishers, Days(60))
	s.Join(buildUser, publishers)

	// Somebody needed to delete images and widened the policy.
	ecr := s.Policy(ecrPolicyName, ecrDescription, ecrManager, Days(60))
	s.Version(ecr, policyOf(`{"Action":[`+ecrActions+`,"ecr:BatchDeleteImage"],`+ecrResource+`}`, ecrTokens), Days(20))
	s.Attach(directory.Groups, publishers, ecr)

	// Somebody attached the S3 grant to the user instead of the group, and
	// pointed it at every bucket.
	s3 := s.Policy(s3Name, s3Description, publishTo(assets), Days(60))
	s.Version(s3, policyOf(`{"Action":["s3:PutObject","s3:GetObject","s3:ListBucket"],"Effect":"Allow","Resource":"*"}`), Days(10))
	s.Attach(directory.Users, buildUser, s3)

	// Somebody let this account's own principals assume the role.
	s.Role(appRole, policyOf(`{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"AWS":[`+manager+`,"arn:aws:iam::123456789012:root"]}}`), Days(60))
	s.Attach(directory.Roles, appRole, ecr)
}

// messy is an old installation in an account where people work by hand.
func messy(s *Seed) {
	s.User(buildUser, Days(500))
	s.Used(s.Key(buildUser, Days(500)), "ecr", Days(1))
	// A rotation that was begun and never ended.
	s.Key(buildUser, Days(150))
	s.Login(buildUser, Days(480))
	s.Inline(directory.Users, buildUser, "temporary-fix", allow(`"s3:PutObject","s3:DeleteObject"`, "arn:aws:s3:::demo-other/*"))

	s.Group(ecrManagers, Days(170))
	s.Join(buildUser, ecrManagers)
	ecr := s.Policy(ecrPolicyName, ecrDescription, ecrManagerEarly, Days(500))
	for _, age := range []int{400, 300, 200, 170} {
		s.Version(ecr, ecrManager, Days(age))
	}
	s.Attach(directory.Groups, ecrManagers, ecr)

	// People and policies that no module knows of.
	s.User("ana", Days(700))
	s.Used(s.Key("ana", Days(100)), "iam", Days(3))
	s.Join("ana", ecrManagers)
	s.Attach(directory.Groups, ecrManagers, s.Policy("team-s3-uploads", "Lambda bundles, ask ana", publishTo(assets), Days(160)))
	s.Inline(directory.Groups, ecrManagers, "list-buckets", allow(`"s3:ListAllMyBuckets"`, "*"))
	s.Group("developers", Days(700))
	s.Join("ana", "developers")
	s.Join(buildUser, "developers")
	s.Attach(directory.Groups, "developers", ReadOnlyAccess)

	s.Role(appRole, trustManager, Days(170))
	s.Attach(directory.Roles, appRole, ecr)
	s.Attach(directory.Roles, appRole, ECRPowerUser)
}

package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/policy"
)

// unwrapped is a drawing without guides, marks and line breaks, in which
// sentences can be looked for.
func unwrapped(drawing string) string {
	keep := strings.NewReplacer("│", " ", "├─", " ", "└─", " ")
	return strings.Join(strings.Fields(keep.Replace(ansi.Strip(drawing))), " ")
}

func TestAccessSaysWhatBecomesOfWhom(t *testing.T) {
	all := map[string]*migrate.InstallPreview{}
	for _, s := range scenes(t) {
		all[s.name] = s.preview
	}
	for _, c := range []struct {
		why, scene string
		has, not   []string
	}{
		{
			"a first install gains what the spec calls for, and nothing else", "fresh",
			[]string{
				"build user nullplatform-demo-build-workflow-user 16 actions gained, 0 kept, 0 lost",
				"ECR, every repository + gained ecr:Batch", "sign-in tokens (on *) + gained ecr:GetAuthorizationToken, sts:GetServiceBearerToken by",
				"S3, demo-assets/* + gained s3:GetObject, s3:PutObject by nullplatform-demo-s3-policy via the publishers group",
				"application role nullplatform-demo-application-role 14 actions gained", "the application role + gained sts:AssumeRole by the trust policy",
			},
			[]string{"more than", "although", "lost s", "!", "?"},
		},
		{
			"the old bucket has no name in the blueprint, so it is called by its ARN", "bucket-swapped",
			[]string{"S3, prod-assets/* + gained s3:GetObject", "arn:aws:s3:::demo-assets/* - lost s3:GetObject, s3:PutObject", "role nullplatform-demo-application-role: unchanged, 14 kept"},
			[]string{"although"},
		},
		{
			"what stays of a document that shrinks is kept, and the rest is said as what it is not", "narrowing",
			[]string{"every resource (*) - lost s3:* (but not s3:GetObject or s3:PutObject)", "every resource (*), but not arn:aws:s3:::demo-assets/* - lost s3:GetObject, s3:PutObject", "S3, demo-assets/* kept s3:GetObject, s3:PutObject"},
			nil,
		},
		{
			"members that fare the same are said together, and only as far as the group goes", "member-gains",
			[]string{"members alice, bob by being in group nullplatform-demo-asset-publishers, and compared only as far as that goes 2 actions gained", "s3:GetObject, s3:PutObject more than the spec calls for"},
			nil,
		},
		{"a boundary takes away what is needed", "boundary", []string{"- lost s3:PutObject although the spec calls for it", "kept s3:GetObject by"}, nil},
		{"what was not read is not called unchanged", "boundary-unread", []string{"unchanged as far as could be read, 16 kept ? not read: policy arn:aws:iam::123456789012:policy/developers-boundary, so this may not be all"}, []string{"unchanged, 16"}},
		{"another path is worth more than a line", "other-path", []string{"kept s3:GetObject, s3:PutObject by nullplatform-demo-s3-policy directly and via the publishers group; was only directly"}, []string{"user: unchanged"}},
		{"who is trusted has the role as destination", "trust-swapped", []string{"principal arn:aws:iam::999999999999:root 0 actions gained, 0 kept, 1 lost the application role - lost sts:AssumeRole", "kept sts:AssumeRole by the trust policy - lost sts:TagSession"}, nil},
		{"doubts are said with their reason", "inexact", []string{"? not exact: some of what is listed as gained or lost may not differ, but nothing that differs is left out (conditions"}, nil},
		{"a part of a gain can be beyond", "stray-grant", []string{"but not arn:aws:s3:::demo-assets/* ! beyond s3:GetObject, s3:PutObject part of what is gained, and more than the spec calls for by inline policy extra via the publishers group"}, nil},
		{"conditions are said with what they hold for", "conditions", []string{"only if StringEquals aws:PrincipalTag/team eve", "only if not (StringEquals"}, nil},
	} {
		drawing := Access(NewCanvas(120, true, false), all[c.scene])
		got := unwrapped(drawing)
		for _, s := range c.has {
			if !strings.Contains(got, s) {
				t.Errorf("%s (%s): %q is missing:\n%s", c.scene, c.why, s, drawing)
			}
		}
		for _, s := range c.not {
			if strings.Contains(got, s) {
				t.Errorf("%s (%s): %q is there:\n%s", c.scene, c.why, s, drawing)
			}
		}
	}
}

// Every grant of every list has its place, under its word; nothing else is
// said to be gained, kept or lost.
func TestAccessShowsEveryGrantOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePreview(t)
		w := newAccessWords(p.Plan.Blueprint)
		for _, a := range p.Access {
			got, want := map[string]int{}, map[string]int{}
			for _, d := range w.destinations(a) {
				for _, e := range d.effects {
					for _, action := range e.actions {
						got[e.word+" "+action+" on "+d.name+" "+e.condition]++
					}
				}
			}
			for word, list := range map[string][]policy.Grant{"gained": a.Gained, "kept": a.Kept, "lost": a.Lost} {
				for _, g := range list {
					name, _ := w.destination(g)
					want[word+" "+actionWords(g)+" on "+name+" "+onlyIf(g)]++
				}
			}
			for key := range got {
				if want[key] != got[key] && !strings.HasPrefix(key, "beyond ") && !strings.HasPrefix(key, "needed ") {
					t.Fatalf("%q is shown %d times, want %d", key, got[key], want[key])
				}
			}
			for key := range want {
				if got[key] == 0 {
					t.Fatalf("%q is not shown", key)
				}
			}
		}
	})
}

// What is beyond or needed is either marked where it is listed or listed for
// itself.
func TestSpecialGrantsAreNeverLeftOut(t *testing.T) {
	one := func(action, resource string) policy.Grant { return policy.Grant{Action: action, Resource: resource} }
	plain, both, rest := split(
		[]policy.Grant{one("s3:GetObject", "a"), one("s3:*", "*")},
		[]policy.Grant{{Action: "s3:GetObject", Resource: "a", By: []string{"somebody"}}, one("s3:PutObject", "b")},
	)
	if len(plain) != 1 || plain[0].Action != "s3:*" || len(both) != 1 || both[0].Resource != "a" || len(rest) != 1 || rest[0].Resource != "b" {
		t.Errorf("split into %v, %v, %v", plain, both, rest)
	}
}

func TestPrincipalsAreNamedByWhatTheyAre(t *testing.T) {
	p := memberGains(t)
	w := newAccessWords(p.Plan.Blueprint)
	for _, c := range []struct {
		why  string
		a    provision.AccessChange
		want string
	}{
		{"anybody is no name", provision.AccessChange{Principal: provision.Entity{Type: provision.PrincipalEntity, Name: "*"}}, "anybody"},
		{"a member may be called *", provision.AccessChange{Principal: provision.Entity{Type: provision.UserEntity, Name: "*"}, Via: "by being in group x"}, "member"},
		{"the manager of the spec is known", provision.AccessChange{Principal: provision.Entity{Type: provision.PrincipalEntity, Name: p.Plan.Blueprint.Spec.ApplicationManager}}, "manager"},
		{"others are not", provision.AccessChange{Principal: provision.Entity{Type: provision.PrincipalEntity, Name: "arn:aws:iam::1:root"}}, "principal"},
	} {
		if got, _ := w.principal(c.a); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestAccessHeadline(t *testing.T) {
	fresh := preview(t, demo(), emptyAccount("demo-assets"))
	for _, c := range []struct {
		why   string
		p     *migrate.InstallPreview
		width int
		want  string
	}{
		{"all there is", fresh, 80, "build user: 16 actions gained, 0 kept, 0 lost; 2 others change too"},
		{"without room for others", fresh, 50, "build user: 16 actions gained, 0 kept, 0 lost"},
		{"without room for words", fresh, 40, "build user: +16 =0 -0"},
		{"unknown is not fine", boundary(t, false), 80, "build user: 0 actions gained, 16 kept, 0 lost; not all was read"},
		{"however little room there is", boundary(t, false), 40, "build user: +0 =16 -0; not all read"},
		{"nothing is done, so nothing changes", preview(t, demo(), installed(t, demo())), 80, ""},
	} {
		if got := AccessHeadline(NewCanvas(c.width, true, false), c.p); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestConsentSaysWhatIsNeeded(t *testing.T) {
	c := NewCanvas(120, true, false)
	ways := []string{"--allow-broadening", "--allow-loss", "included in going ahead"}
	for _, x := range []struct {
		why  string
		p    *migrate.InstallPreview
		want []string
	}{
		{"the spec's own grants need no word", preview(t, demo(), emptyAccount("demo-assets")), nil},
		{"alice gains", memberGains(t), ways[:1]},
		{"the old bucket is lost", bucketSwapped(t), ways[1:2]},
		{"too much is taken away", narrowing(t), ways[2:]},
	} {
		text := ConsentText(c, x.p)
		for _, way := range ways {
			if got := strings.Contains(text, way); got != slices.Contains(x.want, way) {
				t.Errorf("%s: %q is %v in:\n%s", x.why, way, got, text)
			}
		}
		if (text == "") != (len(x.want) == 0) {
			t.Errorf("%s:\n%s", x.why, text)
		}
		for _, s := range slices.Concat(x.p.Consent.Broadening, x.p.Consent.Loss, x.p.Consent.Narrowing) {
			if !strings.Contains(unwrapped(text), s) || strings.Contains(unwrapped(Remarks(c, x.p)), s) {
				t.Errorf("%s: %q must be said as consent, and only there", x.why, s)
			}
		}
	}
}

package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`

// step is a random change, the nth; it may be refused.
func step(t *rapid.T, s directory.State, n int) (directory.State, error) {
	name := rapid.SampledFrom([]string{"a", "B", "c", "D"})
	user, group := name.Draw(t, "user"), name.Draw(t, "group")
	arn := "arn:aws:iam::1:policy/" + name.Draw(t, "policy")
	kind := rapid.SampledFrom([]directory.Kind{directory.Users, directory.Groups, directory.Roles}).Draw(t, "kind")
	switch rapid.IntRange(0, 13).Draw(t, "step") {
	case 0:
		next, _, err := s.CreateUser(directory.User{Name: user, Path: "/"})
		return next, err
	case 1:
		next, _, err := s.CreateGroup(directory.Group{Name: group, Path: "/"})
		return next, err
	case 2:
		return s.Join(user, group)
	case 3:
		return s.Leave(user, group)
	case 4:
		return s.RenameUser(user, name.Draw(t, "new"), "")
	case 5:
		return s.RenameGroup(group, strings.ToLower(name.Draw(t, "new")), "")
	case 6:
		return s.DeleteUser(user)
	case 7:
		return s.DeleteGroup(group)
	case 8:
		next, _, err := s.AddKey(user, directory.AccessKey{ID: fmt.Sprint("AKIA", n)})
		return next, err
	case 9:
		for id := range s.Users("") {
			if u, err := s.User(id); err == nil && len(u.Keys) > 0 {
				return s.DeleteKey(u.Name, u.Keys[0])
			}
		}
		return s, nil
	case 10:
		next, _, err := s.CreatePolicy(directory.Policy{Name: arn[len(arn)-1:], Path: "/"}, document)
		return next, err
	case 11:
		return s.Attach(kind, user, arn)
	case 12:
		return s.Detach(kind, user, arn)
	default:
		return s.DeletePolicy(arn)
	}
}

// Whatever is done, nothing points at what is not there, and a refused change
// changes nothing.
func TestNothingDangles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := directory.New("1")
		for n := range rapid.IntRange(0, 60).Draw(t, "steps") {
			next, err := step(t, s, n)
			var refusal *wire.Error
			if err != nil && !errors.As(err, &refusal) {
				t.Fatalf("the error is not one of AWS's: %v", err)
			}
			if err != nil && next != s {
				t.Fatalf("a refused change left something: %v", err)
			}
			s = next
			whole(t, s)
		}
	})
}

func whole(t *rapid.T, s directory.State) {
	keys := 0
	for _, u := range s.Users("") {
		if len(s.GroupsOf(u)) != len(u.Groups) {
			t.Fatalf("%s is in a group that is not there: %v", u.Name, u.Groups)
		}
		for _, g := range s.GroupsOf(u) {
			found := false
			for _, m := range s.Members(g) {
				found = found || m == u
			}
			if !found {
				t.Fatalf("%s is in %s, which does not know", u.Name, g.Name)
			}
		}
		for _, k := range s.KeysOf(u) {
			keys++
			if owner, err := s.KeyOwner(k); err != nil || owner != u {
				t.Fatalf("key %s of %s belongs to somebody else", k.ID, u.Name)
			}
		}
		if len(s.KeysOf(u)) != len(u.Keys) {
			t.Fatalf("%s has a key that is not there", u.Name)
		}
	}
	grants, boundaries := s.Attachments()
	for arn := range grants {
		if _, err := s.Policy(arn); err != nil {
			t.Fatalf("%s is attached and not there", arn)
		}
	}
	for arn := range boundaries {
		if _, err := s.Policy(arn); err != nil {
			t.Fatalf("%s is a boundary and not there", arn)
		}
	}
}

func TestNamesAndPaths(t *testing.T) {
	cases := []struct {
		why, name, path, code string
	}{
		{"the shortest name", "a", "/", ""},
		{"all the characters that are allowed", "aZ0_+=,.@-", "/", ""},
		{"the longest name", strings.Repeat("x", 64), "/", ""},
		{"a nested path", "a", "/team/ci/", ""},
		{"one character too many", strings.Repeat("x", 65), "/", "ValidationError"},
		{"no name", "", "/", "ValidationError"},
		{"a slash belongs to the path", "a/b", "/", "ValidationError"},
		{"a path that does not end", "a", "/team", "ValidationError"},
		{"a path that does not begin", "a", "team/", "ValidationError"},
		{"a path that is too long", "a", "/" + strings.Repeat("x", 511) + "/", "ValidationError"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			_, u, err := directory.New("1").CreateUser(directory.User{Name: c.name, Path: c.path})
			var refusal *wire.Error
			switch {
			case c.code == "" && err != nil:
				t.Errorf("refused with %v", err)
			case c.code == "" && u.ARN != "arn:aws:iam::1:user"+c.path+c.name:
				t.Errorf("the ARN is %s", u.ARN)
			case c.code != "" && (!errors.As(err, &refusal) || refusal.Code != c.code):
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestAKeyDoesNotPrintItsSecret(t *testing.T) {
	k := directory.AccessKey{ID: "AKIA", Secret: "hush-hush", Created: time.Now()}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, k); strings.Contains(text, "hush") {
			t.Errorf("%s prints %s", format, text)
		}
	}
	if k.Secret.Reveal() != "hush-hush" {
		t.Error("the secret is lost")
	}
}

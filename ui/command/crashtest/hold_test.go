package crashtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/nullplatform/slipway/provision/sandbox/sandboxtest"
	"github.com/nullplatform/slipway/ui/command/crashtest"
)

// listener is a test that only takes note of what fails.
type listener struct {
	testing.TB
	heard []string
}

func (l *listener) Error(args ...any) { l.heard = append(l.heard, fmt.Sprint(args...)) }

func (l *listener) Errorf(format string, args ...any) {
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
}

// What must hold can be broken, and then it is noticed: each case does what a
// defect would have done.
func TestWhatDoesNotHoldIsNoticed(t *testing.T) {
	job := install()
	course := courseOf(t, job)
	for _, tt := range []struct {
		why  string
		harm func(t *testing.T, w *crashtest.World, m *crashtest.Machine) error
		none bool
	}{
		{why: "nothing", none: true, harm: func(*testing.T, *crashtest.World, *crashtest.Machine) error { return nil }},
		{why: "a second key", harm: func(t *testing.T, w *crashtest.World, _ *crashtest.Machine) error {
			_, err := sandboxtest.IAM(w.Account).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String(buildUser)})
			return err
		}},
		{why: "a key that is off", harm: func(t *testing.T, w *crashtest.World, _ *crashtest.Machine) error {
			user, _ := w.Account.Peek().User(buildUser)
			_, err := sandboxtest.IAM(w.Account).UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{
				UserName: aws.String(buildUser), AccessKeyId: &user.Keys[0].ID, Status: "Inactive",
			})
			return err
		}},
		{why: "a neighbour who lost a group", harm: func(t *testing.T, w *crashtest.World, _ *crashtest.Machine) error {
			_, err := sandboxtest.IAM(w.Account).RemoveUserFromGroup(t.Context(), &iam.RemoveUserFromGroupInput{
				UserName: aws.String("ana"), GroupName: aws.String("developers"),
			})
			return err
		}},
		{why: "something that nobody asked for", harm: func(t *testing.T, w *crashtest.World, _ *crashtest.Machine) error {
			_, err := sandboxtest.IAM(w.Account).CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("left-over")})
			return err
		}},
		{why: "no handover", harm: func(_ *testing.T, _ *crashtest.World, m *crashtest.Machine) error {
			return os.Remove(m.Path(job.Handover))
		}},
		{why: "a secret in the state", harm: func(_ *testing.T, _ *crashtest.World, m *crashtest.Machine) error {
			text, err := os.ReadFile(m.Path(job.Handover))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(m.StateDir(), "copy"), text, 0o600)
		}},
		{why: "a draft with a secret", harm: func(_ *testing.T, _ *crashtest.World, m *crashtest.Machine) error {
			return os.Link(m.Path(job.Handover), m.Path(".slipway-1"))
		}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			l := &listener{TB: t}
			w := crashtest.NewWorld(l, job)
			m := w.Machine()
			if e := m.RunHere(nil, job.Args...); e.Code != 0 {
				t.Fatal(e)
			}
			if err := tt.harm(t, w, m); err != nil {
				t.Fatal(err)
			}
			w.MustHold(m, job, course.End)
			if (len(l.heard) == 0) != tt.none {
				t.Errorf("noticed: %q", l.heard)
			}
		})
	}
}

package wizard

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/ask"
)

// job is one checklist on its way. It runs in a command of its own and tells
// what happens through a channel, which another command reads one message at a
// time, so that the end comes after all else. When no screen is left the rest
// is told to nobody, and the checklist is not held up by that.
type job struct {
	work  ask.Work
	look  ask.Look
	steps []checklist.Step
	run   *checklist.Run
	// cancel gives up the call in flight.
	cancel context.CancelFunc
	news   chan tea.Msg
	done   chan struct{}
	// err is what it came to, once done is closed.
	err error
}

// progressMsg is one event of a job.
type progressMsg struct {
	job   *job
	event checklist.Event
}

// endedMsg says that a job is over.
type endedMsg struct{ job *job }

// revealMsg asks for the credentials to be shown. Their field is exported
// because package fmt lets only exported fields redact themselves.
type revealMsg struct {
	Credentials provision.Credentials
	told        chan<- error
}

// start gives the commands that run the prepared work and bring its news.
func (s *session) start() (tea.Cmd, error) {
	if s.job != nil {
		s.before = s.done()
	}
	j := &job{
		work: s.work, look: s.work.Whole(s.look), steps: s.work.Steps(),
		news: make(chan tea.Msg, 16), done: make(chan struct{}),
	}
	tell := func(msg tea.Msg) {
		select {
		case j.news <- msg:
		case <-s.gone:
		}
	}
	run, err := s.work.Start(checklist.Options{
		Observe: func(e checklist.Event) { tell(progressMsg{j, e}) }, Now: s.opts.Now, Ask: s.asker(j),
	})
	if err != nil {
		return nil, err
	}
	// What writes does not end with the program: it is asked to stop, and at
	// once, for taking leave of a terminal that is gone may take a while.
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.ctx))
	context.AfterFunc(s.ctx, run.Stop)
	j.run, j.cancel = run, cancel
	s.job = j
	do := func() tea.Msg {
		defer close(j.done)
		defer cancel()
		j.err = j.verdict(ctx, run.Do(ctx))
		_ = j.work.Close() // What is left is a temporary file.
		tell(endedMsg{j})
		return nil
	}
	return tea.Batch(do, s.listen(j)), nil
}

// verdict takes an error for a stop when the call in flight was given up.
func (j *job) verdict(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !errors.Is(err, checklist.ErrStopped) {
		return errors.Join(checklist.ErrStopped, err)
	}
	return err
}

// listen gives the command that waits for the next piece of news.
func (s *session) listen(j *job) tea.Cmd {
	return func() tea.Msg {
		select {
		case msg := <-j.news:
			return msg
		case msg := <-s.reveals:
			return msg
		case <-s.gone:
			return nil
		}
	}
}

// drain asks for a stop and waits for the end: for the call in flight, and for
// so long, and then for the call to be given up.
func (j *job) drain(patience time.Duration) {
	j.run.Stop()
	t := time.AfterFunc(patience, j.cancel)
	defer t.Stop()
	<-j.done
}

// errUnseen is why a secret was not taken: the one who should have read it was
// gone, or did not want to.
var errUnseen = errors.New("it was not confirmed that the secret was read from the screen")

// places are the places for a secret; "reveal" is the wizard's own screen.
func (s *session) places() ask.Places { return ask.PlacesWith(handover.Edge{Reveal: s.reveal}) }

// reveal has the credentials shown and waits until the person is done with
// them. It runs on the checklist's side.
func (s *session) reveal(ctx context.Context, c provision.Credentials) error {
	told := make(chan error, 1)
	select {
	case s.reveals <- revealMsg{Credentials: c, told: told}:
	case <-ctx.Done():
		return errUnseen
	case <-s.gone:
		return errUnseen
	}
	select {
	case err := <-told:
		return err
	case <-ctx.Done():
		return errUnseen
	case <-s.gone:
		return errUnseen
	}
}

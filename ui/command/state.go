package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/ask"
)

// What slipway keeps on disk is under one directory, one folder for each
// account and in it one for each cluster.

// stateRoot is where the state of all clusters is kept: XDG_STATE_HOME where
// it is set, and otherwise where the system keeps such things.
// https://specifications.freedesktop.org/basedir-spec/latest/
func stateRoot(e Edge) (string, error) {
	if base := e.Env("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "slipway"), nil
	}
	if base := e.Env("LOCALAPPDATA"); runtime.GOOS == "windows" && filepath.IsAbs(base) {
		return filepath.Join(base, "slipway", "state"), nil
	}
	home := e.Env("HOME")
	if !filepath.IsAbs(home) {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", fmt.Errorf("find the state directory: %w; set XDG_STATE_HOME", err)
		}
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "slipway"), nil
	}
	return filepath.Join(home, ".local", "state", "slipway"), nil
}

// stateDirectory is where the files of one cluster are kept.
func stateDirectory(e Edge, account, cluster string) (string, error) {
	root, err := stateRoot(e)
	if err != nil {
		return "", err
	}
	return filepath.Join(root, account, folderOf(cluster)), nil
}

// journalOf opens the journal of a cluster. A sandbox of this process keeps
// none on disk: it ends with the process.
func (s *session) journalOf(e Edge, sandboxed bool, what, account, cluster string) (*checklist.Journal, error) {
	if sandboxed {
		return checklist.MemoryJournal(e.Now), nil
	}
	dir, err := stateDirectory(e, account, cluster)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname() // Only for people to read.
	j, err := checklist.OpenJournal(dir, checklist.JournalOptions{
		Now:          e.Now,
		Holder:       checklist.Holder{PID: os.Getpid(), Host: host, Command: what},
		TestOnlyHook: e.TestOnlyJournal,
	})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, j.Close)
	return j, nil
}

// keeping is where a new run leaves its trace.
func (c *commonFlags) keeping(e Edge, j *checklist.Journal, id account.Identity) migrate.Keeping {
	settings := map[string]string{"region": id.Place.Region}
	if c.profile != "" {
		settings["profile"] = c.profile
	}
	if c.endpoint != "" {
		settings["endpoint-url"] = c.endpoint
	}
	return migrate.Keeping{
		Journal: j, Settings: settings,
		Run: fmt.Sprintf("%s-%d", e.Now().UTC().Format("20060102T150405Z"), len(j.History().Runs)+1),
	}
}

// keeper opens the journal of a cluster that the wizard is about, and closes
// the one before when it is about another.
func (i *interview) keeper() ask.Keep {
	var mu sync.Mutex
	var of string
	var open *checklist.Journal
	return func(id account.Identity, cluster string) (migrate.Keeping, error) {
		mu.Lock()
		defer mu.Unlock()
		if key := id.Place.Account + "/" + cluster; open == nil || of != key {
			if err := open.Close(); err != nil {
				return migrate.Keeping{}, err
			}
			open = nil
			fresh, err := i.session.journalOf(i.edge, i.common.sandbox != "", "the wizard", id.Place.Account, cluster)
			if err != nil {
				return migrate.Keeping{}, err
			}
			open, of = fresh, key
		}
		return i.common.keeping(i.edge, open, id), nil
	}
}

// keptRun is a cluster's last run as its journal on disk tells it.
type keptRun struct {
	*migrate.RunStatus
	path   string
	holder *checklist.Holder
}

// keptRuns reads the last runs of all clusters, or of the one that is named,
// in the order in which they were last heard of. Journals that cannot be read
// are told in the error; the others are given all the same.
func keptRuns(e Edge, cluster string) ([]keptRun, error) {
	root, err := stateRoot(e)
	if err != nil {
		return nil, err
	}
	accounts, err := os.ReadDir(root)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("read the state directory: %w", err)
	}
	var out []keptRun
	var failures []error
	for _, a := range accounts {
		clusters, err := os.ReadDir(filepath.Join(root, a.Name()))
		if err != nil {
			continue // A file that is none of ours.
		}
		for _, c := range clusters {
			if cluster != "" && clusterOf(c.Name()) != cluster {
				continue
			}
			run, err := keptRunIn(filepath.Join(root, a.Name(), c.Name()))
			if err != nil {
				failures = append(failures, err)
			} else if run != nil {
				out = append(out, *run)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b keptRun) int { return b.Last.Compare(a.Last) })
	return out, errors.Join(failures...)
}

func keptRunIn(dir string) (*keptRun, error) {
	h, err := checklist.ReadJournal(dir)
	if err != nil {
		return nil, err
	}
	s, err := migrate.StatusOf(h)
	if s == nil || err != nil {
		return nil, err
	}
	run := &keptRun{RunStatus: s, path: dir}
	if holder, held := checklist.ReadHolder(dir); held {
		run.holder = &holder
	}
	return run, nil
}

// oneRun chooses the run that a command is about: of the cluster that is
// named, or the only one that fits.
func oneRun(e Edge, cluster, what string, fits func(keptRun) bool) (keptRun, error) {
	all, failure := keptRuns(e, cluster)
	all = slices.DeleteFunc(all, func(r keptRun) bool { return !fits(r) })
	of := ""
	if cluster != "" {
		of = " of cluster " + cluster
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case failure != nil:
		return keptRun{}, failure
	case len(all) == 0:
		return keptRun{}, &noRunError{text: "there is no run" + of + " to " + what}
	}
	var names []string
	for _, r := range all {
		names = append(names, r.Cluster+" in "+r.Account)
	}
	return keptRun{}, &provision.Problem{
		Field: "cluster", Rule: fmt.Sprintf("is not clear: there are runs to %s of %v", what, names),
		Way: "name one with --cluster, and its account with --profile",
	}
}

// noRunError says that there is nothing to go on with.
type noRunError struct{ text string }

func (e *noRunError) Error() string {
	return e.text + "; see slipway status"
}

// inherit takes the settings of the run that are not given anew.
func (c *commonFlags) inherit(r keptRun) {
	override := func(field *string, name string) {
		if *field == "" {
			*field = r.Settings[name]
		}
	}
	if c.profile == "" && c.endpoint == "" {
		override(&c.profile, "profile")
	}
	override(&c.region, "region")
	override(&c.endpoint, "endpoint-url")
}

// when is a time for people.
func when(t time.Time) string { return t.Local().Format(time.DateTime) }

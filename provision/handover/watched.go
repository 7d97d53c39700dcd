package handover

// watchedDisk tells each thing that is done to the disk, right after, so that
// tests can end the process there.
type watchedDisk struct {
	disk
	at func(instant string)
}

var _ disk = watchedDisk{}

func (w watchedDisk) draft(dir string) (draft, error) {
	d, err := w.disk.draft(dir)
	if err != nil {
		return nil, err
	}
	w.at("drafted")
	return watchedDraft{draft: d, at: w.at}, nil
}

func (w watchedDisk) link(from, to string) error { return w.told("linked", w.disk.link(from, to)) }

func (w watchedDisk) remove(path string) error { return w.told("removed", w.disk.remove(path)) }

func (w watchedDisk) flush(dir string) error { return w.told("flushed", w.disk.flush(dir)) }

func (w watchedDisk) told(instant string, err error) error {
	w.at(instant)
	return err
}

// watchedDraft is a draft of a watched disk.
type watchedDraft struct {
	draft
	at func(instant string)
}

var _ draft = watchedDraft{}

// Write writes, and tells when that is done.
func (d watchedDraft) Write(p []byte) (int, error) {
	n, err := d.draft.Write(p)
	d.at("written")
	return n, err
}

// Sync flushes, and tells when that is done.
func (d watchedDraft) Sync() error {
	err := d.draft.Sync()
	d.at("synced")
	return err
}

// watch makes a place that keeps a file tell what it does to the disk.
func (e Edge) watch(f *newFile) {
	if e.TestOnlyDisk != nil {
		f.disk = watchedDisk{disk: f.disk, at: e.TestOnlyDisk}
	}
}

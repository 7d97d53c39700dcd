package ownfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// The lists are those that Windows gives: of a user's own folder, of a disk for
// data, and of what others have made of them. They are read as they stand, so
// that no file system has to keep them.
func TestWhoseListItIs(t *testing.T) {
	const me = "S-1-5-21-1-2-3-1001"
	for _, tt := range []struct {
		why, list    string
		read, change bool
	}{
		{"a user's own folder", "O:" + me + "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + me + ")", false, false},
		{"made by an elevated user", "O:BAD:(A;;FA;;;SY)(A;;FA;;;" + me + ")", false, false},
		{"a disk for data hands this down", "O:" + me + "D:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;AU)(A;OICIID;0x1200a9;;;BU)", true, true},
		{"everybody may look", "O:" + me + "D:(A;;FA;;;" + me + ")(A;;0x1200a9;;;BU)", true, false},
		{"somebody else may add files", "O:" + me + "D:(A;;FA;;;" + me + ")(A;;0x4;;;S-1-5-21-1-2-3-1002)", false, true},
		{"somebody else may take files away", "O:" + me + "D:(A;;FA;;;" + me + ")(A;;0x40;;;WD)", false, true},
		{"who may change the list may do everything", "O:" + me + "D:(A;;FA;;;" + me + ")(A;;WD;;;BU)", true, true},
		{"and so may who may take it over", "O:" + me + "D:(A;;FA;;;" + me + ")(A;;WO;;;BU)", true, true},
		{"and the owner", "O:S-1-5-21-1-2-3-1002D:(A;;FA;;;" + me + ")", true, true},
		{"the domain's administrators rule the machine anyway", "O:" + me + "D:(A;;FA;;;" + me + ")(A;;FA;;;S-1-5-21-1-2-3-512)", false, false},
		{"what is for those below only is not for the thing itself", "O:" + me + "D:(A;;FA;;;" + me + ")(A;OICIIO;FA;;;CO)", false, false},
		{"a right that is denied is none", "O:" + me + "D:(D;;FA;;;WD)(A;;FA;;;" + me + ")", false, false},
		{"a right under a condition is one", "O:" + me + "D:(A;;FA;;;" + me + `)(XA;;FA;;;WD;(@User.Title=="PM"))`, true, true},
		{"an empty list lets nobody in", "O:" + me + "D:", false, false},
		{"no list lets everybody in", "O:" + me, true, true},
		{"without an owner nothing is known", "D:(A;;FA;;;" + me + ")", true, true},
	} {
		sd, err := windows.SecurityDescriptorFromString(tt.list)
		if err != nil {
			t.Logf("%s: SKIPPED ALOUD: this system does not read %s: %v", tt.why, tt.list, err)
			continue
		}
		for what, c := range map[string]struct {
			rights windows.ACCESS_MASK
			want   bool
		}{"read": {reading, tt.read}, "change": {replacing, tt.change}} {
			if got, err := givesOthers(sd, me, c.rights); got != c.want || err != nil {
				t.Errorf("%s: others may %s: %v, %v; want %v", tt.why, what, got, err, c.want)
			}
		}
	}
}

// A list that is null is something else than an empty one.
func TestANullListLetsEverybodyIn(t *testing.T) {
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	sd, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sd.SetOwner(me.User.Sid, false), sd.SetDACL(nil, true, false)); err != nil {
		t.Fatal(err)
	}
	if others, err := givesOthers(sd, me.User.Sid.String(), reading); !others || err != nil {
		t.Errorf("others may read: %v, %v", others, err)
	}
}

// A tool that runs in a private directory and makes files there as it likes
// makes them private.
func TestADirectoryHandsDownThatItIsPrivate(t *testing.T) {
	sd, err := descriptor(true)
	if err != nil {
		t.Fatal(err)
	}
	control, _, err := sd.Control()
	if err != nil || control&windows.SE_DACL_PROTECTED == 0 {
		t.Errorf("what is above is taken over: control %x, %v", control, err)
	}
	list, _, err := sd.DACL()
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			t.Fatal(err)
		}
		if both := uint8(windows.OBJECT_INHERIT_ACE | windows.CONTAINER_INHERIT_ACE); entry.Header.AceFlags&both != both {
			t.Errorf("entry %d is not handed down: flags %x", i, entry.Header.AceFlags)
		}
	}
	dir, err := MkdirTemp(t.TempDir(), "own-")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "by a tool")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "x" {
		t.Errorf("the owner reads %q, %v", text, err)
	}
}

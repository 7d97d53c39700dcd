package ownfile

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// descriptor gives all access to this user, the system and its administrators,
// who can take it anyway, and takes nothing over from the directory above (P).
// What is made in a directory gets the same (OICI).
// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
func descriptor(directory bool) (*windows.SECURITY_DESCRIPTOR, error) {
	me, err := user()
	if err != nil {
		return nil, err
	}
	list := "D:P"
	for _, who := range []string{me, "SY", "BA"} {
		if directory {
			list += "(A;OICI;FA;;;" + who + ")"
		} else {
			list += "(A;;FA;;;" + who + ")"
		}
	}
	return windows.SecurityDescriptorFromString(list)
}

// user is the security identifier of this process's user.
func user() (string, error) {
	me, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", err
	}
	return me.User.Sid.String(), nil
}

// attributes are what makes something with a descriptor of its own, so that
// there is no moment in which it has another.
func attributes(directory bool) (*windows.SecurityAttributes, error) {
	sd, err := descriptor(directory)
	if err != nil {
		return nil, err
	}
	return &windows.SecurityAttributes{Length: uint32(unsafe.Sizeof(windows.SecurityAttributes{})), SecurityDescriptor: sd}, nil
}

func create(path string) (*os.File, error) {
	failed := func(err error) (*os.File, error) { return nil, &os.PathError{Op: "create", Path: path, Err: err} }
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return failed(err)
	}
	own, err := attributes(false)
	if err != nil {
		return failed(err)
	}
	// As os.OpenFile does it, but for the access list.
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE,
		own, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return failed(err)
	}
	return os.NewFile(uintptr(h), path), nil
}

func temp(dir, pattern string) (*os.File, error) { return create(draw(dir, pattern)) }

func mkdirTemp(dir, pattern string) (string, error) {
	path := draw(dir, pattern)
	return path, mkdir(path)
}

func mkdir(path string) error {
	own, err := attributes(true)
	if err == nil {
		var name *uint16
		if name, err = windows.UTF16PtrFromString(path); err == nil {
			err = windows.CreateDirectory(name, own)
		}
	}
	if err != nil {
		return &os.PathError{Op: "mkdir", Path: path, Err: err}
	}
	return nil
}

// draw is a name with chance in it: in place of the last star, or at the end.
func draw(dir, pattern string) string {
	if dir == "" {
		dir = os.TempDir()
	}
	prefix, suffix := pattern, ""
	if at := strings.LastIndexByte(pattern, '*'); at >= 0 {
		prefix, suffix = pattern[:at], pattern[at+1:]
	}
	return filepath.Join(dir, prefix+rand.Text()+suffix)
}

func restrict(path string) error {
	sd, err := descriptor(false)
	if err == nil {
		var list *windows.ACL
		if list, _, err = sd.DACL(); err == nil {
			err = windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
				windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
		}
	}
	if err != nil {
		return &os.PathError{Op: "restrict", Path: path, Err: err}
	}
	return nil
}

// What lets somebody put a file in another's place: make one, take one away,
// or give himself the right to.
const replacing = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | deleteChild | taking

// deleteChild is FILE_DELETE_CHILD, the right to take files out of a directory.
const deleteChild = 0x40

// What makes the rights of a file worth nothing.
const taking = windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_ALL | windows.GENERIC_WRITE

// What lets somebody read a file, or give himself the right to.
const reading = windows.FILE_READ_DATA | windows.GENERIC_READ | taking

func othersMayWrite(dir string) (bool, error) { return othersHave(dir, replacing) }

func othersMayRead(file string) (bool, error) { return othersHave(file, reading) }

// othersHave reports whether the access list of a file or directory gives any of
// the rights to somebody else.
func othersHave(path string, rights windows.ACCESS_MASK) (others bool, err error) {
	defer func() {
		if err != nil {
			others, err = true, &os.PathError{Op: "read the access list", Path: path, Err: err}
		}
	}()
	me, err := user()
	if err != nil {
		return true, err
	}
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return true, err
	}
	return givesOthers(sd, me, rights)
}

// givesOthers reports whether a descriptor gives any of the rights to somebody
// else, or its owner is somebody else. That a right may be denied again does
// not count: who is in which group cannot be known. Without a list everybody
// has all rights.
func givesOthers(sd *windows.SECURITY_DESCRIPTOR, me string, rights windows.ACCESS_MASK) (bool, error) {
	owner, _, err := sd.Owner()
	if err != nil || owner == nil || !trusted(me, owner) {
		return true, err
	}
	list, _, err := sd.DACL()
	if errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) {
		return true, nil
	}
	if err != nil || list == nil {
		return true, err
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return true, err
		}
		if gives(entry, rights) && !trusted(me, (*windows.SID)(unsafe.Pointer(&entry.SidStart))) {
			return true, nil
		}
	}
	return false, nil
}

// allowedCallback is ACCESS_ALLOWED_CALLBACK_ACE_TYPE, which allows on a
// condition and is laid out as one that has none.
const allowedCallback = 9

// gives reports whether an entry gives any of the rights on the thing itself.
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-ace_header
func gives(entry *windows.ACCESS_ALLOWED_ACE, rights windows.ACCESS_MASK) bool {
	kind := entry.Header.AceType
	return (kind == windows.ACCESS_ALLOWED_ACE_TYPE || kind == allowedCallback) &&
		entry.Header.AceFlags&windows.INHERIT_ONLY_ACE == 0 && entry.Mask&rights != 0
}

// The security identifiers of those who rule the machine, and of an owner,
// whoever that is.
// https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
const (
	systemSID         = "S-1-5-18"
	administratorsSID = "S-1-5-32-544"
	installerSID      = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
	ownerRightsSID    = "S-1-3-4"
	domainPrefix      = "S-1-5-21-"
	domainAdminsEnd   = "-512"
)

// trusted reports whether a security identifier is this user, or one that rules
// the machine in any case.
func trusted(me string, sid *windows.SID) bool {
	switch text := sid.String(); text {
	case me, systemSID, administratorsSID, installerSID, ownerRightsSID:
		return true
	default:
		return strings.HasPrefix(text, domainPrefix) && strings.HasSuffix(text, domainAdminsEnd)
	}
}

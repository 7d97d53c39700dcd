package ownfiletest

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// share gives everybody (WD) all rights, to what is made within too.
func share(path string, _ fs.FileMode) error {
	sd, err := windows.SecurityDescriptorFromString("D:(A;OICI;FA;;;WD)")
	if err != nil {
		return err
	}
	list, _, err := sd.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

// onWine asks for a function that Wine's own libraries have beside those of
// Windows.
func onWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

package handover

// syncDirectory has nothing to do: Windows flushes no directories, and the file
// system's own log keeps names.
func syncDirectory(string) error { return nil }

// wayFromShared is the way out of a directory to which others may write, as
// they may to most that are not in a user's own folder.
func wayFromShared(string) string {
	return `use a directory in your own folder (C:\Users\YOU), or take the right away in the properties of this one, under Security`
}

package checklist

// syncDirectory has nothing to do: the file system's own log keeps names.
func syncDirectory(string) error { return nil }

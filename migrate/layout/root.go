package layout

// File is one file of a root.
type File struct {
	// Name is the file's name in its root.
	Name string
	Data []byte
}

// Root is one root directory as it was read.
type Root struct {
	// Dir is the directory as the caller named it. It is shown and handed on,
	// not opened.
	Dir string
	// Files are the configuration files, by name.
	Files []File
	// Vars are the variable files in the order in which they count:
	// terraform.tfvars, terraform.tfvars.json, then *.auto.tfvars and
	// *.auto.tfvars.json by name, then those given with -var-file.
	Vars []File
	// Environ is the environment that the tool is run in, of which TF_VAR_*
	// counts before any variable file. May be nil.
	Environ []string
	// Workspace is the selected workspace; "default" unless told otherwise.
	Workspace string
	// State is the state, nil when it was not read.
	State *State
}

// Backend is where a root keeps its state.
type Backend struct {
	// Type is the backend's type, such as "s3", "local" when there is none
	// in the configuration, or "cloud".
	Type string
	// Settings are those that say where the state is (bucket, key, region,
	// path and the like), as far as they are literals. No credentials.
	Settings map[string]string
	// Position is the block; without a file for "local".
	Position Position
}

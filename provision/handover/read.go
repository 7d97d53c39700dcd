package handover

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// mostRead bounds a file of credentials, which has a few lines.
const mostRead = 64 << 10

// Read gives back the credentials of a place that was handed over to, written
// as for [Parse]. Files alone can be read: "file:PATH", dotenv or JSON. What it
// refuses is a [*provision.Problem], and never holds what the file does.
func Read(text string) (provision.Credentials, error) {
	path, ok := strings.CutPrefix(text, "file:")
	if !ok || path == "" {
		return provision.Credentials{}, credentialsProblem(fmt.Sprintf("%q cannot be read", text), "write it as file:PATH; an encrypted file has to be decrypted first")
	}
	f, err := os.Open(path)
	if err != nil {
		return provision.Credentials{}, credentialsProblem(path+" cannot be read: "+cause(err), "check the path")
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, mostRead))
	if err != nil {
		return provision.Credentials{}, credentialsProblem(path+" cannot be read: "+cause(err), "check the path")
	}
	c, ok := credentialsIn(string(content))
	if !ok {
		return provision.Credentials{}, credentialsProblem(path+" does not name a key and its secret",
			"it needs "+envKeyID+" and "+envSecret+", as slipway install --handover file:PATH writes them")
	}
	return c, nil
}

func credentialsProblem(rule, way string) error {
	return &provision.Problem{Field: "credentials", Rule: rule, Way: way}
}

func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return "it cannot be opened"
}

// FromEnvironment gives the credentials that CI would find in variables. It
// gives false when the secret is not there.
func FromEnvironment(env func(string) string) (provision.Credentials, bool) {
	secret := strings.TrimSpace(env(envSecret))
	return provision.Credentials{
		KeyID: strings.TrimSpace(env(envKeyID)), Secret: provision.NewSecret(secret), Region: env(envRegion),
	}, secret != ""
}

// credentialsIn understands both forms in which credentials are written.
func credentialsIn(text string) (provision.Credentials, bool) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		var file struct {
			User   string `json:"user"`
			KeyID  string `json:"access_key_id"`
			Secret string `json:"secret_access_key"`
			Region string `json:"region"`
		}
		if json.Unmarshal([]byte(text), &file) != nil {
			return provision.Credentials{}, false
		}
		c := provision.Credentials{User: file.User, KeyID: file.KeyID, Secret: provision.NewSecret(file.Secret), Region: file.Region}
		return c, file.KeyID != "" && file.Secret != ""
	}
	values := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if name, value, ok := strings.Cut(line, "="); ok {
			values[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return FromEnvironment(func(name string) string {
		if values[envKeyID] == "" {
			return "" // a file names both, or says nothing
		}
		return values[name]
	})
}

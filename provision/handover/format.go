package handover

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// The names that nullplatform's CI actions use.
const (
	envKeyID  = "BUILD_AWS_ACCESS_KEY"
	envSecret = "BUILD_AWS_SECRET_ACCESS_KEY"
	envRegion = "BUILD_AWS_REGION"
)

// Dotenv is the credentials with the names that nullplatform's CI actions use.
func Dotenv(c provision.Credentials) string {
	return fmt.Sprintf("# Access key of %s. Keep it secret.\n%s=%s\n%s=%s\n%s=%s\n",
		c.User, envKeyID, c.KeyID, envSecret, c.Secret.Reveal(), envRegion, c.Region)
}

// JSON is the credentials as one JSON object:
//
//	{
//	  "user": "nullplatform-demo-build-workflow-user",
//	  "access_key_id": "AKIA...",
//	  "secret_access_key": "...",
//	  "region": "us-east-1",
//	  "env": {
//	    "BUILD_AWS_ACCESS_KEY": "AKIA...",
//	    "BUILD_AWS_SECRET_ACCESS_KEY": "...",
//	    "BUILD_AWS_REGION": "us-east-1"
//	  }
//	}
//
// The "env" object holds what [Dotenv] holds, for programs that pass it on as
// it is. Fields may be added to it; none is renamed or taken away.
func JSON(c provision.Credentials) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	// Strings alone always have a JSON form, and a buffer takes everything.
	_ = enc.Encode(struct {
		User   string `json:"user"`
		KeyID  string `json:"access_key_id"`
		Secret string `json:"secret_access_key"`
		Region string `json:"region"`
		Env    env    `json:"env"`
	}{c.User, c.KeyID, c.Secret.Reveal(), c.Region, env{c.KeyID, c.Secret.Reveal(), c.Region}})
	return out.String()
}

// env has its fields in the order in which Dotenv writes them.
type env struct {
	KeyID  string `json:"BUILD_AWS_ACCESS_KEY"`
	Secret string `json:"BUILD_AWS_SECRET_ACCESS_KEY"`
	Region string `json:"BUILD_AWS_REGION"`
}

// textFor is the credentials in the format that the file's name asks for: JSON
// for .json, dotenv for all else. An .age at the end says nothing about what is
// inside and does not count.
func textFor(path string, c provision.Credentials) string {
	name := strings.ToLower(filepath.Base(path))
	if strings.HasSuffix(strings.TrimSuffix(name, ".age"), ".json") {
		return JSON(c)
	}
	return Dotenv(c)
}

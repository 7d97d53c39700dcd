package handover_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nullplatform/slipway/provision/handover"
)

const asJSON = `{
  "user": "u",
  "access_key_id": "AKIAEXAMPLE",
  "secret_access_key": "` + secretText + `",
  "region": "us-east-1",
  "env": {
    "BUILD_AWS_ACCESS_KEY": "AKIAEXAMPLE",
    "BUILD_AWS_SECRET_ACCESS_KEY": "` + secretText + `",
    "BUILD_AWS_REGION": "us-east-1"
  }
}
`

const asDotenv = `# Access key of u. Keep it secret.
BUILD_AWS_ACCESS_KEY=AKIAEXAMPLE
BUILD_AWS_SECRET_ACCESS_KEY=` + secretText + `
BUILD_AWS_REGION=us-east-1
`

func TestFormats(t *testing.T) {
	if diff := cmp.Diff(asJSON, handover.JSON(credentials())); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	if !json.Valid([]byte(asJSON)) {
		t.Error("what is wanted is no JSON")
	}
	if diff := cmp.Diff(asDotenv, handover.Dotenv(credentials())); diff != "" {
		t.Errorf("dotenv (-want +got):\n%s", diff)
	}
}

func TestTheNameOfAFileDecidesItsFormat(t *testing.T) {
	for _, tt := range []struct{ why, name, want string }{
		{"dotenv is what CI reads", "creds.env", asDotenv},
		{"no ending at all", "creds", asDotenv},
		{"JSON for programs", "creds.json", asJSON},
		{"Windows writes endings as it likes", "CREDS.JSON", asJSON},
		{"only the end counts", "creds.json.env", asDotenv},
		{"a hidden file is named after its ending", ".json", asJSON},
	} {
		t.Run(tt.why, func(t *testing.T) {
			path := filepath.Join(privateDir(t), tt.name)
			place, err := handover.Parse("file:"+path, handover.Edge{})
			if err != nil {
				t.Fatal(err)
			}
			if err := place.Put(t.Context(), credentials()); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

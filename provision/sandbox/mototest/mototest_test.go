package mototest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/nullplatform/slipway/provision/sandbox/mototest"
)

func TestMotoAnswersAndIsGoneAfterwards(t *testing.T) {
	var url string
	t.Run("running", func(t *testing.T) {
		url = mototest.Start(t)
		resp, err := http.Get(url + "/moto-api/data.json")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), "{") {
			t.Errorf("moto answered %d, %v", resp.StatusCode, err)
		}
	})
	if url == "" {
		t.Skip("SKIPPED ALOUD: moto_server did not run")
	}
	if resp, err := http.Get(url); err == nil {
		_ = resp.Body.Close()
		t.Error("moto still answers after its test has ended")
	}
}

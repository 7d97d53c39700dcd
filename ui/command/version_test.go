package command

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestVersionSaysWhatItWasBuiltFrom(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	built := " (" + "commit 0123456789ab, 2026-05-06T07:08:09Z, " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")"
	checkout := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.4-0.20260506070809-0123456789ab+dirty"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: commit}, {Key: "vcs.time", Value: "2026-05-06T07:08:09Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	for _, tt := range []struct {
		why     string
		release Release
		info    *debug.BuildInfo
		want    string
	}{
		{
			why:     "a release says it itself, whatever Go recorded of the build machine",
			release: Release{Version: "1.2.3", Commit: commit, Date: "2026-05-06T07:08:09Z"},
			info:    checkout, want: "slipway 1.2.3" + built,
		},
		{
			why:  "go install records the module's version and nothing else",
			info: &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}},
			want: "slipway 1.2.3 (" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")",
		},
		{
			why:  "a checkout with changes says so",
			info: checkout,
			want: "slipway 1.2.4-0.20260506070809-0123456789ab+dirty (commit 0123456789ab, modified, 2026-05-06T07:08:09Z, " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")",
		},
		{
			why:  "nothing was recorded",
			want: "slipway (devel) (" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")",
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if got := newBuild(tt.release, tt.info).String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

package fluxsum

import (
	"os"
	"testing"
)

// TestBuildExamples: the checksums of the example trees are true.
func TestBuildExamples(t *testing.T) {
	for _, dir := range []string{"../../testdata/matrix-gitops", "../../testdata/layouts"} {
		plan := buildDir(t, dir)
		for _, r := range plan.Results {
			if r.State != OK {
				t.Errorf("%s: %s %s: %s, recorded %s, computed %s, %s", dir, r.Rule, r.Target.File, r.State, r.Recorded, r.Computed, r.Message)
			}
		}
		if len(plan.Results) == 0 || len(plan.Changes) > 0 {
			t.Errorf("%s: %d results, %d changes", dir, len(plan.Results), len(plan.Changes))
		}
	}
}

func buildDir(t *testing.T, dir string) *Plan {
	t.Helper()
	text, err := os.ReadFile(dir + "/" + ConfigName)
	if err != nil {
		t.Fatal(err)
	}
	config, err := ReadConfig(ConfigName, text)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Build(t.Context(), config, os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

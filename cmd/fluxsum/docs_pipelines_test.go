package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// programs are those that would talk to a server. What is posted is kept; nothing is
// installed.
var programs = map[string]string{
	"gh":   `for arg; do [ "$last" != --body-file ] || cp "$arg" "$POSTED"; last=$arg; done`,
	"curl": `for arg; do case $arg in body@*) cp "${arg#body@}" "$POSTED" ;; esac; done`,
	"go":   `[ "$1" = install ]`,
}

// runPipeline runs a pipeline of a document on a pull request that is in sync, and on
// one that is not: it must pass the first, and end the second with an error, or set
// it right. What it posts must be a comment, what it promises to leave must be there.
func runPipeline(t *testing.T, snippet string) {
	t.Helper()
	noShell(t)
	for _, inSync := range []bool{true, false} {
		r := newPipelineRun(t, inSync)
		passed := r.run(t, snippet)
		if fixes := strings.Contains(snippet, "mode: fix"); passed != (inSync || fixes) {
			t.Errorf("%s\nin sync: %v, passed: %v\n%s", snippet, inSync, passed, r.log.String())
		} else if fixes {
			runSession(t, r.origin, "$ fluxsum verify --rev feature -q\n")
		}
		posted, err := os.ReadFile(filepath.Join(r.dir, "posted.md"))
		posts := strings.Contains(snippet, "gh pr comment") || strings.Contains(snippet, "curl ")
		if posts != (err == nil) || posts && !strings.HasPrefix(string(posted), "### fluxsum: ") {
			t.Errorf("%s\nposts %q, %v\n%s", snippet, posted, err, r.log.String())
		}
	}
}

// pipelineRun is the run of a pipeline on a pull request.
type pipelineRun struct {
	pullRequest
	path string
	log  strings.Builder
}

func newPipelineRun(t *testing.T, inSync bool) *pipelineRun {
	t.Helper()
	r := &pipelineRun{pullRequest: newPullRequest(t, inSync)}
	bin := t.TempDir()
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.path = strings.Join([]string{bin, binDir, os.Getenv("PATH")}, string(os.PathListSeparator))
	return r
}

// run runs the snippet as what it is, and says whether it passed.
func (r *pipelineRun) run(t *testing.T, snippet string) (passed bool) {
	t.Helper()
	if strings.HasPrefix(snippet, "#!") {
		return r.script(t, r.clone(t), snippet, nil)
	}
	var kind struct {
		Kind string
		Jobs map[string]any
	}
	if err := yaml.Unmarshal([]byte(snippet), &kind); err != nil {
		t.Fatal(err)
	}
	switch {
	case kind.Jobs != nil:
		return r.gitHub(t, snippet)
	case kind.Kind == "Task":
		return r.tekton(t, snippet)
	}
	return r.gitLab(t, snippet)
}

// clone is one with the whole history, the pull request checked out.
func (r *pipelineRun) clone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(r.dir, "clone")
	if out, err := exec.Command("git", "clone", "-q", "-b", "feature", r.origin, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	return dir
}

// script runs a script and says whether it passed.
func (r *pipelineRun) script(t *testing.T, dir, text string, env []string) bool {
	t.Helper()
	name := filepath.Join(r.dir, "script")
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name)
	cmd.Dir, cmd.Env = dir, append(append(ownEnvironment(), "CI=true", "PATH="+r.path, "POSTED="+filepath.Join(r.dir, "posted.md")), env...)
	cmd.Stdout, cmd.Stderr = &r.log, &r.log
	return cmd.Run() == nil
}

// gitHub runs the jobs of a workflow.
func (r *pipelineRun) gitHub(t *testing.T, snippet string) (passed bool) {
	t.Helper()
	var workflow gitHubWorkflow
	if err := decodeStrictly([]byte(snippet), &workflow); err != nil {
		t.Fatal(err)
	}
	event, payload := "push", []byte(`{"ref": "refs/heads/feature", "before": "rev:main", "after": "rev:feature"}`)
	if strings.Contains(fmt.Sprint(workflow.On), "pull_request") {
		event = "pull_request"
		payload, _ = os.ReadFile("../../testdata/events/pull_request.json")
	}
	passed = true
	for name := range workflow.Jobs {
		job := r.job(t, event, payload)
		job.path, job.log, job.program = r.path, &r.log, filepath.Join(binDir, "fluxsum")
		job.env = append(job.env, "POSTED="+filepath.Join(r.dir, "posted.md"))
		status, err := job.runJob(&workflow, name)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, r.log.String())
		}
		passed = passed && status == 0
	}
	return passed
}

// gitLab runs the jobs of .gitlab-ci.yml. Reports must be there in any case.
func (r *pipelineRun) gitLab(t *testing.T, snippet string) (passed bool) {
	t.Helper()
	var jobs map[string]struct {
		Stage, Image string
		Rules        []struct{ If string }
		Variables    map[string]string
		Script       []string
		Artifacts    struct {
			When    string
			Reports map[string]string
		}
	}
	if err := decodeStrictly([]byte(snippet), &jobs); err != nil {
		t.Fatal(err)
	}
	passed = true
	dir := r.clone(t)
	ids, _ := withIDs(map[string]any{"base": "rev:main", "head": "rev:feature"}, r.origin)
	id := ids.(map[string]any)
	for name, job := range jobs {
		env := []string{"GITLAB_CI=true", "CI_PIPELINE_SOURCE=merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA=" + printed(id["base"]), "CI_COMMIT_SHA=" + printed(id["head"])}
		for _, key := range slices.Sorted(maps.Keys(job.Variables)) {
			env = append(env, key+"="+job.Variables[key])
		}
		passed = r.script(t, dir, "#!/bin/sh\nset -e\n"+strings.Join(job.Script, "\n")+"\n", env) && passed
		for kind, file := range job.Artifacts.Reports {
			if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || len(text) == 0 || job.Artifacts.When != "always" {
				t.Errorf("%s: no report for %s: %v", name, kind, err)
			}
		}
	}
	return passed
}

var tektonVariable = regexp.MustCompile(`\$\((params|workspaces)\.([\w-]+)(\.path)?\)`)

// tekton runs the steps of a Task, for the commits of the pull request.
func (r *pipelineRun) tekton(t *testing.T, snippet string) (passed bool) {
	t.Helper()
	type named struct {
		Name, Type, Description, Value string
		Default                        *string
	}
	var task struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
		Spec       struct {
			Description        string
			Params, Workspaces []named
			Steps              []struct {
				Name, Image, Script string
				WorkingDir          string `yaml:"workingDir"`
				Env                 []named
			}
		}
	}
	if err := decodeStrictly([]byte(snippet), &task); err != nil {
		t.Fatal(err)
	}
	dir := r.clone(t)
	values := map[string]string{}
	for _, p := range task.Spec.Params {
		if values["params."+p.Name] = "origin/main..HEAD"; p.Default != nil {
			values["params."+p.Name] = *p.Default
		}
	}
	for _, w := range task.Spec.Workspaces {
		values["workspaces."+w.Name] = dir
	}
	fill := func(text string) string {
		return tektonVariable.ReplaceAllStringFunc(text, func(mark string) string {
			m := tektonVariable.FindStringSubmatch(mark)
			value, ok := values[m[1]+"."+m[2]]
			if !ok {
				t.Errorf("%s is not declared", mark)
			}
			return value
		})
	}
	for _, step := range task.Spec.Steps {
		if tektonVariable.MatchString(step.Script) {
			t.Errorf("%s: a variable in script lets what others write into the shell; give it in env", step.Name)
		}
		var env []string
		for _, e := range step.Env {
			env = append(env, e.Name+"="+fill(e.Value))
		}
		if !r.script(t, fill(step.WorkingDir), step.Script, env) {
			return false
		}
	}
	return true
}

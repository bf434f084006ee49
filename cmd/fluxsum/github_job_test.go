package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// gitHubStep is a step of a job, or of a composite action.
type gitHubStep struct {
	ID, Name, If, Uses, Run, Shell string
	WorkingDirectory               string `yaml:"working-directory"`
	ContinueOnError                bool   `yaml:"continue-on-error"`
	With, Env                      map[string]string
}

// gitHubWorkflow is what stands in a workflow.
type gitHubWorkflow struct {
	Name                                   string
	On, Permissions, Concurrency, Defaults any
	Env                                    map[string]string
	Jobs                                   map[string]struct {
		Name                  string
		If                    string
		RunsOn                string `yaml:"runs-on"`
		TimeoutMinutes        int    `yaml:"timeout-minutes"`
		Permissions, Strategy any
		Env                   map[string]string
		Steps                 []gitHubStep
	}
}

// gitHubAction is what stands in action.yml.
type gitHubAction struct {
	Name, Description, Author string
	Branding                  struct{ Icon, Color string }
	Inputs                    map[string]struct{ Description, Default string }
	Outputs                   map[string]struct{ Description, Value string }
	Runs                      struct {
		Using string
		Steps []gitHubStep
	}
}

func readAction() (*gitHubAction, error) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		return nil, err
	}
	var action gitHubAction
	return &action, decodeStrictly(text, &action)
}

func decodeStrictly(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	return d.Decode(into)
}

// gitHubJob runs steps as a runner of GitHub does, with what an event gives it.
type gitHubJob struct {
	workspace string   // where the steps start
	temp      string   // RUNNER_TEMP; the summary of the job is there, too
	origin    string   // the bare repository behind the workspace
	env       []string // of all steps
	path      string   // PATH
	github    map[string]any
	log       io.Writer
	program   string // the input fluxsum, where a step does not have it
}

// newGitHubJob is the job of an event. In its payload "rev:NAME" stands for the id of
// that commit in origin.
func newGitHubJob(event string, payload []byte, origin string) (*gitHubJob, error) {
	var read map[string]any
	if err := json.Unmarshal(payload, &read); err != nil {
		return nil, err
	}
	filled, err := withIDs(read, origin)
	if err != nil {
		return nil, err
	}
	j := &gitHubJob{origin: origin, github: map[string]any{
		"event": filled, "event_name": event, "repository": "example/gitops", "server_url": "https://github.com", "token": "the token of the job",
		"ref": "refs/heads/main",
	}}
	maps.Copy(j.github, placeOf(event, &gitHubExpression{contexts: filled.(map[string]any)}))
	j.github["sha"], err = withIDs("rev:"+fmt.Sprint(j.github["ref"]), origin)
	ref := fmt.Sprint(j.github["ref"])
	j.github["ref_type"] = "branch"
	if strings.HasPrefix(ref, "refs/tags/") {
		j.github["ref_type"] = "tag"
	}
	j.github["ref_name"] = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/tags/"), "refs/pull/")
	return j, err
}

// placeOf is where an event happens.
func placeOf(event string, payload *gitHubExpression) map[string]any {
	get := func(path ...string) string {
		value, err := payload.lookup(path)
		if err != nil {
			return ""
		}
		return printed(value)
	}
	switch event {
	case "pull_request":
		return map[string]any{"ref": "refs/pull/" + get("number") + "/merge", "head_ref": get("pull_request", "head", "ref"), "base_ref": get("pull_request", "base", "ref")}
	case "pull_request_target":
		return map[string]any{"head_ref": get("pull_request", "head", "ref"), "base_ref": get("pull_request", "base", "ref")}
	case "merge_group":
		return map[string]any{"ref": get("merge_group", "head_ref")}
	case "push":
		return map[string]any{"ref": get("ref")}
	}
	return nil
}

// withIDs replaces each "rev:NAME" by the id of the commit.
func withIDs(value any, origin string) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			filled, err := withIDs(v[key], origin)
			if err != nil {
				return nil, err
			}
			v[key] = filled
		}
	case string:
		if rev, ok := strings.CutPrefix(v, "rev:"); ok {
			id, err := exec.Command("git", "--git-dir", origin, "rev-parse", "--verify", rev+"^{commit}").Output()
			if err != nil {
				return nil, fmt.Errorf("%s in %s: %w", v, origin, err)
			}
			return strings.TrimSpace(string(id)), nil
		}
	}
	return value, nil
}

// summary is that of the job.
func (j *gitHubJob) summary() string { return filepath.Join(j.temp, "step-summary.md") }

// runJob runs a job of a workflow.
func (j *gitHubJob) runJob(w *gitHubWorkflow, name string) (status int, err error) {
	job := w.Jobs[name]
	e := &gitHubExpression{contexts: map[string]any{"github": j.github}}
	for _, texts := range []map[string]string{w.Env, job.Env} {
		env, err := e.fillAll(texts)
		if err != nil {
			return 0, err
		}
		for key, value := range env {
			j.env = append(j.env, key+"="+value)
		}
	}
	runs, err := e.runs(job.If, 0)
	if err != nil || !runs {
		return 0, fmt.Errorf("the job %s does not run: %w", name, err)
	}
	return j.steps(job.Steps, map[string]any{})
}

// steps runs steps one after the other. Its outputs are those of the steps, by id.
func (j *gitHubJob) steps(list []gitHubStep, contexts map[string]any) (status int, err error) {
	outputs := map[string]any{}
	e := &gitHubExpression{contexts: map[string]any{"github": j.github, "steps": outputs, "runner": map[string]any{"temp": j.temp}, "secrets": map[string]any{}, "vars": map[string]any{}}}
	maps.Copy(e.contexts, contexts)
	e.functions = map[string]func(string) any{
		"cancelled": func(string) any { return false },
		"always":    func(string) any { return true },
		"failure":   func(string) any { return status != 0 },
		"hashFiles": func(name string) any {
			text, _ := os.ReadFile(filepath.Join(j.workspace, name))
			return string(text)
		},
	}
	for _, s := range list {
		outputs[s.ID] = map[string]any{"outputs": map[string]any{}}
	}
	for _, s := range list {
		runs, err := e.runs(s.If, status)
		if err != nil {
			return 0, fmt.Errorf("%s: if: %w", s.Name, err)
		}
		if !runs {
			continue
		}
		got, exit, err := j.step(s, e)
		if err != nil {
			return 0, fmt.Errorf("%s%s: %w", s.Name, s.Uses, err)
		}
		outcome := "success"
		if exit != 0 {
			outcome = "failure"
		}
		outputs[s.ID] = map[string]any{"outputs": got, "outcome": outcome}
		if exit != 0 && status == 0 && !s.ContinueOnError {
			status = exit
		}
	}
	maps.Copy(contexts, e.contexts)
	return status, nil
}

// runs says whether a step is to run.
func (e *gitHubExpression) runs(condition string, status int) (bool, error) {
	if condition == "" {
		return status == 0, nil
	}
	condition = strings.TrimSuffix(strings.TrimPrefix(condition, "${{"), "}}")
	value, err := e.value(condition)
	asks := strings.Contains(condition, "cancelled()") || strings.Contains(condition, "always()") || strings.Contains(condition, "failure()")
	return truthy(value) && (status == 0 || asks), err
}

func (j *gitHubJob) step(s gitHubStep, e *gitHubExpression) (outputs map[string]any, status int, err error) {
	with, err := e.fillAll(s.With)
	if err != nil {
		return nil, 0, err
	}
	if s.Uses != "" {
		return j.use(s.Uses, with)
	}
	env, err := e.fillAll(s.Env)
	if err != nil {
		return nil, 0, err
	}
	if expressionMark.MatchString(s.Run) {
		return nil, 0, errors.New("an expression in run lets what others write into the shell; give it in env")
	}
	return j.run(s, env)
}

func (e *gitHubExpression) fillAll(texts map[string]string) (map[string]string, error) {
	all := map[string]string{}
	for key, text := range texts {
		filled, err := e.fill(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		all[key] = filled
	}
	return all, nil
}

// run runs the shell of a step.
func (j *gitHubJob) run(s gitHubStep, env map[string]string) (outputs map[string]any, status int, err error) {
	output, paths := filepath.Join(j.temp, "output"), filepath.Join(j.temp, "path")
	for _, name := range []string{output, paths} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			return nil, 0, err
		}
	}
	cmd := exec.Command("sh", "-e", "-c", s.Run)
	cmd.Dir = filepath.Join(j.workspace, s.WorkingDirectory)
	cmd.Env = append(j.environ(), "GITHUB_OUTPUT="+output, "GITHUB_PATH="+paths)
	for key, value := range env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	var log bytes.Buffer
	cmd.Stdout = io.MultiWriter(j.log, &log)
	cmd.Stderr = cmd.Stdout
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		return nil, 0, err
	}
	if added, _ := os.ReadFile(paths); len(added) > 0 {
		j.path = strings.TrimSpace(string(added)) + string(os.PathListSeparator) + j.path
	}
	outputs = oldOutputs(log.String())
	text, err := os.ReadFile(output)
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		outputs[key] = value
	}
	return outputs, status, err
}

// oldOutputs are those that a step sets by the command ::set-output in its log, which
// runners still take.
func oldOutputs(log string) map[string]any {
	outputs := map[string]any{}
	for line := range strings.Lines(log) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "::set-output name="); ok {
			key, value, _ := strings.Cut(command, "::")
			outputs[key] = value
		}
	}
	return outputs
}

// environ is what GitHub gives to each step.
func (j *gitHubJob) environ() []string {
	action, _ := filepath.Abs("../..")
	env := append(slices.Clone(j.env), "PATH="+j.path, "CI=true", "GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH="+action, "GITHUB_WORKSPACE="+j.workspace,
		"RUNNER_TEMP="+j.temp, "GITHUB_STEP_SUMMARY="+j.summary())
	for key, value := range j.github {
		if text, ok := value.(string); ok && key != "token" {
			env = append(env, "GITHUB_"+strings.ToUpper(key)+"="+text)
		}
	}
	return env
}

// use runs an action: our own by its steps, those that our action and the docs build
// on by what matters of them here.
func (j *gitHubJob) use(uses string, with map[string]string) (outputs map[string]any, status int, err error) {
	switch name, _, _ := strings.Cut(uses, "@"); name {
	case "./", "fluxsum/fluxsum":
		return j.runAction(with)
	case "actions/checkout":
		return nil, 0, j.checkout(with)
	case "actions/setup-go":
		return nil, 0, nil
	case "actions/create-github-app-token":
		return map[string]any{"token": "the token of the app"}, 0, nil
	case "github/codeql-action/upload-sarif":
		_, err := os.Stat(filepath.Join(j.workspace, with["sarif_file"]))
		return nil, 0, err
	}
	return nil, 0, errors.New("no test knows what it does")
}

// runAction runs action.yml.
func (j *gitHubJob) runAction(with map[string]string) (outputs map[string]any, status int, err error) {
	action, err := readAction()
	if err != nil {
		return nil, 0, err
	}
	inputs := map[string]any{}
	for name, input := range action.Inputs {
		inputs[name] = input.Default
	}
	for name, value := range with {
		if _, known := inputs[name]; !known {
			return nil, 0, fmt.Errorf("no input %q", name)
		}
		inputs[name] = value
	}
	if _, given := with["fluxsum"]; !given {
		inputs["fluxsum"] = j.program
	}
	contexts := map[string]any{"inputs": inputs}
	if status, err = j.steps(action.Runs.Steps, contexts); err != nil {
		return nil, 0, err
	}
	e := &gitHubExpression{contexts: contexts}
	outputs = map[string]any{}
	for name, output := range action.Outputs {
		if outputs[name], err = e.fill(output.Value); err != nil {
			return nil, 0, err
		}
	}
	return outputs, status, nil
}

// checkout does what actions/checkout does: one commit, for a pull request that of a
// trial merge, unless ref and fetch-depth say otherwise.
func (j *gitHubJob) checkout(with map[string]string) error {
	ref := with["ref"]
	if ref == "" {
		ref = fmt.Sprint(j.github["ref"])
	}
	depth := []string{"--depth=1"}
	if with["fetch-depth"] == "0" {
		depth = []string{"+refs/heads/*:refs/remotes/origin/*"}
	}
	for _, args := range [][]string{
		{"init", "-q"},
		{"remote", "add", "origin", "file://" + filepath.ToSlash(j.origin)},
		append([]string{"fetch", "-q", "origin", ref}, depth...),
		{"checkout", "-q", "--detach", "FETCH_HEAD"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = j.workspace, j.environ()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %s", strings.Join(args, " "), out)
		}
	}
	return nil
}

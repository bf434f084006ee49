package hook

import (
	"bytes"
	"errors"
	"io"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Snippet is the lines that have another tool run fluxsum.
type Snippet struct {
	File   string // of the tool, where the lines belong, from the top
	Text   string
	Reason string // why the lines cannot just be appended to it; or empty
	Above  string // the end of a script, above which they belong; or empty
	Line   int    // of that end
}

// SnippetFor returns the lines for a tool, to append to its file as that stands
// in the worktree at top. Config is the config's path from the top, when it is
// another than usual.
func SnippetFor(manager, file, top, config string) Snippet {
	s := Snippet{File: file}
	switch manager {
	case "lefthook":
		s.lefthook(top, command(PreCommit, config), command(PreMerge, config))
	case "pre-commit":
		s.preCommit(top, command(PreCommit, config))
	default:
		s.script(top, command(PreCommit, config))
	}
	if text := s.existing(top); s.Reason == "" && len(text) > 0 && text[len(text)-1] != '\n' {
		s.Text = "\n" + s.Text
	}
	return s
}

// DefaultFile is where a tool keeps its config.
func DefaultFile(manager string) string {
	switch manager {
	case "lefthook":
		return "lefthook.yml"
	case "pre-commit":
		return ".pre-commit-config.yaml"
	}
	return ".husky/pre-commit"
}

// command is the line that runs fluxsum.
func command(hook, config string) string {
	line := "fluxsum hooks run " + hook
	if config != "" {
		line += " --config " + quote(config)
	}
	return line
}

func (s *Snippet) existing(top string) []byte {
	text, _ := readConfig(top, filepath.FromSlash(s.File))
	return text
}

// script is a line of a hook, which must be reached.
func (s *Snippet) script(top, line string) {
	s.Text = "# keep the checksum annotations true\n" + line + "\n"
	if end, ok := endOf(string(s.existing(top))); ok {
		s.Above, s.Line = end.String(), end.line
		s.Reason = "nothing behind " + s.Above + " is reached; put them above it"
	}
}

func (s *Snippet) lefthook(top, commit, merge string) {
	entry := func(hook, line string) string {
		return hook + ":\n  commands:\n    fluxsum:\n      run: " + scalar(line) + "\n"
	}
	s.Text = entry(PreCommit, commit) + entry(PreMerge, merge)
	keys, _, fault := topKeys(s.existing(top))
	switch {
	case path.Ext(s.File) != ".yml" && path.Ext(s.File) != ".yaml":
		s.Reason = "it is no YAML; write the same in its own format"
	case keys[PreCommit] != nil || keys[PreMerge] != nil:
		s.Reason = "it has hooks of these names already; put the commands below theirs"
	default:
		s.Reason = fault
	}
}

// hookTypes is the key of pre-commit for what `pre-commit install` installs; by
// default that is nothing for merges.
const hookTypes = "default_install_hook_types"

// preCommit is one more entry of repos, indented as those that are there.
func (s *Snippet) preCommit(top, line string) {
	const head = `- repo: local
  hooks:
    - id: fluxsum
      name: fluxsum
`
	const tail = `      language: system
      always_run: true
      pass_filenames: false
`
	entry := head + "      entry: " + scalar(line) + "\n" + tail
	keys, last, fault := topKeys(s.existing(top))
	repos := keys["repos"]
	if s.Reason = fault; repos == nil {
		s.Text = "repos:\n" + indented(entry, 2)
		if keys[hookTypes] == nil {
			s.Text = hookTypes + ": [" + PreCommit + ", " + PreMerge + "]\n" + s.Text
		}
		return
	}
	s.Text = indented(entry, repos.Column-1)
	switch {
	case repos.Kind != yaml.SequenceNode || repos.Style&yaml.FlowStyle != 0:
		s.Text = indented(entry, 2)
		s.Reason = "its repos are no block list; put the entry into it"
	case last != "repos":
		s.Reason = "repos is not its last key; put the entry at the end of repos"
	}
}

// scalar is a line as a value in YAML: as it is, where it reads as itself.
func scalar(line string) string {
	var read struct{ Line any }
	if yaml.Unmarshal([]byte("line: "+line), &read) == nil && read.Line == line {
		return line
	}
	return strconv.Quote(line) // whose escapes are YAML's too
}

func indented(text string, by int) string {
	margin := strings.Repeat(" ", by)
	return margin + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+margin) + "\n"
}

// isNothing says whether a document holds comments at most.
func isNothing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 && n.Anchor == ""
}

// topKeys returns the values of a YAML map and its last key, and why nothing can just
// be appended to it.
func topKeys(text []byte) (values map[string]*yaml.Node, last, fault string) {
	var doc, next yaml.Node
	values = map[string]*yaml.Node{}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	switch err := documents.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return values, "", ""
	case err != nil:
		return values, "", "it is not valid YAML"
	}
	root := doc.Content[0]
	switch {
	case root.Kind != yaml.MappingNode && !isNothing(root), root.Style&yaml.FlowStyle != 0:
		fault = "it is no block map; put the same into it"
	case root.Kind == yaml.MappingNode && root.Content[0].Column > 1: // a tag of the map has a place of its own
		fault = "its keys are indented; put the same among them"
	case bytes.Contains(text, []byte("\n...")) || !errors.Is(documents.Decode(&next), io.EOF):
		fault = "its YAML document is ended"
	}
	if root.Kind != yaml.MappingNode {
		return values, "", fault
	}
	for i := 0; i < len(root.Content); i += 2 {
		last = root.Content[i].Value
		values[last] = root.Content[i+1]
	}
	return values, last, fault
}

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// jsonVersion of the shape that JSON writes.
const jsonVersion = 1

type jsonPlan struct {
	Version  int               `json:"version"`
	Tree     string            `json:"tree"`
	OK       bool              `json:"ok"`
	Results  any               `json:"results"`
	Findings []fluxsum.Finding `json:"findings"`
	Message  string            `json:"message,omitempty"`
}

type jsonCommits struct {
	Version int        `json:"version"`
	OK      bool       `json:"ok"`
	Commits []jsonPlan `json:"commits"`
}

// Tree is a plan and the tree that it was made of.
type Tree struct {
	Name string // worktree, index, or the id of a commit
	OK   bool   // what the command has to say in one word
	Plan *fluxsum.Plan

	Problems fluxsum.Problems // why there are no results, of a tree whose config cannot be read

	Prefix string     // of the root in the repository
	Config ConfigFile // what problems call it
	Cure   string     // how to make the checksums true
}

// ConfigFile is the config: below the root, and as the user knows it.
type ConfigFile struct{ Name, Shown string }

func (t Tree) json() jsonPlan {
	out := jsonPlan{Version: jsonVersion, Tree: t.Name, OK: t.OK, Results: t.Plan.Results, Findings: t.Plan.Findings, Message: t.Problems.Error()}
	if t.Plan.Results == nil {
		out.Results = []fluxsum.Result{}
	}
	if out.Findings == nil {
		out.Findings = []fluxsum.Finding{}
	}
	return out
}

// JSON writes a plan for scripts.
func JSON(w io.Writer, t Tree) error { return encode(w, t.json()) }

// JSONCommits writes the plans of commits, in their order.
func JSONCommits(w io.Writer, commits []Tree) error { return encode(w, commitsOf(commits)) }

func commitsOf(commits []Tree) jsonCommits {
	out := jsonCommits{Version: jsonVersion, OK: true, Commits: []jsonPlan{}}
	for _, c := range commits {
		out.OK = out.OK && c.OK
		out.Commits = append(out.Commits, c.json())
	}
	return out
}

// DifferencesJSON writes a plan, each result of which says what has changed since
// its checksum was true.
func DifferencesJSON(w io.Writer, t Tree, all []Difference) error {
	out := t.json()
	if out.Results = all; all == nil {
		out.Results = []Difference{}
	}
	return encode(w, out)
}

func encode(w io.Writer, value any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(steerless(text.Bytes()))
	return err
}

// steerless escapes what could steer a terminal and JSON lets stand: control
// characters beyond ASCII, and those that turn the direction of text.
func steerless(text []byte) []byte {
	if !bytes.ContainsFunc(text, steers) {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if !steers(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

func steers(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }

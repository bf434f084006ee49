package fluxsum

import (
	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// ConfigName is the name of the file that maps sources to targets. The folder
// that holds it is the root of all its paths.
const ConfigName = ".fluxsum.yaml"

// Version is the one version of the format that this program reads.
const Version = 1

// Config is a whole .fluxsum.yaml. Its paths are relative to the root, clean,
// with "/".
type Config struct {
	// Version of the format: 1.
	Version int `json:"version"`
	// Algorithm of all rules that name none: md5 (default), sha1, sha256 or sha512.
	Algorithm checksum.Algorithm `json:"algorithm,omitempty"`
	// Content says what is hashed: bytes (default), yaml or sops.
	Content checksum.Content `json:"content,omitempty"`
	// Rules say which checksum stands where.
	Rules []Rule `json:"rules,omitempty"`
	// Ignore silences findings.
	Ignore []Ignore `json:"ignore,omitempty"`

	file   string // as messages name it
	chosen []bool // by Select, nil for all rules
}

// Rule is one checksum: of some source files, in some targets.
type Rule struct {
	// Name of the rule; without it the annotation key.
	Name string `json:"name,omitempty"`
	// Files are paths or doublestar globs of the source files.
	Files []string `json:"files"`
	// Annotation is the key at which the checksum stands.
	Annotation string `json:"annotation,omitempty"`
	// Targets are the places where the checksum stands.
	Targets []Target `json:"targets"`
	// Algorithm and Content override those of the config.
	Algorithm checksum.Algorithm `json:"algorithm,omitempty"`
	Content   checksum.Content   `json:"content,omitempty"`
	// Secret says that the contents are never printed; without it that is told
	// from the files.
	Secret *bool `json:"secret,omitempty"`

	node *yaml.Node // where the rule stands in the config
}

// Target is a place for a checksum in a file, or in each file of a glob.
type Target struct {
	// File is a path or a doublestar glob.
	File string `json:"file"`
	// Kind, Name and Namespace select the resource, or the patch that is aimed
	// at it. Empty means any.
	Kind      string `json:"kind,omitempty"`
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Path is the kustomize field path of the map that holds the annotation;
	// metadata.annotations without it.
	Path string `json:"path,omitempty"`
	// Marker is the trailing comment of the line that holds the checksum, in
	// place of all of the above.
	Marker string `json:"marker,omitempty"`

	path []segment
	node *yaml.Node
}

// Ignore silences a finding in the files of a glob.
type Ignore struct {
	Finding string `json:"finding"`
	File    string `json:"file"`
	Reason  string `json:"reason"`
}

// DefaultPath is where a target's annotation stands unless its path says
// otherwise.
const DefaultPath = "metadata.annotations"

// named says whether the target asks for a certain resource.
func (t *Target) named() bool { return t.Kind != "" || t.Name != "" || t.Namespace != "" }

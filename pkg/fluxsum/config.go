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

// SchemaURL is where the JSON Schema of the config is read by editors. It is made
// from the types below: their comments and tags are what an editor shows.
const SchemaURL = "https://raw.githubusercontent.com/fluxsum/fluxsum/main/docs/fluxsum.schema.json"

// Config is a whole .fluxsum.yaml: which checksums stand where. It stands at the
// top of the repository, and all paths in it start at its folder, with "/".
type Config struct {
	// Version of the format: 1.
	Version int `json:"version"`
	// Algorithm of the checksums, as md5sum, sha1sum, sha256sum and sha512sum give
	// them. The default is `md5`; a rule may have its own.
	Algorithm checksum.Algorithm `json:"algorithm,omitempty" jsonschema:"default=md5"`
	// Content is what of each file is hashed: `bytes` for the file as it is, `yaml`
	// for its values alone, without comments, order, quoting and white space, `sops`
	// for the same without the top-level sops key. The default is `bytes`; a rule may
	// have its own.
	Content checksum.Content `json:"content,omitempty" jsonschema:"default=bytes"`
	// Rules say which checksum stands where: each has some files, and the places
	// that hold their checksum.
	Rules []Rule `json:"rules,omitempty" jsonschema:"required"`
	// Ignore silences findings of `fluxsum verify`: one entry, or a list of them.
	Ignore []Ignore `json:"ignore,omitempty"`

	file   string // as messages name it
	chosen []bool // by Select, nil for all rules
	byName map[string]*Rule
}

// Rule is one checksum: of some source files, in some targets.
type Rule struct {
	// Name by which commands and messages call the rule; unique in the file. The
	// default is the annotation key, or the marker of the first target.
	Name string `json:"name,omitempty" jsonschema:"example=element-config"`
	// Files that the checksum is made of: a path or glob, or a list of them, such as
	// [`apps/web/nginx.conf`, `apps/web/config/*.yaml`]. Each must match a file. One
	// path gives the digest of the file; several, or a glob, that of their listing,
	// as `md5sum A B | md5sum` does.
	Files []string `json:"files"`
	// Annotation key that holds the checksum. Required, unless each target has a
	// marker. In the metadata of a HelmRelease, helm-controller acts on
	// `reconcile.fluxcd.io/requestedAt` alone.
	Annotation string `json:"annotation,omitempty" jsonschema:"example=reconcile.fluxcd.io/requestedAt,example=checksum/config"`
	// Targets are the places where the checksum stands: a file, an object with the
	// key file, or a list of them.
	Targets []Target `json:"targets"`
	// Algorithm of this rule. The default is that of the config.
	Algorithm checksum.Algorithm `json:"algorithm,omitempty"`
	// Content is what of each file of this rule is hashed. The default is that of the
	// config.
	Content checksum.Content `json:"content,omitempty"`
	// Secret says whether the contents are never printed. The default is told from
	// the files: those of Secrets and of SOPS are not.
	Secret *bool `json:"secret,omitempty"`

	node   *yaml.Node // where the rule stands in the config
	faulty bool       // something is wrong with it
}

// Target is a place for a checksum in a file, or in each file of a glob.
type Target struct {
	// File that holds the checksum: the manifest, the kustomization with a patch,
	// the patch, or any text file with a marker. A path or a glob.
	File string `json:"file" jsonschema:"example=apps/web/deployment.yaml"`
	// Kind of the resource that carries the annotation, or that the patch is aimed
	// at. Any, when it is left out.
	Kind string `json:"kind,omitempty" jsonschema:"example=HelmRelease,example=Deployment"`
	// Name of the resource. Any, when it is left out.
	Name string `json:"name,omitempty" jsonschema:"example=matrix-stack"`
	// Namespace of the resource. Any, when it is left out.
	Namespace string `json:"namespace,omitempty" jsonschema:"example=flux-system"`
	// Path of the map that holds the annotation, as in the replacements of
	// kustomize: `a.b.[name=x].c`, with `\.` for a dot in a key. The default is
	// `metadata.annotations`; pods roll with `spec.template.metadata.annotations`.
	Path string `json:"path,omitempty" jsonschema:"default=metadata.annotations,example=spec.template.metadata.annotations"`
	// Marker finds the place in any text file, in place of kind, name, namespace and
	// path: the checksum is the scalar on the line that ends in the comment `# MARKER`.
	Marker string `json:"marker,omitempty" jsonschema:"example=app-config"`

	path []segment
	node *yaml.Node
}

// Ignore silences a finding in the files of a glob.
type Ignore struct {
	// Finding that is to be silent, by its code.
	Finding string `json:"finding"`
	// File in which it is silent, as the finding names it. A path or a glob.
	File string `json:"file" jsonschema:"example=apps/production/**"`
	// Reason why it may be silent, for whoever reads the config.
	Reason string `json:"reason" jsonschema:"example=the interval is short enough"`
}

// DefaultPath is where a target's annotation stands unless its path says
// otherwise.
const DefaultPath = "metadata.annotations"

// named says whether the target asks for a certain resource.
func (t *Target) named() bool { return t.Kind != "" || t.Name != "" || t.Namespace != "" }

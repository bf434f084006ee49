package rollout

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// standing is a value that looks like a checksum, or should be one, in an object
// that reads files.
type standing struct {
	object *kustomize.Object
	build  *flux.Build
	path   []string
	key    string
	at     kustomize.Place
	files  []string           // that the object reads, and that it may be of
	algo   checksum.Algorithm // "": it is no checksum
}

// adopted is a standing checksum whose files are known.
type adopted struct {
	standing
	stands  []string // the files that it is of
	content checksum.Content
	single  bool
	exact   bool // it is true, or was written by hand for these very bytes
}

// standings are the checksums that stand in objects, each place once.
func (r *Rollout) standings() []standing {
	var all []standing
	seen := map[string]bool{}
	for _, reader := range r.objects() {
		files := r.filesOf(reader)
		if len(files) == 0 {
			continue
		}
		for _, v := range r.Graph.Annotations(reader.object) {
			key := where(v.Place) + " " + v.Key
			algo := algorithmOf(v.Value)
			if algo == "" && !hollow(v.Key, v.Value) || seen[key] {
				continue
			}
			seen[key] = true
			all = append(all, standing{reader.object, reader.build, v.Path, v.Key, v.Place, sourcesFor(v.File, files), algo})
		}
	}
	return all
}

// sourcesFor are the files of which a checksum in a file may be: not that one
// itself, unless there is no other.
func sourcesFor(file string, files []string) []string {
	if rest := without(files, file); len(rest) > 0 {
		return rest
	}
	return files
}

// reading is an object that reads ConfigMaps and Secrets.
type reading struct {
	object     *kustomize.Object
	build      *flux.Build
	references []flux.Reference
}

func (r *Rollout) objects() []reading {
	var all []reading
	for _, release := range r.Graph.Releases {
		all = append(all, reading{release.Object, release.Build, release.Values})
	}
	for _, w := range r.Graph.Workloads {
		all = append(all, reading{w.Object, w.Build, w.Reads})
	}
	return all
}

// filesOf are the files that an object reads, sorted.
func (r *Rollout) filesOf(o reading) []string {
	var files []string
	for i := range o.references {
		files = append(files, r.Graph.SourcesOf(&o.references[i])...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// algorithmOf tells the algorithm of a digest by its length; "" when it is
// none.
func algorithmOf(value string) checksum.Algorithm {
	if strings.Trim(value, "0123456789abcdef") != "" {
		return ""
	}
	switch len(value) {
	case 32:
		return checksum.MD5
	case 40:
		return checksum.SHA1
	case 64:
		return checksum.SHA256
	case 128:
		return checksum.SHA512
	}
	return ""
}

// adopt finds out which files a standing checksum is of: by its value, else by
// its name.
func (p *proposer) adopt(s standing) (adopted, bool) {
	if a, ok := p.byValue(s); ok {
		return a, true
	}
	if !calledChecksum(s.key) {
		return adopted{}, false
	}
	if file := p.byName(s); file != "" {
		return adopted{standing: s, stands: []string{file}, content: p.contentFor(file), single: true}, true
	}
	if s.key == flux.RequestedAt {
		return adopted{standing: s, stands: s.files, content: checksum.Bytes, single: len(s.files) == 1}, true
	}
	return adopted{}, false
}

// calledChecksum says whether the name of an annotation is that of a checksum of
// a configuration, and not of a commit or an image.
func calledChecksum(key string) bool {
	if key == flux.RequestedAt || key == flux.ForceAt {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	says := func(all ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(all, w) })
	}
	return says("checksum", "checksums", "hash", "sum", "md5", "md5sum", "sha1", "sha256", "sha512") && !says("commit", "git", "vcs", "revision", "image", "build", "digest")
}

// hollow says that a checksum should stand where none does. The keys of Flux take
// any value, and what is filled in later may be one.
func hollow(key, value string) bool {
	return calledChecksum(key) && key != flux.RequestedAt && key != flux.ForceAt && !strings.ContainsAny(value, "${")
}

// byValue looks for files with the very digest: one, or the listing of all.
func (p *proposer) byValue(s standing) (adopted, bool) {
	for _, content := range checksum.Contents() {
		for _, file := range s.files {
			if p.sum(file, s.algo, content) == s.at.Value {
				return adopted{s, []string{file}, content, true, true}, true
			}
		}
		for _, files := range p.groups(s) {
			if p.listing(files, s.algo, content) == s.at.Value {
				return adopted{s, files, content, false, true}, true
			}
		}
	}
	return adopted{}, false
}

// groups are lists of files that may have been hashed together: all that the
// object reads, and those of one folder.
func (p *proposer) groups(s standing) [][]string {
	all := [][]string{s.files}
	folders := map[string][]string{}
	var order []string
	for _, file := range s.files {
		dir := path.Dir(file)
		if folders[dir] == nil {
			order = append(order, dir)
		}
		folders[dir] = append(folders[dir], file)
	}
	for _, dir := range order {
		if len(folders[dir]) < len(s.files) {
			all = append(all, folders[dir])
		}
	}
	return all
}

// sum is the digest of a file; "" when it has none.
func (p *proposer) sum(file string, algo checksum.Algorithm, content checksum.Content) string {
	key := hashed{file, algo, content}
	if sum, known := p.sums[key]; known {
		return sum
	}
	text, err := p.Graph.Text(file)
	sum := ""
	if err == nil {
		sum, _ = algo.Sum(content, bytes.NewReader(text))
	}
	p.sums[key] = sum
	return sum
}

type hashed struct {
	file    string
	algo    checksum.Algorithm
	content checksum.Content
}

func (p *proposer) listing(files []string, algo checksum.Algorithm, content checksum.Content) string {
	var entries []checksum.Entry
	for _, file := range files {
		sum := p.sum(file, algo, content)
		if sum == "" {
			return ""
		}
		entries = append(entries, checksum.Entry{Path: file, Sum: sum})
	}
	return algo.SumListing(entries)
}

// byName tells the file of a checksum that is not true now: the only one that
// the object reads, or the one whose name has most words in common with that of
// the annotation.
func (p *proposer) byName(s standing) string {
	if len(s.files) == 1 {
		return s.files[0]
	}
	best, most, tie := "", 0, false
	for _, file := range s.files {
		switch n := p.common(s, file); {
		case n > most:
			best, most, tie = file, n, false
		case n == most:
			tie = true
		}
	}
	if tie || most == 0 {
		return ""
	}
	return best
}

// common counts the words that an annotation has in common with a file or with
// what the file becomes.
func (p *proposer) common(s standing, file string) int {
	names := []string{path.Base(file)}
	for _, c := range p.Graph.Chains(file) {
		names = append(names, c.Object.OriginalName(), c.Object.Kind)
	}
	words := wordsOf(strings.Join(names, " "))
	n := 0
	for _, w := range wordsOf(s.key) {
		if slices.Contains(words, w) || slices.Contains(words, w+"map") {
			n++
		}
	}
	return n
}

// wordsOf are the words of a name that tell one file from another.
func wordsOf(name string) []string {
	all := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' })
	return slices.DeleteFunc(all, func(w string) bool {
		return slices.Contains([]string{"checksum", "hash", "sum", "md", "sha", "yaml", "yml", "json", "io", "values", "com", "org"}, w)
	})
}

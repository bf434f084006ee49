package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/secret"
)

// texts reads contents to be compared, and knows which of them are secret.
type texts struct {
	ctx     context.Context
	project *project
	after   map[string][]byte // of sources that update will write, as targets
	show    bool              // what is secret, too
	secrets bool              // something secret will be shown

	watching func(file string) []string // the rules of a file
	inputs   func(file string) bool     // of secretGenerators
	older    *texts                     // of the other tree, whose secrets count too
	head     fs.FS                      // the commit behind the tree, if any
}

func newTexts(ctx context.Context, p *project, plan *fluxsum.Plan, show bool) *texts {
	t := &texts{ctx: ctx, project: p, after: map[string][]byte{}, show: show, watching: p.config.Watching()}
	for _, c := range plan.Changes {
		t.after[c.File] = c.After
	}
	return t
}

// compare compares a file of then, which may be nil, with one of now, which may
// be "" for none; nil when they are equal.
func (t *texts) compare(h *repo.History, then *repo.Version, now string, algorithm checksum.Algorithm) (*delta.Change, error) {
	was, err := t.then(h, then, algorithm)
	if err != nil {
		return nil, err
	}
	is, err := t.now(now, algorithm)
	if err != nil || same(was, is) {
		return nil, err
	}
	why := ""
	if !was.TooLarge() && !is.TooLarge() { // of those, nothing is shown in any case
		if why, err = t.secret(was, is); err != nil {
			return nil, err
		}
	}
	if why != "" && t.show {
		t.secrets, why = true, ""
	}
	c := delta.New(was, is, why)
	return &c, nil
}

func same(a, b *delta.Side) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Name == b.Name && a.Digest == b.Digest && a.Size == b.Size
}

func (t *texts) then(h *repo.History, then *repo.Version, algorithm checksum.Algorithm) (*delta.Side, error) {
	if then == nil {
		return nil, nil
	}
	text, err := then.Read(h)
	if err != nil {
		return nil, fileError(then.Name, err)
	}
	defer text.Close()
	s, err := readSide(then.Name, text, algorithm)
	return s, fileError(then.Name, err)
}

// now is a source as Git stores it, or as it will once update has written it.
func (t *texts) now(name string, algorithm checksum.Algorithm) (*delta.Side, error) {
	if name == "" {
		return nil, nil
	}
	if text, ok := t.after[name]; ok {
		return readSide(name, bytes.NewReader(text), algorithm)
	}
	open := t.project.tree.Open
	if s, ok := t.project.tree.(fluxsum.Storing); ok {
		open = s.OpenStored
	}
	file, err := open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer file.Close()
	s, err := readSide(name, file, algorithm)
	return s, fileError(name, err)
}

// readSide reads a content, and keeps of a large one its size and digest alone.
func readSide(name string, text io.Reader, algorithm checksum.Algorithm) (*delta.Side, error) {
	digest := algorithm.New()
	start, err := io.ReadAll(io.LimitReader(text, delta.MaxText+1))
	if err != nil {
		return nil, err
	}
	digest.Write(start)
	rest, err := io.Copy(struct{ io.Writer }{digest}, text)
	s := &delta.Side{Name: name, Text: start, Size: int64(len(start)) + rest, Digest: hexDigest(algorithm, digest)}
	if s.Size > delta.MaxText {
		s.Text = nil
	}
	return s, err
}

func hexDigest(algorithm checksum.Algorithm, h hash.Hash) string {
	return fmt.Sprintf("%s %x", algorithm, h.Sum(nil))
}

// fileError names the file in the error of one that cannot be read.
func fileError(name string, err error) error {
	var known *fluxsum.FileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return fluxsum.Problems{{File: name, Message: known.Message, Hint: known.Hint}}
	}
	return fluxsum.Problems{{File: name, Message: "cannot be read: " + plainReason(err)}}
}

// secret says why the change of a file must not be shown; "" when it may.
func (t *texts) secret(was, is *delta.Side) (string, error) {
	var sides []*delta.Side
	for _, side := range []*delta.Side{was, is} {
		if side != nil {
			sides = append(sides, side)
		}
	}
	for _, side := range sides {
		if why := cmp.Or(secret.Why(side.Text), secret.Why(t.committed(side.Name))); why != "" {
			return why, nil
		}
	}
	for tree := t; tree != nil; tree = tree.older {
		for _, side := range sides {
			if why, err := tree.secretName(side.Name); why != "" || err != nil {
				return why, err
			}
		}
	}
	return "", nil
}

// useHead makes what HEAD has of the files count too, when there is a HEAD.
func (t *texts) useHead(ctx context.Context) {
	p := t.project
	r, err := repo.Discover(ctx, p.root)
	if err != nil || p.history == nil && !p.openHistory(ctx, r) {
		return
	}
	if head, err := p.history.Resolve("HEAD"); err == nil {
		t.head = p.history.Tree(head, path.Join(".", p.prefix()))
	}
}

// at are the texts of an earlier commit, by whose kustomizations and rules something
// may have been secret then.
func (t *texts) at(ctx context.Context, c repo.Commit) *texts {
	p := t.project
	if c.ID == "" || p.history == nil {
		return nil
	}
	then := &project{root: p.root, tree: p.history.Tree(c, path.Join(".", p.prefix())), name: c.ID, config: emptyConfig(), history: p.history}
	if config, err := fluxsum.LoadConfig(ctx, then.tree, p.configName, fluxsum.ConfigName); err == nil {
		then.config = config
	}
	return newTexts(ctx, then, &fluxsum.Plan{}, t.show)
}

// committed is what HEAD has of a file: it may be decrypted in the worktree, to be
// edited.
func (t *texts) committed(name string) []byte {
	if t.head == nil {
		return nil
	}
	file, err := t.head.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, delta.MaxText))
	if err != nil {
		return nil
	}
	return text
}

// secretName says why what goes by a name is secret. A rule may say that what a
// secretGenerator reads is none.
func (t *texts) secretName(name string) (string, error) {
	open := false
	for _, rule := range t.watching(name) {
		r := t.project.config.Rule(rule)
		switch {
		case r.Secret != nil && *r.Secret:
			return "a secret by rule " + r.Name, nil
		case r.Content == checksum.SOPS && r.Single(): // of several, most are plain
			return "a SOPS file by rule " + r.Name, nil
		case r.Secret != nil:
			open = true
		}
	}
	if open {
		return "", nil
	}
	if err := t.readInputs(); err != nil || !t.inputs(name) {
		return "", err
	}
	return "what a secretGenerator reads", nil
}

// readInputs looks into all kustomizations of the tree, once.
func (t *texts) readInputs() error {
	if t.inputs != nil {
		return nil
	}
	names, err := t.project.kustomizations(t.ctx)
	t.inputs = kustomize.NewLoader(t.project.tree).SecretInputs(names)
	return err
}

// kustomizations are the files of that name in the tree: by git, which is quick
// in a large one, else by a walk.
func (p *project) kustomizations(ctx context.Context) ([]string, error) {
	r, err := repo.Discover(ctx, p.root)
	if err != nil {
		return p.walkKustomizations(ctx)
	}
	var all []string
	switch p.name {
	case "worktree", "index":
		all, err = r.Git().Named(ctx, kustomize.KustomizationNames, p.name == "worktree")
	default:
		all, err = r.Git().NamedIn(ctx, p.name, kustomize.KustomizationNames)
	}
	if err != nil {
		return p.walkKustomizations(ctx)
	}
	var names []string
	for _, name := range all {
		if below, ok := p.below(name); ok {
			names = append(names, below)
		}
	}
	return names, nil
}

func (p *project) walkKustomizations(ctx context.Context) ([]string, error) {
	var names []string
	err := fs.WalkDir(p.tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && !d.IsDir() && kustomize.IsKustomizationName(path.Base(name)):
			names = append(names, name)
		}
		return nil // what cannot be read applies nothing
	})
	return names, err
}

package kustomize

import (
	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// documents reads a patch. Each caller gets nodes of its own, whose files are
// known.
func (b *Builder) documents(l *layer, k *kustomization, p *patch) []*yaml.Node {
	if p.path != "" {
		return b.patchFile(l, k, p)
	}
	switch {
	case p.inline == nil:
		l.not(p.file, p.line, "a patch without patch or path")
		return nil
	case p.inline.Kind != yaml.ScalarNode:
		return b.clonedAll(l, p, []*yaml.Node{p.inline}, p.file)
	}
	docs, err := yamledit.Nodes([]byte(p.inline.Value), nil)
	if err != nil {
		l.not(p.file, p.inline.Line, "the patch cannot be read: "+messageOf(err))
		return nil
	}
	block := p.inline.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	for _, d := range docs {
		b.moved(d, p.inline.Line, block)
		b.claim(d, p.file)
	}
	return docs
}

func messageOf(err error) string {
	if e, ok := err.(*yamledit.Error); ok {
		return e.Message
	}
	return err.Error()
}

func (b *Builder) patchFile(l *layer, k *kustomization, p *patch) []*yaml.Node {
	name, problem := k.path(p.path)
	if problem != "" {
		l.not(p.file, p.line, problem)
		return nil
	}
	l.add(name)
	f := b.Whole(name)
	if f.Err != nil {
		l.not(p.file, p.line, p.path+" "+said(f))
	}
	return b.clonedAll(l, p, f.Docs, name)
}

// clonedAll copies the documents of a patch.
func (b *Builder) clonedAll(l *layer, p *patch, docs []*yaml.Node, file string) []*yaml.Node {
	var all []*yaml.Node
	for _, d := range docs {
		if copied := b.cloned(d, file); copied != nil {
			all = append(all, copied)
		} else {
			l.not(p.file, p.line, "the patch is too large to be followed")
		}
	}
	return all
}

// moved sets the lines of a text inside a scalar to those of its file.
func (b *Builder) moved(n *yaml.Node, line int, block bool) {
	if block {
		n.Line += line
	} else {
		n.Line = line
	}
	for _, c := range n.Content {
		b.moved(c, line, block)
	}
}

// claim notes the file of nodes.
func (b *Builder) claim(n *yaml.Node, file string) {
	b.origins[n] = file
	for _, c := range n.Content {
		b.claim(c, file)
	}
}

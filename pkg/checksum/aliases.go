package checksum

import (
	"bytes"
	"io"

	yamlv3 "go.yaml.in/yaml/v3"
)

// checkAliases refuses a file whose aliases expand beyond MaxCanonical or maxDepth, before they are expanded.
//
// The YAML parser below sigs.k8s.io/yaml bounds how many nodes aliases may add, not their size: a text of 1 MiB named
// by a few thousand aliases becomes gigabytes of JSON. Only the nodes of yaml v3 tell anchors and aliases apart
// without expanding them; few files have both signs, so few are parsed once more.
func checkAliases(data []byte) error {
	if bytes.IndexByte(data, '&') < 0 || bytes.IndexByte(data, '*') < 0 {
		return nil
	}
	var document yamlv3.Node
	err := yamlv3.NewDecoder(bytes.NewReader(data)).Decode(&document)
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return syntaxError(err)
	}
	_, err = expansions{}.of(&document)
	return err
}

// expansion is what a node is when all its aliases are written out.
type expansion struct {
	size  int // bytes of its scalars, and one for each node
	depth int
}

// expansions remembers the nodes measured so far, so that each is measured once however often it is aliased.
// A node that is being measured is there with a size of 0.
type expansions map[*yamlv3.Node]expansion

// of measures a node.
func (known expansions) of(node *yamlv3.Node) (expansion, error) {
	if node.Kind == yamlv3.AliasNode {
		return known.ofAlias(node)
	}
	if node.Anchor != "" {
		known[node] = expansion{}
	}
	total := expansion{size: len(node.Value) + 1}
	for _, child := range node.Content {
		part, err := known.of(child)
		if err != nil {
			return total, err
		}
		total.size += part.size
		total.depth = max(total.depth, part.depth+1)
		if err := total.check(); err != nil {
			return total, err
		}
	}
	if node.Anchor != "" {
		known[node] = total
	}
	return total, nil
}

// ofAlias looks up the anchored node, which stands before its aliases and so has been measured.
func (known expansions) ofAlias(node *yamlv3.Node) (expansion, error) {
	anchored := known[node.Alias]
	if anchored.size == 0 {
		return anchored, &ContentError{Line: node.Line, Msg: "an anchor whose value contains itself"}
	}
	return anchored, nil
}

func (e expansion) check() error {
	if e.size > MaxCanonical {
		return tooLarge("expands through its aliases to")
	}
	if e.depth > maxDepth {
		return tooDeep.err()
	}
	return nil
}

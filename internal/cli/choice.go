package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// choice is the value of a flag that takes one of a few words; the first is
// the default.
type choice struct {
	word  string
	words []string
	given bool // by a flag or the environment
}

func newChoice(words ...string) *choice { return &choice{word: words[0], words: words} }

// outputFlag registers -o with its formats and returns the chosen one.
func outputFlag(flags *pflag.FlagSet, formats ...string) *choice {
	out := newChoice(formats...)
	flags.VarP(out, "output", "o", "output `FORMAT`: "+out.list())
	return out
}

// String returns the word.
func (c *choice) String() string { return c.word }

// Type is the word for the value in a help text.
func (c *choice) Type() string { return "word" }

// Set takes a word.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("expected %s", c.list())
	}
	c.word, c.given = word, true
	return nil
}

// list writes "a, b or c".
func (c *choice) list() string { return either(c.words) }

// either lists words of which one is meant.
func either(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

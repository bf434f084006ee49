package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// TestDocsLinks follows every relative link of the documentation, and the part
// behind its `#` to a heading.
func TestDocsLinks(t *testing.T) {
	pages := documentation(t)
	for page, text := range pages {
		for _, link := range linksOf(text) {
			file, anchor, _ := strings.Cut(link, "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads nowhere", page, link)
			} else if anchor != "" && !anchorsOf(pageText(t, target))[anchor] {
				t.Errorf("%s: %s: no heading of %s has this anchor", page, link, target)
			}
		}
	}
}

// TestDocsIndex holds that the README leads to every page.
func TestDocsIndex(t *testing.T) {
	pages := documentation(t)
	leads := map[string]bool{filepath.Join("../..", "README.md"): true}
	reached := []string{filepath.Join("../..", "README.md")}
	for len(reached) > 0 {
		page := reached[0]
		reached = reached[1:]
		for _, link := range linksOf(pages[page]) {
			file, _, _ := strings.Cut(link, "#")
			target := filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
			if _, is := pages[target]; is && !leads[target] {
				leads[target] = true
				reached = append(reached, target)
			}
		}
	}
	for page := range pages {
		if !leads[page] {
			t.Errorf("no link leads from the README to %s", page)
		}
	}
}

// documentation is the text of each page for people: those at the top, and docs/.
func documentation(t *testing.T) map[string]string {
	t.Helper()
	top, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, page := range top {
		pages[page] = pageText(t, page)
	}
	if err := filepath.WalkDir("../../docs", func(page string, _ fs.DirEntry, err error) error {
		if filepath.Ext(page) == ".md" {
			pages[page] = pageText(t, page)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return pages
}

func pageText(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	fenced     = regexp.MustCompile("(?ms)^```.*?^```$")
	markdownTo = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	htmlTo     = regexp.MustCompile(`(?:href|src|srcset)="([^"]*)"`)
	urlScheme  = regexp.MustCompile(`^[a-z]+:`)
	linked     = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
)

// linksOf are the relative links of a page, Markdown's and HTML's.
func linksOf(text string) []string {
	text = inlineCode.ReplaceAllString(fenced.ReplaceAllString(text, ""), "")
	var links []string
	for _, form := range []*regexp.Regexp{markdownTo, htmlTo} {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			if !urlScheme.MatchString(m[1]) {
				links = append(links, m[1])
			}
		}
	}
	return links
}

// anchorsOf are the anchors that GitHub gives the headings of a page.
func anchorsOf(text string) map[string]bool {
	anchors := map[string]bool{}
	for _, m := range headingLine.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		slug := slugOf(m[1])
		unique := slug
		for n := 1; anchors[unique]; n++ {
			unique = slug + "-" + strconv.Itoa(n)
		}
		anchors[unique] = true
	}
	return anchors
}

// slugOf is the anchor of a heading.
func slugOf(heading string) string {
	return strings.Map(slugRune, strings.ToLower(linked.ReplaceAllString(heading, "$1")))
}

// slugRune is what GitHub makes of a character in an anchor, -1 if nothing.
func slugRune(r rune) rune {
	switch {
	case r == ' ':
		return '-'
	case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
		return r
	}
	return -1
}

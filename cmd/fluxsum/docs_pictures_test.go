package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxPicture is the size up to which a picture is no burden to who opens a page.
const maxPicture = 30 << 10

var imageLink = regexp.MustCompile(`!\[([^]]*)\]\(([^)\s]+)\)`)

// TestDocsPictures holds what a picture in the documentation needs: GitHub shows
// it without scripts and without anything from elsewhere, and who does not see
// it has a text.
func TestDocsPictures(t *testing.T) {
	pictures, err := filepath.Glob("../../docs/*.svg")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no picture in docs: %v", err)
	}
	for _, picture := range pictures {
		text, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > maxPicture {
			t.Errorf("%s: %d bytes, at most %d are wanted", picture, len(text), maxPicture)
		}
		holdPicture(t, picture, text)
	}
	for page, text := range documentation(t) {
		for _, m := range imageLink.FindAllStringSubmatch(text, -1) {
			if len(strings.Fields(m[1])) < 5 {
				t.Errorf("%s: %s has no text that tells it: %q", page, m[2], m[1])
			}
		}
	}
}

func holdPicture(t *testing.T, name string, text []byte) {
	t.Helper()
	titled := false
	for tokens := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		element, is := token.(xml.StartElement)
		if !is {
			continue
		}
		switch element.Name.Local {
		case "title":
			titled = true
		case "script", "image", "use", "foreignObject", "a":
			t.Errorf("%s: <%s> is not for a picture that stands alone", name, element.Name.Local)
		}
	}
	if !titled || bytes.Contains(text, []byte("url(")) || bytes.Contains(text, []byte("@import")) {
		t.Errorf("%s: has no title, or takes something from elsewhere", name)
	}
}

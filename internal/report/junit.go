package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// What Jenkins, GitLab and others read as JUnit's XML; there is no standard:
// https://github.com/testmoapp/junitxml
type (
	junitReport struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Cases []junitCase `xml:"testcase"`
		Out   *junitText  `xml:"system-out"`

		names map[string]int
	}
	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Failure *junitMessage `xml:"failure"`
		Error   *junitMessage `xml:"error"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		junitText
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// JUnit writes a test suite for each tree, in which each place of a checksum is a
// test. Findings are tests that have failed when they count, else they are the
// output of the suite.
func JUnit(w io.Writer, r *Review) error {
	report := junitReport{Name: "fluxsum"}
	for i := range r.Trees {
		suite := r.Trees[i].suite(r.Strict)
		report.Suites = append(report.Suites, suite)
		report.add(suite.junitCounts)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (c *junitCounts) add(more junitCounts) {
	c.Tests += more.Tests
	c.Failures += more.Failures
	c.Errors += more.Errors
}

func (t *Tree) suite(strict bool) junitSuite {
	suite := junitSuite{Name: Printable(t.Name), names: map[string]int{}}
	var out strings.Builder
	for i := range t.Plan.Results {
		suite.add(t.result(&t.Plan.Results[i]))
	}
	for _, p := range t.Problems {
		i := t.problem("", p)
		suite.add(junitCase{Class: "fluxsum", Name: Printable(p.Message), File: exact(i.file), Error: i.junit()})
	}
	for _, f := range t.Plan.Findings {
		i := t.finding(f, strict)
		if strict {
			suite.add(junitCase{Class: Printable(f.Rule), Name: f.Code + " " + Printable(i.file), File: exact(i.file), Failure: i.junit()})
			continue
		}
		out.WriteString(i.level + "  " + i.code + "  " + place(i.file, i.line) + "  " + i.message + "\n")
	}
	if out.Len() > 0 {
		suite.Out = &junitText{out.String()}
	}
	return suite
}

// add adds a test. Names are counted where several are the same: readers take tests of
// one name for one.
func (s *junitSuite) add(c junitCase) {
	key := c.Class + "\x00" + c.Name
	if s.names[key]++; s.names[key] > 1 {
		c.Name = fmt.Sprintf("%s (%d)", c.Name, s.names[key])
	}
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	}
}

// result is the test of one place. Its name stays the same when lines move.
func (t *Tree) result(r *fluxsum.Result) junitCase {
	file := t.fromTop(r.Target.File)
	name := []string{file}
	for _, part := range []string{r.Target.Kind, r.Target.Namespace, r.Target.Name, pathBeyond(r), r.Annotation, r.Marker()} {
		if part != "" {
			name = append(name, part)
		}
	}
	c := junitCase{Class: Printable(r.Rule), Name: Printable(strings.Join(name, " ")), File: exact(file)}
	switch r.State {
	case fluxsum.Stale, fluxsum.Missing:
		i := t.untrue(r)
		c.Failure = i.junit()
	case fluxsum.Failed:
		c.Error = t.untoldCase(r)
	}
	return c
}

// pathBeyond is the path of a target where it is not the usual one.
func pathBeyond(r *fluxsum.Result) string {
	if path := strings.Join(r.Path(), "."); path != "metadata.annotations" {
		return path
	}
	return ""
}

// untoldCase is all that is wrong in one place.
func (t *Tree) untoldCase(r *fluxsum.Result) *junitMessage {
	var texts []string
	for _, p := range r.Problems {
		i := t.problem(r.Rule, p)
		texts = append(texts, i.junit().Text)
	}
	return &junitMessage{Message: Printable(r.Problems[0].Message), Type: notVerified, junitText: junitText{strings.Join(texts, "\n")}}
}

// junit has the first line for lists, and all of it with its place.
func (i *issue) junit() *junitMessage {
	text := i.message
	first, _, _ := strings.Cut(text, "\n")
	if i.file != "" {
		text = place(i.file, i.line) + ": " + text
	}
	return &junitMessage{Message: first, Type: i.code, junitText: junitText{text}}
}

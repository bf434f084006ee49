package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// verifyReport is where the results of verify go: lines for a person, as they are
// found, and a document for a tool, when all are.
type verifyReport struct {
	app      *app
	flags    *verifyFlags
	text     io.Writer // for a person
	kept     *bytes.Buffer
	document io.Writer // for a tool
	file     *outputFile
	annotate bool // beside the text
}

// openReport finds out where the results go. With a file the text goes to standard
// error, for the log.
func (a *app) openReport(f *verifyFlags) (*verifyReport, error) {
	o := &verifyReport{app: a, flags: f, text: a.stdout, document: a.stdout}
	o.annotate = os.Getenv("GITHUB_ACTIONS") == "true" && !f.out.given && !a.settings.quiet
	if f.out.word != "text" {
		o.text = io.Discard
	}
	if f.file != "" {
		file, err := newOutputFile(f.file)
		if err != nil {
			return nil, err
		}
		o.file, o.kept, o.text = file, &bytes.Buffer{}, a.stderr
		o.document = o.kept
	}
	if a.settings.quiet {
		o.text = io.Discard
	}
	if o.file != nil && f.out.word == "text" {
		o.text = io.MultiWriter(o.text, o.kept)
	}
	return o, nil
}

// write ends the report on one tree.
func (o *verifyReport) write(t report.Tree) error {
	if o.flags.out.word == "json" {
		return o.end(report.JSON(o.document, t))
	}
	return o.writeReview([]report.Tree{t})
}

// writeCommits ends the report on the commits of a range.
func (o *verifyReport) writeCommits(all []report.Tree) error {
	if o.flags.out.word == "json" {
		return o.end(report.JSONCommits(o.document, all))
	}
	return o.writeReview(all)
}

// spares refuses a file that the rules of a project read or write.
func (o *verifyReport) spares(p *project, plan *fluxsum.Plan) error {
	if o.file == nil || p == nil {
		return nil
	}
	names := []string{p.configName}
	for i := range plan.Results {
		names = append(append(names, plan.Results[i].Target.File), plan.Results[i].Files...)
	}
	root := repo.Resolved(p.root)
	for _, name := range names {
		if filepath.Join(root, filepath.FromSlash(name)) == o.file.path {
			return &userError{o.file.name + ": is " + name + ", which " + fluxsum.ConfigName + " is about", "--output-file takes a file of its own"}
		}
	}
	return nil
}

func (o *verifyReport) writeReview(all []report.Tree) error {
	format := map[string]func(io.Writer, *report.Review) error{
		"sarif": report.SARIF, "junit": report.JUnit, "github": report.GitHub, "gitlab": report.GitLab,
	}[o.flags.out.word]
	review := &report.Review{Trees: all, Strict: o.flags.strict, Version: thisBuild().Version}
	switch {
	case format != nil:
		return o.end(format(o.document, review))
	case o.annotate:
		return o.end(report.GitHub(o.app.stdout, review))
	}
	return o.end(nil)
}

// end writes the file, if there is one and nothing went wrong.
func (o *verifyReport) end(err error) error {
	if err != nil || o.file == nil {
		return err
	}
	return o.file.write(o.kept.Bytes())
}

// unread tells tools of a config, or of arguments, with which nothing could be
// verified; err is what a person is told. JSON has results, or nothing.
func (o *verifyReport) unread(ctx context.Context, w where, err error) error {
	var problems fluxsum.Problems
	if o.flags.out.word == "json" || !errors.As(err, &problems) {
		return err
	}
	return errors.Join(err, o.writeReview([]report.Tree{o.app.unread(ctx, w, problems)}))
}

// unread is a tree of which no more is known than that its config cannot be read.
func (a *app) unread(ctx context.Context, w where, problems fluxsum.Problems) report.Tree {
	t := report.Tree{Name: "worktree", Plan: &fluxsum.Plan{}, Problems: problems}
	switch {
	case w.staged:
		t.Name = "index"
	case w.rev != "":
		t.Name = w.rev
	}
	path, shown, err := a.configPath()
	if err != nil {
		return t
	}
	t.Config = report.ConfigFile{Name: filepath.Base(path), Shown: shown}
	if r, err := repo.Discover(ctx, filepath.Dir(path)); err == nil {
		t.Prefix, _ = r.Prefix(filepath.Dir(path))
	}
	return t
}

// reported is a plan of the project for a report.
func (p *project) reported(plan *fluxsum.Plan, ok bool) report.Tree {
	return report.Tree{
		Name: p.name, OK: ok, Plan: plan,
		Prefix: p.prefix(), Config: report.ConfigFile{Name: p.configName, Shown: p.configShown}, Cure: p.cure(),
	}
}

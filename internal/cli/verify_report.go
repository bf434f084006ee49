package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
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
	text     io.Writer    // for a person
	document bytes.Buffer // for a tool
	file     *outputFile  // of the document; nil: standard output
	annotate bool         // beside the text
	spared   bool         // the file is none that a config names
	done     bool         // nothing more is to be written
}

// openReport finds out where the results go. With a file the text goes to standard
// error, for the log.
func (a *app) openReport(f *verifyFlags) (*verifyReport, error) {
	o := &verifyReport{app: a, flags: f, text: a.lines()}
	o.annotate = inGitHubActions() && !f.out.given && !a.settings.quiet
	var err error
	switch {
	case f.file != "":
		o.text = a.stderr
		o.file, err = a.newOutputFile(f.file)
	case f.out.word != "text":
		o.text = io.Discard
	}
	if a.settings.quiet {
		o.text = io.Discard
	}
	if f.file != "" && f.out.word == "text" {
		o.text = io.MultiWriter(o.text, &o.document)
	}
	return o, err
}

// needsTrees says whether there is a document to be made of the trees.
func (o *verifyReport) needsTrees() bool { return o.flags.out.word != "text" || o.annotate }

// spares refuses a file that the rules of a project read or write.
func (o *verifyReport) spares(p *project) error {
	if o.file == nil || p == nil {
		return nil
	}
	name, err := filepath.Rel(repo.Resolved(p.root), o.file.path)
	if name = filepath.ToSlash(name); err == nil && (name == p.configName || p.config.Names(name)) {
		o.done = true
		return o.file.refused("is "+name+", which "+p.configShown+" is about", "--output-file takes a file of its own")
	}
	o.spared = true
	return nil
}

// write ends the report on one tree.
func (o *verifyReport) write(t report.Tree) error {
	if o.flags.out.word == "json" {
		return o.deliver(report.JSON(&o.document, t))
	}
	return o.writeReview([]report.Tree{t})
}

// writeCommits ends the report on the commits of a range.
func (o *verifyReport) writeCommits(all []report.Tree) error {
	if o.flags.out.word == "json" {
		return o.deliver(report.JSONCommits(&o.document, all))
	}
	return o.writeReview(all)
}

func (o *verifyReport) writeReview(all []report.Tree) error {
	format := map[string]func(io.Writer, *report.Review) error{
		"sarif": report.SARIF, "junit": report.JUnit, "github": report.GitHub, "gitlab": report.GitLab,
	}[o.flags.out.word]
	if format == nil {
		return o.deliver(o.annotations(all))
	}
	return o.deliver(format(&o.document, o.review(all)))
}

func (o *verifyReport) review(all []report.Tree) *report.Review {
	return &report.Review{Trees: all, Strict: o.flags.strict, Version: thisBuild().Version}
}

// annotations go beside the text.
func (o *verifyReport) annotations(all []report.Tree) error {
	if !o.annotate {
		return nil
	}
	return report.GitHub(o.app.stdout, o.review(all))
}

// deliver brings the document to where it is wanted, unless it could not be made. What
// an earlier run has left may be replaced in any case.
func (o *verifyReport) deliver(err error) error {
	o.done = true
	switch {
	case err != nil:
		return err
	case o.file != nil && !o.spared && !o.file.isReport():
		return o.file.refused("is there already, and is no report of fluxsum", "name another file, or remove it")
	case o.file != nil:
		return o.file.write(o.document.Bytes())
	}
	_, err = o.document.WriteTo(o.app.stdout)
	return err
}

// untold tells tools why nothing could be verified; err is what a person is told.
// JSON has results, or nothing.
func (o *verifyReport) untold(ctx context.Context, w where, err error) error {
	problems := asProblems(err)
	if o.done || problems == nil || !o.needsTrees() || o.flags.out.word == "json" {
		return err
	}
	tell := o.writeReview
	if o.flags.out.word == "text" {
		tell = o.annotations
	}
	if failed := tell([]report.Tree{o.app.untoldTree(ctx, w, problems)}); failed != nil {
		o.app.complain(err)
		return failed
	}
	return err
}

// asProblems is an error of a run as problems; nil when there is nothing to say of it.
func asProblems(err error) fluxsum.Problems {
	var problems fluxsum.Problems
	var user *userError
	switch {
	case errors.As(err, &problems):
		return problems
	case errors.As(err, &user):
		return fluxsum.Problems{{Message: user.message, Hint: user.hint}}
	}
	return nil
}

// untoldTree is a tree of which no more is known than that it cannot be verified.
func (a *app) untoldTree(ctx context.Context, w where, problems fluxsum.Problems) report.Tree {
	t := report.Tree{Name: "worktree", Plan: &fluxsum.Plan{}, Problems: problems}
	switch {
	case w.staged:
		t.Name = "index"
	case w.rev != "":
		t.Name = w.rev
	}
	t.Config = report.ConfigFile{Name: fluxsum.ConfigName, Shown: fluxsum.ConfigName}
	if a.settings.config != "" {
		t.Config = report.ConfigFile{Name: filepath.Base(a.settings.config), Shown: filepath.ToSlash(a.settings.config)}
	}
	t.Prefix = a.configFolder(ctx)
	return t
}

// configFolder is the folder of the config, from the top of the repository. Where
// none is on disk, it is the one that -c names, or this one.
func (a *app) configFolder(ctx context.Context) string {
	path, _, err := a.configPath()
	if err != nil {
		path, _ = filepath.Abs(fluxsum.ConfigName)
	}
	r, err := repo.Discover(ctx, ".")
	if err != nil {
		return ""
	}
	if r.Top == "" { // a bare repository: paths begin at its top
		return filepath.ToSlash(filepath.Dir(a.settings.config))
	}
	prefix, _ := r.Prefix(filepath.Dir(path))
	return prefix
}

// reported is a plan of the project for a report.
func (p *project) reported(plan *fluxsum.Plan, ok bool) report.Tree {
	return report.Tree{
		Name: p.name, OK: ok, Plan: plan,
		Prefix: p.prefix(), Config: report.ConfigFile{Name: p.configName, Shown: p.configShown}, Cure: p.cure(),
	}
}

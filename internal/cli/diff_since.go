package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// differing is a run of diff over the results of a plan.
type differing struct {
	*project
	plan     *fluxsum.Plan
	texts    *texts
	loader   *kustomize.Loader
	search   *repo.Search
	sought   map[soughtKey]*repo.Sought
	keys     []soughtKey         // of these, in the order of the results
	files    map[string][]string // of each rule, as they are now
	noSearch string              // why the history was not searched
	seen     *progress

	then map[string]*texts // of the commits that are shown, by their ids
}

// soughtKey is what a rule has recorded.
type soughtKey struct{ rule, recorded string }

// differences says for each result what has changed since its checksum was
// true.
func (a *app) differences(ctx context.Context, p *project, plan *fluxsum.Plan, f *diffFlags) ([]report.Difference, error) {
	d := &differing{project: p, plan: plan, loader: kustomize.NewLoader(p.tree), sought: map[soughtKey]*repo.Sought{}, files: map[string][]string{}, then: map[string]*texts{}, seen: a.progress("looking through commits")}
	d.texts = newTexts(ctx, p, plan, f.showSecrets)
	if err := d.find(ctx, f.maxHistory); err != nil {
		return nil, err
	}
	all := make([]report.Difference, len(plan.Results))
	for i := range plan.Results {
		difference, err := d.difference(&plan.Results[i])
		if err != nil {
			return nil, err
		}
		all[i] = difference
	}
	if d.texts.secrets && !(a.settings.quiet && f.out.word == "text") {
		a.warnSecrets()
	}
	return all, ctx.Err()
}

// find looks for the contents of all recorded checksums that are not true.
func (d *differing) find(ctx context.Context, most int) error {
	var all []*repo.Sought
	for i := range d.plan.Results {
		r := &d.plan.Results[i]
		key := soughtKey{r.Rule, r.Recorded}
		if !isSought(r) || d.sought[key] != nil {
			continue
		}
		d.sought[key] = d.seek(d.config.Rule(r.Rule), r.Recorded)
		d.files[r.Rule] = r.Files
		d.keys, all = append(d.keys, key), append(all, d.sought[key])
	}
	if len(all) == 0 {
		return nil
	}
	from, err := d.from(ctx)
	if err != nil || d.noSearch != "" {
		return err
	}
	d.texts.useHead(ctx)
	d.followLinks(ctx, from)
	d.search = &repo.Search{History: d.history, Staged: d.index != nil || d.name == "worktree", Most: most, Progress: d.seen.of()}
	defer d.seen.clear()
	if err = d.search.Find(ctx, from, all); err == nil {
		err = d.findAsRulesWere(ctx, from)
	}
	var failed *git.Error
	switch {
	case errors.Is(err, git.ErrNoBinary):
		d.noSearch = "git is not on PATH, without which the history is not searched"
	case errors.As(err, &failed):
		d.noSearch = "the history could not be searched: " + failed.Error()
	case err != nil:
		return err
	}
	return nil
}

// isSought says whether the content of a recorded checksum is of interest.
func isSought(r *fluxsum.Result) bool {
	_, known := checksum.AlgorithmOf(r.Recorded)
	return r.State == fluxsum.Stale && known && r.Recorded != r.Computed
}

// from is the commit in whose history is looked; noSearch says why in none.
func (d *differing) from(ctx context.Context) (repo.Commit, error) {
	var none repo.Commit
	r, err := repo.Discover(ctx, d.root)
	switch {
	case errors.Is(err, repo.ErrNoRepository):
		d.noSearch = "this folder is in no Git repository: there is no history to search"
		return none, nil
	case err != nil:
		return none, err
	case d.history == nil && !d.openHistory(ctx, r):
		d.noSearch = "the history cannot be read"
		return none, nil
	}
	rev := d.name
	if rev == "worktree" || rev == "index" {
		rev = "HEAD"
	}
	from, err := d.history.Resolve(rev)
	var unknown *repo.RevisionError
	if errors.As(err, &unknown) && rev == "HEAD" {
		return none, nil // no commit yet; what is staged may be it
	}
	return from, err
}

// seek says what are the sources of a rule.
func (d *differing) seek(rule *fluxsum.Rule, recorded string) *repo.Sought {
	s := &repo.Sought{Digest: recorded, Content: rule.Content}
	for _, base := range rule.Bases() {
		s.Paths = append(s.Paths, d.fromTop(base))
	}
	slices.Sort(s.Paths)
	s.Paths = slices.Compact(s.Paths)
	s.Name = func(file string) string {
		if name, ok := d.below(file); ok && rule.Watches(name) {
			return name
		}
		return ""
	}
	return s
}

// difference tells of one result.
func (d *differing) difference(r *fluxsum.Result) (report.Difference, error) {
	out := report.Difference{Result: *r}
	s := d.sought[soughtKey{r.Rule, r.Recorded}]
	switch {
	case r.State != fluxsum.Stale && r.State != fluxsum.Missing:
		return out, nil
	case !isSought(r):
		out.Unknown = nothingSought(r)
		return out, nil
	case s.Found == nil:
		out.Unknown = d.unfound()
		return out, nil
	}
	out.Since = d.since(r, s)
	if d.texts.older = d.then[s.Found.Commit.ID]; d.texts.older == nil {
		d.texts.older = d.texts.at(d.texts.ctx, s.Found.Commit)
		d.then[s.Found.Commit.ID] = d.texts.older
	}
	var err error
	out.Changes, err = d.changes(r, s.Found)
	return out, err
}

// nothingSought says why there is no content to look for.
func nothingSought(r *fluxsum.Result) string {
	switch {
	case r.State == fluxsum.Missing:
		return "no checksum was recorded yet"
	case r.Recorded == "":
		return "the recorded value is empty"
	case r.Recorded == r.Computed:
		return "the sources are the same"
	}
	return "the recorded value is not a checksum of a known algorithm"
}

// unfound says why a content was not found.
func (d *differing) unfound() string {
	s := d.search
	if d.noSearch != "" {
		return d.noSearch
	}
	if s.Looked() == 0 {
		return "the sources were never committed on this branch: there is no content to compare with"
	}
	text := fmt.Sprintf("no content of the sources in %s gives the recorded checksum", report.Count(s.Looked(), "commit"))
	switch {
	case s.Cut:
		return text + ": --max-history N looks at more"
	case s.Missing > 0:
		return fmt.Sprintf("%s: %s of files could not be read, which this clone lacks", text, report.Count(s.Missing, "version"))
	case d.history.IsShallow():
		return text + ": this clone is shallow, and `git fetch --unshallow` brings the rest"
	}
	return text + ": it was never committed, or not on this branch"
}

// since tells of the commit that had a content last.
func (d *differing) since(r *fluxsum.Result, s *repo.Sought) *report.Since {
	c := s.Found.Commit
	since := &report.Since{Commit: c.ID, Subject: c.Subject, Staged: c.ID == ""}
	if !c.Date.IsZero() {
		since.Date = c.Date.Format("2006-01-02T15:04:05Z07:00")
	}
	var as []string
	if algorithm, _ := checksum.AlgorithmOf(r.Recorded); algorithm != r.Algorithm {
		as = append(as, string(algorithm))
	}
	if s.Found.Content != s.Content {
		as = append(as, "content: "+string(s.Found.Content))
	}
	if alone := d.alone(r, s.Found); alone != "" {
		as = append(as, "of "+alone+" alone")
	}
	since.As = strings.Join(as, ", ")
	return since
}

// alone names the files that a checksum stands for when there were more.
func (d *differing) alone(r *fluxsum.Result, found *repo.Found) string {
	if len(found.Files) >= len(r.Files) || len(r.Files) == 1 {
		return ""
	}
	all, err := d.history.Entries(found.Commit, d.seek(d.config.Rule(r.Rule), "").Paths)
	if err != nil {
		return ""
	}
	var names []string
	for _, v := range found.Files {
		names = append(names, v.Name)
		delete(all, v.Path)
	}
	watches := d.config.Rule(r.Rule).Watches
	for file := range all {
		if name, ok := d.below(file); ok && watches(name) {
			return strings.Join(names, ", ")
		}
	}
	return ""
}

// changes compares the files of then with those of now.
func (d *differing) changes(r *fluxsum.Result, found *repo.Found) ([]delta.Change, error) {
	var all []delta.Change
	seen := map[string]bool{}
	add := func(then *repo.Version, now string) error {
		c, err := d.texts.compare(d.history, then, now, r.Algorithm)
		if err == nil && c != nil {
			all = append(all, *c)
		}
		return err
	}
	for i := range found.Files {
		then := &found.Files[i]
		now := d.present(then, r.Files)
		seen[now] = true
		if err := add(then, now); err != nil {
			return nil, err
		}
	}
	for _, name := range r.Files {
		if !seen[name] {
			if err := add(nil, name); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(all, func(a, b delta.Change) int { return strings.Compare(a.File, b.File) })
	return all, nil
}

// present is the name that a file of then has among those of now; "" for none.
func (d *differing) present(then *repo.Version, files []string) string {
	for _, name := range files {
		if d.fromTop(name) == then.Now {
			return name
		}
	}
	if slices.Contains(files, then.Name) {
		return then.Name
	}
	return ""
}

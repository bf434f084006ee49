package cli

import (
	"context"
	"regexp"
)

// cure says how the commits of a range are set right. It will be pasted, so it has no
// command that would change another branch than that of the last commit.
func (r *rangeRun) cure(ctx context.Context, lastTrue bool) string {
	_, to, _ := ends(r.flags.commits)
	way, there := r.wayTo(ctx, to)
	if lastTrue {
		return way + "the last commit is in sync; " + r.cureOlder("to mend the older ones", there)
	}
	return way + "`fluxsum update --commit` sets the last commit right; " + r.cureOlder("to mend the older ones too", there)
}

// cureOlder says how those before the last commit are set right; there: when one has
// gone where cure says.
func (r *rangeRun) cureOlder(purpose string, there bool) string {
	from, _, _ := ends(r.flags.commits)
	switch {
	case r.merges:
		return "the older ones stay as they are: a rebase would lose the merges among them"
	case !there:
		return purpose + ": `fluxsum verify --range " + r.lasting(from) + "..HEAD` there says how"
	}
	return purpose + ": " + rebase(r.lasting(from))
}

// rebase is the command that makes every commit true. On the same base nothing but
// the checksums can conflict: that of the commit at hand is taken, and set anew.
func rebase(from string) string {
	return "git rebase -X theirs -x 'fluxsum update --staged -q && (git diff --cached --quiet || git commit --amend --no-edit)' $(git merge-base " + from + " HEAD)"
}

// wayTo is what leads to the branch whose last commit a revision is, nothing where
// HEAD is that; there is false when it cannot be told for sure.
func (r *rangeRun) wayTo(ctx context.Context, to string) (way string, there bool) {
	switch {
	case r.repo.Top == "":
	case plainRevision.MatchString(to) && r.same(to, "refs/heads/"+to):
		if r.on(ctx, "refs/heads/"+to) {
			return "", true
		}
		return "first `git switch " + to + "`; ", true
	case r.same(to, "HEAD"):
		return "", true
	}
	return "on the branch of " + to + ": ", false
}

// on says whether a branch is checked out.
func (r *rangeRun) on(ctx context.Context, branch string) bool {
	current, err := r.repo.Git().Line(ctx, "symbolic-ref", "--quiet", "HEAD")
	return err == nil && current == branch
}

// same says whether two revisions are one commit.
func (r *rangeRun) same(one, other string) bool {
	a, err := r.history.Resolve(one)
	if err != nil {
		return false
	}
	b, err := r.history.Resolve(other)
	return err == nil && a.ID == b.ID
}

// plainRevision is one that a shell takes as it stands, and that is not relative to
// another one.
var plainRevision = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)

// lasting is a revision that names the same commit when HEAD has moved.
func (r *rangeRun) lasting(from string) string {
	if from != "HEAD" && plainRevision.MatchString(from) {
		return from
	}
	c, err := r.history.Resolve(from)
	if err != nil {
		return from
	}
	return c.ID
}

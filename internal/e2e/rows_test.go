package e2e_test

import (
	"testing"
	"time"
)

// row is a line of the tables in docs/flux.md: what a repository holds, what one commit
// changes, and what that does.
type row struct {
	change  string // in words
	subject subject
	files   files // beside those of every repository
	rules   []rule
	then    []files // commits before the change
	now     files   // the change
	pods    bool    // whether there are pods that can roll
	want    seen
	// old is what is seen on helm-controller 1.4, where that is something else.
	old *seen
	// unasked says that explain has nothing to say, since no checksum changes.
	unasked bool
	// target is the verdict on the place of the checksum, where that is another object
	// than the subject.
	target string
	// same says that the values stay what they are.
	same bool
}

// helms are the helm-controllers on which the rows for HelmReleases are run.
var helms = []string{newHelm, oldHelm}

const (
	newHelm = "helm-controller-1.6"
	oldHelm = "helm-controller-1.4"

	kustomizeController = "kustomize-controller"
)

// runRows runs each row, on the controllers that are named.
func runRows(t *testing.T, rows []row, shards ...string) {
	needsStack(t)
	for _, r := range rows {
		if r.subject == (subject{}) {
			r.subject = theApp
		}
		for _, shard := range shards {
			t.Run(r.change+"/"+shard, func(t *testing.T) {
				t.Parallel()
				r.on(shard).run(newSite(t, shard))
			})
		}
	}
}

// on is the row as it is for a controller. What helm-controller 1.4 does otherwise,
// explain does not know.
func (r row) on(shard string) row {
	switch {
	case r.old != nil && shard == oldHelm:
		r.want, r.unasked = *r.old, true
	default:
		r.old = nil
	}
	return r
}

// run deploys the repository, makes the change, and compares what was foretold, what
// was seen and what is expected.
func (r row) run(s *site) {
	s.t.Helper()
	s.rolls = r.pods
	before := r.begin(s)
	s.write(r.now)
	told := r.explain(s)
	s.commit()
	saw := r.watch(s, before)
	one := result{Change: r.change, Subject: r.subject.kind, Controller: s.helm, seen: saw}
	if !r.unasked {
		one.Explain = told.of(r.subject).Verdict.When
	}
	results.add(one)
	r.compare(s, told, saw)
	r.checkStatus(s, saw)
	r.afterwards(s, told.of(r.subject), saw)
}

// begin deploys what was there before the change.
func (r row) begin(s *site) look {
	s.t.Helper()
	s.write(base.with(config(r.rules)).with(r.files))
	s.commit()
	s.deploy()
	before := s.settled(r.subject)
	for _, more := range r.then {
		s.write(more)
		s.commit()
		s.deploy()
		before = s.settled(r.subject)
	}
	return before
}

// explain asks about the rule, or about the values without one.
func (r row) explain(s *site) story {
	if len(r.rules) > 0 {
		return s.explain("r0")
	}
	if s.has("app/vars.env") {
		return s.explain("app/vars.env")
	}
	return s.explain("app/values.yaml")
}

// watch pushes the change, and looks until silence has passed.
func (r row) watch(s *site, before look) seen {
	s.t.Helper()
	s.push()
	failure := s.appliedAll()
	saw := s.watch(r.subject, before, time.Now().Add(silence))
	for late := time.Now().Add(patience); ; saw = s.watch(r.subject, before, time.Now().Add(pause)) {
		if saw.Fails = failure; failure == "" {
			saw.Fails = s.failure(r.subject)
		}
		if !r.lacks(saw) || time.Now().After(late) {
			return saw
		}
	}
}

// lacks says whether something that is expected has not happened yet: a busy machine
// takes its time.
func (r row) lacks(saw seen) bool {
	return r.want.Woken && !saw.Woken || r.want.Upgraded && !saw.Upgraded || r.want.Rolled && !saw.Rolled || r.want.Fails != "" && saw.Fails == ""
}

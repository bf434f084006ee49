package torture_test

import "testing"

// job is a command that sets checksums in a subject.
type job struct {
	name    string
	args    []string
	prepare func(*subject)
}

var jobs = []job{
	{"update", []string{"fluxsum", "update"}, func(*subject) {}},
	{"update --staged", []string{"fluxsum", "update", "--staged"}, partlyStaged},
	{"update --commit", []string{"fluxsum", "update", "--commit"}, func(s *subject) {
		s.git("commit", "-qam", "hook skipped", "--no-verify")
		s.write("apps/other.txt", "edited\n")
	}},
	{"commit", []string{"git", "commit", "-qm", "second"}, partlyStaged},
	{"commit -a", []string{"git", "commit", "-qam", "second"}, func(*subject) {}},
	{"commit -- PATH", []string{"git", "commit", "-qm", "second", "--", "values/a.yaml"}, partlyStaged},
}

// partlyStaged stages the sources, and edits files further.
func partlyStaged(s *subject) {
	s.git("add", "-A")
	s.write("values/a.yaml", "a: 3\n")
	s.write("apps/one.yaml", s.read("apps/one.yaml")+"# not staged\n")
}

// subject is a job's repository before it, and how it looks before and after.
func (j job) subject(t *testing.T) (s *subject, before, after state) {
	t.Helper()
	s = newSubject(t, j.prepare)
	before = s.state()
	done := s.clone()
	defer done.remove()
	done.run(j.args...)
	return s, before, done.state()
}

// someJobs are those that plain go test does what takes long with.
func someJobs() []job {
	if full() {
		return jobs
	}
	return []job{jobs[0], jobs[1], jobs[3]}
}

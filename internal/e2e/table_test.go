package e2e_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const (
	page       = "../../docs/flux.md"
	tableBegin = "<!-- make e2e: begin -->\n"
	tableEnd   = "<!-- make e2e: end -->\n"
)

// keepTables keeps the tables in bin/e2e.md.
func (all *run) keepTables() error {
	return os.WriteFile(filepath.Join(kept, "e2e.md"), []byte(all.markdown()), 0o644)
}

// document puts the tables into the documentation, when the run was whole.
func (all *run) document() error {
	if only := flag.Lookup("test.run").Value.String(); only != "" && only != "." {
		return fmt.Errorf("%s stays as it is: this run was of %s alone", page, only)
	}
	if missing := all.missing(); len(missing) > 0 {
		return fmt.Errorf("%s stays as it is: this run has no result for %d rows, the first of them %q", page, len(missing), missing[0])
	}
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(old), tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the tables: expected the lines %sand %s", page, tableBegin, tableEnd)
	}
	return os.WriteFile(page, []byte(before+tableBegin+all.markdown()+tableEnd+after), 0o644)
}

// markdown are the tables of a run.
func (all *run) markdown() string {
	var b strings.Builder
	b.WriteString(wrapped(fmt.Sprintf("On %s, on %s, with %s. Nothing means: nothing in %v seconds. Seconds are those from the new revision on, while other cases ran at the same time.", all.Date, all.Machine, all.versions(), all.Silence)) + "\n\n")
	fmt.Fprintf(&b, "| change | helm-controller %s | %s | `explain` says |\n| --- | --- | --- | --- |\n", all.Versions[newHelm], all.Versions[oldHelm])
	for _, change := range all.changes() {
		now, old := all.find(change, newHelm), all.find(change, oldHelm)
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", change, now.cell(), old.cell(), quotedVerdict(cmp.Or(now.Explain, old.Explain)))
	}
	b.WriteString("\n" + wrapped(fmt.Sprintf("The digest of the values that `explain` foretold was that of the cluster for %d releases, of %d shapes of values (`internal/e2e/digests_test.go`).", all.Digests, len(shapes))) + "\n")
	b.WriteString("\n| change | seen | `explain` says |\n| --- | --- | --- |\n")
	for _, r := range slices.Concat(workloadRows, kustomizationRows, otherRows()) {
		one := all.find(r.change, "")
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.change, one.cell(), quotedVerdict(one.Explain))
	}
	return b.String()
}

// changes are those of the rows for HelmReleases, and then those of other tests.
func (all *run) changes() []string {
	var names []string
	for _, r := range helmRows {
		names = append(names, r.change)
	}
	rest := map[string]bool{}
	for _, one := range all.Results {
		if one.Subject == "HelmRelease" && !slices.Contains(names, one.Change) {
			rest[one.Change] = true
		}
	}
	return append(names, slices.Sorted(maps.Keys(rest))...)
}

// find is the result of a change on a controller, or on any.
func (all *run) find(change, controller string) result {
	for _, one := range all.Results {
		if one.Change == change && (controller == "" || one.Controller == controller) {
			return one
		}
	}
	return result{}
}

// missing are the rows that were not run.
func (all *run) missing() []string {
	var names []string
	for _, r := range slices.Concat(helmRows, workloadRows, kustomizationRows, otherRows()) {
		if all.find(r.change, "").Change == "" {
			names = append(names, r.change)
		}
	}
	return names
}

// cell is what was seen, in words.
func (r result) cell() string {
	after := fmt.Sprintf(" after %.1f s", r.After.Seconds())
	switch {
	case r.Change == "":
		return ""
	case r.Fails != "" && r.Upgraded:
		return "tried again" + after + ", and failed again"
	case r.Fails != "" && r.Woken:
		return "reconciled, no upgrade: fails"
	case r.Fails != "":
		return "refused"
	case r.Upgrades == 1:
		return "1 upgrade" + after
	case r.Upgrades > 1:
		return fmt.Sprintf("%d upgrades, the last%s", r.Upgrades, after)
	case r.Upgraded && r.Rolled:
		return "upgrade, pods roll" + after
	case r.Upgraded:
		return "upgrade" + after
	case r.Rolled:
		return "pods roll" + after
	case r.Woken && r.Explain == nothing:
		return "looked at, left alone"
	case r.Woken && r.Subject == "HelmRelease":
		return "reconciled" + after + ", no upgrade"
	case r.Woken:
		return "reconciled" + after
	}
	return "nothing"
}

// quotedVerdict is a verdict as the tables of the page have it.
func quotedVerdict(when string) string {
	if when == "" {
		return ""
	}
	return "`" + when + "`"
}

// versions names all that ran, but the two that head the columns.
func (all *run) versions() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all.Versions)) {
		if name != newHelm && name != oldHelm {
			names = append(names, name+" "+all.Versions[name])
		}
	}
	return strings.Join(names, ", ")
}

// wrapped breaks a text into lines as the page has them.
func wrapped(text string) string {
	const width = 88
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}

// machine names what the seconds depend on.
func machine() string {
	return fmt.Sprintf("%d cores, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}

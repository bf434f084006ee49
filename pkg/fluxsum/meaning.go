package fluxsum

import "slices"

// Meaning is what a code of findings stands for. `explain CODE`, the rules in SARIF
// and the table in docs/flux.md have these texts; Markdown reads them as they stand.
type Meaning struct {
	Code, Level string
	Title       string // one sentence, as a heading
	When        string // it is found
	Why         string // it matters
	Cure        string
}

// Meanings are those of all codes, always in the same order.
func Meanings() []Meaning {
	return []Meaning{
		{InertAnnotation, Warning, "No controller acts at once on the place of a checksum",
			"the checksum stands where its controller acts only at the next interval, and nothing else wakes it for these files",
			"the checksum is true, and looks as if it rolled the change out: the new content is read only when the interval is over",
			"where one rule alone is for the release, `annotation: reconcile.fluxcd.io/requestedAt` in it, then `fluxsum update`. Where several are, one rule for all files of the release, which `fluxsum init --dry-run` shows: two rules cannot write one annotation. Or ignore it where the annotation is there to be seen"},
		{UnmappedSource, Warning, "A HelmRelease reads a file that no rule watches",
			"a HelmRelease reads a file that no rule watches",
			"a change of that file wakes nothing: the release keeps the old values until its interval is over, and no checksum tells that they are old",
			"add it to the files of the rule that wakes the release, or the rule that `fluxsum init --dry-run` shows; where the file holds the checksum itself, move what the release reads there into a file of its own"},
		{UntrackedSource, Warning, "A file of a rule is not in Git, so Flux cannot see it",
			"a file of a rule is not in Git, so Flux cannot see it",
			"the checksum stands for a content that neither the cluster nor another clone has: there it is stale, or cannot be told",
			"`git add` it, or take it out of `files`"},
		{WeakTrigger, Warning, "A rollout needs more than the place of a checksum does",
			"nothing happens at that place, as with an annotation on a Deployment's own `metadata`; a patch takes the checksum away; kustomize-controller leaves the object alone; or it wakes one release, and another one reads the file",
			"the checksum is true, and what reads the file goes on with the old content until something else wakes it",
			"`path: spec.template.metadata.annotations` in the target; or a target in the release that reads the file; or take out the label or annotation by which the object is left alone"},
		{NativeWatch, Note, "Flux watches the ConfigMap itself, the rule adds nothing",
			"the ConfigMap has the watch label, so the rule adds nothing from Flux 2.7 on",
			"no harm is done, but each change of the file brings a change of the checksum that is of no use",
			"take the rule out, or the label where Flux is older"},
		{DeadNameReference, Warning, "A nameReference cannot take effect",
			"a `nameReference` for `valuesFrom` has the wrong path, or is for names without a hash",
			"kustomize leaves the name in the release as it is written: where the ConfigMap has a hash in its name, the release does not find it, and where it has none, new content brings no new name that would wake the release",
			"the path `spec/valuesFrom/name`; or take out `disableNameSuffixHash`, or the `nameReference`"},
		{SplitApply, Warning, "The request may be handled before the new content is there",
			"ConfigMap and HelmRelease are applied by two Flux Kustomizations that do not wait for each other",
			"Flux applies the two in any order: the checksum may wake the release while the old content is still there, and the new one is then read only when the interval is over",
			"`dependsOn` in the Kustomization of the HelmRelease"},
		{NeedlessUpgrade, Note, "Comments alone will upgrade the release",
			"a checksum of bytes stands in the `spec` of a HelmRelease: comments or white space alone upgrade",
			"Helm upgrades where the `spec` has changed, also when all values are the same, and pods may restart for a comment",
			"`content: yaml`, or `content: sops` where the file is encrypted, then `fluxsum update`"},
		{UnhashedSubstitution, Warning, "postBuild fills in what the checksum does not see",
			"a file of a rule has `${VAR}` that `postBuild` fills in: a new value changes what is applied and not the checksum",
			"the ConfigMap in the cluster changes, the file in Git does not: the release reads the new value only when its interval is over",
			"add the file that holds the value to `files`, for several clusters that of each. Where no file does, `flux reconcile` after a change"},
	}
}

// MeaningOf is that of one code; ok is false for what is none.
func MeaningOf(code string) (m Meaning, ok bool) {
	all := Meanings()
	i := slices.IndexFunc(all, func(m Meaning) bool { return m.Code == code })
	if i < 0 {
		return m, false
	}
	return all[i], true
}

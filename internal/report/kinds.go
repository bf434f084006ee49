package report

import "github.com/fluxsum/fluxsum/pkg/fluxsum"

// home is where the documentation stands.
const home = "https://github.com/fluxsum/fluxsum"

// kind describes a code for the tools that list what they may be told.
type kind struct{ code, level, says, help string }

const (
	aboutChecksums = home + "/blob/main/docs/troubleshooting.md#verify-fails-in-ci"
	aboutFindings  = home + "/blob/main/docs/flux.md#findings"
)

// kinds are all codes of issues.
func kinds() []kind {
	return []kind{
		{staleChecksum, levelError, "A recorded checksum is not that of its files", aboutChecksums},
		{missingChecksum, levelError, "A resource lacks the annotation for a checksum", aboutChecksums},
		{notVerified, levelError, "A checksum could not be verified", aboutChecksums},
		{fluxsum.InertAnnotation, fluxsum.Warning, "No controller acts at once on the place of a checksum", aboutFindings},
		{fluxsum.UnmappedSource, fluxsum.Warning, "A HelmRelease reads a file that no rule watches", aboutFindings},
		{fluxsum.UntrackedSource, fluxsum.Warning, "A file of a rule is not in Git, so Flux cannot see it", aboutFindings},
		{fluxsum.WeakTrigger, fluxsum.Warning, "A rollout needs more than the place of a checksum does", aboutFindings},
		{fluxsum.NativeWatch, fluxsum.Note, "Flux watches the ConfigMap itself, the rule adds nothing", aboutFindings},
		{fluxsum.DeadNameReference, fluxsum.Warning, "A nameReference cannot take effect", aboutFindings},
		{fluxsum.SplitApply, fluxsum.Warning, "The request may be handled before the new content is there", aboutFindings},
		{fluxsum.NeedlessUpgrade, fluxsum.Note, "Comments alone will upgrade the release", aboutFindings},
		{fluxsum.UnhashedSubstitution, fluxsum.Warning, "postBuild fills in what the checksum does not see", aboutFindings},
	}
}

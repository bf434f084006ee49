package report

import (
	"io"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// codeQuality is an issue as GitLab reads it:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type codeQuality struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"`
	Severity    string              `json:"severity"`
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"`
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

// GitLab writes the issues as a Code Quality report.
func GitLab(w io.Writer, r *Review) error {
	all := []codeQuality{}
	for _, i := range r.issues() {
		all = append(all, codeQuality{
			Description: i.message,
			CheckName:   i.code,
			Fingerprint: i.fingerprint,
			Severity:    gitlabSeverity(&i),
			Location:    codeQualityLocation{exact(i.file), codeQualityLines{max(i.line, 1)}},
		})
	}
	return encode(w, all)
}

func gitlabSeverity(i *issue) string {
	switch {
	case i.code == notVerified:
		return "critical"
	case i.level == levelError:
		return "major"
	case i.level == fluxsum.Warning:
		return "minor"
	}
	return "info"
}

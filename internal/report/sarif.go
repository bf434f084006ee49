package report

import (
	"io"
	"net/url"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// SARIF writes the issues in the Static Analysis Results Interchange Format,
// version 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func SARIF(w io.Writer, r *Review) error {
	run := sarif.NewRunWithInformationURI("fluxsum", home)
	run.Tool.Driver.WithVersion(r.Version)
	run.WithColumnKind("unicodeCodePoints")
	for _, k := range kinds() {
		run.AddRule(k.code).WithDescription(k.says).WithFullDescription(sarif.NewMultiformatMessageString().WithText(k.says + ".")).
			WithMarkdownHelp(k.says + ". What to do: [" + k.help + "](" + k.help + ")").WithHelpURI(k.help).
			WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(k.level))
	}
	told := true
	for _, i := range r.issues() {
		told = told && i.code != notVerified
		sarifResult(run.CreateResultForRule(i.code), &i)
	}
	run.AddInvocation(sarif.NewInvocation().WithExecutionSuccessful(told))
	report := sarif.NewReport().AddRun(run)
	if err := report.PrettyWrite(w); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func sarifResult(result *sarif.Result, i *issue) {
	result.WithLevel(i.level).WithMessage(sarif.NewTextMessage(i.message))
	// GitHub tells results apart by the first of these.
	result.PartialFingerprints = map[string]string{"primaryLocationLineHash": i.fingerprint, "fluxsum/v1": i.fingerprint}
	if i.file == "" {
		return
	}
	region := sarif.NewRegion().WithStartLine(max(i.line, 1))
	if i.column > 0 {
		region.WithStartColumn(i.column)
	}
	place := sarif.NewPhysicalLocation().WithRegion(region).
		WithArtifactLocation(sarif.NewSimpleArtifactLocation(reference(i.file)).WithURIBaseID("%SRCROOT%"))
	result.AddLocation(sarif.NewLocation().WithPhysicalLocation(place))
}

// reference is a path as a relative reference of RFC 3986: its bytes, whatever
// their encoding.
func reference(file string) string {
	return strings.ReplaceAll((&url.URL{Path: file}).EscapedPath(), ":", "%3A")
}

package report

import (
	"cmp"
	"io"
	"net/url"
	"strings"

	"github.com/chavacava/garif"
)

// What a log holds at its top. The library leaves out results where there are none,
// which to GitHub is no SARIF.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		*garif.Run
		Results []*garif.Result `json:"results"`
	}
)

// sarifSchema is where the schema of a log is published.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF writes the issues in the Static Analysis Results Interchange Format,
// version 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func SARIF(w io.Writer, r *Review) error {
	driver := garif.NewDriver("fluxsum").WithInformationUri(home)
	driver.Version = r.Version
	for _, k := range kinds() {
		driver.Rules = append(driver.Rules, sarifRule(&k))
	}
	run := sarifRun{garif.NewRun(garif.NewTool(driver)), []*garif.Result{}}
	run.ColumnKind = "unicodeCodePoints"
	told := true
	for _, i := range r.issues() {
		told = told && i.code != notVerified
		run.Results = append(run.Results, sarifResult(&i))
	}
	run.Invocations = []*garif.Invocation{garif.NewInvocation(told)}
	return encode(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func sarifRule(k *kind) *garif.ReportingDescriptor {
	rule := garif.NewRule(k.code).WithHelpUri(k.help)
	rule.ShortDescription = garif.NewMultiformatMessageString(k.says)
	rule.FullDescription = garif.NewMultiformatMessageString(k.full)
	rule.Help = garif.NewMultiformatMessageString(k.says + ". What to do: " + k.cure)
	rule.DefaultConfiguration = garif.NewReportingConfiguration()
	rule.DefaultConfiguration.Level = k.level
	return rule
}

func sarifResult(i *issue) *garif.Result {
	result := garif.NewResult(garif.NewMessageFromText(cmp.Or(i.message, i.code)))
	result.RuleId, result.Level = i.code, garif.ResultLevel(i.level)
	// GitHub tells results apart by the first of these.
	result.PartialFingerprints = map[string]string{"primaryLocationLineHash": i.fingerprint, "fluxsum/v1": i.fingerprint}
	if i.file != "" {
		place := garif.NewLocation().WithURI(reference(i.file)).WithLineColumn(max(i.line, 1), i.column)
		place.PhysicalLocation.ArtifactLocation.UriBaseId = "%SRCROOT%"
		result.Locations = []*garif.Location{place}
	}
	return result
}

// reference is a path as a relative reference of RFC 3986: its bytes, whatever
// their encoding.
func reference(file string) string {
	return strings.ReplaceAll((&url.URL{Path: file}).EscapedPath(), ":", "%3A")
}

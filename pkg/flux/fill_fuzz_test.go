package flux

import (
	"strings"
	"testing"
)

// FuzzFill: whatever stands in a file, filling it in ends, and what has no dollar stays. In YAML
// there is no NUL.
func FuzzFill(f *testing.F) {
	for _, text := range []string{
		"a: ${zone}", "a: ${zone:=eu} ${zone/e/f} ${#zone} ${zone^^} ${zone:1:2}", "$$ $${zone} $zone ${", "${zone:-${other:-${zone}}}", "${zone%%*e} ${zone#e*}",
		"${zone//e/ee} ${zone/#e/} ${zone/%u/}", "a: b", "${zone:100} ${zone:-1:-1} ${zone:1:100}", "${", "${zone", "${zone:", "${zone//", "${zone:1:9223372036854775807}", "${zone/é/ö} ${zö}", "${zone##*u} ${zone%e*}",
	} {
		f.Add(text, "eu")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		fill := &filling{values: map[string]string{"zone": value}, whole: true}
		filled, why := fill.eval(text)
		if !strings.ContainsAny(text, "$\x00") && (filled != text || why != "") {
			t.Errorf("%q became %q (%s)", text, filled, why)
		}
	})
}

package flux

import (
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	known := &filling{values: map[string]string{"zone": "eu", "number": "3"}, whole: true}
	partly := &filling{values: map[string]string{"zone": "eu"}}
	for _, c := range []struct {
		filling   *filling
		text      string
		want, why string
	}{
		{known, "a: ${zone}-${number}", "a: eu-3", ""},
		{known, "a: ${none:-x} ${none:=y}", "a: x y", ""},
		{known, "a: $${zone} $$$$ $zone", "a: ${zone} $$ $zone", ""},
		{known, "a: ${zone/u/${number}}", "", ", of which it may make too much"},
		{known, "a: ${none}", "", ", and has no value for a variable of it"},
		{known, "a: ${zone:1:9223372036854775807}", "", ", which is no template for it"},
		{known, "a: ${zone##e} ${zone^^} ${zone/e/a}", "a: u EU au", ""},
		{known, "a: ${zone/\\}/x}", "", ", of which it may make too much"},
		{known, "a: ${zone##*u}" + strings.Repeat("x", maxOperators), "", ", of which it may make too much"},
		{known, strings.Repeat("$$", 80<<10), "", ", of which it may make too much"},
		{&filling{values: map[string]string{"zö": strings.Repeat("x", maxOperand+1)}, whole: true}, "${zö//x/y}", "", ", of which it may make too much"},
		{known, "a: ${zone", "", ", which is no template for it"},
		{partly, "a: ${zone}", "a: eu", ""},
		{partly, "a: ${zone} ${none}", "", ", with what is not known here"},
		{partly, "a: ${none:-x}", "", ", with what is not known here"},
		{&filling{}, "a: $$", "", ", with what is not known here"},
		{known, strings.Repeat("${zone}", maxVariables+1), "", ", of which it may make too much"},
		{known, strings.Repeat("x", maxTemplate+1), "", ", of which it may make too much"},
		{&filling{values: map[string]string{"zone": strings.Repeat("x", maxVariable+1)}}, "${zone}", "", ", of which it may make too much"},
		{&filling{values: map[string]string{"zone": strings.Repeat("x", maxVariable)}}, "${zone//x/" + strings.Repeat("y", 1<<19) + "}", "", ", of which it may make too much"},
	} {
		if got, why := c.filling.eval(c.text); why != c.why || why == "" && got != c.want {
			t.Errorf("%.60q became %.60q (%s), expected %q (%s)", c.text, got, why, c.want, c.why)
		}
	}
}

// TestFillDeep: what is nested as deeply as is let through ends.
func TestFillDeep(t *testing.T) {
	f := &filling{values: map[string]string{"zone": "eu"}, whole: true}
	part := strings.Repeat("x", maxTemplate/maxVariables-16)
	text := strings.Repeat(part+"${none:-", maxVariables) + strings.Repeat("}", maxVariables)
	if got, why := f.eval(text); why != "" || len(got) != len(part)*maxVariables {
		t.Errorf("%d bytes (%s)", len(got), why)
	}
}

package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// gitHubExpression reads what stands in ${{ }}, as far as our action and the docs
// use it: paths of contexts, strings, ==, !=, !, && and ||, and functions.
type gitHubExpression struct {
	contexts  map[string]any
	functions map[string]func(arg string) any
}

var expressionMark = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

// fill replaces the expressions of a text.
func (e *gitHubExpression) fill(text string) (filled string, err error) {
	filled = expressionMark.ReplaceAllStringFunc(text, func(mark string) string {
		value, failed := e.value(expressionMark.FindStringSubmatch(mark)[1])
		if failed != nil {
			err = failed
		}
		return printed(value)
	})
	return filled, err
}

// value is that of an expression; || binds the least.
func (e *gitHubExpression) value(text string) (value any, err error) {
	for or := range strings.SplitSeq(text, "||") {
		for and := range strings.SplitSeq(or, "&&") {
			if value, err = e.comparison(strings.TrimSpace(and)); err != nil || !truthy(value) {
				break
			}
		}
		if err != nil || truthy(value) {
			break
		}
	}
	return value, err
}

// printed is a value as text; what is not there is empty.
func printed(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

func truthy(value any) bool { return value != nil && value != false && value != "" }

func (e *gitHubExpression) comparison(text string) (any, error) {
	for _, sign := range []string{"==", "!="} {
		left, right, ok := strings.Cut(text, sign)
		if !ok {
			continue
		}
		a, err := e.operand(strings.TrimSpace(left))
		if err != nil {
			return nil, err
		}
		b, err := e.operand(strings.TrimSpace(right))
		return strings.EqualFold(printed(a), printed(b)) == (sign == "=="), err
	}
	return e.operand(text)
}

var call = regexp.MustCompile(`^(\w+)\((?:'(.*)')?\)$`)

func (e *gitHubExpression) operand(text string) (any, error) {
	if inner, ok := strings.CutPrefix(text, "!"); ok {
		value, err := e.operand(inner)
		return !truthy(value), err
	}
	if strings.HasPrefix(text, "'") && strings.HasSuffix(text, "'") {
		return text[1 : len(text)-1], nil
	}
	if m := call.FindStringSubmatch(text); m != nil {
		if f := e.functions[m[1]]; f != nil {
			return f(m[2]), nil
		}
		return nil, fmt.Errorf("unknown function in %q", text)
	}
	return e.lookup(strings.Split(text, "."))
}

// lookup walks to a value of a context. What an event does not have is empty; a
// context, an input or a step that nobody knows is a mistake.
func (e *gitHubExpression) lookup(path []string) (value any, err error) {
	value = e.contexts
	for i, key := range path {
		known, ok := value.(map[string]any)
		if !ok {
			return nil, nil
		}
		value, ok = known[key]
		if strict := i == 0 || i == 1 && (path[0] == "inputs" || path[0] == "steps"); strict && !ok {
			return nil, fmt.Errorf("%s is not known", strings.Join(path[:i+1], "."))
		}
	}
	return value, nil
}

func TestGitHubExpression(t *testing.T) {
	e := &gitHubExpression{
		contexts:  map[string]any{"github": map[string]any{"event": map[string]any{"number": 1}}, "inputs": map[string]any{"mode": "fix"}},
		functions: map[string]func(string) any{"cancelled": func(string) any { return false }},
	}
	for text, want := range map[string]string{
		"${{ github.event.number }}":                                "1",
		"${{github.event.head.sha || github.event.number}} is it":   "1 is it",
		"${{ github.event.head.sha }}":                              "",
		"${{ inputs.mode == 'Fix' }}":                               "true",
		"${{ inputs.mode != 'fix' && 'a' || 'b' }}":                 "b",
		"${{ !cancelled() && github.event.number == '1' }}, really": "true, really",
		"no expression, $(but) $more":                               "no expression, $(but) $more",
	} {
		if got, err := e.fill(text); err != nil || got != want {
			t.Errorf("%s: %q, %v, expected %q", text, got, err, want)
		}
	}
	for _, text := range []string{"${{ inputs.mod }}", "${{ gihub.event }}", "${{ nothing() }}"} {
		if got, err := e.fill(text); err == nil {
			t.Errorf("%s is %q, expected an error", text, got)
		}
	}
}

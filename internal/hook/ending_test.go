package hook

import (
	"strings"
	"testing"
)

func TestEndOf(t *testing.T) {
	for _, test := range []struct {
		name, script string
		line         int // 0: none
	}{
		{"exit", "#!/bin/sh\nnpm test\nexit 0\n", 3},
		{"exit without a status", "npm test\nexit", 2},
		{"a status in a variable", "npm test\nexit \"$rc\" # as it was\n", 2},
		{"exit with a semicolon", "exit 0;\n", 1},
		{"behind blocks", "if a; then\nexit 1\nfi\nfor x in a b; do\nexit 1\ndone\ncase $x in\n(a|b) exit 1;;\n*)\nexit 2\n;;\nesac\n{\nexit 1\n}\n(\nexit 1\n)\nexit\n", 19},
		{"behind blocks in one line", "if a; then if b; then exit 1; fi fi\nexit 0\n", 2},
		{"behind a loop with a redirection", "while read x\ndo\nexit 1\ndone <file || exit 2\nexit 0\n", 5},
		{"behind a function", "f() {\nexit 1\n}\nf\nexit 0\n", 5},
		{"behind a here-document", "cat <<EOF\nexit 0\nEOF\nexit 0\n", 4},
		{"behind an indented here-document", "\tcat >&2 <<-'E_1'\n\texit\n\tE_1\nexit 0\n", 4},
		{"behind a here-string", "cat <<<a\nexit 0\n", 2},
		{"behind what is joined", "a \\\n  || b\nexit 0\n", 3},
		{"behind words that close nothing", "echo done fi esac }\necho \"if\" 'case' # do\nexit 0\n", 3},
		{"behind strings in strings", ". \"$(dirname -- \"$0\")/_/husky.sh\"\nexit 0\n", 2},
		{"behind a substitution of two lines", "x=$(a |\nexit 1)\nexit 0\n", 3},
		{"exec", "#!/usr/bin/env bash\nexec 1>&2\nexec npx lint-staged 2>&1\n", 3},
		{"exec of a path", "exec \"$(dirname \"$0\")/check\" \"$@\"\n", 1},
		{"exec of a path in a variable", "exec \"$dir/check\" \"$@\"\n", 1},
		{"exec in two lines", "exec env A=1 \\\n  fluxsum hooks run pre-commit\n", 1},
		{"what is hard in git's sample", sample, 12},

		{"nothing", "", 0},
		{"no end", "#!/bin/sh\nnpm test\n", 0},
		{"python", "#!/usr/bin/env python3\nexit\n", 0},
		{"fish", "#!/usr/bin/env fish\nexit 0\n", 0},
		{"zsh, whose blocks have other forms", "#!/bin/zsh\nexit 0\n", 0},
		{"CRLF", "a\r\nexit 0\r\n", 0},
		{"a condition before", "a || exit 1\n", 0},
		{"a condition on the line before", "a ||\nexit 1\n", 0},
		{"a condition before a comment", "a && # why\n\n# more\nexit 1\n", 0},
		{"a condition that is joined", "a || \\\nexit 1\n", 0},
		{"a condition behind", "exit 0 || b\n", 0},
		{"in the background", "exit 0 &\n", 0},
		{"in a pipe", "exec a | b\n", 0},
		{"too many arguments, with which bash goes on", "exit 1 2\n", 0},
		{"indented", "  exit 0\n", 0},
		{"in a comment", "# \\\nexit_code=1 # exit\n#exit 0\n", 0},
		{"another word", "exit_with 0\nexecute a\n", 0},
		{"a function of that name", "exit() {\n:\n}\n", 0},
		{"redirections alone", "exec 1>&2\nexec >log 2>&1\nexec </dev/tty\nexec {fd}>x\nexec &>x\nexec 3<&0\n", 0},
		{"exec of what may be nothing", "exec \"$@\"\nexec $cmd\nexec \"${a[@]}\"\n", 0},
		{"exec that may fail", "shopt -s execfail\nexec a\n", 0},
		{"an open if", "if a\nthen\nexit 0\n", 0},
		{"an else", "if a; then\nb\nelse\nexit 0\nfi\n", 0},
		{"a loop without in", "for x do\nexit 0\ndone\n", 0},
		{"a function without brackets", "function f {\nexit 0\n}\n", 0},
		{"a function whose body is below", "f()\nexit 0\n", 0},
		{"a block behind a condition", "a || {\nexit 1\n}\n", 0},
		{"a subshell", "(\nexit 0\n)\n", 0},
		{"a here-document", "cat <<EOF\nexit 0\nEOF\n", 0},
		{"a here-document with an odd end", "cat <<E$x\nexit 0\n", 0},
		{"a here-document without end", "cat <<EOF\nexit 0\n", 0},
		{"two here-documents", "cat <<A <<B\nA\nexit 0\nB\nexit 0\n", 0},
		{"a shift", "x=$((1 << y))\nexit 0\ny\n", 0},
		{"a string of two lines", "echo \"a\nexit 0\n\"\n", 0},
		{"a string of two lines in another", "x=\"$(printf '%s\"' \"it's\nexit 0\n\")\"\n", 0},
		{"a string that is escaped", "echo \\\"a\necho 'a\nexit 0\n'\n", 0},
		{"backticks of two lines", "x=`a\nexit 0\n`\n", 0},
		{"a list of two lines", "x=(\nexit 0\n)\n", 0},
		{"very many lines that are joined", strings.Repeat("\\\n", 20_000) + "a\nexit 0\n", 0},
		{"a very long script", strings.Repeat("a\n", 40_000) + "exit 0\n", 0},
		{"what closes nothing", "fi\nexit 0\n", 0},
		{"what closes another block", "if a; then\n(\nfi\nexit 0\n", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if e, ok := endOf(test.script); e.line != test.line || ok != (test.line > 0) {
				t.Errorf("ends in line %d, expected %d:\n%s", e.line, test.line, test.script)
			}
		})
	}
}

// sample is what is hard in the pre-commit that comes with git.
const sample = `#!/bin/sh
exec 1>&2
if [ "$allownonascii" != "true" ] &&
  test $(git diff-index --cached --name-only --diff-filter=A -z $against |
    LC_ALL=C tr -d '[ -~]\0' | wc -c) != 0
then
	cat <<\EOF
Error: Attempt to add a non-ASCII file name.
EOF
	exit 1
fi
exec git diff-index --check --cached $against --
`

func TestNeverReached(t *testing.T) {
	for script, want := range map[string]bool{
		"a\nexit 0\nfluxsum hooks run pre-commit\n":                                      true,
		"a\nfluxsum hooks run pre-commit\nexit 0\n":                                      false,
		"fluxsum hooks run pre-commit\nexit 0\nfluxsum hooks run pre-commit\n":           false,
		"# fluxsum hooks run pre-commit\nexit 0\nfluxsum hooks run pre-commit || exit\n": true,
		"exec fluxsum hooks run pre-commit\n":                                            false,
		"exec env A=1 \\\n  fluxsum hooks run pre-commit\n":                              false,
		"a\nexit 0\n": false,
	} {
		if _, is := neverReached([]byte(script)); is != want {
			t.Errorf("never reached: %t, expected %t:\n%s", is, want, script)
		}
	}
}

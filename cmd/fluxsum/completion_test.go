package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// completed are lines, and what a Tab at their end makes of them.
var completed = []struct{ line, want string }{
	{"fluxsum hooks inst", "fluxsum hooks install"},
	{"fluxsum verify synapse-c", "fluxsum verify synapse-config"},
	{"fluxsum verify element-config syn", "fluxsum verify element-config synapse-config"},
	{"fluxsum update apps/production/kus", "fluxsum update apps/production/kustomization.yaml"},
	{"fluxsum explain element-config-c", "fluxsum explain element-config-checksum"},
	{"fluxsum explain clus", "fluxsum explain clusters/"},
	{"fluxsum verify --rev them", "fluxsum verify --rev theme"},
	{"fluxsum verify --range origin/m", "fluxsum verify --range origin/main.."},
	{"fluxsum diff --range origin/main..HE", "fluxsum diff --range origin/main..HEAD"},
	{"fluxsum diff -o mark", "fluxsum diff -o markdown"},
	{"fluxsum --color al", "fluxsum --color always"},
	{"fluxsum diff --exit", "fluxsum diff --exit-code"},
	{"fluxsum hooks install --print lef", "fluxsum hooks install --print lefthook"},
	{"fluxsum verify --rev nope --", "fluxsum verify --rev nope --"},
	{"fluxsum nope --rev th", "fluxsum nope --rev th"},
	{"fluxsum verify odd-", "fluxsum verify odd-name"},
	{"fluxsum verify odd/", `fluxsum verify odd/a:\ \$b.yaml`},
}

// shells complete lines in an interactive way and return what they become.
var shells = map[string]func(t *testing.T, dir string, lines []string) []string{"bash": each(tabInBash), "zsh": tabInZsh, "fish": each(tabInFish)}

func each(tab func(t *testing.T, dir, line string) string) func(*testing.T, string, []string) []string {
	return func(t *testing.T, dir string, lines []string) []string {
		var all []string
		for _, line := range lines {
			all = append(all, tab(t, dir, line))
		}
		return all
	}
}

// TestCompletionInShells presses Tab in real shells, with the scripts that stand in
// completions/.
func TestCompletionInShells(t *testing.T) {
	onlyOnce(t)
	dir := exampleRepository(t)
	addOddRule(t, dir)
	var lines []string
	for _, c := range completed {
		lines = append(lines, c.line)
	}
	for name, tab := range shells {
		t.Run(name, func(t *testing.T) {
			needs(t, name)
			got := tab(t, dir, lines)
			for i, c := range completed {
				if got := strings.TrimRight(got[i], " "); got != c.want {
					t.Errorf("%q becomes %q, expected %q", c.line, got, c.want)
				}
			}
		})
	}
}

// addOddRule adds a rule whose file has signs that mean something to shells.
func addOddRule(t *testing.T, dir string) {
	t.Helper()
	config := filepath.Join(dir, ".fluxsum.yaml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "  - {name: odd-name, files: 'odd/a: $b.yaml', annotation: odd, targets: apps/production/kustomization.yaml}\n"...)
	if err := os.WriteFile(config, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// script is a script of completions/.
func script(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("../../completions/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// tabInBash calls the function that bash calls, on the line as bash splits it.
func tabInBash(t *testing.T, dir, line string) string {
	const library = "/usr/share/bash-completion/bash_completion"
	if _, err := os.Stat(library); err != nil {
		t.Skip("bash-completion is not installed")
	}
	before, _ := cutWord(line)
	out, _ := shell(t, dir, "bash", `source `+library+`; source `+script(t, "fluxsum.bash")+`
compopt() { :; } # which works in a completion alone
COMP_LINE='`+line+`' COMP_POINT=`+"${#COMP_LINE}"+` COMP_TYPE=9
read -ra COMP_WORDS <<<"$COMP_LINE"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
__start_fluxsum
[ "${#COMPREPLY[@]}" = 1 ] && printf '%s' "${COMPREPLY[0]}"`)
	if out == "" {
		return line
	}
	return before + out
}

// cutWord cuts a line before its last word.
func cutWord(line string) (before, word string) {
	cut := strings.LastIndexByte(line, ' ') + 1
	return line[:cut], line[cut:]
}

// tabInZsh types each line and a Tab into an interactive zsh, and has it write down
// what stands on its command line then.
func tabInZsh(t *testing.T, dir string, lines []string) []string {
	result := filepath.Join(t.TempDir(), "lines")
	said, _ := shell(t, dir, "zsh", `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'autoload -Uz compinit; compinit -D -u; source `+script(t, "_fluxsum")+`'
zpty -w z 'note() { print -r -- "$BUFFER" >>`+result+`; BUFFER= }; zle -N note; bindkey "^G" note; print RE""ADY'
zpty -r -m z said '*READY*'
zpty -w -n z "`+strings.Join(lines, `"$'\t\a'"`)+`"$'\t\aexit\n'
while zpty -t z; do zpty -r z said; print -r -- "$said"; done`)
	text, err := os.ReadFile(result)
	got := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if err != nil || len(got) != len(lines) {
		t.Fatalf("%v\n%s\n%s", err, said, text)
	}
	return got
}

// tabInFish asks fish what completes the line.
func tabInFish(t *testing.T, dir, line string) string {
	before, _ := cutWord(line)
	out, _ := shell(t, dir, "fish", `source `+script(t, "fluxsum.fish")+`
for found in (complete --do-complete '`+line+`'); string escape --no-quoted -- (string split --max 1 \t -- $found)[1]; end`)
	words := strings.Fields(strings.ReplaceAll(out, `\ `, "\x00"))
	if len(words) != 1 {
		return line
	}
	return before + strings.ReplaceAll(words[0], "\x00", `\ `)
}

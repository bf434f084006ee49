package fluxsum

import "strings"

// maxWord is the length of the longest word that is compared with others.
const maxWord = 256

// Nearest returns the one of choices that word was most likely meant to be, or
// "" when none is near. Of equally near ones that wins which has more letters of
// the same case, else the first.
func Nearest(word string, choices []string) string {
	best, near := "", len(word)/5+2
	if word == "" {
		return best // anything short would be near
	}
	for _, c := range choices {
		if len(word) > maxWord || len(c) > maxWord {
			continue
		}
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if d < near || d == near && best != "" && distance(word, c) < distance(word, best) {
			best, near = c, d
		}
	}
	return best
}

// distance is the number of bytes to insert, delete, replace or swap with the
// next one (optimal string alignment).
func distance(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+differ(a[i], b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}

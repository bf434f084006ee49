package git

import (
	"context"
	"strconv"
	"strings"
)

// References returns the full names of the references that begin with one of the
// prefixes, but no more than most.
func (g Git) References(ctx context.Context, prefixes []string, most int) ([]string, error) {
	args := []string{"for-each-ref", "--format=%(refname)", "--count=" + strconv.Itoa(most)}
	for _, prefix := range prefixes {
		args = append(args, prefix+"*", prefix+"*/**")
	}
	out, err := g.Run(ctx, nil, args...)
	if len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), err
}

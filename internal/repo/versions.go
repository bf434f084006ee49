package repo

import (
	"context"
	"errors"
	"io"
	"slices"
)

// Versions are the blobs that a file was in the history that leads to a commit,
// newest first, each once and no more than some.
func (h *History) Versions(ctx context.Context, from Commit, path string, most int) ([]string, error) {
	past, err := h.repo.Git().Past(ctx, from.ID, []string{path})
	if err != nil {
		return nil, err
	}
	defer past.Close()
	var all []string
	for len(all) < most {
		step, err := past.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for i := range step.Parents {
			for _, c := range step.Parents[i].Changes {
				if c.From != 0 && !slices.Contains(all, c.Old) {
					all = append(all, c.Old)
				}
			}
		}
	}
	return all, nil
}

package repo

import "errors"

var (
	errGit     = errors.New("is a part of Git's own folder, which no commit holds")
	errChanged = errors.New("changed while fluxsum ran")
)

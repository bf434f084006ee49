package repo

import "errors"

var (
	errGit     = errors.New("is a part of Git's own folder, which no commit holds")
	errOwner   = errors.New("you may not give a new file its owner and group")
	errChanged = errors.New("changed while fluxsum ran")
)

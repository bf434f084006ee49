package flux

import (
	"strconv"
	"time"
)

// IsRequestTime says whether a value of RequestedAt is a time, as Flux's own ways to ask
// for a reconciliation write it: RFC 3339 by `flux reconcile`, and seconds since 1970 in
// its manual's `kubectl annotate ... requestedAt="$(date +%s)"`, which may be nanoseconds.
// Sources: the docs of github.com/fluxcd/helm-controller, spec/v2/helmreleases.md,
// "Triggering a reconcile", and github.com/fluxcd/flux2, cmd/flux/reconcile.go.
func IsRequestTime(value string) bool {
	if _, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return true
	}
	_, err := strconv.ParseUint(value, 10, 64)
	return err == nil && (len(value) == 10 || len(value) == 19)
}

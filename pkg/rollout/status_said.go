package rollout

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// shown is a value of the cluster as it is told: what is neither a checksum nor a time
// may be a secret that stands there by mistake.
func shown(value string) string {
	if _, ok := checksum.AlgorithmOf(value); ok || value == "" || flux.IsRequestTime(value) {
		return value
	}
	return "not a checksum"
}

// applier says what keeps the Kustomization from applying it, where that is known, and
// what helps.
func (j *judging) applier() (why string, do []string) {
	if j.AppliedBy == nil {
		return "", nil
	}
	if alone := j.Graph.LeftAlone(j.on.Object); alone != "" && (j.State != NotThere || !j.Graph.MadeOnce(j.on.Object)) {
		j.Final = true
		return "; " + alone, nil
	}
	k := j.AppliedBy
	name := " kustomization " + quoted(k.Name) + inNamespace(k.Namespace)
	there := j.cluster.Find(groups["Kustomization"], "Kustomization", k.Namespace, k.Name)
	if len(there) == 0 && j.cluster.Has(groups["Kustomization"], "Kustomization") {
		return "; it has no Kustomization " + k.Name + inNamespaceOf(k.Namespace) + ", which would apply it", nil
	}
	for _, o := range there {
		ready, _ := o.Condition("Ready")
		switch {
		case o.Suspended():
			return "; Kustomization " + k.Name + " is suspended", []string{"flux resume" + name}
		case waits(o):
			return "; Kustomization " + k.Name + " waits, " + j.appliersWords(o, &ready), nil
		case ready.Status == "False":
			return "; Kustomization " + k.Name + " has failed, " + j.appliersWords(o, &ready), []string{"flux get" + name}
		}
	}
	if flux.Suspended(j.on.build.Kustomization.Object) {
		return "; Kustomization " + k.Name + " is suspended in this tree", nil
	}
	return "", j.on.apply()
}

// appliersWords are what kustomize-controller says of what it applies; the reason alone
// where they may quote what nobody is to read.
func (j *judging) appliersWords(applier *live.Object, c *live.Condition) string {
	if j.secret() || applier.HandlesSecrets() {
		return said(&live.Condition{Reason: c.Reason})
	}
	return said(c)
}

// stalled says that the controller does not try again by itself.
func (j *judging) stalled() string {
	c, _ := j.is.Condition("Stalled")
	switch {
	case c.Status != "True":
		return ""
	case c.Reason == j.Ready.Reason:
		return "; " + j.on.controller() + " has given it up"
	}
	return "; " + j.on.controller() + " has given it up: " + c.Reason
}

// failure is what has failed. Of a release that was rolled back, or is tried again
// later, Ready tells that alone, and Released the cause.
// Source: summarize in helm-controller's internal/reconcile/state.go.
func (j *judging) failure() string {
	released, _ := j.condition("Released")
	if released.Status != "False" || j.Ready.Status != "False" || released.Reason == j.Ready.Reason {
		return said(j.Ready)
	}
	return said(&released) + "; then " + said(j.Ready)
}

// maxSaid is how much is told of what a controller says, in bytes. The first errors of a
// chart's schema are within that.
const maxSaid = 400

// oneLine is what a controller says, in one line.
func oneLine(s string) string {
	if s = strings.Join(strings.Fields(s), " "); len(s) > maxSaid {
		return strings.ToValidUTF8(s[:maxSaid], "") + " ..."
	}
	return s
}

// resource is the object as the flux command calls it.
func (j *judging) resource() string {
	return flux.Resource(j.on.Kind) + " " + quoted(j.Object.Name) + inNamespace(j.Object.Namespace)
}

// waiting are the reasons for which an object is not ready though nothing has failed.
// Source: DependencyNotReadyReason in github.com/fluxcd/pkg/apis/meta, and
// helm-controller's internal/controller/helmrelease_controller.go.
var waiting = map[string]bool{"DependencyNotReady": true, "SourceNotReady": true, "HealthCheckCanceled": true}

// waits says whether its controller waits for something, and looks again by itself: also
// for an artifact that is not there yet.
func waits(o *live.Object) bool {
	c, _ := o.Condition("Ready")
	return c.Status == "False" && (waiting[c.Reason] || c.Reason == "ArtifactFailed" && retrying().MatchString(c.Message))
}

// retrying is how both controllers say that they do.
var retrying = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[Rr]etrying in \d`) })

// quotesSecret is what the API server, and kustomize-controller, say of a Secret: its
// value may stand behind that.
var quotesSecret = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`Secret/|kind Secret\b|Secret in version`) })

// said is what a controller says of an object. What it says of Secrets may quote them.
func said(c *live.Condition) string {
	if message := oneLine(c.Message); message != "" && !quotesSecret().MatchString(message) {
		return c.Reason + ": " + message
	}
	return cmp.Or(c.Reason, "no reason given")
}

// secret says whether what a controller says of an object may quote what nobody is to
// read: a Secret, an encrypted file, or what the rule calls secret.
func (j *judging) secret() bool {
	rule := j.tables.rules[j.Rule]
	switch {
	case rule != nil && rule.Secret != nil && *rule.Secret,
		j.is.HandlesSecrets(), flux.HandlesSecrets(j.on.Object), j.filled(),
		j.fileTraits().encrypted, j.on.build != nil && j.Graph.EncryptedFile(j.on.File):
		return true
	}
	return j.release != nil && slices.ContainsFunc(j.release.Values, func(ref flux.Reference) bool {
		return ref.Kind == "Secret" || slices.ContainsFunc(j.Graph.SourcesOf(&ref), j.Graph.EncryptedFile)
	})
}

// filled says whether a Kustomization may fill Secrets into the object. Of one that is
// neither in the tree nor among what was read, the variables are enough.
func (j *judging) filled() bool {
	name, namespace := j.is.Applier()
	there := j.cluster.Find(groups["Kustomization"], "Kustomization", namespace, name)
	inTree := j.on.build != nil && j.on.build.Kustomization != nil && (name == "" || name == j.on.build.Kustomization.Name)
	switch {
	case j.madeWithSecrets(j.on.Object), slices.ContainsFunc(there, (*live.Object).HandlesSecrets):
		return true
	case inTree, len(there) > 0, name == "":
		return false
	}
	return j.on.build == nil || flux.HasVariables(j.on.Object) || j.fileTraits().variables
}

// madeWithSecrets says whether a Kustomization that makes an object of these names
// handles Secrets.
func (r *Rollout) madeWithSecrets(o *kustomize.Object) bool {
	id := idOf(o)
	handles, ok := r.tables.handling[id]
	if !ok {
		handles = slices.ContainsFunc(r.makers(o), func(b *flux.Build) bool {
			return b.Kustomization != nil && flux.HandlesSecrets(b.Kustomization.Object)
		})
		r.tables.handling[id] = handles
	}
	return handles
}

// traits are what is so of any file of a checksum, of which there may be as many as
// there are objects that carry it.
type traits struct{ encrypted, variables bool }

func (j *judging) fileTraits() traits {
	known, ok := j.tables.traits[j.mark.Result]
	if !ok {
		known = traits{slices.ContainsFunc(j.mark.Files, j.Graph.EncryptedFile), slices.ContainsFunc(j.mark.Files, j.Graph.FileHasVariables)}
		j.tables.traits[j.mark.Result] = known
	}
	return known
}

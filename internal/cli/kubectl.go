package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// kubectl is the user's own, with their configuration.
type kubectl struct {
	*app
	context string
	cluster *live.Cluster // what it has printed last
	said    string        // what it has said last on its stderr
	silent  bool          // what it says is for nobody
}

// get asks for all objects of some kinds, each as Kind.group.
func (k *kubectl) get(ctx context.Context, kinds []string) (*live.Cluster, error) {
	out, err := k.run(ctx, "get", resources(kinds), "--all-namespaces", "--output=json")
	if err != nil {
		return nil, err
	}
	c, err := live.Read(bytes.NewReader(out))
	if err != nil {
		return nil, &userError{"kubectl: what it printed " + err.Error(), "is the kubectl in PATH the one of Kubernetes?"}
	}
	c.Asked(kinds...)
	k.cluster = c
	return c, nil
}

// moreTime is how long the questions may take that need no answer.
const moreTime = 5 * time.Second

// more is the cluster that was read last, and beside it what may tell why something
// is not rolled out: Kustomizations, and which helm-controller runs. Not everybody
// may see these.
func (k *kubectl) more(ctx context.Context) *live.Cluster {
	ctx, stop := context.WithTimeout(ctx, moreTime)
	defer stop()
	k.silent = true
	for _, words := range [][]string{
		{"get", "kustomizations.kustomize.toolkit.fluxcd.io", "--all-namespaces", "--output=json"},
		{"get", "deployments.apps", "--all-namespaces", "--selector=app.kubernetes.io/component=helm-controller", "--output=json"},
	} {
		out, err := k.run(ctx, words...)
		if err != nil {
			continue
		}
		if found, err := live.Read(bytes.NewReader(out)); err == nil {
			k.cluster.Merge(found)
		}
	}
	return k.cluster
}

// resources are kinds, each as Kind.group, as kubectl takes them. What is without a
// kind is a question for releases.
func resources(kinds []string) string {
	var all []string
	for _, kind := range kinds {
		name, group, _ := strings.Cut(kind, ".")
		all = append(all, strings.ToLower(name)+"s."+group)
	}
	if len(all) == 0 {
		return "helmreleases.helm.toolkit.fluxcd.io"
	}
	return strings.Join(all, ",")
}

func (k *kubectl) run(ctx context.Context, words ...string) ([]byte, error) {
	if k.context != "" {
		words = append(words, "--context="+k.context)
	}
	cmd := exec.CommandContext(ctx, "kubectl", words...)
	cmd.Cancel = func() error { return endSoon(cmd.Process) }
	cmd.WaitDelay = time.Second // for what a plugin of it leaves behind
	says := &kubectlErrors{k: k}
	out := bounded{max: live.MaxInput}
	cmd.Stdout, cmd.Stderr = &out, says
	err := cmd.Run()
	k.pass(string(says.rest))
	if interrupted(err) && !out.full {
		pause(ctx) // the same signal is on its way to us
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.full:
		return nil, &userError{fmt.Sprintf("kubectl: what it printed is larger than %d MiB", live.MaxInput>>20), "is the kubectl in PATH the one of Kubernetes?"}
	case errors.Is(err, exec.ErrWaitDelay):
		return out.text, nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, exec.ErrDot):
		return nil, &userError{"kubectl: not found in PATH", "elsewhere `kubectl get helmreleases -A -o json` prints what `fluxsum status -f -` reads"}
	case err != nil:
		return nil, &userError{"kubectl: " + err.Error() + ", so nothing is known of the cluster", hintFor(k.said, "does `kubectl get helmreleases -A` work? `kubectl config current-context` says which cluster it is")}
	}
	return out.text, nil
}

// endSoon lets a program end its own ones first, where the system can ask for that.
func endSoon(p *os.Process) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return p.Kill()
	}
	return nil
}

// bounded takes what is printed, up to what is read of it.
type bounded struct {
	text []byte
	max  int // in bytes
	full bool
}

func (b *bounded) Write(text []byte) (int, error) {
	if b.full = b.full || len(b.text)+len(text) > b.max; b.full {
		return 0, io.ErrShortWrite // closes the pipe, which ends the program
	}
	b.text = append(b.text, text...)
	return len(text), nil
}

// interrupted says whether a signal has ended a program, as Ctrl-C does with all that
// run in a terminal: 130 is what a shell makes of it.
func interrupted(err error) bool {
	var ended *exec.ExitError
	return errors.As(err, &ended) && (ended.ExitCode() < 0 || ended.ExitCode() == 130)
}

// kubectlErrors passes on what kubectl says, each line once: it may be waiting for a
// login.
type kubectlErrors struct {
	k    *kubectl
	rest []byte
}

// maxLine is how much of a line is passed on.
const maxLine = 4096

// ownLog is a line of the log that kubectl keeps of its tries.
var ownLog = regexp.MustCompile(`^[EIW]\d{4} `)

func (e *kubectlErrors) Write(text []byte) (int, error) {
	e.rest = append(e.rest, text...)
	for {
		line, rest, ok := bytes.Cut(e.rest, []byte("\n"))
		if !ok {
			e.rest = e.rest[:min(len(e.rest), maxLine)]
			return len(text), nil
		}
		e.rest = rest
		e.k.pass(string(line))
	}
}

func (k *kubectl) pass(line string) {
	line = strings.TrimSpace(line)
	if k.silent || line == "" || line == k.said || ownLog.MatchString(line) || k.settings.quiet && strings.HasPrefix(line, "Warning: ") {
		return
	}
	k.said = line
	k.warn(&fluxsum.Problem{Message: "kubectl: " + line})
}

// hintFor is what to do about what kubectl, or the API server, has said.
func hintFor(said, otherwise string) string {
	const noFlux = "is Flux installed there? `kubectl config current-context` says which cluster it is, --context names another one"
	const contexts = "`kubectl config get-contexts` lists the contexts"
	for _, known := range []struct{ words, hint string }{
		{"have a resource type", noFlux},
		{"could not find the requested resource", noFlux},
		{"context was not found", contexts},
		{"does not exist", contexts},
		{"orbidden", "ask for what you may see: `kubectl get helmreleases -n NAMESPACE -o json | fluxsum status -f -`"},
	} {
		if strings.Contains(said, known.words) {
			return known.hint
		}
	}
	return otherwise
}

// completeContext offers the contexts of the user's kubectl.
func (a *app) completeContext(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	ctx, stop := context.WithTimeout(cmd.Context(), 2*time.Second)
	defer stop()
	k := &kubectl{app: a, silent: true}
	out, err := k.run(ctx, "config", "get-contexts", "--output=name")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return beginning(strings.Fields(string(out)), word), cobra.ShellCompDirectiveNoFileComp
}

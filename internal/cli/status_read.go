package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// input is what -f reads is called.
func (f *statusFlags) input() string {
	if f.file == "-" {
		return "standard input"
	}
	return f.file
}

// oneFile is a flag that takes one: of two, kubectl would read both.
type oneFile string

func (f *oneFile) String() string { return string(*f) }

// Type is what the help calls it.
func (f *oneFile) Type() string { return "string" }

// Set takes the name of the file, once.
func (f *oneFile) Set(name string) error {
	if *f != "" {
		return errors.New("expected one file: what is in several can go into one, one behind the other")
	}
	*f = oneFile(name)
	return nil
}

// wrong is the error of an input.
func (f *statusFlags) wrong(message, hint string) error {
	return fluxsum.Problems{{File: f.input(), Message: message, Hint: hint}}
}

// unopened is why a file cannot be opened.
func unopened(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "does not exist"
	}
	return plainReason(err)
}

// cluster reads what kubectl has printed. A terminal or a pipe may never end.
func (f *statusFlags) cluster(ctx context.Context) (*live.Cluster, error) {
	type answer struct {
		cluster *live.Cluster
		err     error
	}
	read := make(chan answer, 1)
	go func() {
		c, err := f.read()
		read <- answer{c, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-read:
		return a.cluster, a.err
	}
}

const takesFile = "-f takes a file, or - for standard input"

func (f *statusFlags) read() (*live.Cluster, error) {
	in := os.Stdin
	if f.file != "-" {
		var err error
		if in, err = os.Open(f.file); err != nil {
			return nil, f.wrong(unopened(err), takesFile)
		}
		defer in.Close()
	}
	c, err := live.Read(in)
	var unread *fs.PathError
	switch {
	case errors.As(err, &unread):
		return nil, f.wrong(unopened(err), takesFile)
	case err != nil:
		return nil, f.wrong(err.Error(), hintFor(err.Error(), "`kubectl get helmreleases -A -o json` prints what is expected"))
	}
	return c, nil
}

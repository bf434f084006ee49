package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// userError is something wrong that no file is to blame for.
type userError struct{ message, hint string }

func (e *userError) Error() string { return e.message }

// usageError is about the words of the command line.
func usageError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 && args[0] != "help" {
		return knownCommand(cmd, args) // its flags cannot be known
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	if strings.Contains(message, "strconv.") || strings.Contains(message, "time: ") {
		name, _, _ := strings.Cut(message, " flag: ")
		message = name + " flag: " + expected(err)
	}
	return &userError{lowerFirst(message), usageHint(cmd, err)}
}

// exclusive is cobra's error for flags that exclude each other, in our words.
func exclusive(err error) (message string, ok bool) {
	_, found, ok := strings.Cut(err.Error(), "none of the others can be; [")
	flags, _, _ := strings.Cut(found, "]")
	return "--" + strings.Join(strings.Fields(flags), " and --") + " exclude each other", ok
}

// noArgs refuses arguments of a command that takes none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError(cmd, fmt.Errorf("%s takes no argument, found %q", cmd.CommandPath(), args[0]))
}

// notEmpty refuses flags that are given without a value.
func notEmpty(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usageError(cmd, errors.New("--"+name+" is empty"))
		}
	}
	return nil
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// complain writes an error to stderr: what is wrong, the path first, and below
// it what to do.
func (a *app) complain(err error) {
	var problems fluxsum.Problems
	var user *userError
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			a.problem(p)
		}
	case errors.As(err, &user):
		a.problem(&fluxsum.Problem{Message: user.message, Hint: user.hint})
	case errors.Is(err, git.ErrNoBinary):
		a.problem(&fluxsum.Problem{Message: err.Error(), Hint: "install git; without it fluxsum can verify, and update the worktree"})
	case errors.Is(err, context.Canceled):
		a.problem(&fluxsum.Problem{Message: "interrupted, nothing was written"})
	default:
		if message, ok := exclusive(err); ok {
			a.problem(&fluxsum.Problem{Message: message, Hint: "give one of them"})
			return
		}
		a.problem(&fluxsum.Problem{Message: plainReason(err)})
	}
}

func (a *app) problem(p *fluxsum.Problem) { a.say(p, color.FgRed) }

// warn writes what is no error, but worth knowing.
func (a *app) warn(p *fluxsum.Problem) { a.say(p, color.FgYellow) }

func (a *app) say(p *fluxsum.Problem, c color.Attribute) {
	lines := strings.SplitN(p.Error(), "\n  ", len(p.Details)+1)
	if p.File == "" {
		lines[0] = "fluxsum: " + lines[0]
	}
	fmt.Fprintln(a.stderr, a.paint(c, report.Printable(lines[0])))
	for _, d := range p.Details {
		fmt.Fprintln(a.stderr, "  "+report.Printable(d))
	}
	if p.Hint != "" {
		a.hint(p.Hint)
	}
}

// hint says what to do next.
func (a *app) hint(text string) {
	fmt.Fprintln(a.stderr, a.paint(color.FgCyan, "hint:")+" "+report.Printable(text))
}

func (a *app) paint(c color.Attribute, text string) string {
	if !a.settings.coloured(a.stderr) {
		return text
	}
	paint := color.New(c)
	paint.EnableColor()
	return paint.Sprint(text)
}

// plainReason is an error of the system without the call that failed.
func plainReason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

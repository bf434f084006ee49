package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// settings are those of the command line: a flag, else FLUXSUM_* in the
// environment, else the default. Rules never pass through viper, which folds
// keys to lower case.
type settings struct {
	dir, config    string
	color          *choice
	quiet, verbose bool
	flags          *pflag.FlagSet // of the command
}

func (s *settings) register(flags *pflag.FlagSet) {
	flags.StringVarP(&s.dir, "chdir", "C", "", "run as if started in `DIR`")
	flags.StringVarP(&s.config, "config", "c", "", "read `FILE` in place of the nearest .fluxsum.yaml")
	s.color = newChoice("auto", "always", "never")
	flags.Var(s.color, "color", "colour the output: `WHEN` is "+s.color.list())
	flags.BoolVarP(&s.quiet, "quiet", "q", false, "print only errors")
	flags.BoolVarP(&s.verbose, "verbose", "v", false, "show what is in sync too")
	flags.BoolP("help", "h", false, "show the help of a command")
}

// load fills in from the environment what no flag has set, and moves to the
// folder of -C.
func (s *settings) load(flags *pflag.FlagSet) error {
	s.flags = flags
	if err := fromEnvironment(flags); err != nil {
		return err
	}
	if s.dir == "" {
		return nil
	}
	if err := os.Chdir(s.dir); err != nil {
		return &userError{fmt.Sprintf("%s: %s", s.dir, plainReason(err)), "-C takes a folder that exists"}
	}
	return nil
}

func fromEnvironment(flags *pflag.FlagSet) error {
	env := viper.New()
	env.SetEnvPrefix("FLUXSUM")
	env.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	env.AutomaticEnv()
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || f.Name == versionFlag || failed != nil || !env.IsSet(f.Name) {
			return
		}
		if err := f.Value.Set(env.GetString(f.Name)); err != nil {
			name := "FLUXSUM_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			failed = &userError{fmt.Sprintf("%s is %q, %s", name, env.GetString(f.Name), expected(err)), valueHint(f, env.GetString(f.Name))}
		}
	})
	return failed
}

// checkConfig refuses what is left of a flag behind one dash: -config is read as
// -c onfig.
func (s *settings) checkConfig() error {
	name := gluedName("c", s.config)
	if s.flags.Lookup(name) == nil {
		return nil
	}
	if _, err := os.Lstat(s.config); err == nil {
		return nil
	}
	return &userError{s.config + ": does not exist", fmt.Sprintf("did you mean `--%s`?", name)}
}

// expected says what a flag takes that refused its value.
func expected(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "strconv.ParseInt"):
		return "expected a number"
	case strings.Contains(text, "time: "):
		return "expected a time as 90s or 10m"
	case errors.Is(err, strconv.ErrSyntax) || strings.Contains(text, "strconv.ParseBool"):
		return "expected true or false"
	}
	return err.Error()
}

// coloured says whether text for out is coloured.
func (s *settings) coloured(out io.Writer) bool {
	switch {
	case s.color.word != "auto":
		return s.color.word == "always"
	case os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb":
		return false
	}
	return s.terminal(out)
}

// terminal says whether somebody reads out on a terminal, be it in a pager.
func (s *settings) terminal(out io.Writer) bool {
	if r, ok := out.(results); ok {
		out = r.Writer
	}
	if _, paged := out.(*pager); paged {
		return true
	}
	file, ok := out.(*os.File)
	return ok && (isatty.IsTerminal(file.Fd()) || isatty.IsCygwinTerminal(file.Fd()))
}

// Command gokeras looks at, runs and trains Keras models without a line of Go.
//
//	gokeras summary  model.keras
//	gokeras predict  model.keras --data d.npz --output p.npz
//	gokeras evaluate model.keras --data d.npz --json
//	gokeras train    model.keras --data d.npz --epochs 5 --output trained.keras
//
// Arrays come and go as npz files, which numpy.savez writes: x, or x0, x1, ..., or the names of the inputs; y, or y0, y1, ...;
// sample_weight. Results go to standard output, progress and errors to standard error. The exit status is 1 where something went wrong and
// 2 where the command was used wrongly.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const (
	exitFailure = 1
	exitUsage   = 2
)

// run carries out a command and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "gokeras",
		Short:         "Look at, run and train Keras models",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage(errors.New("expected a command, such as summary; see gokeras --help"))
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	a := &app{stdout: stdout, stderr: stderr}
	root.AddCommand(a.summary(), a.predict(), a.evaluate(), a.train())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if _, werr := fmt.Fprintln(stderr, "gokeras: "+oneLine(err)); werr != nil {
		return exitFailure
	}
	var wrong *usageError
	if !a.started || errors.As(err, &wrong) {
		return exitUsage
	}
	return exitFailure
}

// An app is what commands share.
type app struct {
	stdout, stderr io.Writer
	started        bool // arguments and flags were right
}

// does wraps what a command does with its model.
func (a *app) does(f func(ctx context.Context, model string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.started = true
		return f(c.Context(), args[0])
	}
}

// progress is where progress is shown: a terminal, or nowhere.
func (a *app) progress() io.Writer {
	f, ok := a.stderr.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return f
}

// A usageError is an argument that can never be right.
type usageError struct{ error }

func usage(err error) error { return &usageError{err} }

// oneLine is an error's text without line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// Command benchmarks trains the same models on the same numbers in gokeras and in Keras, on every back end that is installed, in one run.
// It checks that all compute the same losses, and writes times, ratios and the machine's limit as Markdown.
//
//	go run ./benchmarks -python python3 -models mlp,cnn -backends jax,torch
//
// It runs itself and keras_models.py as children: one for each model, side and purpose, so that memory and the time to start are those of
// that work alone.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// page is where -write puts the report, from the repository's root.
const page = "docs/benchmarks.md"

// errWrong ends a run whose losses do not agree.
var errWrong = errors.New("a row is wrong: see the report")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "benchmarks: %v\n", err)
		stop()
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "child" {
		return runChild(ctx, args[1:], os.Stdin, os.Stdout)
	}
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	r := &runner{options: o, say: os.Stderr}
	if err := r.run(ctx); err != nil {
		return err
	}
	if err := r.publish(os.Stdout); err != nil {
		return err
	}
	for _, m := range r.report.Models {
		if len(m.wrong()) > 0 {
			return errWrong
		}
	}
	return nil
}

// parse reads the flags.
func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	models := f.String("models", strings.Join(workloadNames(), ","), "models to run")
	backends := f.String("backends", "jax,tensorflow,torch", "Keras's back ends to run")
	f.StringVar(&o.python, "python", "python3", "a Python that has Keras")
	f.StringVar(&o.json, "json", "", "also write everything to this file, as JSON")
	f.IntVar(&o.steps, "steps", 0, "steps in an epoch of the timing; 0: as the model needs")
	f.IntVar(&o.threads, "threads", 0, "threads of each side; 0: all cores")
	f.IntVar(&o.turns, "turns", 5, "turns that each side takes")
	f.IntVar(&o.starts, "starts", 3, "cold starts of each side")
	f.BoolVar(&o.write, "write", false, "also write the report to "+page)
	f.SetOutput(io.Discard) // main prints errors
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		f.SetOutput(os.Stdout)
		f.PrintDefaults()
	}
	if err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, errors.Errorf("unexpected arguments %q", f.Args())
	}
	if o.steps < 0 || o.threads < 0 || o.turns < 1 || o.starts < 1 {
		return o, errors.New("-steps and -threads: expected 0 or more; -turns and -starts: expected 1 or more")
	}
	if _, err := os.Stat(filepath.Dir(page)); o.write && err != nil {
		return o, errors.Wrapf(err, "-write puts %s into the repository's root: run it there", page)
	}
	o.models, o.backends = list(*models), list(*backends)
	for _, name := range o.models {
		if _, err := findWorkload(name); err != nil {
			return o, err
		}
	}
	return o, nil
}

// list splits a list at its commas.
func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// publish writes the report to all the places that were asked for.
func (r *runner) publish(out io.Writer) error {
	if err := r.report.write(out); err != nil {
		return errors.WithStack(err)
	}
	if r.json != "" {
		raw, err := json.MarshalIndent(&r.report, "", "\t")
		if err != nil {
			return errors.WithStack(err)
		}
		if err := os.WriteFile(r.json, append(raw, '\n'), 0o644); err != nil {
			return errors.WithStack(err)
		}
	}
	if !r.write {
		return nil
	}
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nWritten by `go run ./benchmarks -write`; see benchmarks/README.md for what is measured and how.\n\n")
	if err := r.report.write(&b); err != nil {
		return errors.WithStack(err)
	}
	return errors.WithStack(os.WriteFile(page, []byte(b.String()), 0o644))
}

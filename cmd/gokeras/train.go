package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

// training is what the command train is told.
type training struct {
	data, validation, output, history, resume string
	split                                     float64
	epochs, batch                             int
	shuffle                                   bool
	seed                                      uint64
}

func (a *app) train() *cobra.Command {
	t := &training{}
	c := &cobra.Command{Use: "train MODEL", Short: "Train a compiled model on the arrays of an npz file", Args: cobra.ExactArgs(1)}
	f := c.Flags()
	f.StringVar(&t.data, "data", "", "npz file with x and y, or x0, ... and y0, ..., and perhaps sample_weight")
	f.StringVar(&t.validation, "validation-data", "", "npz file that is evaluated after each epoch")
	f.Float64Var(&t.split, "validation-split", 0, "share of the data, the last of it, that is evaluated instead of trained on")
	f.IntVar(&t.epochs, "epochs", 1, "times to go through the data")
	f.IntVar(&t.batch, "batch-size", 32, "samples in a step")
	f.BoolVar(&t.shuffle, "shuffle", true, "take the samples of an epoch in random order")
	f.Uint64Var(&t.seed, "seed", 0, "what random numbers come from; 0: chosen")
	f.StringVar(&t.resume, "resume", "", "folder of an interrupted training")
	f.StringVar(&t.output, "output", "", "file for the trained model, .keras")
	f.StringVar(&t.history, "history", "", "file for the results of each epoch, JSON")
	c.MarkFlagsMutuallyExclusive("validation-data", "validation-split")
	c.RunE = a.does(func(ctx context.Context, model string) error { return a.runTraining(ctx, model, t) })
	return required(c, "data", "output")
}

// check refuses values that can never be right.
func (t *training) check() error {
	if t.resume != "" {
		return errors.New("--resume: going on with an interrupted training is not supported; train the model that it has saved")
	}
	if !strings.HasSuffix(t.output, ".keras") {
		return usage(errors.Errorf("--output: expected a path that ends in .keras, got %s", t.output))
	}
	if _, err := os.Stat(filepath.Dir(t.output)); err != nil { // before the work is done
		return errors.Wrap(err, "--output")
	}
	if !(t.split >= 0 && t.split < 1) {
		return usage(errors.Errorf("--validation-split: expected a number in [0, 1), got %v", t.split))
	}
	if err := positive("epochs", t.epochs); err != nil {
		return err
	}
	return positive("batch-size", t.batch)
}

func (a *app) runTraining(ctx context.Context, model string, t *training) error {
	if err := t.check(); err != nil {
		return err
	}
	m, err := keras.Load(model)
	if err != nil {
		return err
	}
	if t.seed != 0 {
		if err := m.SetSeed(t.seed); err != nil {
			return err
		}
	}
	b, err := readBatch(m, t.data, true)
	if err != nil {
		return err
	}
	o := keras.FitOptions{Epochs: t.epochs, BatchSize: t.batch, Shuffle: &t.shuffle, ValidationSplit: t.split, Progress: a.progress()}
	if t.validation != "" {
		if o.ValidationData, err = readBatch(m, t.validation, true); err != nil {
			return err
		}
	}
	h, ferr := m.FitArrays(ctx, b, o)
	if t.seed == 0 && m.Seed() != 0 {
		fmt.Fprintf(a.stderr, "seed %d\n", m.Seed()) // so that the run can be repeated
	}
	if ferr != nil && ctx.Err() == nil {
		return errors.WithMessagef(ferr, "%s on %s", model, t.data)
	}
	if err := m.Save(t.output); err != nil {
		return err
	}
	if ferr != nil {
		return errors.WithMessagef(ferr, "interrupted; %s holds the model as trained so far", t.output)
	}
	if t.history != "" {
		if err := writeJSON(t.history, historyJSON(h)); err != nil {
			return errors.Wrapf(err, "write %s", t.history)
		}
	}
	return a.results(last(h), false)
}

// historyJSON is a history as Keras's History.history.
func historyJSON(h *keras.History) map[string][]any {
	out := map[string][]any{}
	for name, values := range h.Metrics {
		for _, v := range values {
			out[name] = append(out[name], jsonNumber(v))
		}
	}
	return out
}

// last are the results of the last epoch.
func last(h *keras.History) callbacks.Logs {
	logs := callbacks.Logs{}
	for name, values := range h.Metrics {
		logs[name] = values[len(values)-1]
	}
	return logs
}

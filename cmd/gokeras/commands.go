package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"gorgonia.org/tensor"
)

func (a *app) summary() *cobra.Command {
	return &cobra.Command{
		Use: "summary MODEL", Short: "Print a model's layers, shapes and numbers of weights", Args: cobra.ExactArgs(1),
		RunE: a.does(func(_ context.Context, model string) error {
			m, err := keras.Load(model)
			if err != nil {
				return err
			}
			return m.Summary(a.stdout)
		}),
	}
}

// open loads a model and the arrays that it is to be run on.
func open(model, input string, size int, targets bool) (*keras.Model, data.Batch, error) {
	if err := positive("batch-size", size); err != nil {
		return nil, data.Batch{}, err
	}
	m, err := keras.Load(model)
	if err != nil {
		return nil, data.Batch{}, err
	}
	b, err := readBatch(m, input, targets)
	return m, b, err
}

func (a *app) predict() *cobra.Command {
	var input, output string
	var batch int
	c := &cobra.Command{Use: "predict MODEL", Short: "Write a model's predictions for the arrays of an npz file", Args: cobra.ExactArgs(1)}
	c.RunE = a.does(func(ctx context.Context, model string) error {
		m, b, err := open(model, input, batch, false)
		if err != nil {
			return err
		}
		out, err := m.PredictArrays(ctx, b.X, keras.PredictOptions{BatchSize: batch, Progress: a.progress()})
		if err != nil {
			return errors.WithMessage(err, input)
		}
		if err := writeArrays(output, out); err != nil {
			return err
		}
		return a.describe(out)
	})
	c.Flags().StringVar(&input, "data", "", "npz file with x, or x0, x1, ..., or the inputs' names")
	c.Flags().StringVar(&output, "output", "", "npz file for y, or y0, y1, ...")
	c.Flags().IntVar(&batch, "batch-size", 32, "samples at a time")
	return required(c, "data", "output")
}

// describe prints what was predicted.
func (a *app) describe(out []*tensor.Dense) error {
	for i, y := range out {
		name := "y"
		if len(out) > 1 {
			name = fmt.Sprintf("y%d", i)
		}
		if _, err := fmt.Fprintf(a.stdout, "%s: %v %v\n", name, y.Dtype(), y.Shape()); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) evaluate() *cobra.Command {
	var input string
	var batch int
	var asJSON bool
	c := &cobra.Command{Use: "evaluate MODEL", Short: "Print a model's loss and metrics on the arrays of an npz file", Args: cobra.ExactArgs(1)}
	c.RunE = a.does(func(ctx context.Context, model string) error {
		m, b, err := open(model, input, batch, true)
		if err != nil {
			return err
		}
		logs, err := m.EvaluateArrays(ctx, b, keras.EvaluateOptions{BatchSize: batch, Progress: a.progress()})
		if err != nil {
			return errors.WithMessagef(err, "%s on %s", model, input)
		}
		return a.results(logs, asJSON)
	})
	c.Flags().StringVar(&input, "data", "", "npz file with x and y, or x0, ... and y0, ..., and perhaps sample_weight")
	c.Flags().IntVar(&batch, "batch-size", 32, "samples at a time")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return required(c, "data")
}

// results prints logs: the loss first, then the others by their names.
func (a *app) results(logs callbacks.Logs, asJSON bool) error {
	if asJSON {
		return errors.Wrap(json.NewEncoder(a.stdout).Encode(jsonNumbers(logs)), "results")
	}
	names := slices.SortedFunc(maps.Keys(logs), func(x, y string) int {
		if first := order(x) - order(y); first != 0 {
			return first
		}
		return strings.Compare(x, y)
	})
	for _, name := range names {
		if _, err := fmt.Fprintf(a.stdout, "%s: %.6g\n", name, logs[name]); err != nil {
			return err
		}
	}
	return nil
}

func order(name string) int {
	switch {
	case name == "loss":
		return 0
	case strings.HasPrefix(name, "val_"):
		return 2
	}
	return 1
}

// jsonNumbers replaces numbers that JSON does not have, of a training that went wrong, by null.
func jsonNumbers(logs map[string]float64) map[string]any {
	out := map[string]any{}
	for name, v := range logs {
		out[name] = jsonNumber(v)
	}
	return out
}

func jsonNumber(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// readBatch reads the arrays for a model: inputs, and where wanted targets and weights.
func readBatch(m *keras.Model, path string, targets bool) (b data.Batch, err error) {
	all, err := readArrays(path)
	if err != nil {
		return b, err
	}
	if b.X, err = all.take("x", m.InputNames()); err != nil {
		return b, errors.WithMessage(err, path)
	}
	if !targets {
		return b, nil
	}
	if b.Y, err = all.take("y", m.OutputNames()); err != nil {
		return b, errors.WithMessage(err, path)
	}
	if w := all["sample_weight"]; w != nil {
		b.SampleWeight = []*tensor.Dense{w}
		delete(all, "sample_weight")
	}
	if len(all) > 0 {
		return b, errors.Errorf("%s: unknown arrays: %s", path, all.names())
	}
	return b, nil
}

func positive(flag string, n int) error {
	if n < 1 {
		return usage(errors.Errorf("--%s: expected 1 or more, got %d", flag, n))
	}
	return nil
}

func required(c *cobra.Command, flags ...string) *cobra.Command {
	for _, f := range flags {
		if err := c.MarkFlagRequired(f); err != nil {
			c.RunE = func(*cobra.Command, []string) error { return err }
		}
	}
	return c
}

// writeJSON writes a file of JSON.
func writeJSON(path string, v any) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	return json.NewEncoder(f).Encode(v)
}

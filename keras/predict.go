package keras

import (
	"context"
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Predict runs the model on an array, samples along the first axis, and returns its output for all of them. Any number of goroutines may
// predict at once.
func (m *Model) Predict(ctx context.Context, x *tensor.Dense, o ...PredictOptions) (*tensor.Dense, error) {
	out, err := m.PredictArrays(ctx, []*tensor.Dense{x}, o...)
	if err != nil {
		return nil, err
	}
	if len(out) != 1 {
		return nil, errors.Errorf("keras: the model has %d outputs: use PredictArrays", len(out))
	}
	return out[0], nil
}

// PredictArrays is [Model.Predict] for models of several inputs or outputs.
func (m *Model) PredictArrays(ctx context.Context, x []*tensor.Dense, o ...PredictOptions) ([]*tensor.Dense, error) {
	opt := firstOption(o)
	s, err := newArraySource(data.Batch{X: x}, opt.BatchSize, false)
	if err != nil {
		return nil, err
	}
	s.divide(opt.BatchSize, opt.Steps)
	return m.predict(ctx, s, opt)
}

// PredictDataset is [Model.Predict] on a data set; targets are passed over.
func (m *Model) PredictDataset(ctx context.Context, d data.Dataset, o ...PredictOptions) ([]*tensor.Dense, error) {
	opt := firstOption(o)
	if err := opt.checkDataset(d); err != nil {
		return nil, err
	}
	return m.predict(ctx, datasetSource{d}, opt)
}

// PredictOnBatch runs the model on an array as one batch.
func (m *Model) PredictOnBatch(ctx context.Context, x *tensor.Dense) (*tensor.Dense, error) {
	o, err := wholeBatch(x)
	if err != nil {
		return nil, err
	}
	return m.Predict(ctx, x, o)
}

// PredictOnBatchArrays is [Model.PredictOnBatch] for models of several inputs or outputs.
func (m *Model) PredictOnBatchArrays(ctx context.Context, x []*tensor.Dense) ([]*tensor.Dense, error) {
	o, err := wholeBatch(x...)
	if err != nil {
		return nil, err
	}
	return m.PredictArrays(ctx, x, o)
}

// wholeBatch makes all samples one batch.
func wholeBatch(x ...*tensor.Dense) (PredictOptions, error) {
	if len(x) == 0 || x[0] == nil || len(x[0].Shape()) == 0 {
		return PredictOptions{}, errors.New("keras: input 0: expected the samples as first axis, got no array or a scalar")
	}
	return PredictOptions{BatchSize: x[0].Shape()[0]}, nil
}

func (m *Model) predict(ctx context.Context, s source, o PredictOptions) (out []*tensor.Dense, err error) {
	defer recovered(&err)
	if err := o.check(); err != nil {
		return nil, err
	}
	defer closeAll(o.Callbacks, &err)
	s = limit(s, o.Steps)
	run := (&callbacks.Run{Model: view{m}, Steps: s.steps()}).WithContext(ctx)
	cs := callbacks.List(o.Callbacks)
	sc := newScreen(o.Progress, o.Verbose, 1, s.steps())
	if err := cs.OnPredictBegin(run); err != nil {
		return nil, err
	}
	if sc.on {
		if err := sc.logger.PredictBegin(); err != nil {
			return nil, err
		}
	}
	var g gatherer
	n := 0
	for b, err := range s.batches(m.Seed(), 0) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = cs.OnPredictBatchBegin(run, n)
		}
		if err == nil {
			err = m.infer(ctx, b, &g)
		}
		if err == nil {
			err = cs.OnPredictBatchEnd(run, n)
		}
		if errors.Is(err, callbacks.ErrStop) {
			return g.arrays(), nil
		}
		if err != nil {
			return nil, err
		}
		n++
		if sc.on {
			if err := sc.logger.PredictBatchEnd(n); err != nil {
				return nil, err
			}
		}
	}
	if n == 0 {
		return nil, errors.New("keras: the data set has no batches")
	}
	if sc.on {
		if err := sc.logger.PredictEnd(); err != nil {
			return nil, err
		}
	}
	return g.arrays(), cs.OnPredictEnd(run)
}

// infer predicts one batch.
func (m *Model) infer(ctx context.Context, b *batch, g *gatherer) error {
	if err := m.ensureBuilt(b.inputs()); err != nil {
		return err
	}
	return m.with(ctx, keyOf("predict", b.inputs()), m.forward(), b, b.x, func(p *prepared) error {
		return g.add(p.Outputs())
	})
}

// A gatherer joins the outputs of batches.
type gatherer struct {
	values []any // []float32, []int32, []bool or []string
	shapes [][]int
}

func (g *gatherer) add(outs []*tensor.Dense) error {
	if g.values == nil {
		g.values = make([]any, len(outs))
		for _, a := range outs {
			g.shapes = append(g.shapes, append([]int{0}, a.Shape()[1:]...))
		}
	}
	for i, a := range outs {
		if !slices.Equal(g.shapes[i][1:], []int(a.Shape()[1:])) {
			return errors.Errorf("keras: output %d has shapes %v and %v in different batches; they cannot be joined", i, g.shapes[i][1:], a.Shape()[1:])
		}
		g.shapes[i][0] += a.Shape()[0]
		switch a.Dtype() {
		case tensor.Int32:
			v, _ := g.values[i].([]int32)
			g.values[i] = append(v, a.Int32s()...)
		case tensor.Bool:
			v, _ := g.values[i].([]bool)
			g.values[i] = append(v, a.Bools()...)
		case tensor.String:
			v, _ := g.values[i].([]string)
			g.values[i] = append(v, a.Strings()...)
		default:
			v, _ := g.values[i].([]float32)
			g.values[i] = append(v, a.Float32s()...)
		}
	}
	return nil
}

func (g *gatherer) arrays() []*tensor.Dense {
	out := make([]*tensor.Dense, len(g.values))
	for i, v := range g.values {
		out[i] = tensor.New(tensor.WithShape(g.shapes[i]...), tensor.WithBacking(v))
	}
	return out
}

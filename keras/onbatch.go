package keras

import (
	"context"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/data"
	"gorgonia.org/tensor"
)

// TrainOnBatchOptions weigh the samples of a batch.
type TrainOnBatchOptions struct {
	SampleWeight *tensor.Dense   // as that of [FitOptions]
	ClassWeight  map[int]float64 // as that of [FitOptions]
}

// TrainOnBatch does one training step and returns its results: of this batch alone.
func (m *Model) TrainOnBatch(ctx context.Context, x, y *tensor.Dense, o ...TrainOnBatchOptions) (callbacks.Logs, error) {
	b := oneBatch(x, y)
	for _, o := range o {
		if o.SampleWeight != nil {
			b.SampleWeight = []*tensor.Dense{o.SampleWeight}
		}
		if o.ClassWeight != nil {
			var err error
			if b, err = (&classWeights{of: o.ClassWeight}).add(b); err != nil {
				return nil, err
			}
		}
	}
	return m.TrainOnBatchArrays(ctx, b)
}

// TrainOnBatchArrays is [Model.TrainOnBatch] for models of several inputs or outputs, and with sample weights.
func (m *Model) TrainOnBatchArrays(ctx context.Context, d data.Batch) (logs callbacks.Logs, err error) {
	defer recovered(&err)
	if !m.training.CompareAndSwap(false, true) {
		return nil, ErrTraining
	}
	defer m.training.Store(false)
	b := &batch{}
	if err := b.set(d); err != nil {
		return nil, err
	}
	if m.compilation.Load() == nil {
		return nil, m.notCompiled()
	}
	if err := m.prepare(b.inputs()); err != nil {
		return nil, err
	}
	t := &trainer{m: m, tally: m.newTally(true)}
	defer t.close()
	t.tally.begin()
	if err := t.step(ctx, b); err != nil {
		return nil, err
	}
	return t.tally.logs, nil
}

// TestOnBatch evaluates one batch.
func (m *Model) TestOnBatch(ctx context.Context, x, y *tensor.Dense) (callbacks.Logs, error) {
	return m.TestOnBatchArrays(ctx, oneBatch(x, y))
}

// TestOnBatchArrays is [Model.TestOnBatch] for models of several inputs or outputs, and with sample weights.
func (m *Model) TestOnBatchArrays(ctx context.Context, d data.Batch) (logs callbacks.Logs, err error) {
	defer recovered(&err)
	if m.compilation.Load() == nil {
		return nil, m.notCompiled()
	}
	b := &batch{}
	if err := b.set(d); err != nil {
		return nil, err
	}
	t := m.newTally(false)
	t.begin()
	if err := m.test(ctx, b, t); err != nil {
		return nil, err
	}
	return t.logs, nil
}

// oneBatch is whole arrays as one batch.
func oneBatch(x, y *tensor.Dense) data.Batch {
	d := data.Batch{X: []*tensor.Dense{x}}
	if y != nil {
		d.Y = []*tensor.Dense{y}
	}
	return d
}

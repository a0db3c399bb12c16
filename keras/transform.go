package keras

import (
	"context"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Transform runs the model on an array as one batch, in training or inference mode, such as a stack of augmenting layers within a data set's
// Map. It needs no Compile. In training mode layers' state advances, random streams among it, so that equal calls in equal order give equal
// results; calls at once wait for each other.
func (m *Model) Transform(ctx context.Context, x *tensor.Dense, training bool) (*tensor.Dense, error) {
	out, err := m.TransformArrays(ctx, []*tensor.Dense{x}, training)
	if err != nil {
		return nil, err
	}
	if len(out) != 1 {
		return nil, errors.Errorf("keras: the model has %d outputs: use TransformArrays", len(out))
	}
	return out[0], nil
}

// TransformArrays is [Model.Transform] for models of several inputs or outputs.
func (m *Model) TransformArrays(ctx context.Context, xs []*tensor.Dense, training bool) (out []*tensor.Dense, err error) {
	defer recovered(&err)
	s, err := newArraySource(data.Batch{X: xs}, 1, false)
	if err != nil {
		return nil, err
	}
	b := &batch{arrays: s.arrays, x: s.x, n: s.n, specs: s.specsOf(s.n)}
	if err := m.ensureBuilt(b.inputs()); err != nil {
		return nil, err
	}
	var g gatherer
	if !training {
		err := m.infer(ctx, b, &g)
		return g.arrays(), err
	}
	m.drawing.Lock()
	defer m.drawing.Unlock()
	ps := m.programs.Load()
	p, err := ps.take(ctx, keyOf("transform", b.specs), func() (*prepared, error) { return m.compile(m.transforming(), m.typed(b)) })
	if err != nil {
		return nil, err
	}
	defer ps.give(p)
	if err := b.fill(p, len(b.arrays)); err != nil {
		return nil, err
	}
	if err := runStep(p, []*Model{m}); err != nil {
		return nil, err
	}
	err = g.add(p.Outputs())
	return g.arrays(), err
}

// transforming is the model's forward pass in training mode.
func (m *Model) transforming() *recording {
	return &recording{seed: m.Seed(), built: true, define: func(s *Step, in ...ops.Tensor) ops.Tensor {
		for i, p := range s.CallAll(m, in...) {
			s.Output(prediction(i), p)
		}
		return ops.Tensor{}
	}}
}

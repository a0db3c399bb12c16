package keras

import (
	"context"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

const defaultBatchSize = 32

// prediction is the name of an output of the model in its own programs.
func prediction(i int) string { return "prediction_" + itoa(i) }

// predictionMask is the name of an output's mask there.
func predictionMask(i int) string { return "prediction_mask_" + itoa(i) }

// outputLoss is the name of the loss of an output there, counted among those that have one.
func outputLoss(i int) string { return "loss_" + itoa(i) }

// step is the model's own training or evaluation step over a batch: predictions, and the loss.
func (m *Model) step(b *batch, training bool) *recording {
	x, y, c := b.x, b.y, m.compilation.Load()
	r := &recording{seed: m.Seed(), built: true}
	if training {
		r.weights = func(*Step) []*layers.Weight { return c.trained }
		r.scaled = c.scaled()
	}
	r.define = func(s *Step, in ...ops.Tensor) ops.Tensor {
		call := s.InferAll
		if training {
			call = s.CallAll
		}
		pred := call(m, in[:x]...)
		if len(pred) != len(c.losses) {
			return ops.Fail("", errors.Errorf("the model has %d outputs, Compile saw %d", len(pred), len(c.losses)))
		}
		for i, p := range pred {
			s.Output(prediction(i), p)
			if mask := p.Mask(); mask.Valid() {
				s.Output(predictionMask(i), ops.Cast(mask, ops.Float32))
			}
		}
		total, each, err := c.loss(in[x:x+y], pred, in[x+y:])
		if err != nil {
			return ops.Fail("", err)
		}
		if len(each) > 1 {
			for i, l := range each {
				s.Output(outputLoss(i), l)
			}
		}
		return total
	}
	return r
}

// forward is the model's prediction.
func (m *Model) forward() *recording {
	return &recording{seed: m.Seed(), built: true, define: func(s *Step, in ...ops.Tensor) ops.Tensor {
		for i, p := range s.InferAll(m, in...) {
			s.Output(prediction(i), p)
		}
		return ops.Tensor{}
	}}
}

// outputNames are the names of the layers and operations that make the model's outputs.
func (m *Model) outputNames(n int) []string {
	m.assignNames(map[string]int{})
	names := make([]string, n)
	for i := range names {
		names[i] = "output_" + itoa(i)
	}
	if m.stack != nil {
		names[0] = m.names[m.stack[len(m.stack)-1]]
		return names
	}
	g := newGraphWriter(m)
	for i, e := range g.ends {
		if v := g.of[e.Line]; v != nil {
			names[i] = g.name(v)
		}
	}
	return names
}

// trainer runs training steps. It keeps the program of the last step, so that steps of one shape need no look-up.
type trainer struct {
	m       *Model
	program *prepared
	from    *programs // that the program belongs to; others after the layers have changed
	tally   *tally
}

func (t *trainer) close() {
	if t.program != nil {
		t.from.giveBack(t.program)
		t.program = nil
	}
}

// step trains on a batch.
func (t *trainer) step(ctx context.Context, b *batch) error {
	m := t.m
	if err := t.prepare(b); err != nil {
		return err
	}
	p := t.program
	if err := b.fill(p, len(b.arrays)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c := t.tally.compiled; c.scaled() {
		p.Inputs()[p.info.(*stepInfo).inputs+1].Float32s()[0] = float32(optimizers.LossScale(c.Optimizer))
	}
	if err := p.Run(); err != nil {
		return errors.Wrap(err, "keras")
	}
	if err := m.update(p); err != nil {
		return err
	}
	return t.tally.add(p, b)
}

// prepare gets the program for a batch of this shape.
func (t *trainer) prepare(b *batch) error {
	ps := t.m.programs.Load()
	if t.program != nil && t.from == ps && sameSpecs(t.program.shapes, b.specs) {
		return nil
	}
	if b.y == 0 {
		return errors.New("keras: training needs targets")
	}
	if err := t.m.prepare(b.inputs()); err != nil {
		return err
	}
	if err := t.m.buildOptimizer(); err != nil {
		return err
	}
	t.close()
	p, err := ps.obtain(keyOf("train", b.specs), func() (*prepared, error) { return t.m.compile(t.m.step(b, true), t.m.typed(b)) })
	if err != nil {
		return err
	}
	p.shapes = cloneSpecs(b.specs)
	t.program, t.from = p, ps
	return nil
}

// compile makes a program while nobody changes the layers.
func (m *Model) compile(r *recording, specs []ops.Spec) (*prepared, error) {
	m.fields.RLock()
	defer m.fields.RUnlock()
	return r.compile(specs)
}

// buildOptimizer tells the optimizer the weights, while nobody saves them.
func (m *Model) buildOptimizer() error {
	m.weights.Lock()
	defer m.weights.Unlock()
	return m.compilation.Load().buildOptimizer()
}

// typed are a batch's specs with the element types that the model's inputs want.
func (m *Model) typed(b *batch) []ops.Spec {
	specs := cloneSpecs(b.specs)
	for i := range specs[:b.x] {
		specs[i].DType = m.built[i].DType
	}
	return specs
}

// update is what a step does to the weights: the optimizer moves them, constraints pull them back, and layers' state is stored.
func (m *Model) update(p *prepared) error {
	info := p.info.(*stepInfo)
	m.weights.Lock()
	defer m.weights.Unlock()
	p.Commit()
	if len(info.parameters) == 0 {
		return nil
	}
	if err := optimizers.Apply(m.compilation.Load().Optimizer, info.parameters); err != nil {
		return errors.Wrap(err, "keras")
	}
	for _, w := range info.weights {
		if c := w.Spec.Constraint; c != nil {
			c.Apply(w.Float32s(), w.Shape())
		}
	}
	return nil
}

// Snapshot copies all weights; the function that it returns puts them back.
func (m *Model) Snapshot() (restore func() error) {
	m.weights.RLock()
	put := snapshot(m.Weights())
	m.weights.RUnlock()
	return func() error {
		m.weights.Lock()
		defer m.weights.Unlock()
		return put()
	}
}

// snapshot copies weights; the function that it returns puts them back.
func snapshot(ws []*layers.Weight) (restore func() error) {
	floats := make([][]float32, len(ws))
	ints := make([][]int32, len(ws))
	for i, w := range ws {
		if w.DType() == ops.Float32 {
			floats[i] = slices.Clone(w.Float32s())
		} else {
			ints[i] = slices.Clone(w.Value().Int32s())
		}
	}
	return func() error {
		for i, w := range ws {
			if floats[i] != nil {
				copy(w.Float32s(), floats[i])
			} else {
				copy(w.Value().Int32s(), ints[i])
			}
		}
		return nil
	}
}

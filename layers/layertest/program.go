package layertest

import (
	"math/rand/v2"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A record is one trace of a layer.
type record struct {
	trace *layers.Trace
	in    []ops.Tensor // inputs, then the masks that there are
	x     []ops.Tensor // inputs
	out   []ops.Tensor
}

// record calls a layer with inputs like these, of some batch size.
func (s subject) record(inputs, masks []*tensor.Dense, batch int, training, sealed bool) (*record, error) {
	r := &record{trace: &layers.Trace{Sealed: sealed}}
	var xs []ops.Tensor
	for _, a := range inputs {
		spec := specOf(a, batch)
		r.x = append(r.x, ops.Placeholder("input", spec.DType, spec.Shape...))
	}
	r.in = append(r.in, r.x...)
	for i, x := range r.x {
		if masks[i] != nil {
			spec := specOf(masks[i], batch)
			m := ops.Placeholder("mask", ops.Bool, spec.Shape...)
			r.in = append(r.in, m)
			x = x.WithMask(m)
		}
		xs = append(xs, x)
	}
	r.out = s.call(layers.NewBuilder(r.trace, &holder{part: s.part}, "", training), xs)
	if err := r.trace.Err(); err != nil {
		return nil, err
	}
	for _, y := range r.out {
		if err := y.Err(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// built is a new layer with its weights.
func (s *suite) built() (subject, error) {
	sub := s.build()
	r, err := sub.record(s.Inputs, s.Masks, ops.Unknown, false, false)
	if err != nil {
		return sub, err
	}
	if err := r.trace.Commit(s.Seed); err != nil {
		return sub, err
	}
	return sub, s.setWeights(sub)
}

func (s *suite) setWeights(sub subject) error {
	if s.Weights == nil {
		return nil
	}
	ws := weights(sub.part)
	if len(ws) != len(s.Weights) {
		return errors.Errorf("the case has %d weights, the layer %d", len(s.Weights), len(ws))
	}
	for i, w := range ws {
		if err := sameShape(w.Path, w.Value(), s.Weights[i]); err != nil {
			return err
		}
		if err := ops.CopyFloat32s(w.Float32s(), s.Weights[i], 0); err != nil {
			return errors.Wrap(err, w.Path)
		}
	}
	return nil
}

// A program is a layer's forward and backward step, compiled.
type program struct {
	*ops.Program
	outputs, masks, penalty, loss int // how many outputs there are, and where the rest is among the program's outputs
	trained                       []*layers.Weight
	inputs                        []int // which of the inputs have a gradient; theirs come first
	hasMask                       []bool
}

// compile makes a program of a built layer for a batch of n samples, filled in.
func (s *suite) compile(sub subject, n int, training bool, float ops.DType) (*program, error) {
	inputs, masks, err := s.rows(n)
	if err != nil {
		return nil, err
	}
	r, err := sub.record(inputs, masks, inputs[0].Shape()[0], training, true)
	if err != nil {
		return nil, err
	}
	p := &program{outputs: len(r.out), trained: trained(sub.part)}
	o := ops.Options{Inputs: r.in, Updates: r.trace.Updates, Float: float, Outputs: append([]ops.Tensor{}, r.out...)}
	p.masks = len(o.Outputs)
	for _, y := range r.out {
		p.hasMask = append(p.hasMask, y.Mask().Valid())
		if y.Mask().Valid() {
			o.Outputs = append(o.Outputs, y.Mask())
		}
	}
	if err := s.addLoss(p, &o, r, n == 0); err != nil {
		return nil, err
	}
	if p.Program, err = ops.Compile(o); err != nil {
		return nil, err
	}
	return p, p.fill(inputs, masks)
}

// addLoss asks for sum(output·r) + penalty and its gradients.
func (s *suite) addLoss(p *program, o *ops.Options, r *record, given bool) error {
	penalty := ops.Scalar(0)
	for _, l := range r.trace.Losses {
		penalty = ops.Add(penalty, l)
	}
	loss := penalty
	random := rand.New(rand.NewPCG(s.Seed, 2))
	for i, y := range r.out {
		if y.DType() != ops.Float32 {
			continue
		}
		c := draw(random, ops.Spec{Shape: y.Shape(), DType: ops.Float32})
		if given && s.Cotangents != nil {
			if len(s.Cotangents) != len(r.out) {
				return errors.Errorf("the case has %d cotangents for %d outputs", len(s.Cotangents), len(r.out))
			}
			c = s.Cotangents[i]
		}
		loss = ops.Add(loss, ops.Sum(ops.Multiply(y.WithMask(ops.Tensor{}), ops.Array(c))))
	}
	p.penalty, p.loss = len(o.Outputs), len(o.Outputs)+1
	o.Outputs = append(o.Outputs, penalty, loss)
	for i, x := range r.x {
		if x.DType() == ops.Float32 {
			p.inputs = append(p.inputs, i)
			o.WithRespectTo = append(o.WithRespectTo, x)
		}
	}
	for _, w := range p.trained {
		o.WithRespectTo = append(o.WithRespectTo, w.Tensor())
	}
	if len(o.WithRespectTo) > 0 {
		o.Loss = loss
	}
	return nil
}

// fill writes inputs and masks into a program.
func (p *program) fill(inputs, masks []*tensor.Dense) error {
	next := len(inputs)
	for i, a := range inputs {
		if err := fill(p.Inputs()[i], a); err != nil {
			return err
		}
		if masks[i] != nil {
			if err := fill(p.Inputs()[next], masks[i]); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}

func fill(dst, a *tensor.Dense) error {
	switch dst.Dtype() {
	case tensor.Float32:
		return ops.CopyFloat32s(dst.Float32s(), a, 0)
	case tensor.Int32:
		return ops.CopyInt32s(dst.Int32s(), a, 0)
	case tensor.Float64:
		v, err := array.Float64s(a)
		copy(dst.Float64s(), v)
		return err
	}
	if a.Dtype() != tensor.Bool {
		return errors.Errorf("a mask of %v: expected bool", a.Dtype())
	}
	copy(dst.Bools(), a.Bools())
	return nil
}

// mask is the mask of output i of the last run; nil where it has none.
func (p *program) mask(i int) *tensor.Dense {
	if !p.hasMask[i] {
		return nil
	}
	at := p.masks
	for _, has := range p.hasMask[:i] {
		if has {
			at++
		}
	}
	return p.Outputs()[at]
}

// inputGradient is the gradient for input i; nil where there is none.
func (p *program) inputGradient(i int) *tensor.Dense {
	for k, at := range p.inputs {
		if at == i {
			return p.Gradients()[k]
		}
	}
	return nil
}

// weightGradient is the gradient for trained weight i; nil where the loss does not depend on it.
func (p *program) weightGradient(i int) *tensor.Dense { return p.Gradients()[len(p.inputs)+i] }

package layertest

import (
	"math/rand/v2"
	"slices"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Case says what goes into a layer and what is known about what must come out. Everything but the inputs is optional: what is nil is not
// compared. The first axis of all inputs is the batch.
type Case struct {
	// Inputs are the layer's inputs, with ids as int32.
	Inputs []*tensor.Dense
	// Specs are the shapes and types of inputs to draw where Inputs is nil: floats are normal, integers 0 or 1.
	Specs []ops.Spec
	// Seed is what everything random comes from: drawn inputs, first weights, the layer's own streams.
	Seed uint64
	// Masks are the inputs' masks, bool; nil for an input without one.
	Masks []*tensor.Dense
	// Training says in which mode Values are compared. All other checks look at both modes.
	Training bool
	// Weights are the layer's weights, inner layers' included, by layer, the trained ones of a layer first and random streams left out, as
	// in Keras's layer.weights. nil: as the layer starts them.
	Weights []*tensor.Dense

	// Outputs are compared to Tolerance.
	Outputs []*tensor.Dense
	// OutputMasks are the outputs' masks; nil for an output that must not have one.
	OutputMasks []*tensor.Dense
	// Penalty is the sum of what the layer and its regularizers add to the loss.
	Penalty *float64
	// After are the weights after one run, in the order of Weights.
	After []*tensor.Dense
	// Cotangents r, one for each output, make the loss sum(output·r) + penalty of which gradients are taken. nil: drawn.
	Cotangents []*tensor.Dense
	// InputGradients are compared to GradientTolerance; nil for an input that has none, or is not compared.
	InputGradients []*tensor.Dense
	// WeightGradients are those of the trained weights, in the order of Weights.
	WeightGradients []*tensor.Dense
	// Trainable and NonTrainable are the numbers of weights, random streams left out.
	Trainable, NonTrainable *int

	// Tolerance of outputs, relative to the largest value; 0: 1e-5.
	Tolerance float64
	// GradientTolerance is the same for gradients; 0: 1e-4.
	GradientTolerance float64
	// MixesSamples says that in inference too the output for a sample depends on the others.
	MixesSamples bool
	// Unsaved says that the layer's type is not registered with package saving on purpose.
	Unsaved bool
}

// defaults is the case with its defaults set and its inputs drawn.
func (c Case) defaults() (Case, error) {
	if c.Tolerance == 0 {
		c.Tolerance = 1e-5
	}
	if c.GradientTolerance == 0 {
		c.GradientTolerance = 1e-4
	}
	if c.Seed == 0 {
		c.Seed = 1
	}
	if c.Inputs == nil {
		r := rand.New(rand.NewPCG(c.Seed, 1))
		for _, s := range c.Specs {
			c.Inputs = append(c.Inputs, draw(r, s))
		}
	}
	if len(c.Inputs) == 0 {
		return c, errors.New("the case has no inputs: set Inputs or Specs")
	}
	c.Inputs = slices.Clone(c.Inputs)
	for i, x := range c.Inputs {
		if x == nil || len(x.Shape()) == 0 {
			return c, errors.Errorf("input %d: expected an array with the batch as first axis", i)
		}
		var err error
		if c.Inputs[i], err = array.RowMajor(x); err != nil {
			return c, errors.WithMessagef(err, "input %d", i)
		}
	}
	c.Masks = append(slices.Clone(c.Masks), make([]*tensor.Dense, len(c.Inputs))...)[:len(c.Inputs)]
	return c, nil
}

func draw(r *rand.Rand, s ops.Spec) *tensor.Dense {
	n := tensor.Shape(s.Shape).TotalSize()
	if s.DType == ops.Int32 {
		v := make([]int32, n)
		for i := range v {
			v[i] = r.Int32N(2)
		}
		return tensor.New(tensor.WithShape(s.Shape...), tensor.WithBacking(v))
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return tensor.New(tensor.WithShape(s.Shape...), tensor.WithBacking(v))
}

// rows is the case's inputs and masks as a batch of n samples, which are those of the case over and over; 0: the case's own batch.
func (c *Case) rows(n int) (inputs, masks []*tensor.Dense, err error) {
	if n == 0 {
		return c.Inputs, c.Masks, nil
	}
	inputs, masks = make([]*tensor.Dense, len(c.Inputs)), make([]*tensor.Dense, len(c.Inputs))
	for i, x := range c.Inputs {
		if inputs[i], err = repeat(x, n); err != nil {
			return nil, nil, err
		}
		if m := c.Masks[i]; m != nil {
			if masks[i], err = repeat(m, n); err != nil {
				return nil, nil, err
			}
		}
	}
	return inputs, masks, nil
}

func repeat(a *tensor.Dense, n int) (*tensor.Dense, error) {
	shape := slices.Clone([]int(a.Shape()))
	have := shape[0]
	shape[0] = n
	out := tensor.New(tensor.WithShape(shape...), tensor.Of(a.Dtype()))
	switch a.Dtype() {
	case tensor.Float32:
		cycle(out.Float32s(), a.Float32s(), have, n)
	case tensor.Float64:
		cycle(out.Float64s(), a.Float64s(), have, n)
	case tensor.Int32:
		cycle(out.Int32s(), a.Int32s(), have, n)
	case tensor.Bool:
		cycle(out.Bools(), a.Bools(), have, n)
	default:
		return nil, errors.Errorf("an input of %v: expected float32, float64, int32 or bool", a.Dtype())
	}
	return out, nil
}

func cycle[T any](dst, src []T, have, n int) {
	width := len(src) / have
	for i := range n {
		copy(dst[i*width:(i+1)*width], src[i%have*width:])
	}
}

// specOf is an array's shape, with the given batch size, and type in a program.
func specOf(a *tensor.Dense, batch int) ops.Spec {
	s := ops.Spec{Shape: slices.Clone([]int(a.Shape())), DType: ops.Float32}
	switch a.Dtype() {
	case tensor.Int32:
		s.DType = ops.Int32
	case tensor.Bool:
		s.DType = ops.Bool
	}
	s.Shape[0] = batch
	return s
}

// weights are all weights of a layer but random streams, by layer, trained ones first.
func weights(p layers.Part) []*layers.Weight {
	var ws []*layers.Weight
	layers.Walk(p, func(p layers.Part) {
		for _, fixed := range []bool{false, true} {
			for _, w := range layers.WithShared(p, func(p layers.Part) []*layers.Weight { return layers.BaseOf(p).Weights() }) {
				if w.DType() == ops.Float32 && w.Spec.NonTrainable == fixed && !slices.Contains(ws, w) {
					ws = append(ws, w)
				}
			}
		}
	})
	return ws
}

// trained are the weights that an optimizer would change.
func trained(p layers.Part) []*layers.Weight {
	base := layers.BaseOf(p)
	if base.Trainable != nil && !*base.Trainable {
		return nil
	}
	var ws []*layers.Weight
	for _, w := range base.Weights() {
		if !w.Spec.NonTrainable {
			ws = append(ws, w)
		}
	}
	for _, c := range layers.Children(p) {
		for _, w := range trained(c.Part) {
			if !slices.Contains(ws, w) {
				ws = append(ws, w)
			}
		}
	}
	return ws
}

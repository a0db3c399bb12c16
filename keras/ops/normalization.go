package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A batchNorm normalizes each channel, the last axis, by its own mean and variance in the batch. Inputs: x, then gamma and beta
// where there are any. Results: y, the mean and the variance, through which no gradient flows.
type batchNorm struct {
	epsilon      float64
	scale, shift bool
}

func (o batchNorm) name() string   { return "batch_normalization" }
func (o batchNorm) auxiliary() int { return 2 }

func (o batchNorm) infer(in []Spec) ([]Spec, error) {
	if err := checkChannels(in); err != nil {
		return nil, err
	}
	c := in[0].Shape[len(in[0].Shape)-1]
	return []Spec{in[0], floats(c), floats(c)}, nil
}

// checkChannels makes sure that everything behind x has one element per channel.
func checkChannels(in []Spec) error {
	x := in[0].Shape
	if len(x) < 2 {
		return errors.Errorf("shape %v: expected [batch, ..., channels]", x)
	}
	for _, s := range in[1:] {
		if !sameShape(s.Shape, x[len(x)-1:]) || !s.DType.isFloat() {
			return errors.Errorf("%s %v: expected float32 %v, one element for each channel", s.DType, s.Shape, x[len(x)-1:])
		}
	}
	return nil
}

// optional is the next input's memory where there is one.
func optional[T kernel.Float](c *binding, there bool, next *int) []T {
	if !there {
		return nil
	}
	*next++
	return data[T](c.in[*next-1])
}

func (o batchNorm) bind(c *binding) func() error {
	return pick(c, normalize[float32](o, c), normalize[float64](o, c))
}

func normalize[T kernel.Float](o batchNorm, c *binding) func() error {
	next := 1
	x, gamma, beta := data[T](c.in[0]), optional[T](c, o.scale, &next), optional[T](c, o.shift, &next)
	m, n := rowsOf(c.in[0].Shape)
	y, mean, variance := data[T](c.out[0]), data[T](c.out[1]), data[T](c.out[2])
	if mean == nil {
		mean = make([]T, n)
	}
	if variance == nil {
		variance = make([]T, n)
	}
	return func() error {
		kernel.BatchNormTrain(y, mean, variance, x, gamma, beta, m, n, T(o.epsilon), kernel.Linear)
		return nil
	}
}

func (o batchNorm) gradient(c *chain) []Tensor {
	in := []Tensor{c.in[0], c.out[1], c.out[2], c.g()}
	if o.scale {
		in = append(in, c.in[1])
	}
	r := applyAll(batchNormGradient(o), in...)
	out := []Tensor{r[0]}
	if o.scale {
		out = append(out, r[1])
	}
	if o.shift {
		out = append(out, r[2])
	}
	return out
}

// batchNormGradient has the inputs x, mean, variance, dy and perhaps gamma, and the results dx, dgamma and dbeta.
type batchNormGradient batchNorm

func (o batchNormGradient) name() string { return "batch_normalization_gradient" }

func (o batchNormGradient) infer(in []Spec) ([]Spec, error) {
	return []Spec{in[0], in[1], in[1]}, nil
}

func (o batchNormGradient) bind(c *binding) func() error {
	return pick(c, normalizeBack[float32](o, c), normalizeBack[float64](o, c))
}

func normalizeBack[T kernel.Float](o batchNormGradient, c *binding) func() error {
	next := 4
	x, mean, variance, dy := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2]), data[T](c.in[3])
	gamma := optional[T](c, o.scale, &next)
	dx, dgamma, dbeta := data[T](c.out[0]), data[T](c.out[1]), data[T](c.out[2])
	m, n := rowsOf(c.in[0].Shape)
	return func() error {
		kernel.BatchNormTrainGrad(dx, dgamma, dbeta, x, mean, variance, gamma, dy, m, n, T(o.epsilon))
		return nil
	}
}

// batchNormInference normalizes by given statistics. Inputs: x, mean, variance, then gamma and beta where there are any.
type batchNormInference struct {
	epsilon      float64
	scale, shift bool
	activation   kernel.Activation
}

func (o batchNormInference) name() string { return "batch_normalization" }

func (o batchNormInference) infer(in []Spec) ([]Spec, error) { return in[:1], checkChannels(in) }

func (o batchNormInference) bind(c *binding) func() error {
	return pick(c, normalizeBy[float32](o, c), normalizeBy[float64](o, c))
}

func normalizeBy[T kernel.Float](o batchNormInference, c *binding) func() error {
	next := 3
	x, mean, variance, y := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2]), data[T](c.out[0])
	gamma, beta := optional[T](c, o.scale, &next), optional[T](c, o.shift, &next)
	m, n := rowsOf(c.in[0].Shape)
	return func() error {
		kernel.BatchNormInfer(y, x, gamma, beta, mean, variance, m, n, T(o.epsilon), o.activation)
		return nil
	}
}

func (o batchNormInference) gradient(c *chain) []Tensor {
	x, mean, variance, g := c.in[0], c.in[1], c.in[2], c.g()
	if o.activation != kernel.Linear {
		g = applyAll(activationGradient{o.activation, false}, c.out[0], g)[0]
	}
	scale := Rsqrt(Add(variance, Scalar(o.epsilon)))
	centered := Multiply(Subtract(x, mean), scale)
	channels := leading(x.Rank())
	out := []Tensor{Multiply(g, scale), {}, {}}
	dmean := func(g Tensor) Tensor { return Negative(Multiply(Sum(g, channels...), scale)) }
	scaled := g
	if o.scale {
		scaled = Multiply(g, c.in[3])
		out[0] = Multiply(out[0], c.in[3])
		out = append(out, Sum(Multiply(g, centered), channels...))
	}
	if c.needs[1] {
		out[1] = dmean(scaled)
	}
	if c.needs[2] {
		half := Multiply(Scalar(-0.5), Square(scale))
		out[2] = Multiply(Sum(Multiply(scaled, centered), channels...), half)
	}
	if o.shift {
		out = append(out, Sum(g, channels...))
	}
	return out
}

// leading are all axes but the last.
func leading(rank int) []int {
	axes := make([]int, rank-1)
	for i := range axes {
		axes[i] = i
	}
	return axes
}

// given lists the tensors that are Valid.
func given(ts ...Tensor) []Tensor {
	var r []Tensor
	for _, t := range ts {
		if t.Valid() {
			r = append(r, t)
		}
	}
	return r
}

// BatchNormalization normalizes x [batch, ..., channels] by given statistics [channels]:
// (x-mean)/√(variance+epsilon)·scale + offset. Scale and offset may be left out (the zero Tensor).
func BatchNormalization(x, mean, variance, offset, scale Tensor, epsilon float64) Tensor {
	o := batchNormInference{epsilon: epsilon, scale: scale.Valid(), shift: offset.Valid()}
	return apply(o, append([]Tensor{asFloat(x), mean, variance}, given(scale, offset)...)...)
}

// NormalizeBatch normalizes x [batch, ..., channels] by the batch's own statistics, which are returned too: mean and (biased)
// variance of each channel. No gradient flows through the returned statistics.
func NormalizeBatch(x, offset, scale Tensor, epsilon float64) (y, mean, variance Tensor) {
	o := batchNorm{epsilon: epsilon, scale: scale.Valid(), shift: offset.Valid()}
	r := applyAll(o, append([]Tensor{asFloat(x)}, given(scale, offset)...)...)
	if r[0].Err() != nil {
		return r[0], r[0], r[0]
	}
	return r[0], r[1], r[2]
}

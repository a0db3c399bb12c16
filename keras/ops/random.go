package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// Random operations draw from an explicit stream: an int32 tensor [2] that holds a key and a counter. The same stream gives the
// same numbers, on any machine; whoever wants others the next time adds 1 to the counter.

// checkStream makes sure that a tensor is a stream.
func checkStream(s Spec) error {
	if s.DType != Int32 || !sameShape(s.Shape, []int{2}) {
		return errors.Errorf("expected a random stream, int32 [2], got %s %v", s.DType, s.Shape)
	}
	return nil
}

// stream reads a stream's key and counter.
func stream(b buffer) (key [2]uint32, counter uint64) {
	return [2]uint32{uint32(b.i32[0]), 0x9e3779b9}, uint64(uint32(b.i32[1]))
}

// NextStream is the stream with its counter advanced by one.
func NextStream(s Tensor) Tensor {
	return Add(s, Ints(0, 1))
}

// A draw fills a tensor with random numbers.
type draw struct {
	label  string
	shape  []int
	normal bool
}

func (o draw) name() string { return o.label }

func (o draw) infer(in []Spec) ([]Spec, error) {
	return []Spec{floats(o.shape...)}, checkStream(in[0])
}

func (o draw) bind(c *binding) func() error {
	return pick(c, drawAll[float32](o, c), drawAll[float64](o, c))
}

func drawAll[T kernel.Float](o draw, c *binding) func() error {
	s, y := c.in[0], data[T](c.out[0])
	return func() error {
		key, counter := stream(s)
		if o.normal {
			kernel.RandomNormal(y, key, counter)
		} else {
			kernel.RandomUniform(y, key, counter)
		}
		return nil
	}
}

// RandomUniform draws numbers from [low, high).
func RandomUniform(stream Tensor, low, high float64, shape ...int) Tensor {
	u := apply(draw{"random_uniform", shape, false}, stream)
	return Add(Multiply(u, Scalar(high-low)), Scalar(low))
}

// RandomNormal draws from the normal distribution.
func RandomNormal(stream Tensor, mean, stddev float64, shape ...int) Tensor {
	z := apply(draw{"random_normal", shape, true}, stream)
	return Add(Multiply(z, Scalar(stddev)), Scalar(mean))
}

// RandomBernoulli is 1 with the given probability and 0 otherwise, as floats.
func RandomBernoulli(stream Tensor, probability float64, shape ...int) Tensor {
	return Cast(Less(apply(draw{"random_bernoulli", shape, false}, stream), Scalar(probability)), Float32)
}

// RandomCategorical draws n class indices for each row of logits [batch, classes]: int32 [batch, n].
func RandomCategorical(stream, logits Tensor, n int) Tensor {
	if logits.Err() == nil && logits.Rank() != 2 {
		return Fail(logits.path, errors.Errorf("random_categorical: logits of shape %v: expected [batch, classes]", logits.Spec().Shape))
	}
	// The largest of logits plus Gumbel noise is distributed as their softmax (Gumbel 1954).
	u := apply(draw{"random_categorical", []int{logits.Dim(0), n, logits.Dim(1)}, false}, stream)
	gumbel := Negative(Log(Negative(Log(Clip(u, 1e-12, 1)))))
	return ArgMax(Add(ExpandDims(logits, 1), gumbel), -1)
}

// dropout sets elements to 0 at random and scales the others. Inputs: x, stream. Results: y and which were kept.
type dropout struct{ rate float64 }

func (o dropout) name() string   { return "dropout" }
func (o dropout) auxiliary() int { return 1 }

func (o dropout) infer(in []Spec) ([]Spec, error) {
	if !(o.rate >= 0 && o.rate <= 1) {
		return nil, errors.Errorf("rate %v: expected a number in [0, 1]", o.rate)
	}
	return []Spec{in[0], {in[0].Shape, Bool}}, checkStream(in[1])
}

func (o dropout) bind(c *binding) func() error {
	return pick(c, dropSome[float32](o, c), dropSome[float64](o, c))
}

func dropSome[T kernel.Float](o dropout, c *binding) func() error {
	x, y, kept, s := data[T](c.in[0]), data[T](c.out[0]), c.out[1].bool, c.in[1]
	if kept == nil {
		kept = make([]bool, size(c.in[0].Shape))
	}
	return func() error {
		key, counter := stream(s)
		kernel.Dropout(y, kept, x, o.rate, key, counter)
		return nil
	}
}

func (o dropout) differentiableInput(i int) bool { return i == 0 }

func (o dropout) gradient(c *chain) []Tensor {
	return []Tensor{apply(dropoutGradient(o), c.g(), c.out[1]), {}}
}

type dropoutGradient dropout

func (o dropoutGradient) name() string                    { return "dropout_gradient" }
func (o dropoutGradient) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (o dropoutGradient) bind(c *binding) func() error {
	return pick(c, dropSomeBack[float32](o, c), dropSomeBack[float64](o, c))
}

func dropSomeBack[T kernel.Float](o dropoutGradient, c *binding) func() error {
	dy, kept, dx := data[T](c.in[0]), c.in[1].bool, data[T](c.out[0])
	return func() error { kernel.DropoutGrad(dx, kept, dy, o.rate); return nil }
}

// Dropout sets a share of x's elements, drawn from a stream, to 0 and scales the others by 1/(1-rate).
func Dropout(x, stream Tensor, rate float64) Tensor { return apply(dropout{rate}, asFloat(x), stream) }

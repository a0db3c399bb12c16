package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// epsilon is keras.config.epsilon(): probabilities are kept this far from 0 and 1 before their logarithm is taken.
const epsilon = 1e-7

// softmaxCrossentropy is -sum(target·log_softmax(logits)) over the last axis. Results: the loss and the probabilities.
type softmaxCrossentropy struct{ sparse bool }

func (o softmaxCrossentropy) name() string {
	if o.sparse {
		return "sparse_categorical_crossentropy"
	}
	return "categorical_crossentropy"
}

func (o softmaxCrossentropy) auxiliary() int { return 1 }

func (o softmaxCrossentropy) infer(in []Spec) ([]Spec, error) {
	target, x := in[0].Shape, in[1].Shape
	if len(x) == 0 {
		return nil, errors.New("expected predictions with at least one axis, got a scalar")
	}
	want := x
	if o.sparse {
		want = x[:len(x)-1]
	}
	if !agree(target, want) || !in[1].DType.isFloat() || in[0].DType.isFloat() == o.sparse {
		return nil, errors.Errorf("targets %s %v do not fit predictions %s %v: expected shape %v", in[0].DType, target, in[1].DType, x, want)
	}
	return []Spec{floats(x[:len(x)-1]...), in[1]}, nil
}

func (o softmaxCrossentropy) bind(c *binding) func() error {
	return pick(c, crossentropyRows[float32](o, c), crossentropyRows[float64](o, c))
}

func crossentropyRows[T kernel.Float](o softmaxCrossentropy, c *binding) func() error {
	x, loss, prob := data[T](c.in[1]), data[T](c.out[0]), data[T](c.out[1])
	if prob == nil {
		prob = make([]T, len(x))
	}
	rows, n := rowsOf(c.in[1].Shape)
	if !o.sparse {
		target := data[T](c.in[0])
		return func() error { kernel.SoftmaxCrossEntropy(loss, prob, x, target, rows, n); return nil }
	}
	label := c.in[0].i32
	return func() error {
		if bad := kernel.SparseSoftmaxCrossEntropy(loss, prob, x, label, rows, n); bad >= 0 {
			return errors.Errorf("label %d at position %d is outside [0, %d)", label[bad], bad, n)
		}
		return nil
	}
}

func (o softmaxCrossentropy) differentiableInput(i int) bool { return i == 1 }

func (o softmaxCrossentropy) gradient(c *chain) []Tensor {
	return []Tensor{{}, apply(softmaxCrossentropyGradient(o), c.in[0], c.out[1], c.g())}
}

type softmaxCrossentropyGradient softmaxCrossentropy

func (o softmaxCrossentropyGradient) name() string {
	return softmaxCrossentropy(o).name() + "_gradient"
}
func (o softmaxCrossentropyGradient) infer(in []Spec) ([]Spec, error) { return in[1:2], nil }

func (o softmaxCrossentropyGradient) bind(c *binding) func() error {
	return pick(c, crossentropyRowsGradient[float32](o, c), crossentropyRowsGradient[float64](o, c))
}

func crossentropyRowsGradient[T kernel.Float](o softmaxCrossentropyGradient, c *binding) func() error {
	prob, dloss, dx := data[T](c.in[1]), data[T](c.in[2]), data[T](c.out[0])
	rows, n := rowsOf(c.in[1].Shape)
	if o.sparse {
		label := c.in[0].i32
		return func() error { kernel.SparseSoftmaxCrossEntropyGrad(dx, prob, label, dloss, rows, n); return nil }
	}
	target := data[T](c.in[0])
	return func() error { kernel.SoftmaxCrossEntropyGrad(dx, prob, target, dloss, rows, n); return nil }
}

// sigmoidCrossentropy is -t·log σ(x) - (1-t)·log(1-σ(x)), element by element.
type sigmoidCrossentropy struct{}

func (sigmoidCrossentropy) name() string { return "binary_crossentropy" }

func (sigmoidCrossentropy) infer(in []Spec) ([]Spec, error) {
	if !agree(in[0].Shape, in[1].Shape) {
		return nil, errors.Errorf("targets of shape %v do not fit predictions of shape %v: both must be the same", in[0].Shape, in[1].Shape)
	}
	return in[1:2], nil
}

func (o sigmoidCrossentropy) bind(c *binding) func() error {
	return pick(c, sigmoidLoss[float32](c), sigmoidLoss[float64](c))
}

func sigmoidLoss[T kernel.Float](c *binding) func() error {
	target, x, loss := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	return func() error { kernel.SigmoidCrossEntropy(loss, x, target); return nil }
}

func (sigmoidCrossentropy) differentiableInput(i int) bool { return i == 1 }

func (sigmoidCrossentropy) gradient(c *chain) []Tensor {
	return []Tensor{{}, apply(sigmoidCrossentropyGradient{}, c.in[0], c.in[1], c.g())}
}

type sigmoidCrossentropyGradient struct{}

func (sigmoidCrossentropyGradient) name() string                    { return "binary_crossentropy_gradient" }
func (sigmoidCrossentropyGradient) infer(in []Spec) ([]Spec, error) { return in[1:2], nil }

func (sigmoidCrossentropyGradient) bind(c *binding) func() error {
	return pick(c, sigmoidLossGradient[float32](c), sigmoidLossGradient[float64](c))
}

func sigmoidLossGradient[T kernel.Float](c *binding) func() error {
	target, x, dloss, dx := data[T](c.in[0]), data[T](c.in[1]), data[T](c.in[2]), data[T](c.out[0])
	return func() error { kernel.SigmoidCrossEntropyGrad(dx, x, target, dloss); return nil }
}

// logits is the argument of the softmax or sigmoid that made probabilities, which is what the loss is computed from then: it
// keeps its precision where a probability is 0 or 1 in float32. Keras does so on TensorFlow.
func logits(p Tensor, f func(operation) bool) (Tensor, bool) {
	if p.Err() != nil || p.index != 0 || !f(p.node.op) {
		return p, false
	}
	return p.node.in[0], true
}

func isSoftmax(o operation) bool {
	s, ok := o.(softmax)
	return ok && !s.log
}

func isSigmoid(o operation) bool {
	u, ok := o.(unary)
	return ok && u.f == kernel.SigmoidOp
}

// logProbabilities scales probabilities to sum 1 and takes their logarithm, away from 0 and 1.
func logProbabilities(p Tensor) Tensor {
	p = Divide(p, KeepDims(Sum, p, -1))
	return Log(Clip(p, epsilon, 1-epsilon))
}

// CategoricalCrossentropy is -sum(target·log(output)) over the last axis, which is gone in the result. With fromLogits, output is
// before its softmax.
func CategoricalCrossentropy(target, output Tensor, fromLogits bool) Tensor {
	target = asFloat(target)
	if _, ok := logits(output, isSoftmax); ok && !fromLogits {
		return apply(ofProbabilities{softmaxCrossentropy{}}, target, output)
	}
	output = asFloat(output)
	if fromLogits {
		return apply(softmaxCrossentropy{}, target, output)
	}
	if err := firstError([]Tensor{target, output}); err == nil && target.Rank() != output.Rank() {
		return apply(softmaxCrossentropy{}, target, output)
	}
	return Negative(Sum(Multiply(target, logProbabilities(output)), -1))
}

// SparseCategoricalCrossentropy is -log(output[target]): target holds class indices and has no last axis, or one of size 1. A label
// that is no class is an error when the program runs.
func SparseCategoricalCrossentropy(target, output Tensor, fromLogits bool) Tensor {
	if err := firstError([]Tensor{target, output}); err != nil {
		return apply(softmaxCrossentropy{sparse: true}, target, output)
	}
	if target.Rank() == output.Rank() && target.Dim(-1) == 1 {
		target = Squeeze(target, -1)
	}
	target = Cast(target, Int32)
	if _, ok := logits(output, isSoftmax); ok && !fromLogits {
		return apply(ofProbabilities{softmaxCrossentropy{sparse: true}}, target, output)
	}
	output = asFloat(output)
	if !fromLogits && target.Rank() == output.Rank()-1 {
		output = logProbabilities(output)
		return Negative(takeAlongLast(output, target))
	}
	return apply(softmaxCrossentropy{sparse: true}, target, output)
}

// takeAlongLast picks one element of each row by a label.
func takeAlongLast(x, label Tensor) Tensor {
	return Sum(Multiply(x, OneHotStrict(label, x.Dim(-1))), -1)
}

// BinaryCrossentropy is -(t·log(p) + (1-t)·log(1-p)), element by element. With fromLogits, output is before its sigmoid.
func BinaryCrossentropy(target, output Tensor, fromLogits bool) Tensor {
	target = asFloat(target)
	if _, ok := logits(output, isSigmoid); ok && !fromLogits {
		return apply(ofProbabilities{sigmoidCrossentropy{}}, target, output)
	}
	output = asFloat(output)
	if fromLogits {
		return apply(sigmoidCrossentropy{}, target, output)
	}
	return logLikelihood(target, output)
}

// logLikelihood is the binary cross-entropy of probabilities, away from 0 and 1.
func logLikelihood(target, output Tensor) Tensor {
	one := Scalar(1)
	p := Clip(output, epsilon, 1-epsilon)
	hit := Multiply(target, Log(p))
	return Negative(Add(hit, Multiply(Subtract(one, target), Log(Subtract(one, p)))))
}

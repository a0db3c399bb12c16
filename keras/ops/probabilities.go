package ops

import "github.com/pkg/errors"

// ofProbabilities is a loss of what a softmax or sigmoid has made. It stays open until compilation whether it is computed from the
// logits: not where the gradient of the probabilities themselves is wanted.
type ofProbabilities struct{ of operation }

func (o ofProbabilities) name() string { return o.of.name() }

func (o ofProbabilities) infer(in []Spec) ([]Spec, error) {
	out, err := o.of.infer(in)
	if err != nil {
		return nil, err
	}
	return out[:1], nil
}

func (o ofProbabilities) bind(*binding) func() error {
	return func() error { return errors.New("a loss of probabilities was not settled") }
}

// settle is the loss in terms of other operations.
func (o ofProbabilities) settle(target, output Tensor) Tensor {
	output = asFloat(output)
	switch of := o.of.(type) {
	case softmaxCrossentropy:
		if z, ok := logits(output, isSoftmax); ok {
			return apply(of, target, z)
		}
		if of.sparse {
			return Negative(takeAlongLast(logProbabilities(output), target))
		}
		return Negative(Sum(Multiply(target, logProbabilities(output)), -1))
	default:
		if z, ok := logits(output, isSigmoid); ok {
			return apply(of, target, z)
		}
		return logLikelihood(target, output)
	}
}

// settle replaces losses of probabilities by what computes them.
func settle(roots []Tensor) []Tensor {
	made := map[*node]*node{}
	for _, n := range order(roots, func(*node) bool { return false }) {
		m := n
		if moved := redirect(n.in, made); moved != nil {
			m = &node{op: n.op, in: moved, out: n.out, path: n.path}
		}
		if o, ok := m.op.(ofProbabilities); ok {
			m = o.settle(m.in[0].In(n.path), m.in[1].In(n.path)).node
		}
		made[n] = m
	}
	if out := redirect(roots, made); out != nil {
		return out
	}
	return roots
}

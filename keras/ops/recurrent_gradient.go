package ops

import "github.com/gokeras/gokeras/internal/kernel"

func (o *recurrent) differentiableInput(i int) bool { return i != o.at.mask && i != o.at.keep }

func (o *recurrent) gradient(c *chain) []Tensor {
	g := &recurrentGradient{forward: o}
	in := append(append([]Tensor{}, c.in...), c.out[0])
	for j, d := range c.grad {
		g.has[j] = d.Valid()
	}
	in = append(in, given(c.grad...)...)
	for i := range c.in {
		g.results = append(g.results, c.in[i].Spec())
	}
	r := applyAll(g, in...)
	out := make([]Tensor, len(c.in))
	for i := range out {
		if c.needs[i] {
			out[i] = r[i]
		}
	}
	return out
}

// recurrentGradient has the inputs of its forward operation, the sequence (which makes it run after it), and the gradients that there
// are of sequence, h and c. Its results are by input; those of a mask and of what is kept are not used.
type recurrentGradient struct {
	forward *recurrent
	has     [3]bool
	results []Spec
}

func (o *recurrentGradient) name() string                 { return o.forward.label + "_gradient" }
func (o *recurrentGradient) infer([]Spec) ([]Spec, error) { return o.results, nil }

func (o *recurrentGradient) bind(c *binding) func() error {
	return pick(c, recurBack[float32](o, c), recurBack[float64](o, c))
}

func recurBack[T kernel.Float](o *recurrentGradient, c *binding) func() error {
	if data[T](c.in[0]) == nil {
		return nil
	}
	s, a, p := recurrentState[T](o.forward, c), recurrentArgs[T](o.forward, c), o.forward.at
	result := func(i int) []T {
		if i < 0 {
			return nil
		}
		return data[T](c.out[i])
	}
	var d [3][]T
	next := len(o.results) + 1
	for j, there := range o.has {
		if there {
			d[j] = data[T](c.in[next])
			next++
		}
	}
	grads := kernel.RecurrentGradients[T]{
		X: result(p.x), Kernel: result(p.kernel), Recurrent: result(p.recurrent), Bias: result(p.bias), H: result(p.h), C: result(p.c),
	}
	dout := kernel.RecurrentResults[T]{Seq: d[0], H: d[1], C: d[2]}
	return func() error { s.Backward(grads, a, dout); return nil }
}

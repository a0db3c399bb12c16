package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// cost makes the loss a scalar of Gorgonia's, as its differentiation wants it.
func (l *lowering) cost(loss Tensor) (*gorgonia.Node, error) {
	from := l.made[loss.node]
	in, err := l.read(from, loss.index, true)
	if err != nil {
		return nil, err
	}
	e := &expression{label: "loss", active: func() []bool { return []bool{true} }, shape: tensor.ScalarShape()}
	e.id, e.in, e.out = l.next(e.label), append(e.in, in.Type()), l.float.tensor()
	e.scalar = gorgonia.NewF32(0)
	if l.float == Float64 {
		e.scalar = gorgonia.NewF64(0)
	}
	e.sym = func(_ gorgonia.Nodes, _, one *gorgonia.Node) (gorgonia.Nodes, error) {
		spec := loss.Spec()
		s := &step{op: ones{}, out: []*slot{newSlot(spec)}}
		seed := &expression{label: "ones", step: s, result: s.out[0], active: func() []bool { return []bool{false} }}
		g, err := l.add(seed, spec, []*gorgonia.Node{one})
		return gorgonia.Nodes{g}, err
	}
	return l.apply(e, []*gorgonia.Node{in})
}

// ones is the gradient of the loss with respect to itself.
type ones struct{}

func (ones) name() string                 { return "ones" }
func (ones) infer([]Spec) ([]Spec, error) { return nil, errors.New("made by the loss only") }

func (ones) bind(c *binding) func() error {
	return pick(c, fillOnes[float32](c), fillOnes[float64](c))
}

func fillOnes[T kernel.Float](c *binding) func() error {
	y := data[T](c.out[0])
	return func() error {
		for i := range y {
			y[i] = 1
		}
		return nil
	}
}

// tap hands on its first input. Its second adds nothing and has the same gradient.
type tap struct{}

func (tap) name() string                    { return "tap" }
func (tap) infer(in []Spec) ([]Spec, error) { return in[:1], nil }
func (tap) alias()                          {}
func (tap) bind(*binding) func() error      { return nil }
func (tap) gradient(c *chain) []Tensor      { return []Tensor{c.g(), c.g()} }

// addN is the sum of tensors of one shape.
type addN struct{}

func (addN) name() string                    { return "add_n" }
func (addN) infer(in []Spec) ([]Spec, error) { return in[:1], nil }

func (addN) bind(c *binding) func() error {
	return pick(c, sumAll[float32](c), sumAll[float64](c))
}

func sumAll[T kernel.Float](c *binding) func() error {
	y := data[T](c.out[0])
	xs := make([][]T, len(c.in))
	for i, b := range c.in {
		xs[i] = data[T](b)
	}
	return func() error {
		kernel.AddN(y, xs...)
		return nil
	}
}

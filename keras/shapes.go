package keras

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// shapes are what goes into a model's layers and operations and comes out of them, with an open batch axis: the inputs of a layer's
// first call, and the outputs of its last, as Keras shows them.
type shapes struct {
	in, out map[*vertex][]ops.Spec
	stack   []stackShapes // of a Sequential, in the order of its layers
}

type stackShapes struct{ in, out []ops.Spec }

// shapesOf finds the shapes within a model that gets inputs like these. It takes no memory.
func (m *Model) shapesOf(in []ops.Spec) (*shapes, error) {
	if m.stack != nil {
		return m.stackShapes(in)
	}
	s := &shapes{in: map[*vertex][]ops.Spec{}, out: map[*vertex][]ops.Spec{}}
	lines, _ := ops.Lines(m.outputs)
	for _, v := range m.order {
		if v.lines == nil {
			spec, err := v.what.(*layers.Input).Spec()
			if err != nil {
				return nil, err
			}
			s.out[v] = []ops.Spec{spec}
			continue
		}
		for _, from := range lines[v.lines[0]].Inputs {
			s.in[v] = append(s.in[v], lines[from.Line].Results[from.Result])
		}
		s.out[v] = lines[v.lines[len(v.lines)-1]].Results
	}
	return s, nil
}

// stackShapes runs the layers of a Sequential one by one.
func (m *Model) stackShapes(in []ops.Spec) (*shapes, error) {
	if len(in) != 1 {
		return nil, errors.Errorf("a Sequential has one input, got %d", len(in))
	}
	t := &layers.Trace{}
	b := layers.NewBuilder(t, m, "", false)
	x := ops.Placeholder("input", in[0].DType, in[0].Shape...)
	s := &shapes{}
	for _, l := range m.stack {
		y := b.Apply(l, x)
		if err := firstError(t, []ops.Tensor{y}); err != nil {
			return nil, err
		}
		s.stack = append(s.stack, stackShapes{in: []ops.Spec{x.Spec()}, out: []ops.Spec{y.Spec()}})
		x = y
	}
	return s, nil
}

// jsonShape is a shape as it stands in Keras's files, with null where a size is not known.
func jsonShape(shape []int) []any {
	out := make([]any, len(shape))
	for i, d := range shape {
		if d != ops.Unknown {
			out[i] = d
		}
	}
	return out
}

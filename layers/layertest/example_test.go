package layertest_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"gorgonia.org/tensor"
)

// Gate is a layer of one's own: x·sigmoid(gate), with a weight for each feature.
type Gate struct{ layers.Base }

func init() { saving.Register[Gate]("Example>Gate", "") }

// Call implements [layers.Layer].
func (*Gate) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	return ops.Multiply(x, ops.Sigmoid(b.Weight("gate", []int{x.Dim(-1)}, layers.Spec{Initializer: initializers.Zeros{}})))
}

// SupportsMasking implements [layers.MaskSupporter].
func (*Gate) SupportsMasking() bool { return true }

func TestGate(t *testing.T) {
	layertest.Run(t, func() layers.Layer { return &Gate{} }, layertest.Case{
		Inputs:    []*tensor.Dense{tensor.New(tensor.WithShape(1, 1, 2), tensor.WithBacking([]float32{3, -8}))},
		Outputs:   []*tensor.Dense{tensor.New(tensor.WithShape(1, 1, 2), tensor.WithBacking([]float32{1.5, -4}))}, // sigmoid(0) is a half
		Trainable: new(1),
	})
}

// A layer of one's own is held to the contract of layers by a test of a few lines. Gate is the layer x·sigmoid(gate) with a weight for each
// feature.
func ExampleRun() {
	test := func(t *testing.T) { // TestGate in a real test file
		layertest.Run(t, func() layers.Layer { return &Gate{} }, layertest.Case{
			Specs:     []ops.Spec{{Shape: []int{4, 5, 3}, DType: ops.Float32}},
			Trainable: new(1),
		})
	}
	_ = test
	// Output:
}

package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestConvLSTMKeepsTheContract(t *testing.T) {
	c := layertest.Case{Specs: []ops.Spec{{Shape: []int{2, 3, 4, 4, 2}, DType: ops.Float32}}, Trainable: new(3), NonTrainable: new(0)}
	layertest.Run(t, func() layers.Layer {
		return &layers.ConvLSTM2D{Filters: 2, KernelSize: []int{2}, Dropout: 0.3, RecurrentDropout: 0.2, ReturnSequences: true}
	}, c)
	layertest.Run(t, func() layers.Layer {
		return &layers.ConvLSTM2D{Filters: 2, KernelSize: []int{2}, RecurrentDropout: 0.2, DataFormat: layers.ChannelsFirst, Activation: activations.Softsign}
	}, c)
}

// TestMaskedStepsOfConvLSTMAreLeftOut compares with a sequence without them, for Keras on JAX spreads the mask along the wrong axes.
func TestMaskedStepsOfConvLSTMAreLeftOut(t *testing.T) {
	for _, format := range []layers.DataFormat{layers.ChannelsLast, layers.ChannelsFirst} {
		for _, zero := range []bool{false, true} {
			l := &layers.ConvLSTM1D{Filters: 2, KernelSize: []int{2}, Padding: layers.Same, ReturnSequences: true, DataFormat: format, ZeroOutputForMask: zero}
			x := ramp(2, 4, 3, 3)
			whole := compiled(t, l, x, false)
			short := steps(step(t, compiled(t, l, window(t, x, 0, 2), false), window(t, x, 0, 2)))

			mask := tensor.New(tensor.WithShape(2, 4), tensor.WithBacking([]bool{true, true, false, false, true, true, false, false}))
			y := layers.NewBuilder(&layers.Trace{Sealed: true}, &block{Inner: l}, "", false).Apply(l, ops.Array(x).WithMask(ops.Array(mask)))
			p, err := ops.Compile(ops.Options{Outputs: []ops.Tensor{y, y.Mask()}})
			require.NoError(t, err)
			require.NoError(t, p.Run())
			got := steps(sequences{p.Outputs()[0]})
			require.Equal(t, short.at(0, 2), got.at(0, 2))
			want := short.at(1, 2)
			if zero {
				want = make([]float32, len(want))
			}
			require.Equal(t, want, got.at(3, 4))
			require.NotEqual(t, want, steps(step(t, whole, x)).at(3, 4), "without a mask the steps count")
		}
	}
}

func TestConvLSTMRefuses(t *testing.T) {
	x := input(-1, 3, 4, 4, 2)
	for name, c := range map[string]struct {
		layer layers.ConvLSTM2D
		x     ops.Tensor
		want  string
	}{
		"filters":      {layers.ConvLSTM2D{KernelSize: []int{2}}, x, "filters must be positive"},
		"kernel":       {layers.ConvLSTM2D{Filters: 1}, x, "kernel_size"},
		"kernel sizes": {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{1, 2, 3}}, x, "kernel_size [1 2 3]"},
		"too large":    {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{5}}, x, "a window of 5 elements does not fit into 4"},
		"rank":         {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{2}}, input(1, 2, 3, 4), "expected 5 axes"},
		"sizes":        {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{2}}, input(1, 2, -1, 4, 1), "all but the batch and the time known"},
		"padding":      {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{2}, Padding: "causal"}, x, `padding "causal"`},
		"format":       {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{2}, DataFormat: "last"}, x, `data_format "last"`},
		"both":         {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{2}, Strides: []int{2}, DilationRate: []int{2}}, x, "expected one of them to be 1"},
		"a rate":       {layers.ConvLSTM2D{Filters: 1, KernelSize: []int{2}, RecurrentDropout: -1}, x, "recurrent_dropout -1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := trace(&c.layer, false, c.x)
			require.ErrorContains(t, err, c.want)
		})
	}
}

package layers_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// trace records a layer of one input, or one that merges several, and is the error or the result.
func trace(p layers.Part, training bool, xs ...ops.Tensor) (ops.Tensor, error) {
	outer, t := &wrapper{Inner: p}, &layers.Trace{}
	b := layers.NewBuilder(t, outer, "", training)
	var y ops.Tensor
	switch l := p.(type) {
	case layers.Layer:
		y = b.Apply(l, xs[0])
	case layers.Merger:
		y = b.Merge(l, xs...)
	}
	if t.Err() != nil {
		return y, t.Err()
	}
	return y, y.Err()
}

// A wrapper is a layer around one of any kind.
type wrapper struct {
	layers.Base
	Inner layers.Part
}

func input(shape ...int) ops.Tensor { return ops.Placeholder("x", ops.Float32, shape...) }

// TestMaskedSteps compares what Masking does to whole steps with Keras, without the finite differences of TestKeras: the output jumps there.
func TestMaskedSteps(t *testing.T) {
	_, jumps := readKeras(t)
	require.NotEmpty(t, jumps)
	for _, k := range jumps {
		t.Run(k.Name, func(t *testing.T) {
			given := k.Inputs[0].dense()
			x := input(given.Shape()...)
			y, err := trace(load[layers.Layer](t, k.Config), false, x)
			require.NoError(t, err)
			loss := ops.Sum(ops.Multiply(y.WithMask(ops.Tensor{}), ops.Array(k.Cotangents[0].dense())))
			p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{y, y.Mask()}, Loss: loss, WithRespectTo: []ops.Tensor{x}})
			require.NoError(t, err)
			copy(p.Inputs()[0].Float32s(), given.Float32s())
			require.NoError(t, p.Run())
			require.Equal(t, k.Outputs[0].dense().Float32s(), p.Outputs()[0].Float32s())
			require.Equal(t, k.OutputMasks[0].Shape, []int(p.Outputs()[1].Shape()))
			require.Equal(t, k.OutputMasks[0].dense().Bools(), p.Outputs()[1].Bools())
			require.Equal(t, k.InputGradients[0].dense().Float32s(), p.Gradients()[0].Float32s())
		})
	}
}

// TestNames compares the names that layers without one get with those that Keras gives the first of their class.
func TestNames(t *testing.T) {
	cases, _ := readKeras(t)
	for _, k := range cases {
		name := k.Config["config"].(map[string]any)["name"].(string)
		name = strings.TrimSuffix(name, "_1") // of a layer that was made from one of its class
		require.Equal(t, name, layers.SnakeCase(layers.ClassName(load[layers.Part](t, k.Config))))
	}
}

func TestConfigsTakeKerasForms(t *testing.T) {
	for _, c := range []struct {
		class  string
		config map[string]any
		want   layers.Part
	}{
		{"Cropping1D", map[string]any{"cropping": 2}, &layers.Cropping1D{Cropping: []int{2}}},
		{"Cropping1D", map[string]any{"cropping": []any{1, 2}}, &layers.Cropping1D{Cropping: []int{1, 2}}},
		{"Cropping2D", map[string]any{"cropping": 0}, &layers.Cropping2D{Cropping: [][]int{{0}}}},
		{"Cropping2D", map[string]any{"cropping": []any{1, 2}}, &layers.Cropping2D{Cropping: [][]int{{1}, {2}}}},
		{"ZeroPadding2D", map[string]any{"padding": []any{[]any{1, 2}, []any{3, 4}}}, &layers.ZeroPadding2D{Padding: [][]int{{1, 2}, {3, 4}}}},
		{"ZeroPadding3D", map[string]any{"padding": []any{1, []any{3, 4}, 2}}, &layers.ZeroPadding3D{Padding: [][]int{{1}, {3, 4}, {2}}}},
		{"UpSampling2D", map[string]any{"size": 3}, &layers.UpSampling2D{Size: []int{3}}},
		{"UpSampling3D", map[string]any{"size": []any{1, 2, 3}}, &layers.UpSampling3D{Size: []int{1, 2, 3}}},
		{"Dot", map[string]any{"axes": 1, "normalize": true}, &layers.Dot{Axes: []int{1}, Normalize: true}},
		{"Dot", map[string]any{"axes": []any{1, -2}}, &layers.Dot{Axes: []int{1, -2}}},
		{"Softmax", map[string]any{"axis": -2}, &layers.Softmax{Axis: []int{-2}}},
		{"Softmax", map[string]any{"axis": []any{1, 2}}, &layers.Softmax{Axis: []int{1, 2}}},
		{"LeakyReLU", map[string]any{"negative_slope": 0.0}, &layers.LeakyReLU{NegativeSlope: new(0.0)}},
		{"GaussianNoise", map[string]any{"stddev": 0.0}, &layers.GaussianNoise{}},
		{"AlphaDropout", map[string]any{"rate": 0.0}, &layers.AlphaDropout{}},
		{"AlphaDropout", map[string]any{"rate": 0.5, "noise_shape": []any{nil, 1}}, &layers.AlphaDropout{Rate: 0.5, NoiseShape: []int{-1, 1}}},
		{"SpatialDropout2D", map[string]any{"rate": 0.0, "data_format": "channels_first"}, &layers.SpatialDropout2D{DataFormat: layers.ChannelsFirst}},
		{"ActivityRegularization", map[string]any{"l1": 0.5}, &layers.ActivityRegularization{L1: 0.5}},
		{"LayerNormalization", map[string]any{"rms_scaling": true}, &layers.LayerNormalization{RMSScaling: true}},
		{"RepeatVector", map[string]any{"n": 3}, &layers.RepeatVector{N: 3}},
	} {
		object := map[string]any{"module": "keras.layers", "class_name": c.class, "config": c.config, "registered_name": nil}
		got, err := saving.FromConfig(object)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
		back, err := saving.ToConfig(got)
		require.NoError(t, err)
		want, err := json.Marshal(object)
		require.NoError(t, err)
		text, err := json.Marshal(back)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(text))
	}
}

func TestLayersStandAsActivations(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{-2, 1, 3, -0.5}))
	for _, c := range []struct {
		activation activations.Activation
		want       []float32
	}{
		{&layers.ReLU{NegativeSlope: 0.5, MaxValue: new(2.0)}, []float32{-1, 1, 2, -0.25}},
		{&layers.LeakyReLU{}, []float32{-0.6, 1, 3, -0.15}},
		{&layers.ELU{Alpha: new(2.0)}, []float32{-1.7293294, 1, 3, -0.7869387}},
		{&layers.Softmax{Axis: []int{0}}, []float32{0.0066928509, 0.8175745, 0.9933071, 0.1824255}},
	} {
		out := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(c.want))
		layertest.Run(t, func() layers.Layer { return &layers.Activation{Activation: c.activation} },
			layertest.Case{Inputs: []*tensor.Dense{x}, Outputs: []*tensor.Dense{out}, Trainable: new(0), MixesSamples: true})
		layertest.Run(t, func() layers.Layer { return &layers.Dense{Units: 3, Activation: c.activation} },
			layertest.Case{Inputs: []*tensor.Dense{x}, Trainable: new(2), MixesSamples: true})
	}
}

func TestLayersRefuseWhatDoesNotFit(t *testing.T) {
	const open = ops.Unknown
	for _, c := range []struct {
		layer layers.Part
		in    [][]int
		want  []string
	}{
		{&layers.ReLU{MaxValue: new(-1.0)}, [][]int{{2, 3}}, []string{"inner (ReLU)", "max_value", "at least 0", "got -1"}},
		{&layers.ReLU{Threshold: -2}, [][]int{{2, 3}}, []string{"threshold", "at least 0", "got -2"}},
		{&layers.LeakyReLU{NegativeSlope: new(-0.5)}, [][]int{{2, 3}}, []string{"inner (LeakyReLU)", "negative_slope", "at least 0", "-0.5"}},
		{&layers.PReLU{SharedAxes: []int{2}}, [][]int{{2, 3}}, []string{"inner (PReLU)", "[2]", "[2 3]", "got 2"}},
		{&layers.PReLU{SharedAxes: []int{2}}, [][]int{{2, open, 3}}, []string{"[2 -1 3]", "axis 1 must be known"}},
		{&layers.Softmax{Axis: []int{3}}, [][]int{{2, 3}}, []string{"inner (Softmax)", "axis 3"}},
		{&layers.Softmax{Axis: []int{1, 3}}, [][]int{{2, 3}}, []string{"inner (Softmax)", "axis 3"}},
		{&layers.SpatialDropout1D{Rate: 0.5}, [][]int{{2, 3}}, []string{"inner (SpatialDropout1D)", "[2 3]", "expected 3 axes", "got 2"}},
		{&layers.SpatialDropout2D{Rate: 1.5}, [][]int{{2, 3, 4, 5}}, []string{"rate 1.5", "[0, 1]"}},
		{&layers.SpatialDropout3D{Rate: 0.5, DataFormat: "last"}, [][]int{{2, 3, 4, 5, 6}}, []string{`"last"`, "channels_first"}},
		{&layers.GaussianNoise{Stddev: 2}, [][]int{{2, 3}}, []string{"inner (GaussianNoise)", "stddev 2", "[0, 1]"}},
		{&layers.GaussianDropout{Rate: -1}, [][]int{{2, 3}}, []string{"rate -1", "[0, 1]"}},
		{&layers.GaussianDropout{Rate: 1}, [][]int{{2, 3}}, []string{"rate 1", "less in training"}},
		{&layers.AlphaDropout{Rate: 1}, [][]int{{2, 3}}, []string{"rate 1", "less in training"}},
		{&layers.AlphaDropout{Rate: 0.5, NoiseShape: []int{1}}, [][]int{{2, 3}}, []string{"noise_shape [1]", "[2 3]"}},
		{&layers.ActivityRegularization{L1: -1}, [][]int{{2, 3}}, []string{"l1 and l2", "at least 0", "-1"}},
		{&layers.Permute{Dims: []int{1, 1}}, [][]int{{2, 3, 4}}, []string{"dims [1 1]", "from 1 to 2"}},
		{&layers.Permute{Dims: []int{2, 1}}, [][]int{{2, 3}}, []string{"[2 3]", "expected 3 axes", "got 2"}},
		{&layers.RepeatVector{}, [][]int{{2, 3}}, []string{"n must be positive", "got 0"}},
		{&layers.RepeatVector{N: 2}, [][]int{{2, 3, 4}}, []string{"[2 3 4]", "[batch, features]"}},
		{&layers.Masking{}, [][]int{{2}}, []string{"inner (Masking)", "[2]", "at least 2 axes", "got 1"}},
		{&layers.Cropping1D{Cropping: []int{2, 1}}, [][]int{{2, 3, 4}}, []string{"inner (Cropping1D)", "[2 3 4]", "got 3 of 3 along axis 1"}},
		{&layers.Cropping1D{Cropping: []int{1, 2, 3}}, [][]int{{2, 9, 4}}, []string{"one or two numbers", "got 3"}},
		{&layers.Cropping1D{}, [][]int{{2, open, 4}}, []string{"[2 -1 4]", "axis 1 must be known"}},
		{&layers.Cropping2D{Cropping: [][]int{{1, 2}}}, [][]int{{2, 9, 9, 1}}, []string{"[[1 2]]", "2 axes"}},
		{&layers.Cropping2D{}, [][]int{{2, 3, 4}}, []string{"[2 3 4]", "expected 4 axes", "got 3"}},
		{&layers.Cropping3D{Cropping: [][]int{{-1}}}, [][]int{{2, 9, 9, 9, 1}}, []string{"[[-1]]", "at least 0"}},
		{&layers.ZeroPadding1D{}, [][]int{{2, 3}}, []string{"inner (ZeroPadding1D)", "[2 3]", "expected 3 axes"}},
		{&layers.ZeroPadding2D{Padding: [][]int{{1}, {2}, {3}}}, [][]int{{2, 3, 4, 5}}, []string{"[[1] [2] [3]]", "2 axes"}},
		{&layers.ZeroPadding3D{DataFormat: "x"}, [][]int{{2, 3, 4, 5, 6}}, []string{`data_format "x"`}},
		{&layers.UpSampling1D{Size: -1}, [][]int{{2, 3, 4}}, []string{"size must be positive", "got -1"}},
		{&layers.UpSampling2D{Size: []int{1, 2, 3}}, [][]int{{2, 3, 4, 5}}, []string{"size [1 2 3]", "2 axes"}},
		{&layers.UpSampling2D{Interpolation: "area"}, [][]int{{2, 3, 4, 5}}, []string{`interpolation "area"`, "nearest"}},
		{&layers.UpSampling2D{Interpolation: layers.Bilinear}, [][]int{{2, open, 4, 5}}, []string{"[2 -1 4 5]", "must be known"}},
		{&layers.UpSampling3D{}, [][]int{{2, 3, 4, 5}}, []string{"[2 3 4 5]", "expected 5 axes", "got 4"}},
		{&layers.LayerNormalization{Axis: []int{0}}, [][]int{{2, 3}}, []string{"inner (LayerNormalization)", "axis [0]", "[2 3]"}},
		{&layers.LayerNormalization{Axis: []int{1, -1}}, [][]int{{2, 3}}, []string{"axis [1 -1]", "twice"}},
		{&layers.LayerNormalization{Axis: []int{}}, [][]int{{2, 3}}, []string{"axis", "at least one"}},
		{&layers.LayerNormalization{}, [][]int{{2, open}}, []string{"[2 -1]", "axis 1 must be known"}},
		{&layers.GroupNormalization{}, [][]int{{2, 3, 48}}, []string{"inner (GroupNormalization)", "48 channels", "[2 3 48]", "got 32"}},
		{&layers.GroupNormalization{Groups: -2}, [][]int{{2, 4}}, []string{"groups", "got -2"}},
		{&layers.RMSNormalization{Axis: []int{1}}, [][]int{{2, 3, 4}}, []string{"inner (RMSNormalization)", "[3]", "[2 3 4]"}},
		{&layers.UnitNormalization{Axis: []int{4}}, [][]int{{2, 3}}, []string{"inner (UnitNormalization)", "axis 4"}},
		{&layers.Subtract{}, [][]int{{2, 3}, {2, 3}, {2, 3}}, []string{"inner (Subtract)", "expected two inputs", "got 3"}},
		{&layers.Multiply{}, [][]int{{2, 3}}, []string{"at least two inputs", "got 1"}},
		{&layers.Maximum{}, [][]int{{2, 3}, {1, 3}}, []string{"[[2 3] [1 3]]", "batches of one size"}},
		{&layers.Minimum{}, [][]int{{2, 3}, {2, 4}}, []string{"inner (Minimum)", "[2 3]", "[2 4]"}},
		{&layers.Average{}, [][]int{{2, 3}, {2, 4}}, []string{"inner (Average)", "[2 3]", "[2 4]"}},
		{&layers.Dot{Axes: []int{1}}, [][]int{{2, 3}}, []string{"inner (Dot)", "expected two inputs", "got 1"}},
		{&layers.Dot{}, [][]int{{2, 3}, {2, 3}}, []string{"axes []", "expected one axis"}},
		{&layers.Dot{Axes: []int{0}}, [][]int{{2, 3}, {2, 3}}, []string{"axes [0]", "behind the batch", "[2 3]"}},
		{&layers.Dot{Axes: []int{1, 2}}, [][]int{{2, 3}, {2, 3, 4}}, []string{"[[2 3] [2 3 4]]", "same size", "got 3 and 4"}},
		{&layers.Dot{Axes: []int{1}}, [][]int{{2, 3}, {4, 3}}, []string{"[[2 3] [4 3]]", "batches of one size"}},
	} {
		var xs []ops.Tensor
		for _, shape := range c.in {
			xs = append(xs, input(shape...))
		}
		_, err := trace(c.layer, true, xs...)
		require.Error(t, err, "%T %v", c.layer, c.in)
		for _, part := range c.want {
			require.ErrorContains(t, err, part)
		}
	}
}

func TestSoftmaxRefusesAMaskByStepsForFeatures(t *testing.T) {
	_, err := trace(&layers.Softmax{}, false, input(2, 3, 4).WithMask(ops.Placeholder("mask", ops.Bool, 2, 3)))
	require.ErrorContains(t, err, "mask of shape [2 3]")
	require.ErrorContains(t, err, "[2 3 4]")
}

// TestMergedMasks looks at masks where Keras's own code for them takes sequences of vectors only.
func TestMergedMasks(t *testing.T) {
	mask := ops.Placeholder("mask", ops.Bool, 2, 3)
	for _, l := range []layers.Part{&layers.Multiply{}, &layers.Maximum{}, &layers.Minimum{}, &layers.Average{}, &layers.Subtract{}} {
		y, err := trace(l, false, input(2, 3, 4, 5).WithMask(mask), input(2, 3, 4, 5).WithMask(mask))
		require.NoError(t, err)
		require.Equal(t, []int{2, 3, 4, 5}, y.Shape())
		require.Equal(t, []int{2, 3}, y.Mask().Shape())
		y, err = trace(l, false, input(2, 3, 4, 5).WithMask(mask), input(2, 3, 4, 5))
		require.NoError(t, err)
		require.False(t, y.Mask().Valid(), "an input without a mask counts everywhere")
	}
}

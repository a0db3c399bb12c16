package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
)

// tower has layers in all the places where layers are found.
type tower struct {
	layers.Base
	Steps  int
	first  layers.Dense
	second *layers.Dense `keras:"conv_1"`
	rest   []*layers.Dense
	named  map[string]*layers.Dense
}

// Setup implements [layers.Setter].
func (w *tower) Setup() {
	w.first, w.second = layers.Dense{Units: 2}, &layers.Dense{Units: 2, UseBias: new(false)}
	w.named = map[string]*layers.Dense{"b": {Units: 2}, "a": {Units: 2}}
	for range w.Steps {
		w.rest = append(w.rest, &layers.Dense{Units: 2, KernelRegularizer: regularizers.L2{}})
	}
}

// Call implements [layers.Layer].
func (w *tower) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	x = b.Apply(w.second, b.Apply(&w.first, x))
	for _, l := range w.rest {
		x = b.Apply(l, x)
	}
	return ops.Add(b.Apply(w.named["a"], x), b.Apply(w.named["b"], x))
}

func paths(ws []*layers.Weight) []string {
	var ps []string
	for _, w := range ws {
		ps = append(ps, w.Path)
	}
	return ps
}

func TestInnerLayersAreFoundInFields(t *testing.T) {
	w := &tower{Steps: 2}
	trace := &layers.Trace{}
	y := layers.NewBuilder(trace, &block{Inner: w}, "", false).Apply(w, ops.Placeholder("x", ops.Float32, -1, 3))
	require.NoError(t, y.Err())
	require.Equal(t, []int{-1, 2}, y.Shape())
	require.Equal(t, []string{
		"inner/first/kernel", "inner/first/bias", "inner/conv_1/kernel", "inner/rest_0/kernel", "inner/rest_0/bias", "inner/rest_1/kernel", "inner/rest_1/bias",
		"inner/named_a/kernel", "inner/named_a/bias", "inner/named_b/kernel", "inner/named_b/bias",
	}, paths(trace.Declared()))
	require.Len(t, trace.Losses, 2)
	require.Empty(t, layers.BaseOf(&w.first).Weights(), "weights are made when the build is done")
	require.NoError(t, trace.Commit(1))
	require.Equal(t, []string{"inner/first/kernel", "inner/first/bias"}, paths(w.first.Weights()))
}

func TestTowerKeepsTheContract(t *testing.T) {
	c := layertest.Case{Specs: []ops.Spec{{Shape: []int{3, 3}, DType: ops.Float32}}, Trainable: new(11), NonTrainable: new(0), Unsaved: true}
	layertest.Run(t, func() layers.Layer { return &tower{Steps: 2} }, c)
	c.Trainable, c.NonTrainable = new(0), new(11)
	layertest.Run(t, func() layers.Layer {
		w := &tower{Steps: 2}
		w.SetTrainable(false)
		return w
	}, c)
}

// meter counts its calls in a weight.
type meter struct {
	layers.Base
	wrong bool
}

// Call implements [layers.Layer].
func (m *meter) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	count := b.Weight("count", nil, layers.Spec{Initializer: initializers.Zeros{}, NonTrainable: true})
	if m.wrong {
		b.Update(x, count)
	}
	b.Update(count, ops.Add(count, ops.Scalar(1)))
	again := b.Weight("count", nil, layers.Spec{Initializer: initializers.Zeros{}, NonTrainable: true})
	b.Update(again, ops.Multiply(again, ops.Scalar(2)))
	return ops.Add(x, b.Weight("count", nil, layers.Spec{NonTrainable: true}))
}

func TestUpdatesAreSeenInTheSameTrace(t *testing.T) {
	ys := run(t, &meter{}, 1, ones(1, 1), 3)
	// c becomes 2(c+1): 2, 6, 14.
	require.Equal(t, [][]float32{{3}, {7}, {15}}, ys)
}

func TestUpdateOfWhatIsNoWeight(t *testing.T) {
	m := &meter{wrong: true}
	trace := &layers.Trace{}
	layers.NewBuilder(trace, &block{Inner: m}, "", false).Apply(m, ops.Placeholder("x", ops.Float32, 1, 1))
	require.ErrorContains(t, trace.Err(), "inner (meter): update of a tensor that is no weight of the layer")
	require.Error(t, trace.Commit(1))
	require.Empty(t, m.Weights(), "a failed build leaves nothing behind")
}

func TestSnakeCaseIsKerass(t *testing.T) {
	// Source: keras.src.utils.naming.to_snake_case.
	for class, want := range map[string]string{
		"Dense": "dense", "Conv2D": "conv2d", "MaxPooling2D": "max_pooling2d", "GlobalAveragePooling2D": "global_average_pooling2d",
		"BatchNormalization": "batch_normalization", "LSTM": "lstm", "GRU": "gru", "InputLayer": "input_layer", "ELU": "elu", "PReLU": "p_re_lu",
	} {
		require.Equal(t, want, layers.SnakeCase(class))
	}
}

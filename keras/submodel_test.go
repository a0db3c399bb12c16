package keras_test

import (
	"context"
	"fmt"
	"log"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Features of a trained model, from the output of one of its layers.
func ExampleModel_LayerOutput() {
	m := keras.Sequential(
		&layers.Input{Shape: []int{8, 8, 1}}, &layers.Conv2D{Filters: 4, KernelSize: []int{3}}, &layers.Flatten{}, &layers.Dense{Units: 10},
	)
	features := keras.NewModel(m.Inputs(), []ops.Tensor{m.LayerOutput("conv2d")})
	pictures := tensor.New(tensor.WithShape(2, 8, 8, 1), tensor.WithBacking(make([]float32, 128)))
	y, err := features.Predict(context.Background(), pictures)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Shape())
	// Output: (2, 6, 6, 4)
}

// How much each pixel moves the score of a class: a saliency map.
func ExampleStep_Watch() {
	m := keras.Sequential(&layers.Input{Shape: []int{4, 4, 1}}, &layers.Flatten{}, &layers.Dense{Units: 3})
	saliency := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		s.Watch(in[0])
		return ops.Sum(ops.Slice(s.Infer(m, in[0]), []int{0, 2}, []int{ops.Unknown, 1}))
	})
	r, err := saliency.Run(context.Background(), tensor.New(tensor.WithShape(1, 4, 4, 1), tensor.WithBacking(make([]float32, 16))))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Watched()[0].Shape())
	// Output: (1, 4, 4, 1)
}

// forked is a graph with a shared layer, an operation and a layer of two results.
func forked() *keras.Model {
	x, y := keras.Input(layers.Input{Shape: []int{5, 3}}), keras.Input(layers.Input{Shape: []int{3}})
	twin := &layers.Dense{Units: 3}
	s := keras.ApplyAll(&layers.LSTM{Units: 3, ReturnState: true}, x)
	a, b := keras.Apply(twin, s[1]), keras.Apply(twin, y)
	h := keras.Apply(&layers.Dense{Units: 4}, ops.Multiply(a, b))
	return keras.NewModel([]ops.Tensor{x, y}, []ops.Tensor{keras.Apply(layers.Named("head", &layers.Dense{Units: 1}), h)})
}

func TestSubModelsShareWeightsAndNames(t *testing.T) {
	m := forked()
	compileMSE(t, m)
	sub := keras.NewModel(m.Inputs(), []ops.Tensor{m.LayerOutput("dense_1")})
	require.Equal(t, []string{"input_layer", "lstm", "input_layer_1", "dense", "dense_1"}, layerNames(sub), "names are those of the model")
	require.Equal(t, []string{"dense_1"}, sub.OutputNames())
	xs := []*tensor.Dense{ones(2, 5, 3), ones(2, 3)}
	before, err := sub.PredictArrays(t.Context(), xs)
	require.NoError(t, err)
	require.Equal(t, weightPaths(m.Weights())[:7], weightPaths(sub.Weights()))
	for i, w := range sub.Weights() {
		require.Same(t, m.Weights()[i], w)
	}
	_, err = m.FitArrays(t.Context(), batchOf(xs, ones(2, 1)), keras.FitOptions{Epochs: 2})
	require.NoError(t, err)
	after, err := sub.PredictArrays(t.Context(), xs)
	require.NoError(t, err)
	require.NotEqual(t, before[0].Data(), after[0].Data(), "what one learns the other knows")

	wider := keras.NewModel(m.Inputs(), []ops.Tensor{keras.Apply(&layers.Dense{Units: 2}, m.LayerOutput("dense_1"))})
	require.Equal(t, "dense_2", wider.OutputNames()[0], "a new layer has a name that is free")
	path := filepath.Join(t.TempDir(), "sub.keras")
	require.NoError(t, sub.Save(path))
	again, err := keras.Load(path)
	require.NoError(t, err)
	loaded, err := again.PredictArrays(t.Context(), xs)
	require.NoError(t, err)
	require.Equal(t, after[0].Data(), loaded[0].Data())
}

func batchOf(xs []*tensor.Dense, ys ...*tensor.Dense) data.Batch { return data.Batch{X: xs, Y: ys} }

func layerNames(m *keras.Model) []string {
	var names []string
	for _, p := range m.Layers() {
		names = append(names, m.LayerName(p))
	}
	return names
}

// A model that starts from results of layers gets inputs of its own there.
func TestModelsStartAtInnerTensors(t *testing.T) {
	m := forked()
	compileMSE(t, m)
	calls, err := m.LayerOutputs("dense")
	require.NoError(t, err)
	require.Len(t, calls, 2)
	end := keras.NewModel([]ops.Tensor{calls[0][0], calls[1][0]}, m.Outputs())
	require.Equal(t, []string{"input_layer", "input_layer_1", "dense_1", "head"}, layerNames(end))
	begin := keras.NewModel(m.Inputs(), []ops.Tensor{calls[0][0], calls[1][0]})
	xs := []*tensor.Dense{ones(2, 5, 3), ones(2, 3)}
	inner, err := begin.PredictArrays(t.Context(), xs)
	require.NoError(t, err)
	got, err := end.PredictArrays(t.Context(), inner)
	require.NoError(t, err)
	want, err := m.PredictArrays(t.Context(), xs)
	require.NoError(t, err)
	require.Equal(t, want[0].Data(), got[0].Data())

	states, err := m.LayerOutputs("lstm")
	require.NoError(t, err)
	fromState := keras.NewModel([]ops.Tensor{states[0][1], m.Inputs()[1]}, m.Outputs())
	_, err = fromState.PredictArrays(t.Context(), []*tensor.Dense{ones(2, 3), ones(2, 3)})
	require.NoError(t, err)
}

func TestSequentialHasAGraph(t *testing.T) {
	m := keras.Sequential(&layers.Dense{Units: 3}, &layers.Dense{Units: 2})
	assert.ErrorContains(t, m.LayerOutput("dense").Err(), "input is not known yet")
	assert.ErrorContains(t, m.Inputs()[0].Err(), "input is not known yet")
	compileMSE(t, m)
	_, err := m.Fit(t.Context(), ones(2, 4), ones(2, 2), keras.FitOptions{})
	require.NoError(t, err)
	sub := keras.NewModel(m.Inputs(), []ops.Tensor{m.LayerOutput("dense"), m.Outputs()[0]})
	out, err := sub.PredictArrays(t.Context(), []*tensor.Dense{ones(1, 4)})
	require.NoError(t, err)
	whole, err := m.Predict(t.Context(), ones(1, 4))
	require.NoError(t, err)
	require.Equal(t, whole.Data(), out[1].Data())
	require.Equal(t, []int{1, 3}, []int(out[0].Shape()))
	require.Same(t, m.Weights()[0], sub.Weights()[0])
}

func TestLayerOutputsThatAreNotThere(t *testing.T) {
	m := forked()
	assert.ErrorContains(t, m.LayerOutput("nose").Err(), `no layer "nose": expected one of input_layer, lstm, input_layer_1, dense, dense_1, head`)
	assert.ErrorContains(t, m.LayerOutput("dense").Err(), `layer "dense" is applied at 2 places`)
	assert.ErrorContains(t, m.LayerOutput("lstm").Err(), `layer "lstm" has 3 results`)
	sub := keras.NewModel(m.Inputs(), []ops.Tensor{m.LayerOutput("nose")})
	_, err := sub.PredictArrays(t.Context(), []*tensor.Dense{ones(1, 5, 3), ones(1, 3)})
	assert.ErrorContains(t, err, `output 0: keras: the model has no layer "nose"`)
	_, err = keras.Sequential().LayerOutputs("a")
	assert.ErrorContains(t, err, "at least one layer")
	_, err = m.LayerAt(6)
	assert.ErrorContains(t, err, "no layer 6: expected a number from -6 to 5")
}

func TestGraphsThatAreRefused(t *testing.T) {
	x, y := keras.Input(layers.Input{Base: layers.Base{Name: "x"}, Shape: []int{3}}), keras.Input(layers.Input{Base: layers.Base{Name: "y"}, Shape: []int{3}})
	a := keras.Apply(layers.Named("a", &layers.Dense{Units: 3}), x)
	b := keras.Apply(layers.Named("b", &layers.Dense{Units: 3}), a)
	twin := layers.Named("a", &layers.Dense{Units: 2})
	for want, m := range map[string]*keras.Model{
		`starts at input "y" of shape [3] too`:                keras.NewModel([]ops.Tensor{x}, []ops.Tensor{ops.Add(b, y)}),
		`starts at input "x" of shape [3] too`:                keras.NewModel([]ops.Tensor{b}, []ops.Tensor{a}),
		`two layers are named "a"`:                            keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(twin, b)}),
		"input 0: expected a tensor made by":                  keras.NewModel([]ops.Tensor{ops.Add(a, b)}, []ops.Tensor{b}),
		"at least one input and one output":                   keras.NewModel([]ops.Tensor{x}, nil),
		"the model is empty":                                  {},
		"layer 1 is an Input":                                 keras.Sequential(&layers.Dense{Units: 2}, &layers.Input{Shape: []int{2}}, &layers.Dense{Units: 2}),
		"input 0: expected a tensor, got one without a value": keras.NewModel([]ops.Tensor{{}}, []ops.Tensor{b}),
		"output 0: expected a tensor, got":                    keras.NewModel([]ops.Tensor{x}, []ops.Tensor{{}}),
	} {
		_, err := m.PredictArrays(t.Context(), []*tensor.Dense{ones(1, 3)})
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}), want)
		assert.ErrorContains(t, m.Save(filepath.Join(t.TempDir(), "m.keras")), want)
	}
	assert.ErrorContains(t, keras.Apply(&layers.Dense{Units: 2}, ops.Tensor{}).Err(), "Dense: expected tensors made by")
	assert.ErrorContains(t, keras.Merge(&layers.Add{}).Err(), "Add: expected at least one tensor, got none")
}

// A model is no layer of itself, whichever way it is put there.
func TestModelsAreNotWithinThemselves(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 3})
	x := keras.Input(layers.Input{Shape: []int{3}})
	y := keras.Apply(m, x)
	outer := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(m, y)})
	p, err := outer.Predict(t.Context(), ones(1, 3))
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, []int(p.Shape()))
}

func TestEmptyModelsSayWhatTheyLack(t *testing.T) {
	m := &keras.Model{}
	const want = "the model is empty"
	_, err := m.Fit(t.Context(), ones(1, 1), ones(1, 1), keras.FitOptions{})
	require.Error(t, err)
	_, err = m.Layer("a")
	assert.ErrorContains(t, err, want)
	_, err = m.LayerAt(0)
	assert.ErrorContains(t, err, want)
	_, err = m.Clone()
	assert.ErrorContains(t, err, want)
	assert.ErrorContains(t, m.Summary(brokenWriter{}), want)
	assert.ErrorContains(t, m.Inputs()[0].Err(), want)
	assert.ErrorContains(t, m.Outputs()[0].Err(), want)
	assert.ErrorContains(t, keras.Apply(m, keras.Input(layers.Input{Shape: []int{1}})).Err(), want)
	assert.Empty(t, m.GetWeights())
	assert.Empty(t, m.Layers())
	assert.Error(t, m.SetWeights([]*tensor.Dense{ones(1)}))
	_, err = keras.Sequential(m).Predict(t.Context(), ones(1, 1))
	assert.ErrorContains(t, err, want)
}

func TestWeightsByLayer(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.BatchNormalization{}, &layers.Dropout{Rate: 0.5}, &layers.Dense{Units: 2})
	require.Empty(t, m.GetWeights(), "not built yet")
	compileMSE(t, m)
	ws := m.GetWeights()
	require.Len(t, ws, 6, "no random stream")
	dense, err := m.LayerAt(-1)
	require.NoError(t, err)
	kernel := layers.GetWeights(dense)[0]
	require.Equal(t, ws[4].Data(), kernel.Data())
	kernel.Float32s()[0] = 7
	require.NotEqual(t, float32(7), m.GetWeights()[4].Float32s()[0], "a copy")
	require.NoError(t, layers.SetWeights(dense, []*tensor.Dense{kernel, ones(2)}))
	kernel.Float32s()[0] = 8
	require.Equal(t, float32(7), m.GetWeights()[4].Float32s()[0], "copied")
	require.Equal(t, []float32{1, 1}, m.GetWeights()[5].Float32s())

	ws = m.GetWeights()
	assert.ErrorContains(t, m.SetWeights(ws[:5]), "expected 6 arrays, one for each weight, got 5")
	ws[5] = ones(3)
	assert.ErrorContains(t, m.SetWeights(ws), "array 5: weight dense/bias: expected shape [2], got [3]")
	ws[5] = tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64))
	assert.ErrorContains(t, m.SetWeights(ws), "array 5: weight dense/bias: expected elements of type float32, got float64")
	ws[5] = nil
	assert.ErrorContains(t, m.SetWeights(ws), "array 5: weight dense/bias: expected an array, got nil")
}

// All calls of a layer that adds to the loss count. Keras 3.15 loses all but one of them on JAX.
func TestEachCallAddsItsLoss(t *testing.T) {
	x, y := keras.Input(layers.Input{Shape: []int{3}}), keras.Input(layers.Input{Shape: []int{3}})
	r := &layers.ActivityRegularization{L2: 1}
	m := keras.NewModel([]ops.Tensor{x, y}, []ops.Tensor{keras.Merge(&layers.Add{}, keras.Apply(r, x), keras.Apply(r, y))})
	compileMSE(t, m)
	two := ones(4, 3)
	for i := range two.Float32s() {
		two.Float32s()[i] = 2
	}
	target := ones(4, 3)
	for i := range target.Float32s() {
		target.Float32s()[i] = 3
	}
	logs, err := m.EvaluateArrays(t.Context(), batchOf([]*tensor.Dense{ones(4, 3), two}, target))
	require.NoError(t, err)
	require.InDelta(t, 15, logs["loss"], 1e-5, "Keras says 3 + 12 outside of a compiled step")
}

func TestModelsOfAThousandLayersAreMade(t *testing.T) {
	x := keras.Input(layers.Input{Shape: []int{4}})
	h := x
	for i := range 1000 {
		if i%3 == 2 {
			h = keras.Merge(&layers.Add{}, h, keras.Apply(&layers.Dense{Units: 4}, h))
			continue
		}
		h = keras.Apply(&layers.Dense{Units: 4}, h)
	}
	m := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{h})
	compileMSE(t, m)
	_, err := m.TrainOnBatch(t.Context(), ones(2, 4), ones(2, 4))
	require.NoError(t, err)
	require.Len(t, m.Layers(), 1+1000+333)
}

package keras_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// encoder is the twin of the class Encoder in internal/golden/models.py.
type encoder struct {
	layers.Base
	Units  int
	first  layers.Dense
	blocks []*layers.Dense
}

func (e *encoder) Setup() {
	e.first = layers.Dense{Units: e.Units, Activation: activations.ReLU}
	e.blocks = []*layers.Dense{{Units: e.Units, Activation: activations.Tanh}, {Units: 2}}
}

func (e *encoder) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	scale := b.Weight("scale", []int{x.Dim(-1)}, layers.Spec{Initializer: initializers.Ones{}})
	x = b.Apply(&e.first, ops.Multiply(x, scale))
	for _, block := range e.blocks {
		x = b.Apply(block, x)
	}
	return x
}

func init() { saving.Register[encoder]("Golden>Encoder", "") }

// modelCase is what a model of internal/golden/models.py does in Keras from where it was saved.
type modelCase struct {
	Inputs, Targets []goldenArray
	Summary         string
	Predictions     []goldenArray
	Evaluation      map[string]float64
	Loss            []float64
	Weights         []goldenArray
	After           []goldenArray
}

type goldenArray struct {
	Shape []int
	DType string
	Data  []float64
}

func (a goldenArray) tensor() *tensor.Dense {
	if a.DType == "int32" {
		v := make([]int32, len(a.Data))
		for i, x := range a.Data {
			v[i] = int32(x)
		}
		return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(v))
	}
	return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(float32s(a.Data)))
}

func float32s(v []float64) []float32 {
	f := make([]float32, len(v))
	for i, x := range v {
		f[i] = float32(x)
	}
	return f
}

func tensors(as []goldenArray) []*tensor.Dense {
	ts := make([]*tensor.Dense, len(as))
	for i, a := range as {
		ts[i] = a.tensor()
	}
	return ts
}

// assertClose compares with Keras's numbers, relative to the largest of them.
func assertClose(t *testing.T, what string, want goldenArray, got []float32, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want.Data), what)
	top, worst := 1e-3, 0.0
	for i, w := range want.Data {
		top = max(top, math.Abs(w))
		d := math.Abs(w - float64(got[i]))
		if !(d <= worst) {
			worst = d
		}
	}
	assert.LessOrEqual(t, worst/top, tolerance, what)
}

func eachModel(t *testing.T, f func(t *testing.T, path string, c modelCase)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "models", "*.keras"))
	require.NoError(t, err)
	require.Len(t, paths, 12)
	for _, path := range paths {
		var c modelCase
		text, err := os.ReadFile(strings.TrimSuffix(path, ".keras") + ".json")
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &c))
		t.Run(strings.TrimSuffix(filepath.Base(path), ".keras"), func(t *testing.T) { f(t, path, c) })
	}
}

func assertPredictions(t *testing.T, m *keras.Model, c modelCase, want []goldenArray, tolerance float64) {
	t.Helper()
	got, err := m.PredictArrays(context.Background(), tensors(c.Inputs))
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i, w := range want {
		assert.Equal(t, w.Shape, []int(got[i].Shape()))
		assertClose(t, "prediction", w, got[i].Float32s(), tolerance)
	}
}

// trainSteps makes single steps on the case's batch and returns their losses.
func trainSteps(t *testing.T, m *keras.Model, c modelCase, n int) []float64 {
	t.Helper()
	b := data.Batch{X: tensors(c.Inputs), Y: tensors(c.Targets)}
	h, err := m.FitArrays(context.Background(), b, keras.FitOptions{Epochs: n, BatchSize: c.Inputs[0].Shape[0], Shuffle: new(false)})
	require.NoError(t, err)
	return h.Metrics["loss"]
}

// learned are the weights without random streams, which Keras does not save.
func learned(m *keras.Model) []*layers.Weight {
	var ws []*layers.Weight
	for _, w := range m.Weights() {
		if w.DType() == ops.Float32 {
			ws = append(ws, w)
		}
	}
	return ws
}

// A model that Keras has saved predicts, measures and trains on in gokeras as it does in Keras.
func TestLoadedModelsGoOnAsInKeras(t *testing.T) {
	eachModel(t, func(t *testing.T, path string, c modelCase) {
		m, err := keras.Load(path)
		require.NoError(t, err)
		assertPredictions(t, m, c, c.Predictions, 1e-5)
		logs, err := m.EvaluateArrays(context.Background(), data.Batch{X: tensors(c.Inputs), Y: tensors(c.Targets)})
		require.NoError(t, err)
		for name, want := range c.Evaluation {
			require.Contains(t, logs, name)
			assert.InDelta(t, want, logs[name], 1e-5*max(1, math.Abs(want)), name)
		}
		losses := trainSteps(t, m, c, len(c.Loss))
		for i, want := range c.Loss {
			assert.InDelta(t, want, losses[i], 1e-4*max(1, math.Abs(want)), "loss of step %d", i)
		}
		ws := learned(m)
		require.Len(t, ws, len(c.Weights))
		for i, w := range ws {
			assert.Equal(t, c.Weights[i].Shape, append([]int{}, w.Shape()...), w.Path)
			assertClose(t, w.Path, c.Weights[i], w.Float32s(), 1e-4)
		}
		assertPredictions(t, m, c, c.After, 1e-4)
	})
}

func TestSummaryOfLoadedModelsIsKerass(t *testing.T) {
	eachModel(t, func(t *testing.T, path string, c modelCase) {
		m, err := keras.Load(path)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, m.Summary(&b))
		assert.Equal(t, c.Summary, b.String())
	})
}

// What is saved is loaded with the same bits, before and after more training, and goes on with the same bits.
func TestSavedModelsGoOnWithTheSameBits(t *testing.T) {
	eachModel(t, func(t *testing.T, path string, c modelCase) {
		m, err := keras.Load(path)
		require.NoError(t, err)
		trainSteps(t, m, c, 2)
		file := filepath.Join(t.TempDir(), "again.keras")
		require.NoError(t, m.Save(file))
		again, err := keras.Load(file)
		require.NoError(t, err)
		assertSameWeights(t, m, again)
		trainSteps(t, m, c, 3)
		trainSteps(t, again, c, 3)
		assertSameWeights(t, m, again)
	})
}

func assertSameWeights(t *testing.T, a, b *keras.Model) {
	t.Helper()
	as, bs := a.Weights(), b.Weights()
	require.Len(t, bs, len(as))
	for i := range as {
		require.Equal(t, as[i].Path, bs[i].Path)
		require.Equal(t, as[i].Value().Data(), bs[i].Value().Data(), as[i].Path)
	}
}

package keras_test

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// A trainingArray is an array as internal/golden/training.py writes it: float32 or int32, little-endian.
type trainingArray struct{ *tensor.Dense }

// UnmarshalJSON implements [json.Unmarshaler].
func (a *trainingArray) UnmarshalJSON(text []byte) error {
	var raw struct {
		Shape      []int
		Type, Data string
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	bytes, err := base64.StdEncoding.DecodeString(raw.Data)
	if err != nil {
		return err
	}
	if raw.Type == "i" {
		v := make([]int32, len(bytes)/4)
		for i := range v {
			v[i] = int32(binary.LittleEndian.Uint32(bytes[4*i:]))
		}
		a.Dense = tensor.New(tensor.WithShape(raw.Shape...), tensor.WithBacking(v))
		return nil
	}
	v := make([]float32, len(bytes)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	a.Dense = tensor.New(tensor.WithShape(raw.Shape...), tensor.WithBacking(v))
	return nil
}

// A trainingCase is a model, its data and what Keras made of it.
type trainingCase struct {
	Name       string
	Sequential bool
	Inputs     []struct {
		Shape []int
		DType ops.DType
	}
	Layers []map[string]any
	Calls  []struct {
		Layer int
		In    []int
	}
	Loss         map[string]any
	Optimizer    map[string]any
	Metrics      []string
	Weighted     bool
	X, VX        []trainingArray
	Y, VY        trainingArray
	SampleWeight trainingArray `json:"sample_weight"`

	Start, End [][]trainingArray // by layer, as Keras lists a layer's weights
	Batches    []map[string]float64
	Epochs     map[string][]float64
	Evaluate   map[string]float64
	Predict    trainingArray
	Ill        [][2]int // layer and weight that no two back ends agree on
}

var trainingFixture = flag.String("training", "testdata/training/training.json.gz", "what internal/golden/training.py wrote")

// TestTrainingIsKeras trains models that internal/golden/training.py drew, and compares all that Keras reports.
func TestTrainingIsKeras(t *testing.T) {
	f, err := os.Open(*trainingFixture)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var file struct {
		Epochs, Batch int
		Cases         []trainingCase
	}
	require.NoError(t, json.NewDecoder(z).Decode(&file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		c := &file.Cases[i]
		t.Run(c.Name, func(t *testing.T) { c.run(t, file.Epochs, file.Batch) })
	}
}

func (c *trainingCase) run(t *testing.T, epochs, batch int) {
	t.Helper()
	ctx := t.Context()
	model, parts := c.build(t)
	weighted, plain := c.metrics(t)
	optimizer, err := saving.Decode[optimizers.Optimizer](c.Optimizer)
	require.NoError(t, err)
	loss, err := saving.Decode[losses.Loss](c.Loss)
	require.NoError(t, err)
	require.NoError(t, model.Compile(keras.CompileOptions{Optimizer: optimizer, Loss: loss, Metrics: plain, WeightedMetrics: weighted}))
	for i, p := range parts {
		ws := weightsOf(p)
		require.Len(t, ws, len(c.Start[i]), "layer %d", i)
		for k, w := range ws {
			require.Equal(t, []int(c.Start[i][k].Shape()), w.Shape(), "layer %d: %s", i, w.Path)
			copy(w.Float32s(), c.Start[i][k].Float32s())
		}
	}
	record := &batchRecord{}
	train := data.Batch{X: arraysOf(c.X), Y: []*tensor.Dense{c.Y.Dense}}
	if c.Weighted {
		train.SampleWeight = []*tensor.Dense{c.SampleWeight.Dense}
	}
	test := data.Batch{X: arraysOf(c.VX), Y: []*tensor.Dense{c.VY.Dense}}
	history, err := model.FitArrays(ctx, train, keras.FitOptions{
		Epochs: epochs, BatchSize: batch, Shuffle: new(false), ValidationData: test, Callbacks: []callbacks.Callback{record},
	})
	require.NoError(t, err)
	c.compareLogs(t, record.logs, history)

	logs, err := model.EvaluateArrays(ctx, test, keras.EvaluateOptions{BatchSize: 4})
	require.NoError(t, err)
	for name, want := range c.Evaluate {
		c.closeTo(t, "evaluate", name, want, logs[name])
	}
	require.Len(t, logs, len(c.Evaluate))
	predicted, err := model.PredictArrays(ctx, arraysOf(c.VX), keras.PredictOptions{BatchSize: 4})
	require.NoError(t, err)
	closeArrays(t, c.Predict.Dense, predicted[0], c.tolerance(1e-4), "predict")
	for i, p := range parts {
		for k, w := range weightsOf(p) {
			if !slices.Contains(c.Ill, [2]int{i, k}) {
				closeArrays(t, c.End[i][k].Dense, w.Value(), 1e-4, w.Path)
			}
		}
	}
}

// tolerance is wider where Keras's own back ends miss the truth: what a weight that nobody can be held to does to a result.
func (c *trainingCase) tolerance(usual float64) float64 {
	if len(c.Ill) > 0 {
		return 10 * usual
	}
	return usual
}

// build makes the model and lists its layers in the order of the case.
func (c *trainingCase) build(t *testing.T) (*keras.Model, []layers.Part) {
	t.Helper()
	parts := make([]layers.Part, len(c.Layers))
	for i, config := range c.Layers {
		l, err := saving.FromConfig(config)
		require.NoError(t, err)
		parts[i] = l.(layers.Part)
	}
	if c.Sequential {
		stack := []layers.Layer{&layers.Input{Shape: c.Inputs[0].Shape, DType: c.Inputs[0].DType}}
		for _, call := range c.Calls {
			stack = append(stack, parts[call.Layer].(layers.Layer))
		}
		return keras.Sequential(stack...), parts
	}
	var ins, values []ops.Tensor
	for _, in := range c.Inputs {
		ins = append(ins, keras.Input(layers.Input{Shape: in.Shape, DType: in.DType}))
	}
	for _, call := range c.Calls {
		var xs []ops.Tensor
		for _, n := range call.In { // from -1 down: results of calls
			if n >= 0 {
				xs = append(xs, ins[n])
				continue
			}
			xs = append(xs, values[-1-n])
		}
		if m, ok := parts[call.Layer].(layers.Merger); ok {
			values = append(values, keras.Merge(m, xs...))
			continue
		}
		values = append(values, keras.Apply(parts[call.Layer].(layers.Layer), xs[0]))
	}
	return keras.NewModel(ins, values[len(values)-1:]), parts
}

// metrics are those of the script.
func (c *trainingCase) metrics(t *testing.T) (weighted, plain []metrics.Metric) {
	t.Helper()
	for _, name := range c.Metrics {
		switch name {
		case "accuracy":
			plain = append(plain, &metrics.Accuracy{})
		case "mse":
			plain = append(plain, &metrics.MeanSquaredError{Label: "mse"})
		case "mae":
			plain = append(plain, &metrics.MeanAbsoluteError{Label: "mae"})
		default:
			t.Fatalf("metric %q", name)
		}
	}
	if c.Weighted && len(c.Metrics) == 0 {
		weighted = append(weighted, &metrics.MeanAbsoluteError{Label: "mae"})
	}
	return weighted, plain
}

func (c *trainingCase) compareLogs(t *testing.T, batches []callbacks.Logs, history *keras.History) {
	t.Helper()
	require.Len(t, batches, len(c.Batches))
	for i, want := range c.Batches {
		require.Len(t, batches[i], len(want), "batch %d: %v", i, batches[i])
		for name, v := range want {
			c.closeTo(t, fmt.Sprint("batch ", i), name, v, batches[i][name])
		}
	}
	require.Len(t, history.Metrics, len(c.Epochs))
	for name, want := range c.Epochs {
		require.Len(t, history.Metrics[name], len(want), name)
		for epoch, v := range want {
			c.closeTo(t, fmt.Sprint("epoch ", epoch), name, v, history.Metrics[name][epoch])
		}
	}
}

// closeTo compares losses and metrics relative to their size. What depends on the weights is as good as these; accuracies are counts.
func (c *trainingCase) closeTo(t *testing.T, where, name string, want, got float64) {
	t.Helper()
	tolerance := c.tolerance(1e-5)
	if strings.HasSuffix(name, "accuracy") {
		tolerance = 1e-6
	}
	require.InDelta(t, want, got, tolerance*math.Max(math.Abs(want), 0.1), "%s: %s", where, name)
}

// closeArrays compares arrays relative to the largest value.
func closeArrays(t *testing.T, want, got *tensor.Dense, tolerance float64, what string) {
	t.Helper()
	w, g := want.Float32s(), got.Float32s()
	require.Len(t, g, len(w), what)
	largest := 0.0
	for _, v := range w {
		largest = math.Max(largest, math.Abs(float64(v)))
	}
	for i := range w {
		require.InDelta(t, w[i], g[i], tolerance*largest, "%s, element %d", what, i)
	}
}

// weightsOf are a layer's weights in Keras's order, trained ones first.
func weightsOf(p layers.Part) []*layers.Weight {
	var ws []*layers.Weight
	for _, fixed := range []bool{false, true} {
		for _, w := range layers.BaseOf(p).Weights() {
			if w.DType() == ops.Float32 && w.Spec.NonTrainable == fixed {
				ws = append(ws, w)
			}
		}
	}
	return ws
}

func arraysOf(as []trainingArray) []*tensor.Dense {
	out := make([]*tensor.Dense, len(as))
	for i, a := range as {
		out[i] = a.Dense
	}
	return out
}

// batchRecord keeps the logs of all batches.
type batchRecord struct {
	callbacks.Base
	logs []callbacks.Logs
}

// OnTrainBatchEnd implements [callbacks.Callback].
func (r *batchRecord) OnTrainBatchEnd(_ *callbacks.Run, _ int, logs callbacks.Logs) error {
	r.logs = append(r.logs, maps.Clone(logs))
	return nil
}

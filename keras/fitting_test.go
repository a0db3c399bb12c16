package keras_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
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

// A fittingCase is a call of fit with all its arguments and what Keras made of it.
type fittingCase struct {
	Names           []string
	Optimizer       map[string]any
	Masked          bool
	Width, Hidden   int
	Units           []int
	Activations     []string
	Loss            any
	LossWeights     any `json:"loss_weights"`
	Metrics         any
	WeightedMetrics any `json:"weighted_metrics"`
	Samples         int
	X               trainingArray
	Y               []trainingArray
	SampleWeight    []trainingArray `json:"sample_weight"`
	Validation      string
	Fit             struct {
		ClassWeight         map[int]float64 `json:"class_weight"`
		BatchSize           int             `json:"batch_size"`
		Epochs              int
		InitialEpoch        int     `json:"initial_epoch"`
		StepsPerEpoch       int     `json:"steps_per_epoch"`
		ValidationFreq      any     `json:"validation_freq"`
		ValidationSteps     int     `json:"validation_steps"`
		ValidationBatchSize int     `json:"validation_batch_size"`
		ValidationSplit     float64 `json:"validation_split"`
	}

	Start, End    []trainingArray
	Batches       []map[string]float64
	Epochs        map[string][]float64
	Evaluate      map[string]float64
	EvaluateSteps map[string]float64 `json:"evaluate_steps"`
}

// TestFitIsKeras calls Fit as internal/golden/fitting.py has called Keras's, and compares all results.
func TestFitIsKeras(t *testing.T) {
	f, err := os.Open("testdata/training/fitting.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var file struct{ Cases []fittingCase }
	require.NoError(t, json.NewDecoder(z).Decode(&file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		c := &file.Cases[i]
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			c.run(t, func(m *keras.Model, b data.Batch, o keras.FitOptions) (*keras.History, error) {
				return m.FitArrays(t.Context(), b, o)
			})
		})
		if c.Fit.ValidationSplit > 0 || c.Fit.BatchSize == 0 {
			continue // A data set cannot be split, and has batches of its own.
		}
		t.Run(fmt.Sprint(i, " data set"), func(t *testing.T) {
			c.run(t, func(m *keras.Model, b data.Batch, o keras.FitOptions) (*keras.History, error) {
				d := data.FromArrays(b).Batch(o.BatchSize)
				if o.ValidationBatchSize == 0 {
					o.ValidationBatchSize = o.BatchSize
				}
				o.BatchSize = 0
				return m.FitDataset(t.Context(), d, o)
			})
		})
	}
}

func (c *fittingCase) run(t *testing.T, fit func(*keras.Model, data.Batch, keras.FitOptions) (*keras.History, error)) {
	t.Helper()
	m := c.model()
	optimizer, err := saving.Decode[optimizers.Optimizer](c.Optimizer)
	require.NoError(t, err)
	o := keras.CompileOptions{
		Optimizer: optimizer, Loss: c.loss(t), LossWeights: c.lossWeights(),
		Metrics: words(c.Metrics), WeightedMetrics: words(c.WeightedMetrics),
	}
	require.NoError(t, m.Compile(o))
	for i, w := range m.Weights() {
		require.Equal(t, []int(c.Start[i].Shape()), w.Shape(), w.Path)
		copy(w.Float32s(), c.Start[i].Float32s())
	}
	train, val := c.part(t, 0, c.Samples), c.part(t, c.Samples, c.X.Shape()[0])
	for _, w := range c.SampleWeight {
		train.SampleWeight = append(train.SampleWeight, w.Dense)
	}
	record := &batchRecord{}
	options := keras.FitOptions{
		ClassWeight: c.Fit.ClassWeight, BatchSize: c.Fit.BatchSize, Epochs: c.Fit.Epochs, InitialEpoch: c.Fit.InitialEpoch,
		StepsPerEpoch: c.Fit.StepsPerEpoch, ValidationSteps: c.Fit.ValidationSteps, ValidationBatchSize: c.Fit.ValidationBatchSize,
		ValidationSplit: c.Fit.ValidationSplit, Shuffle: new(false), Callbacks: []callbacks.Callback{record},
	}
	switch freq := c.Fit.ValidationFreq.(type) {
	case float64:
		options.ValidationFreq = int(freq)
	case []any:
		for _, epoch := range freq {
			options.ValidationEpochs = append(options.ValidationEpochs, int(epoch.(float64)))
		}
	}
	if c.Validation == "data" {
		options.ValidationData = val
	}
	history, err := fit(m, train, options)
	require.NoError(t, err)
	require.Len(t, record.logs, len(c.Batches))
	for i, want := range c.Batches {
		equalLogs(t, want, record.logs[i], fmt.Sprint("batch ", i))
	}
	require.Len(t, history.Metrics, len(c.Epochs))
	for name, want := range c.Epochs {
		require.Len(t, history.Metrics[name], len(want), name)
		for epoch, v := range want {
			closeLog(t, v, history.Metrics[name][epoch], fmt.Sprint("epoch ", epoch, ": ", name))
		}
	}
	for i, w := range m.Weights() {
		closeArrays(t, c.End[i].Dense, w.Value(), 1e-4, w.Path)
	}
	logs, err := m.EvaluateArrays(t.Context(), val, keras.EvaluateOptions{BatchSize: 4})
	require.NoError(t, err)
	equalLogs(t, c.Evaluate, logs, "evaluate")
	logs, err = m.EvaluateArrays(t.Context(), val, keras.EvaluateOptions{BatchSize: 3, Steps: 2})
	require.NoError(t, err)
	equalLogs(t, c.EvaluateSteps, logs, "evaluate with steps")
}

func equalLogs(t *testing.T, want map[string]float64, got callbacks.Logs, where string) {
	t.Helper()
	require.Len(t, got, len(want), "%s: %v", where, got)
	for name, v := range want {
		require.Contains(t, got, name, where)
		closeLog(t, v, got[name], where+": "+name)
	}
}

// closeLog compares losses and metrics: accuracies are counts, the others are as good as the weights.
func closeLog(t *testing.T, want, got float64, what string) {
	t.Helper()
	tolerance := 1e-5
	if strings.HasSuffix(what, "acc") || strings.HasSuffix(what, "accuracy") {
		tolerance = 1e-6
	}
	require.InDelta(t, want, got, tolerance*math.Max(math.Abs(want), 0.1), what)
}

func (c *fittingCase) model() *keras.Model {
	in := keras.Input(layers.Input{Shape: []int{c.Width}})
	var h ops.Tensor
	if c.Masked {
		in = keras.Input(layers.Input{Shape: []int{c.X.Shape()[1]}, DType: ops.Int32})
		h = keras.Apply(&layers.Embedding{InputDim: 6, OutputDim: c.Width, MaskZero: true}, in)
	} else {
		h = keras.Apply(&layers.Dense{Units: c.Hidden, Activation: activations.Tanh}, in)
	}
	var outs []ops.Tensor
	for i, name := range c.Names {
		d := &layers.Dense{Units: c.Units[i]}
		switch c.Activations[i] {
		case "sigmoid":
			d.Activation = activations.Sigmoid
		case "softmax":
			d.Activation = activations.Softmax
		}
		outs = append(outs, keras.Apply(layers.Named(name, d), h))
	}
	return keras.NewModel([]ops.Tensor{in}, outs)
}

func (c *fittingCase) loss(t *testing.T) losses.Loss {
	t.Helper()
	get := func(name any) losses.Loss {
		l, err := losses.Get(name.(string))
		require.NoError(t, err)
		return l
	}
	switch v := c.Loss.(type) {
	case []any:
		var each losses.Each
		for _, name := range v {
			each = append(each, get(name))
		}
		return each
	case map[string]any:
		named := losses.Named{}
		for output, name := range v {
			named[output] = get(name)
		}
		return named
	}
	return get(c.Loss)
}

func (c *fittingCase) lossWeights() []float64 {
	var ws []float64
	switch v := c.LossWeights.(type) {
	case []any:
		for _, w := range v {
			ws = append(ws, w.(float64))
		}
	case map[string]any:
		for _, name := range c.Names {
			ws = append(ws, v[name].(float64))
		}
	}
	return ws
}

// words are metrics as the script gave them: words, a list for each output, or lists by the outputs' names.
func words(v any) []metrics.Metric {
	list := func(v any) (ms []metrics.Metric) {
		for _, word := range v.([]any) {
			ms = append(ms, metrics.Word(word.(string)))
		}
		return ms
	}
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return nil
		}
		if _, flat := v[0].(string); flat {
			return list(v)
		}
		var each metrics.Each
		for _, e := range v {
			each = append(each, list(e))
		}
		return []metrics.Metric{each}
	case map[string]any:
		named := metrics.Named{}
		for output, e := range v {
			named[output] = list(e)
		}
		return []metrics.Metric{named}
	}
	return nil
}

// part is the samples from first to last of inputs and targets.
func (c *fittingCase) part(t *testing.T, first, last int) data.Batch {
	t.Helper()
	cut := func(a trainingArray) *tensor.Dense {
		view, err := a.Slice(tensor.S(first, last))
		require.NoError(t, err)
		return view.Materialize().(*tensor.Dense)
	}
	b := data.Batch{X: []*tensor.Dense{cut(c.X)}}
	for _, y := range c.Y {
		b.Y = append(b.Y, cut(y))
	}
	return b
}

package keras_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

var graphsFixture = flag.String("graphs", filepath.Join("testdata", "graphs"), "the folder that internal/golden/graphs.py wrote")

// A graphCase is a model that internal/golden/graphs.py has drawn, and all that Keras says about it.
type graphCase struct {
	Graph   graphDescription
	Heads   []graphHead
	Compile struct {
		By        string
		Weights   []float64
		WithLoss  []bool `json:"with_loss"`
		Optimizer struct {
			LearningRate float64 `json:"learning_rate"`
			Momentum     float64
		}
	}
	Config    map[string]any
	Layers    []string
	Outputs   []string
	Summaries []graphSummary
	Trained   [2]int
	X, Y      []trainingArray
	Start     []trainingArray
	Predict   []trainingArray
	Gradients []trainingArray
	Logs      []map[string]float64
	Evaluate  map[string]float64
	End       []trainingArray
	After     string
}

type graphHead struct {
	Name    string
	Loss    map[string]any
	Metrics []string
	Masked  bool
}

type graphSummary struct {
	LineLength    int      `json:"line_length"`
	ExpandNested  bool     `json:"expand_nested"`
	ShowTrainable bool     `json:"show_trainable"`
	LayerRange    []string `json:"layer_range"`
	Text          string
}

func (s *graphSummary) options() keras.SummaryOptions {
	o := keras.SummaryOptions{LineLength: s.LineLength, ExpandNested: s.ExpandNested, ShowTrainable: s.ShowTrainable}
	copy(o.LayerRange[:], s.LayerRange)
	return o
}

// A graphDescription is a model as the script makes it.
type graphDescription struct {
	Name   string
	Inputs []struct {
		Name  string
		Shape []int
		DType ops.DType
	}
	Parts   []graphPart
	Calls   []graphCall
	Outputs [][2]int
	Frozen  bool
}

// A graphPart is a layer's configuration, a stack of parts, or a model.
type graphPart struct {
	Name   string
	Model  *graphDescription
	Stack  []graphPart
	Input  []int
	Frozen bool
	layer  map[string]any
}

// UnmarshalJSON implements [json.Unmarshaler].
func (p *graphPart) UnmarshalJSON(text []byte) error {
	type plain graphPart
	if err := json.Unmarshal(text, (*plain)(p)); err != nil {
		return err
	}
	return decodeNumbers(text, &p.layer)
}

// A graphCall applies a part or an operation to tensors, which are [input, 0], counted from -1 down, or [call, result], or numbers.
type graphCall struct {
	Part      int
	Operation string
	In        []json.RawMessage
	States    [][2]int
}

func decodeNumbers(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

func readGraphs(t *testing.T) []graphCase {
	t.Helper()
	f, err := os.Open(filepath.Join(*graphsFixture, "graphs.json.gz"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var raw []json.RawMessage
	require.NoError(t, json.NewDecoder(z).Decode(&raw))
	cases := make([]graphCase, len(raw))
	for i, text := range raw {
		require.NoError(t, json.Unmarshal(text, &cases[i]))
		var numbers struct {
			Config map[string]any
			Heads  []graphHead
		}
		require.NoError(t, decodeNumbers(text, &numbers))
		cases[i].Config, cases[i].Heads = numbers.Config, numbers.Heads
	}
	require.NotEmpty(t, cases)
	return cases
}

// part is the layer or model of a description.
func (p *graphPart) part(t *testing.T) layers.Part {
	t.Helper()
	if p.Model != nil {
		return p.Model.build(t)
	}
	if p.Stack == nil {
		o := map[string]any{}
		for _, key := range []string{"module", "class_name", "config", "registered_name"} {
			o[key] = p.layer[key]
		}
		l, err := saving.FromConfig(o)
		require.NoError(t, err)
		layers.BaseOf(l.(layers.Part)).Name = p.Name
		return l.(layers.Part)
	}
	var stack []layers.Layer
	if p.Input != nil {
		stack = append(stack, &layers.Input{Shape: p.Input})
	}
	for _, q := range p.Stack {
		stack = append(stack, q.part(t).(layers.Layer))
	}
	m := keras.Sequential(stack...)
	if m.Name = p.Name; p.Frozen {
		m.SetTrainable(false)
	}
	return m
}

// build makes the model of a description by keras.Apply and its like.
func (g *graphDescription) build(t *testing.T) *keras.Model {
	t.Helper()
	var ins []ops.Tensor
	for _, in := range g.Inputs {
		ins = append(ins, keras.Input(layers.Input{Base: layers.Base{Name: in.Name}, Shape: in.Shape, DType: in.DType}))
	}
	parts := make([]layers.Part, len(g.Parts))
	for i := range g.Parts {
		parts[i] = g.Parts[i].part(t)
	}
	results := make([][]ops.Tensor, len(g.Calls))
	at := func(x [2]int) ops.Tensor {
		if x[0] < 0 {
			return ins[-1-x[0]]
		}
		return results[x[0]][x[1]]
	}
	for i, c := range g.Calls {
		var xs []ops.Tensor
		for _, raw := range c.In {
			var number float64
			var place [2]int
			if json.Unmarshal(raw, &number) == nil {
				xs = append(xs, ops.Scalar(number))
				continue
			}
			require.NoError(t, json.Unmarshal(raw, &place))
			xs = append(xs, at(place))
		}
		for _, s := range c.States {
			xs = append(xs, at(s))
		}
		if c.Operation != "" {
			results[i] = []ops.Tensor{graphOperation(t, c.Operation, xs)}
			continue
		}
		results[i] = graphApply(parts[c.Part], xs)
	}
	var outs []ops.Tensor
	for _, x := range g.Outputs {
		outs = append(outs, at(x))
	}
	m := keras.NewModel(ins, outs)
	if m.Name = g.Name; g.Frozen {
		m.SetTrainable(false)
	}
	return m
}

func graphApply(p layers.Part, xs []ops.Tensor) []ops.Tensor {
	if l, ok := p.(*layers.LSTM); ok && (len(xs) > 1 || l.ReturnState) {
		return keras.ApplyAll(l, xs...)
	}
	if m, ok := p.(*keras.Model); ok {
		return keras.ApplyAll(m, xs...)
	}
	if l, ok := p.(layers.Merger); ok {
		return []ops.Tensor{keras.Merge(l, xs...)}
	}
	return []ops.Tensor{keras.Apply(p.(layers.Layer), xs[0])}
}

func graphOperation(t *testing.T, name string, xs []ops.Tensor) ops.Tensor {
	t.Helper()
	one := map[string]func(ops.Tensor) ops.Tensor{"tanh": ops.Tanh, "sigmoid": ops.Sigmoid, "square": ops.Square, "silu": ops.SiLU}
	two := map[string]func(x, y ops.Tensor) ops.Tensor{"add": ops.Add, "subtract": ops.Subtract, "multiply": ops.Multiply}
	switch {
	case name == "mean":
		return ops.KeepDims(ops.Mean, xs[0], -1)
	case name == "concatenate":
		return ops.Concatenate(-1, xs...)
	case one[name] != nil:
		return one[name](xs[0])
	}
	require.Contains(t, two, name)
	return two[name](xs[0], xs[1])
}

func (c *graphCase) compile(t *testing.T, m *keras.Model) {
	t.Helper()
	named, each := losses.Named{}, losses.Each{}
	byName, byPlace := metrics.Named{}, metrics.Each{}
	var weights []float64
	for i, h := range c.Heads {
		var l losses.Loss
		if c.Compile.WithLoss[i] {
			v, err := saving.FromConfig(h.Loss)
			require.NoError(t, err)
			l = v.(losses.Loss)
			named[h.Name] = l
		}
		each = append(each, l)
		var ms []metrics.Metric
		for _, word := range h.Metrics {
			ms = append(ms, metrics.Word(word))
		}
		byName[h.Name], byPlace = ms, append(byPlace, ms)
		if c.Compile.Weights != nil {
			weights = append(weights, c.Compile.Weights[i])
		}
	}
	o := keras.CompileOptions{
		Optimizer:   &optimizers.SGD{LearningRate: c.Compile.Optimizer.LearningRate, Momentum: c.Compile.Optimizer.Momentum},
		LossWeights: weights, Seed: 1, Loss: each, Metrics: []metrics.Metric{byPlace},
	}
	if c.Compile.By == "name" {
		o.Loss, o.Metrics = named, []metrics.Metric{byName}
	}
	if len(c.Heads) == 1 {
		o.Loss, o.Metrics = each[0], byPlace[0]
	}
	require.NoError(t, m.Compile(o))
}

// Each model is made in two ways: from Keras's configuration, and by hand. Both do what Keras does.
func TestGraphsAreKeras(t *testing.T) {
	for i, c := range readGraphs(t) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			loaded, err := keras.DecodeModel(c.Config, 0)
			require.NoError(t, err)
			c.assertNames(t, loaded)
			c.assertSummaries(t, loaded)
			c.assertSame(t, loaded)
			c.assertSame(t, c.Graph.build(t))
		})
	}
}

func (c *graphCase) assertNames(t *testing.T, m *keras.Model) {
	t.Helper()
	var got []string
	for i, p := range m.Layers() {
		name := m.LayerName(p)
		got = append(got, name)
		same, err := m.Layer(name)
		require.NoError(t, err)
		require.Same(t, p, same)
		same, err = m.LayerAt(i)
		require.NoError(t, err)
		require.Same(t, p, same)
	}
	require.Equal(t, c.Layers, got)
	require.Equal(t, c.Outputs, m.OutputNames())
}

func (c *graphCase) assertSummaries(t *testing.T, m *keras.Model) {
	t.Helper()
	for _, s := range c.Summaries {
		var b bytes.Buffer
		require.NoError(t, m.Summary(&b, s.options()))
		require.Equal(t, s.Text, b.String(), "%+v", s.options())
	}
}

// assertSame compares what a model computes and learns.
func (c *graphCase) assertSame(t *testing.T, m *keras.Model) {
	t.Helper()
	c.compile(t, m)
	require.NoError(t, m.SetWeights(arraysOf(c.Start)))
	require.Len(t, m.TrainableWeights(), c.Trained[0])
	require.Len(t, m.GetWeights(), c.Trained[1])
	predicted, err := m.PredictArrays(t.Context(), arraysOf(c.X), keras.PredictOptions{BatchSize: graphBatch})
	require.NoError(t, err)
	require.Len(t, predicted, len(c.Predict))
	for i, p := range predicted {
		closeArrays(t, c.Predict[i].Dense, p, 1e-5, c.Heads[i].Name)
	}
	c.assertGradients(t, m)
	c.assertReadBack(t, m)

	record := &batchRecord{}
	b := data.Batch{X: arraysOf(c.X), Y: arraysOf(c.Y)}
	epochs := len(c.Logs) * graphBatch / b.X[0].Shape()[0]
	_, err = m.FitArrays(t.Context(), b, keras.FitOptions{Epochs: epochs, BatchSize: graphBatch, Shuffle: new(false), Callbacks: []callbacks.Callback{record}})
	require.NoError(t, err)
	require.Len(t, record.logs, len(c.Logs))
	masked := false
	for _, h := range c.Heads {
		masked = masked || h.Masked
	}
	for i, want := range c.Logs {
		for name, v := range want {
			closeGraphLog(t, fmt.Sprintf("batch %d: %s", i, name), v, record.logs[i][name])
		}
		if !masked {
			require.Len(t, record.logs[i], len(want), "%v", record.logs[i])
		}
	}
	logs, err := m.EvaluateArrays(t.Context(), b, keras.EvaluateOptions{BatchSize: graphBatch})
	require.NoError(t, err)
	require.Len(t, logs, len(c.Evaluate), "%v", logs)
	for name, v := range c.Evaluate {
		closeGraphLog(t, "evaluate: "+name, v, logs[name])
	}
	for i, w := range m.GetWeights() {
		closeArrays(t, c.End[i].Dense, w, 1e-4, fmt.Sprint("weight ", i))
	}
}

const graphBatch = 8

func closeGraphLog(t *testing.T, what string, want, got float64) {
	t.Helper()
	tolerance := 2e-5
	if strings.HasSuffix(what, "accuracy") {
		tolerance = 1e-6
	}
	require.InDelta(t, want, got, tolerance*max(want, 0.1), what)
}

// assertGradients compares those of the inputs of floats.
func (c *graphCase) assertGradients(t *testing.T, m *keras.Model) {
	t.Helper()
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		var loss ops.Tensor
		for i, x := range in {
			if x.DType() == ops.Float32 {
				s.Watch(in[i])
			}
		}
		for _, y := range s.InferAll(m, in...) {
			each := ops.Mean(ops.Square(y))
			if !loss.Valid() {
				loss = each
				continue
			}
			loss = ops.Add(loss, each)
		}
		// Penalties of layers are no part of what the script differentiates.
		return ops.Subtract(loss, orZero(s.Losses()))
	}, m)
	var xs []*tensor.Dense
	for _, x := range c.X {
		part, err := x.Slice(tensor.S(0, graphBatch))
		require.NoError(t, err)
		xs = append(xs, part.Materialize().(*tensor.Dense))
	}
	r, err := step.Run(t.Context(), xs...)
	require.NoError(t, err)
	got := r.Watched()
	require.Len(t, got, len(c.Gradients))
	for i, want := range c.Gradients {
		if got[i] == nil { // The outputs do not depend on the input.
			require.Equal(t, make([]float32, len(want.Float32s())), want.Float32s())
			continue
		}
		closeArrays(t, want.Dense, got[i], 1e-5, fmt.Sprint("gradient of input ", i))
	}
}

func orZero(x ops.Tensor) ops.Tensor {
	if !x.Valid() {
		return ops.Scalar(0)
	}
	return x
}

// assertReadBack makes sure that a model's JSON makes a model that computes the same bits.
func (c *graphCase) assertReadBack(t *testing.T, m *keras.Model) {
	t.Helper()
	o, err := keras.EncodeModel(m)
	require.NoError(t, err)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	var numbers map[string]any
	require.NoError(t, decodeNumbers(text, &numbers))
	again, err := keras.DecodeModel(numbers, 0)
	require.NoError(t, err)
	require.NoError(t, again.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}))
	require.NoError(t, again.SetWeights(m.GetWeights()))
	want, err := m.PredictArrays(t.Context(), arraysOf(c.X))
	require.NoError(t, err)
	got, err := again.PredictArrays(t.Context(), arraysOf(c.X))
	require.NoError(t, err)
	for i := range want {
		require.Equal(t, want[i].Data(), got[i].Data())
	}
}

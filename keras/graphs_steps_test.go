package keras_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// An ownCase is what several models did in steps of internal/golden/graphs.py.
type ownCase struct {
	Start, End [][]trainingArray
	X          []trainingArray // with the steps as the first axis
	Losses     []float64
}

// stepCases are the training steps of one's own, gradients and freezing of internal/golden/graphs.py.
type stepCases struct {
	GAN, VAE, Distillation, Pairs ownCase
	GradCAM                       struct {
		X, Features, Inner, Picture trainingArray
		Start                       []trainingArray
	}
	Calls    []callCase
	Freezing struct {
		X, Y   trainingArray
		Start  []trainingArray
		Phases []struct {
			Name    string
			Loss    []float64
			Trained []string
			Base    int
			Summary string
			Weights []trainingArray
		}
	}
}

// A callCase is a model of layers of several tensors.
type callCase struct {
	Config      map[string]any
	Start, X, Y []trainingArray
}

func readSteps(t *testing.T) (c stepCases) {
	t.Helper()
	f, err := os.Open(filepath.Join(*graphsFixture, "steps.json.gz"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &c))
	var numbers struct {
		Calls []struct{ Config map[string]any }
	}
	require.NoError(t, decodeNumbers(text, &numbers))
	for i := range c.Calls {
		c.Calls[i].Config = numbers.Calls[i].Config
	}
	return c
}

// at is what a step gets: one element of the first axis.
func (c *ownCase) at(t *testing.T, step int) []*tensor.Dense {
	t.Helper()
	var xs []*tensor.Dense
	for _, x := range c.X {
		part, err := x.Slice(tensor.S(step))
		require.NoError(t, err)
		xs = append(xs, part.Materialize().(*tensor.Dense))
	}
	return xs
}

// begin gives the models the weights that they start from.
func (c *ownCase) begin(t *testing.T, models ...*keras.Model) {
	t.Helper()
	for i, m := range models {
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}))
		require.NoError(t, m.SetWeights(arraysOf(c.Start[i])))
	}
}

// run makes each step of the case with each of several functions, and compares losses and weights.
func (c *ownCase) run(t *testing.T, functions []*keras.Function, models ...*keras.Model) {
	t.Helper()
	var sgd []*optimizers.SGD
	for range functions {
		sgd = append(sgd, &optimizers.SGD{LearningRate: 0.2})
	}
	for step := range len(c.Losses) / len(functions) {
		for i, f := range functions {
			r, err := f.Run(t.Context(), c.at(t, step)...)
			require.NoError(t, err)
			want := c.Losses[step*len(functions)+i]
			require.InDelta(t, want, r.Loss, 2e-5*max(want, 0.1), "step %d", step)
			require.NoError(t, optimizers.Apply(sgd[i], r.Gradients()))
		}
	}
	for i, m := range models {
		for k, w := range m.GetWeights() {
			closeArrays(t, c.End[i][k].Dense, w, 1e-4, fmt.Sprintf("model %d, weight %d", i, k))
		}
	}
}

// perceptron is a stack of dense layers; all but the last have a tangent.
func perceptron(features int, last activations.Activation, units ...int) *keras.Model {
	stack := []layers.Layer{&layers.Input{Shape: []int{features}}}
	for i, n := range units {
		d := &layers.Dense{Units: n, Activation: activations.Tanh}
		if i == len(units)-1 {
			d.Activation = last
		}
		stack = append(stack, d)
	}
	return keras.Sequential(stack...)
}

func crossEntropy(logits ops.Tensor, label float64) ops.Tensor {
	return ops.Mean(ops.Subtract(ops.Softplus(logits), ops.Multiply(logits, ops.Scalar(label))))
}

// Two models with an optimizer each: what moves one leaves the other alone.
func TestGANIsKeras(t *testing.T) {
	c := readSteps(t).GAN
	generator, critic := perceptron(2, nil, 4, 3), perceptron(3, nil, 5, 1)
	c.begin(t, generator, critic)
	judge := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		return ops.Add(crossEntropy(s.Call(critic, in[0]), 1), crossEntropy(s.Call(critic, s.Infer(generator, in[1])), 0))
	}, critic)
	deceive := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		return crossEntropy(s.Infer(critic, s.Call(generator, in[1])), 1)
	}, generator)
	c.run(t, []*keras.Function{judge, deceive}, generator, critic)
}

func TestVAEIsKeras(t *testing.T) {
	c := readSteps(t).VAE
	x := keras.Input(layers.Input{Shape: []int{4}})
	h := keras.Apply(&layers.Dense{Units: 5, Activation: activations.Tanh}, x)
	encoder := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(&layers.Dense{Units: 2}, h), keras.Apply(&layers.Dense{Units: 2}, h)})
	decoder := perceptron(2, nil, 4, 4)
	c.begin(t, encoder, decoder)
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		code := s.CallAll(encoder, in[0])
		mean, log := code[0], code[1]
		z := ops.Add(mean, ops.Multiply(ops.Exp(ops.Multiply(log, ops.Scalar(0.5))), in[1]))
		divergence := ops.Mean(ops.Subtract(ops.Add(log, ops.Scalar(1)), ops.Add(ops.Square(mean), ops.Exp(log))))
		s.AddLoss(ops.Multiply(divergence, ops.Scalar(-0.1)))
		return ops.Mean(ops.Square(ops.Subtract(s.Call(decoder, z), in[0])))
	}, encoder, decoder)
	for i := range c.Losses { // What is added is no part of the loss that the function returns.
		require.NotZero(t, c.Losses[i])
	}
	c.run(t, []*keras.Function{step}, encoder, decoder)
}

func TestDistillationIsKeras(t *testing.T) {
	c := readSteps(t).Distillation
	teacher, student := perceptron(3, nil, 6, 3), perceptron(3, nil, 2, 3)
	c.begin(t, teacher, student)
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		soft := func(x ops.Tensor) ops.Tensor { return ops.Divide(x, ops.Scalar(2)) }
		each := ops.Multiply(ops.Softmax(soft(s.Infer(teacher, in[0])), -1), ops.LogSoftmax(soft(s.Call(student, in[0])), -1))
		return ops.Negative(ops.Mean(ops.Sum(each, -1)))
	}, student)
	c.run(t, []*keras.Function{step}, teacher, student)
}

func TestContrastivePairsAreKeras(t *testing.T) {
	c := readSteps(t).Pairs
	tower := perceptron(3, activations.Tanh, 4, 2)
	c.begin(t, tower)
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		same := in[2]
		distance := ops.KeepDims(ops.Sum, ops.Square(ops.Subtract(s.Call(tower, in[0]), s.Call(tower, in[1]))), -1)
		apart := ops.Softplus(ops.Subtract(ops.Scalar(1), distance))
		return ops.Mean(ops.Add(ops.Multiply(same, distance), ops.Multiply(ops.Subtract(ops.Scalar(1), same), apart)))
	}, tower)
	c.run(t, []*keras.Function{step}, tower)
}

// The gradients of a class's score with respect to what an inner layer makes, by models made of the model's tensors, and to the picture.
func TestGradCAMIsKeras(t *testing.T) {
	c := readSteps(t).GradCAM
	m := keras.Sequential(
		&layers.Input{Shape: []int{6, 6, 1}},
		layers.Named("early", &layers.Conv2D{Filters: 2, KernelSize: []int{3}, Activation: activations.Tanh}),
		layers.Named("late", &layers.Conv2D{Filters: 3, KernelSize: []int{3}, Activation: activations.Tanh}),
		&layers.GlobalAveragePooling2D{}, &layers.Dense{Units: 3},
	)
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}))
	require.NoError(t, m.SetWeights(arraysOf(c.Start)))
	late := m.LayerOutput("late")
	features := keras.NewModel(m.Inputs(), []ops.Tensor{late})
	head := keras.NewModel([]ops.Tensor{late}, m.Outputs())
	require.Len(t, head.GetWeights(), 2)

	score := func(y ops.Tensor) ops.Tensor { return ops.Sum(ops.Slice(y, []int{0, 1}, []int{ops.Unknown, 1})) }
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		a := s.Infer(features, in[0])
		s.Output("features", a)
		s.Watch(a)
		s.Watch(in[0])
		return score(s.Infer(head, a))
	})
	r, err := step.Run(t.Context(), c.X.Dense)
	require.NoError(t, err)
	out := r.Output("features")
	closeArrays(t, c.Features.Dense, out, 1e-5, "features")
	closeArrays(t, c.Inner.Dense, r.Watched()[0], 1e-5, "gradient of the features")
	closeArrays(t, c.Picture.Dense, r.Watched()[1], 1e-5, "gradient of the picture")
}

// Freezing and thawing count from the next Compile on, keep the weights, and start the optimizer anew.
func TestFreezingIsKeras(t *testing.T) {
	c := readSteps(t).Freezing
	base := keras.Sequential(
		&layers.Input{Shape: []int{3}},
		layers.Named("dense", &layers.Dense{Units: 4, Activation: activations.Tanh, KernelRegularizer: regularizers.L2{L2: new(0.1)}}),
		layers.Named("batch_normalization", &layers.BatchNormalization{Momentum: new(0.8), Epsilon: new(0.1)}),
		layers.Named("dense_1", &layers.Dense{Units: 3, Activation: activations.Tanh}),
	)
	base.Name = "base"
	x := keras.Input(layers.Input{Base: layers.Base{Name: "input_layer_1"}, Shape: []int{3}})
	m := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(layers.Named("head", &layers.Dense{Units: 1}), keras.Apply(base, x))})
	for i, phase := range c.Phases {
		switch phase.Name {
		case "frozen", "thawed":
			base.SetTrainable(phase.Name == "thawed")
		case "last":
			last, err := base.LayerAt(-1)
			require.NoError(t, err)
			layers.BaseOf(last).SetTrainable(true)
		case "root":
			m.SetTrainable(false)
			require.Empty(t, m.TrainableWeights())
			m.SetTrainable(true)
			first, err := base.LayerAt(0)
			require.NoError(t, err)
			layers.BaseOf(first).SetTrainable(false)
		}
		require.NoError(t, m.Compile(keras.CompileOptions{Optimizer: &optimizers.SGD{LearningRate: 0.1, Momentum: 0.5}, Loss: losses.MeanSquaredError{}, Seed: 1}))
		if i == 0 {
			require.NoError(t, m.SetWeights(arraysOf(c.Start)))
		}
		require.Equal(t, phase.Trained, weightPaths(m.TrainableWeights()), phase.Name)
		require.Len(t, base.TrainableWeights(), phase.Base, phase.Name)
		h, err := m.Fit(t.Context(), c.X.Dense, c.Y.Dense, keras.FitOptions{Epochs: 2, BatchSize: graphBatch, Shuffle: new(false)})
		require.NoError(t, err)
		for k, want := range phase.Loss {
			require.InDelta(t, want, h.Metrics["loss"][k], 2e-5*max(want, 0.1), "%s, epoch %d", phase.Name, k)
		}
		for k, w := range m.GetWeights() {
			closeArrays(t, phase.Weights[k].Dense, w, 1e-4, fmt.Sprintf("%s, weight %d", phase.Name, k))
		}
		var b bytes.Buffer
		m.Name = "functional_1"
		require.NoError(t, m.Summary(&b, keras.SummaryOptions{ExpandNested: true, ShowTrainable: true}))
		require.Equal(t, phase.Summary, b.String(), phase.Name)
	}
}

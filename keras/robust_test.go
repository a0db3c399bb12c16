package keras_test

import (
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func ones(shape ...int) *tensor.Dense {
	a := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	for i := range a.Float32s() {
		a.Float32s()[i] = 1
	}
	return a
}

func ints(shape []int, v ...int32) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

// itself is a layer that calls itself.
type itself struct{ layers.Base }

func (l *itself) Call(b *layers.Builder, x ops.Tensor) ops.Tensor { return b.Apply(l, x) }

// byCopy calls a copy of its inner layer.
type byCopy struct {
	layers.Base
	inner layers.Dense
}

func (l *byCopy) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	inner := l.inner
	return b.Apply(&inner, x)
}

// missing calls an inner layer that it does not have.
type missing struct {
	layers.Base
	inner *layers.Dense
}

func (l *missing) Call(b *layers.Builder, x ops.Tensor) ops.Tensor { return b.Apply(l.inner, x) }

// moody asks for other weights in training.
type moody struct{ layers.Base }

func (l *moody) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	if b.Training() {
		return ops.Multiply(x, b.Weight("mood", nil, layers.Spec{}))
	}
	return x
}

// careless panics.
type careless struct{ layers.Base }

func (l *careless) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor {
	return ops.Reshape(x, x.Shape()[7])
}

func TestModelsThatCannotBe(t *testing.T) {
	var none *layers.Dense
	in := func(shape ...int) layers.Layer { return &layers.Input{Shape: shape} }
	tests := []struct {
		name  string
		stack []layers.Layer
		want  []string // path, expected and got
	}{
		{"nothing", nil, []string{"at least one layer"}},
		{"negative units", []layers.Layer{in(3), &layers.Dense{Units: -2}}, []string{"dense (Dense)", "units", "positive", "-2"}},
		{"no units", []layers.Layer{in(3), &layers.Dense{}}, []string{"dense (Dense)", "units", "positive", "0"}},
		{"second of its kind", []layers.Layer{in(3), &layers.Dense{Units: 1}, &layers.Dense{Units: -1}}, []string{"dense_1 (Dense)", "-1"}},
		{"named", []layers.Layer{in(3), layers.Named("head", &layers.Dense{Units: -1})}, []string{"head (Dense)", "-1"}},
		{"convolution of vectors", []layers.Layer{in(3), &layers.Conv2D{Filters: 1, KernelSize: []int{3}}}, []string{"conv2d (Conv2D)", "4 axes", "[-1 3]"}},
		{"kernel larger than the image", []layers.Layer{in(2, 2, 1), &layers.Conv2D{Filters: 1, KernelSize: []int{3}}}, []string{"conv2d (Conv2D)", "3", "2"}},
		{"kernel of three numbers", []layers.Layer{in(5, 5, 1), &layers.Conv2D{Filters: 1, KernelSize: []int{3, 3, 3}}}, []string{"conv2d (Conv2D)", "kernel_size", "[3 3 3]"}},
		{"no kernel", []layers.Layer{in(5, 5, 1), &layers.Conv2D{Filters: 1}}, []string{"conv2d (Conv2D)", "kernel_size"}},
		{"groups", []layers.Layer{in(5, 5, 3), &layers.Conv2D{Filters: 4, KernelSize: []int{1}, Groups: 2}}, []string{"conv2d (Conv2D)", "3 channels", "4 filters", "2 groups"}},
		{"negative stride", []layers.Layer{in(5, 5, 3), &layers.Conv2D{Filters: 4, KernelSize: []int{1}, Strides: []int{-1}}}, []string{"conv2d (Conv2D)", "-1"}},
		{"padding", []layers.Layer{in(5, 5, 3), &layers.Conv2D{Filters: 4, KernelSize: []int{1}, Padding: "most"}}, []string{"conv2d (Conv2D)", "most"}},
		{"data format", []layers.Layer{in(5, 5, 3), &layers.MaxPooling2D{DataFormat: "nhwc"}}, []string{"max_pooling2d (MaxPooling2D)", "channels_last", "nhwc"}},
		{"reshape", []layers.Layer{in(5), &layers.Reshape{TargetShape: []int{2, 3}}}, []string{"reshape (Reshape)", "5", "[2 3]"}},
		{"two open sizes", []layers.Layer{in(6), &layers.Reshape{TargetShape: []int{-1, -1}}}, []string{"reshape (Reshape)", "-1"}},
		{"activation", []layers.Layer{in(5), &layers.Activation{}}, []string{"activation (Activation)", "required"}},
		{"activation's name", []layers.Layer{in(5), &layers.Dense{Units: 1, Activation: activations.Function("swosh")}}, []string{"dense (Dense)", "swosh"}},
		{"rate", []layers.Layer{in(5), &layers.Dropout{Rate: 1.5}}, []string{"dropout (Dropout)", "[0, 1]", "1.5"}},
		{"rate that is none", []layers.Layer{in(5), &layers.Dropout{Rate: math.NaN()}}, []string{"dropout (Dropout)", "[0, 1]", "NaN"}},
		{"noise shape", []layers.Layer{in(5), &layers.Dropout{Rate: 0.5, NoiseShape: []int{1}}}, []string{"dropout (Dropout)", "[1]"}},
		{"axis", []layers.Layer{in(5), &layers.BatchNormalization{Axis: new(4)}}, []string{"batch_normalization (BatchNormalization)", "axis 4", "[-1 5]"}},
		{"recurrent layer over vectors", []layers.Layer{in(5), &layers.LSTM{Units: 2}}, []string{"lstm (LSTM)", "[batch, time, features]", "[-1 5]"}},
		{"states from a stack", []layers.Layer{in(5, 2), &layers.LSTM{Units: 2, ReturnState: true}}, []string{"lstm (LSTM)", "ApplyAll"}},
		{"what is not there", []layers.Layer{in(5, 2), &layers.LSTM{Units: 2, Activation: activations.Softmax}}, []string{"lstm (LSTM)", "activation", "softmax"}},
		{"empty embedding", []layers.Layer{in(5), &layers.Embedding{OutputDim: 2}}, []string{"embedding (Embedding)", "input_dim", "0"}},
		{"input of size 0", []layers.Layer{in(0), &layers.Dense{Units: 1}}, []string{"input", "[0]"}},
		{"nil layer", []layers.Layer{in(3), nil}, []string{"nil"}},
		{"nil pointer", []layers.Layer{in(3), none}, []string{"nil"}},
		{"two of one name", []layers.Layer{in(3), layers.Named("a", &layers.Dense{Units: 1}), layers.Named("a", &layers.Dense{Units: 1})}, []string{`"a"`, "unique"}},
		{"inside itself", []layers.Layer{in(3), &itself{}}, []string{"itself (itself)", "inside itself"}},
		{"a copy", []layers.Layer{in(3), &byCopy{inner: layers.Dense{Units: 1}}}, []string{"by_copy (byCopy)", "not a field", "by a copy"}},
		{"a missing field", []layers.Layer{in(3), &missing{}}, []string{"missing (missing)", "nil"}},
		{"a panic", []layers.Layer{in(3), &careless{}}, []string{"careless (careless)", "panic"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := keras.Sequential(tt.stack...)
			err := m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}})
			require.Error(t, err)
			for _, w := range tt.want {
				require.ErrorContains(t, err, w)
			}
			_, err = m.Predict(t.Context(), ones(2, 3))
			require.Error(t, err, "a model that cannot be does not predict")
		})
	}
}

func TestGraphsThatCannotBe(t *testing.T) {
	x, y := keras.Input(layers.Input{Shape: []int{3}}), keras.Input(layers.Input{Shape: []int{4}})
	mse := keras.CompileOptions{Loss: losses.MeanSquaredError{}}
	one := &layers.Dense{Units: 2}
	tests := []struct {
		name    string
		in, out []ops.Tensor
		want    []string
	}{
		{"sum of shapes that differ", []ops.Tensor{x, y}, []ops.Tensor{keras.Merge(&layers.Add{}, x, y)}, []string{"add (Add)", "3", "4"}},
		{"one to add", []ops.Tensor{x}, []ops.Tensor{keras.Merge(&layers.Add{}, x)}, []string{"add (Add)", "at least two", "1"}},
		{"a missing input", []ops.Tensor{x}, []ops.Tensor{keras.Merge(&layers.Concatenate{}, x, y)}, []string{"disconnected"}},
		{"an output that is none", []ops.Tensor{x}, []ops.Tensor{{}}, []string{"without a value"}},
		{"no outputs", []ops.Tensor{x}, nil, []string{"at least one input and one output"}},
		{"an input that is none", []ops.Tensor{ops.Scalar(1)}, []ops.Tensor{x}, []string{"keras.Input"}},
		{"one layer for two sizes", []ops.Tensor{x, y}, []ops.Tensor{keras.Merge(&layers.Add{}, keras.Apply(one, x), keras.Apply(one, y))}, []string{"dense (Dense)", "kernel", "[3 2]", "[4 2]"}},
		{"two states for one", []ops.Tensor{x}, keras.ApplyAll(&layers.LSTM{Units: 2}, x, x), []string{"lstm (LSTM)", "2 tensors"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := keras.NewModel(tt.in, tt.out).Compile(mse)
			require.Error(t, err)
			for _, w := range tt.want {
				require.ErrorContains(t, err, w)
			}
		})
	}
}

func TestDataThatDoesNotFit(t *testing.T) {
	ctx := t.Context()
	classifier := func(loss losses.Loss) *keras.Model {
		m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 4, Activation: activations.Softmax})
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: loss, Metrics: []metrics.Metric{&metrics.Accuracy{}}}))
		return m
	}
	words := func() *keras.Model {
		m := keras.Sequential(&layers.Embedding{InputDim: 5, OutputDim: 2}, &layers.Flatten{}, &layers.Dense{Units: 4, Activation: activations.Softmax})
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.SparseCategoricalCrossentropy{}}))
		return m
	}
	withNaN := ones(2, 3)
	withNaN.Float32s()[4] = float32(math.NaN())
	labels := ints([]int{2}, 0, 3)
	sparse := losses.SparseCategoricalCrossentropy{}
	tests := []struct {
		name string
		m    *keras.Model
		x, y *tensor.Dense
		o    keras.FitOptions
		want []string
	}{
		{"NaN", classifier(sparse), withNaN, labels, keras.FitOptions{}, []string{"input 0", "element 4", "NaN"}},
		{"NaN in targets", classifier(losses.CategoricalCrossentropy{}), ones(2, 3), withNaN, keras.FitOptions{}, []string{"target 0", "NaN"}},
		{"no array", classifier(sparse), nil, labels, keras.FitOptions{}, []string{"input 0", "got none"}},
		{"no targets", classifier(sparse), ones(2, 3), nil, keras.FitOptions{}, []string{"target 0", "got none"}},
		{"too wide", classifier(sparse), ones(2, 5), labels, keras.FitOptions{}, []string{"input 0", "(None, 3)", "(2, 5)"}},
		{"too many axes", classifier(sparse), ones(2, 3, 1), labels, keras.FitOptions{}, []string{"(None, 3)", "(2, 3, 1)"}},
		{"fewer targets", classifier(sparse), ones(3, 3), labels, keras.FitOptions{}, []string{"target 0", "2 samples", "3"}},
		{"words", classifier(sparse), tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]string, 6))), labels, keras.FitOptions{}, []string{"input 0", "float32", "string"}},
		{"label out of range", classifier(sparse), ones(2, 3), ints([]int{2}, 0, 4), keras.FitOptions{}, []string{"4", "[0, 4)"}},
		{"negative label", classifier(sparse), ones(2, 3), ints([]int{2}, -1, 0), keras.FitOptions{}, []string{"-1", "[0, 4)"}},
		{"labels that are no classes", classifier(sparse), ones(2, 3), ones(2, 4), keras.FitOptions{}, []string{"[2 4]"}},
		{"one-hot of another width", classifier(losses.CategoricalCrossentropy{}), ones(2, 3), ones(2, 5), keras.FitOptions{}, []string{"[2 5]", "[2 4]"}},
		{"id out of range", words(), ints([]int{2, 2}, 0, 1, 5, 2), labels, keras.FitOptions{}, []string{"embedding (Embedding)", "5", "[0, 5)"}},
		{"negative id", words(), ints([]int{2, 2}, 0, 1, -1, 2), labels, keras.FitOptions{}, []string{"embedding (Embedding)", "-1", "[0, 5)"}},
		{"weights for others", classifier(sparse), ones(2, 3), labels, keras.FitOptions{SampleWeight: ones(3)}, []string{"sample weight", "3 samples", "2"}},
		{"weights of two axes", classifier(sparse), ones(2, 3), labels, keras.FitOptions{SampleWeight: ones(2, 2)}, []string{"sample weight", "(2, 2)", "(2,)"}},
		{"split", classifier(sparse), ones(2, 3), labels, keras.FitOptions{ValidationSplit: 1.5}, []string{"validation_split", "1.5"}},
		{"split that leaves nothing", classifier(sparse), ones(2, 3), labels, keras.FitOptions{ValidationSplit: 0.9}, []string{"validation_split", "0 to train"}},
		{"validation that does not fit", classifier(sparse), ones(2, 3), labels, keras.FitOptions{ValidationData: data.Batch{X: []*tensor.Dense{ones(2, 7)}, Y: []*tensor.Dense{labels}}}, []string{"(None, 3)", "(2, 7)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.m.Fit(ctx, tt.x, tt.y, tt.o)
			require.Error(t, err)
			for _, w := range tt.want {
				require.ErrorContains(t, err, w)
			}
			good := ones(2, 3)
			if strings.HasPrefix(tt.name, "id ") || strings.HasSuffix(tt.name, " id") {
				good = ints([]int{2, 2}, 0, 1, 2, 3)
			}
			_, err = tt.m.Predict(ctx, good)
			require.NoError(t, err, "the model goes on after an error")
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	ctx := t.Context()
	stack := func() *keras.Model { return keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 2}) }
	require.ErrorContains(t, stack().Compile(keras.CompileOptions{}), "loss is required")
	_, err := stack().Fit(ctx, ones(2, 3), ones(2, 2), keras.FitOptions{})
	require.ErrorContains(t, err, "Compile")
	_, err = stack().Evaluate(ctx, ones(2, 3), ones(2, 2))
	require.ErrorContains(t, err, "Compile")
	_, err = stack().TrainOnBatch(ctx, ones(2, 3), ones(2, 2))
	require.ErrorContains(t, err, "Compile")

	mse := losses.MeanSquaredError{}
	require.ErrorContains(t, stack().Compile(keras.CompileOptions{Loss: mse, Metrics: []metrics.Metric{nil}}), "metric is nil")
	require.ErrorContains(t, stack().Compile(keras.CompileOptions{Loss: mse, Metrics: []metrics.Metric{&metrics.Accuracy{Label: "loss"}}}), `"loss"`)
	require.ErrorContains(t, stack().Compile(keras.CompileOptions{Loss: losses.Named{"nose": mse}}), `"nose"`)
	require.ErrorContains(t, stack().Compile(keras.CompileOptions{Loss: losses.Each{mse, mse}}), "2 losses for 1 outputs")
	require.ErrorContains(t, stack().Compile(keras.CompileOptions{Loss: mse, LossWeights: []float64{1, 2}}), "2 loss weights for 1 outputs")

	m := stack()
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: mse, Optimizer: &optimizers.Adam{Beta1: new(1.5)}}))
	_, err = m.Fit(ctx, ones(2, 3), ones(2, 2), keras.FitOptions{})
	require.ErrorContains(t, err, "1.5")
	_, err = m.Layer("nose")
	require.ErrorContains(t, err, `"nose"`)
}

func TestLayerOfOtherWeightsInTraining(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 2}, &moody{})
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
	_, err := m.Fit(t.Context(), ones(2, 3), ones(2, 2), keras.FitOptions{})
	require.ErrorContains(t, err, "moody (moody)")
	require.ErrorContains(t, err, "same weights in training and inference")
}

// arbitrary makes a layer with arguments that are often wrong.
func arbitrary(r *rand.Rand) layers.Layer {
	n := func() int { return r.IntN(7) - 1 }
	some := func() []int {
		v := make([]int, r.IntN(4))
		for i := range v {
			v[i] = n()
		}
		return v
	}
	pick := func(names ...string) string { return names[r.IntN(len(names))] }
	activation := activations.Function(pick("relu", "softmax", "tanh", "linear", "gelu", "nonsense"))
	padding, format := layers.Padding(pick("", "valid", "same", "same", "full")), layers.DataFormat(pick("", "channels_last", "channels_first", "x"))
	switch r.IntN(13) {
	case 0, 1:
		return &layers.Dense{Units: n(), Activation: activation, UseBias: new(r.IntN(2) == 0)}
	case 2:
		return &layers.Conv2D{Filters: n(), KernelSize: some(), Strides: some(), DilationRate: some(), Groups: n(), Padding: padding, DataFormat: format, Activation: activation}
	case 3:
		return &layers.Conv2D{Filters: 2, KernelSize: []int{2}, Padding: padding}
	case 4:
		return &layers.MaxPooling2D{PoolSize: some(), Strides: some(), Padding: padding, DataFormat: format}
	case 5:
		return &layers.GlobalAveragePooling2D{DataFormat: format, KeepDims: r.IntN(2) == 0}
	case 6:
		return &layers.Flatten{DataFormat: format}
	case 7:
		return &layers.Reshape{TargetShape: some()}
	case 8:
		return &layers.Activation{Activation: activation}
	case 9:
		return &layers.Dropout{Rate: float64(n()) / 3, NoiseShape: some()}
	case 10:
		return &layers.BatchNormalization{Axis: new(n()), Momentum: new(float64(n())), Epsilon: new(float64(n()))}
	case 11:
		return &layers.Embedding{InputDim: n(), OutputDim: n(), MaskZero: r.IntN(2) == 0}
	}
	return &layers.LSTM{Units: n(), ReturnSequences: r.IntN(2) == 0, ReturnState: r.IntN(5) == 0, GoBackwards: r.IntN(2) == 0, Dropout: float64(n()) / 3}
}

// FuzzStacks builds, trains and uses stacks of layers with arbitrary arguments. They may fail, but only with an error.
func FuzzStacks(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		ctx, r := t.Context(), rand.New(rand.NewPCG(seed, 5))
		shape := []int{3}
		for range 1 + r.IntN(3) {
			shape = append(shape, 1+r.IntN(6))
		}
		x := ones(shape...)
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(r.IntN(4))
		}
		var stack []layers.Layer
		if r.IntN(2) == 0 {
			stack = append(stack, &layers.Input{Shape: shape[1:]})
		}
		for range 1 + r.IntN(4) {
			stack = append(stack, arbitrary(r))
		}
		m := keras.Sequential(stack...)
		_ = m.Summary(io.Discard)
		p, err := m.Predict(ctx, x)
		if err != nil {
			require.Nil(t, p)
			if m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}) == nil {
				_, err = m.Fit(ctx, x, x, keras.FitOptions{BatchSize: 2})
				require.Error(t, err)
			}
			return
		}
		require.Equal(t, 3, p.Shape()[0])
		require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}))
		_, _ = m.Fit(ctx, x, p, keras.FitOptions{BatchSize: 2})
		require.NoError(t, m.Summary(io.Discard))
	})
}

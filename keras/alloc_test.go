package keras

import (
	"reflect"
	"testing"

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

// emptied takes the work out of a program, so that what is left is what Gorgonia's machine does by itself.
func emptied(p *ops.Program) {
	steps := reflect.ValueOf(p).Elem().FieldByName("steps")
	for i := range steps.Len() {
		run := steps.Index(i).Elem().FieldByName("run")
		reflect.NewAt(run.Type(), run.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(func() error { return nil }))
	}
}

func TestTrainingStepAllocatesNothingOfOurOwn(t *testing.T) {
	images := func(n int) *tensor.Dense { return tensor.New(tensor.WithShape(n, 8, 8, 2), tensor.Of(tensor.Float32)) }
	ids := func(n int) *tensor.Dense { return tensor.New(tensor.WithShape(n, 5), tensor.Of(tensor.Int32)) }
	tests := map[string]struct {
		stack []layers.Layer
		x     *tensor.Dense
		steps []int // of a target: one for each sample, or for each of its steps
	}{
		"mlp": {[]layers.Layer{
			&layers.Flatten{}, &layers.Dense{Units: 16, Activation: activations.ReLU}, &layers.Dropout{Rate: 0.5}, &layers.Dense{Units: 3, Activation: activations.Softmax},
		}, images(48), nil},
		"cnn": {[]layers.Layer{
			&layers.Conv2D{Filters: 4, KernelSize: []int{3}, Activation: activations.ReLU}, &layers.BatchNormalization{}, &layers.MaxPooling2D{},
			&layers.Flatten{}, &layers.Dense{Units: 3, Activation: activations.Softmax},
		}, images(48), nil},
		"text": {[]layers.Layer{
			&layers.Embedding{InputDim: 9, OutputDim: 4, MaskZero: true}, &layers.LSTM{Units: 4}, &layers.Dense{Units: 3, Activation: activations.Softmax},
		}, ids(48), nil},
		"tagger": {[]layers.Layer{
			&layers.Embedding{InputDim: 9, OutputDim: 4, MaskZero: true}, &layers.LSTM{Units: 4, ReturnSequences: true}, &layers.Dense{Units: 3, Activation: activations.Softmax},
		}, ids(48), []int{5}},
	}
	for name, tt := range tests {
		for _, optimizer := range []optimizers.Optimizer{&optimizers.SGD{Momentum: 0.9, Base: optimizers.Base{ClipNorm: 1}}, &optimizers.Adam{}, &optimizers.RMSprop{}} {
			t.Run(name+" "+reflect.TypeOf(optimizer).Elem().Name(), func(t *testing.T) { checkAllocations(t, tt.stack, optimizer, tt.x, tt.steps) })
		}
	}
}

func checkAllocations(t *testing.T, stack []layers.Layer, optimizer optimizers.Optimizer, x *tensor.Dense, steps []int) {
	t.Helper()
	m := Sequential(stack...)
	require.NoError(t, m.Compile(CompileOptions{
		Optimizer: optimizer, Loss: losses.SparseCategoricalCrossentropy{}, Metrics: []metrics.Metric{&metrics.Accuracy{}}, Seed: 1,
	}))
	y := tensor.New(tensor.WithShape(append([]int{x.Shape()[0]}, steps...)...), tensor.Of(tensor.Int32))
	if x.Dtype() == tensor.Int32 {
		x.Int32s()[0] = 1 // not all is padding
	}
	source, err := newArraySource(data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{y}}, 16, true)
	require.NoError(t, err)
	require.NoError(t, m.buildFrom(source))
	tr := &trainer{m: m, tally: m.newTally(true)}
	defer tr.close()
	tr.tally.begin()
	ctx := t.Context()
	for b, err := range source.batches(1, 0) {
		require.NoError(t, err)
		require.NoError(t, tr.step(ctx, b))
		step := testing.AllocsPerRun(50, func() { err = tr.step(ctx, b) })
		require.NoError(t, err)
		emptied(tr.program.Program)
		machine := testing.AllocsPerRun(50, func() { err = tr.program.Run() })
		require.NoError(t, err)
		require.Equal(t, machine, step)
		return
	}
}

package keras_test

import (
	"context"
	"os"
	"testing"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	train, test, err := datasets.MNIST()
	require.NoError(t, err)
	train.X.Reshape(6000, 784)
	test.X.Reshape(1000, 784)
	model := keras.Sequential(
		&layers.Input{Shape: []int{784}},
		&layers.Dense{Units: 64, Activation: activations.ReLU},
		&layers.Dense{Units: 10, Activation: activations.Softmax},
	)
	require.NoError(t, model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-3},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}))
	x := train.X
	h, err := model.Fit(context.Background(), x, train.Y, keras.FitOptions{Epochs: 3, ValidationSplit: 0.1, Progress: os.Stdout, Verbose: 2})
	require.NoError(t, err)
	t.Log(h)
	l, err := model.Evaluate(context.Background(), test.X, test.Y)
	require.NoError(t, err)
	t.Log(l)
}
func TestSmokeCNN(t *testing.T) {
	train, test, err := datasets.MNIST()
	require.NoError(t, err)
	train.X.Reshape(6000, 28,28,1)
	test.X.Reshape(1000, 28,28,1)
	model := keras.Sequential(
		&layers.Conv2D{Filters: 32, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.BatchNormalization{},
		&layers.Conv2D{Filters: 64, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Flatten{},
		&layers.Dropout{Rate: 0.3},
		&layers.Dense{Units: 10, Activation: activations.Softmax},
	)
	require.NoError(t, model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 1e-3},
		Loss:      losses.SparseCategoricalCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}))
	h, err := model.Fit(context.Background(), train.X, train.Y, keras.FitOptions{Epochs: 3, BatchSize: 128, Progress: os.Stdout, Verbose: 1})
	require.NoError(t, err)
	t.Log(h)
	l, err := model.Evaluate(context.Background(), test.X, test.Y)
	require.NoError(t, err)
	t.Log(l)
}

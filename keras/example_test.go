package keras_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gorgonia.org/tensor"
)

// Two clouds of points are told apart.
func ExampleSequential() {
	points, err := datasets.MakeBlobs(datasets.Blobs{NSamples: 200, Centers: 2, Seed: 42})
	if err != nil {
		log.Fatal(err)
	}
	model := keras.Sequential(
		&layers.Input{Shape: []int{2}},
		&layers.Dense{Units: 8, Activation: activations.ReLU},
		&layers.Dense{Units: 1, Activation: activations.Sigmoid},
	)
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.Adam{LearningRate: 0.05},
		Loss:      losses.BinaryCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      1,
	}); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(context.Background(), points.X, points.Y, keras.FitOptions{
		Epochs:    50,
		Callbacks: []callbacks.Callback{&callbacks.EarlyStopping{Monitor: "loss", Patience: 3, MinDelta: 1e-3}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stopped early:", len(history.Epoch) < 50)
	logs, err := model.Evaluate(context.Background(), points.X, points.Y)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy %.2f\n", logs["accuracy"])
	// Output:
	// stopped early: true
	// accuracy 1.00
}

// A graph with two inputs and an operation between layers.
func ExampleNewModel() {
	words := keras.Input(layers.Input{Shape: []int{10}, DType: ops.Int32, Base: layers.Base{Name: "words"}})
	tags := keras.Input(layers.Input{Shape: []int{4}, Base: layers.Base{Name: "tags"}})
	h := keras.Apply(&layers.Embedding{InputDim: 100, OutputDim: 8, MaskZero: true}, words)
	h = keras.Apply(&layers.LSTM{Units: 16}, h)
	h = keras.Merge(&layers.Concatenate{}, h, tags)
	h = ops.Multiply(h, ops.Sigmoid(h))
	priority := keras.Apply(layers.Named("priority", &layers.Dense{Units: 1}), h)
	model := keras.NewModel([]ops.Tensor{words, tags}, []ops.Tensor{priority})

	out, err := model.PredictArrays(context.Background(), []*tensor.Dense{
		tensor.New(tensor.WithShape(3, 10), tensor.WithBacking(make([]int32, 30))),
		tensor.New(tensor.WithShape(3, 4), tensor.WithBacking(make([]float32, 12))),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out[0].Shape())
	// Output: (3, 1)
}

// A training step of one's own.
func ExampleNewStep() {
	model := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	step := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		return ops.Mean(ops.Square(ops.Subtract(s.Call(model, in[0]), in[1])))
	}, model)
	x := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 2, 3}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{1, 3, 5, 7}))
	sgd := &optimizers.SGD{LearningRate: 0.1}
	for range 200 {
		r, err := step.Run(context.Background(), x, y)
		if err != nil {
			log.Fatal(err)
		}
		if err := optimizers.Apply(sgd, r.Gradients()); err != nil {
			log.Fatal(err)
		}
	}
	for _, w := range model.Weights() {
		fmt.Printf("%s %.2f\n", w.Path, w.Float32s())
	}
	// Output:
	// dense/kernel [2.00]
	// dense/bias [1.00]
}

// Progress in one line for each epoch looks as Keras prints it.
func ExampleModel_Fit() {
	x := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 2, 3}))
	model := keras.Sequential(&layers.Input{Shape: []int{1}}, &layers.Dense{Units: 1})
	if err := model.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}}); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(context.Background(), x, x, keras.FitOptions{Epochs: 2, Progress: os.Stderr, Verbose: 2}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("trained")
	// Output: trained
}

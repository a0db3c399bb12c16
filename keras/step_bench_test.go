package keras

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

// mlp is 784-64-10 with a batch to train on.
func mlp(tb testing.TB) (*Model, *trainer, *batch) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float32, 32*784), make([]int32, 32)
	for i := range x {
		x[i] = r.Float32()
	}
	for i := range y {
		y[i] = r.Int32N(10)
	}
	m := Sequential(
		&layers.Input{Shape: []int{784}},
		&layers.Dense{Units: 64, Activation: activations.ReLU},
		&layers.Dense{Units: 10, Activation: activations.Softmax},
	)
	if err := m.Compile(CompileOptions{Optimizer: &optimizers.Adam{}, Loss: losses.SparseCategoricalCrossentropy{}, Seed: 1}); err != nil {
		tb.Fatal(err)
	}
	b := &batch{}
	if err := b.set(oneBatch(tensor.New(tensor.WithShape(32, 784), tensor.WithBacking(x)), tensor.New(tensor.WithShape(32), tensor.WithBacking(y)))); err != nil {
		tb.Fatal(err)
	}
	t := &trainer{m: m, tally: m.newTally(true)}
	t.tally.begin()
	return m, t, b
}

// BenchmarkTrainStep is one step of MLP 784-64-10, batch 32, Adam.
func BenchmarkTrainStep(b *testing.B) {
	_, t, batch := mlp(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := t.step(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPredictRow is Predict of one row by MLP 784-64-10.
func BenchmarkPredictRow(b *testing.B) {
	m, _, batch := mlp(b)
	row := tensor.New(tensor.WithShape(1, 784), tensor.WithBacking(batch.arrays[0].Float32s()[:784]))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Predict(context.Background(), row); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTrainStepCNN is one step of two convolutions on 28x28 images, batch 128, Adam.
func BenchmarkTrainStepCNN(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float32, 128*784), make([]int32, 128)
	for i := range x {
		x[i] = r.Float32()
	}
	for i := range y {
		y[i] = r.Int32N(10)
	}
	m := Sequential(
		&layers.Input{Shape: []int{28, 28, 1}},
		&layers.Conv2D{Filters: 32, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Conv2D{Filters: 64, KernelSize: []int{3}, Activation: activations.ReLU},
		&layers.MaxPooling2D{},
		&layers.Flatten{},
		&layers.Dropout{Rate: 0.5},
		&layers.Dense{Units: 10, Activation: activations.Softmax},
	)
	if err := m.Compile(CompileOptions{Optimizer: &optimizers.Adam{}, Loss: losses.SparseCategoricalCrossentropy{}, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	rows := &batch{}
	if err := rows.set(oneBatch(tensor.New(tensor.WithShape(128, 28, 28, 1), tensor.WithBacking(x)), tensor.New(tensor.WithShape(128), tensor.WithBacking(y)))); err != nil {
		b.Fatal(err)
	}
	t := &trainer{m: m, tally: m.newTally(true)}
	t.tally.begin()
	b.ReportAllocs()
	for b.Loop() {
		if err := t.step(context.Background(), rows); err != nil {
			b.Fatal(err)
		}
	}
}

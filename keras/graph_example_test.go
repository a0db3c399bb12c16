package keras_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

// A generator and a critic, with an optimizer each: the step of one leaves the other alone.
func ExampleNewStep_adversaries() {
	generator := keras.Sequential(&layers.Input{Shape: []int{2}}, &layers.Dense{Units: 8, Activation: activations.Tanh}, &layers.Dense{Units: 3})
	critic := keras.Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 8, Activation: activations.Tanh}, &layers.Dense{Units: 1})
	doubt := func(scores ops.Tensor) ops.Tensor { return ops.Mean(ops.Softplus(scores)) }
	judge := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		fake := s.Infer(generator, s.Normal(4, 2))
		return ops.Add(doubt(ops.Negative(s.Call(critic, in[0]))), doubt(s.Call(critic, fake)))
	}, critic)
	deceive := keras.NewStep(func(s *keras.Step, in ...ops.Tensor) ops.Tensor {
		return doubt(ops.Negative(s.Infer(critic, s.Call(generator, s.Normal(4, 2)))))
	}, generator)

	data := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking([]float32{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}))
	for _, side := range []struct {
		step      *keras.Function
		optimizer optimizers.Optimizer
	}{{judge, &optimizers.Adam{}}, {deceive, &optimizers.Adam{}}} {
		r, err := side.step.Run(context.Background(), data)
		if err != nil {
			log.Fatal(err)
		}
		if err := optimizers.Apply(side.optimizer, r.Gradients()); err != nil {
			log.Fatal(err)
		}
		for _, p := range r.Gradients() {
			fmt.Println(p.Path, p.Shape)
		}
	}
	// Output:
	// dense/kernel [3 8]
	// dense/bias [8]
	// dense_1/kernel [8 1]
	// dense_1/bias [1]
	// dense/kernel [2 8]
	// dense/bias [8]
	// dense_1/kernel [8 3]
	// dense_1/bias [3]
}

// The base is frozen and the head trained, then the base is thawed and all is tuned. Freezing counts from the next Compile on.
func ExampleModel_SetTrainable() {
	base := keras.Sequential(&layers.Input{Shape: []int{4}}, &layers.Dense{Units: 3}, &layers.BatchNormalization{})
	model := keras.Sequential(base, &layers.Dense{Units: 2})
	for _, trainable := range []bool{false, true} {
		base.SetTrainable(trainable)
		if err := model.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{}, Loss: losses.MeanSquaredError{}}); err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(model.TrainableWeights()))
	}
	// Output:
	// 2
	// 6
}

// The layers within models are listed too, with the name of a column for what is trained.
func ExampleSummaryOptions() {
	inner := keras.Sequential(&layers.Input{Shape: []int{4}}, &layers.Dense{Units: 3})
	inner.SetTrainable(false)
	model := keras.Sequential(inner, &layers.Dense{Units: 2})
	if err := model.Summary(os.Stdout, keras.SummaryOptions{LineLength: 60, ExpandNested: true, ShowTrainable: true}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Model: "sequential_1"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━┓
	// ┃ Layer (type)          ┃ Output Shape     ┃ Param # ┃ Tr… ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━┩
	// │ sequential            │ (None, 3)        │      15 │  N  │
	// │ (Sequential)          │                  │         │     │
	// ├───────────────────────┼──────────────────┼─────────┼─────┤
	// │    └ dense (Dense)    │ (None, 3)        │      15 │  N  │
	// ├───────────────────────┼──────────────────┼─────────┼─────┤
	// │ dense_1 (Dense)       │ (None, 2)        │       8 │  Y  │
	// └───────────────────────┴──────────────────┴─────────┴─────┘
	//  Total params: 23 (92.00 B)
	//  Trainable params: 8 (32.00 B)
	//  Non-trainable params: 15 (60.00 B)
}

// A copy that stays as it is while the original learns on.
func ExampleModel_Clone() {
	model := keras.Sequential(&layers.Input{Shape: []int{2}}, &layers.Dense{Units: 1})
	copied, err := model.Clone()
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{1, 2}))
	before, err := model.Predict(context.Background(), x)
	if err != nil {
		log.Fatal(err)
	}
	if err := layers.SetWeights(model, []*tensor.Dense{tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{5, 5})), tensor.New(tensor.WithShape(1), tensor.WithBacking([]float32{0}))}); err != nil {
		log.Fatal(err)
	}
	after, err := copied.Predict(context.Background(), x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(before.Float32s()[0] == after.Float32s()[0])
	// Output: true
}

package optimizers_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/optimizers"
)

func ExampleApply() {
	w := []float32{1, -2}
	params := []optimizers.Parameter{{Path: "dense/kernel", Value: w, Gradient: []float32{0.5, -0.5}}}
	opt := &optimizers.SGD{LearningRate: 0.5}
	err := optimizers.Apply(opt, params)
	fmt.Println(w, opt.Iterations(), err)
	// Output: [0.75 -1.75] 1 <nil>
}

func ExampleCosineDecay() {
	s := optimizers.CosineDecay{InitialLearningRate: 0.1, DecaySteps: 100}
	fmt.Printf("%.3f %.3f %.3f\n", s.At(0), s.At(50), s.At(100))
	// Output: 0.100 0.050 0.000
}

func ExampleSetLearningRate() {
	opt := &optimizers.Adam{}
	err := optimizers.SetLearningRate(opt, 0.25)
	fmt.Println(optimizers.LearningRate(opt), err)
	// Output: 0.25 <nil>
}

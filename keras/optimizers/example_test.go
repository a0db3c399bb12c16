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

func ExampleBase_ExcludeFromWeightDecay() {
	kernel, bias := []float32{1}, []float32{1}
	opt := &optimizers.AdamW{LearningRate: 0.5, WeightDecay: new(0.5)}
	err := opt.ExcludeFromWeightDecay("bias")
	if err == nil {
		err = optimizers.Apply(opt, []optimizers.Parameter{
			{Path: "dense/kernel", Value: kernel, Gradient: []float32{0}},
			{Path: "dense/bias", Value: bias, Gradient: []float32{0}},
		})
	}
	fmt.Println(kernel, bias, err)
	// Output: [0.75] [1] <nil>
}

func ExampleFinalize() {
	w := []float32{0}
	opt := &optimizers.SGD{Base: optimizers.Base{UseEMA: true, EMAMomentum: new(0.5)}, LearningRate: 1}
	for range 3 {
		err := optimizers.Apply(opt, []optimizers.Parameter{{Path: "w", Value: w, Gradient: []float32{-4}}})
		fmt.Println(w, err)
	}
	optimizers.Finalize(opt) // 4, then the means of 4 and 8, and of 6 and 12
	fmt.Println(w)
	// Output:
	// [4] <nil>
	// [8] <nil>
	// [12] <nil>
	// [9]
}

func ExampleGet() {
	opt, err := optimizers.Get("rmsprop")
	fmt.Printf("%T %v\n", opt, err)
	// Output: *optimizers.RMSprop <nil>
}

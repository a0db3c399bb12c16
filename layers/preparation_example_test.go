package layers_test

import (
	"fmt"

	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

func ExampleTextVectorization() {
	words := &layers.TextVectorization{OutputSequenceLength: 4}
	corpus := tensor.New(tensor.WithBacking([]string{"The cat sat.", "the dog sat, the end"}))
	if err := words.Adapt(corpus); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", words.Tokens())
	y, err := words.Apply(tensor.New(tensor.WithBacking([]string{"The bird sat!"})))
	fmt.Println(y.Int32s(), err)
	// Output:
	// ["" "[UNK]" "the" "sat" "end" "dog" "cat"]
	// [2 1 3 0] <nil>
}

func ExampleNormalization() {
	scale := &layers.Normalization{}
	x := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{0, 10, 2, 30}))
	if err := scale.Adapt(x); err != nil {
		fmt.Println(err)
		return
	}
	y, err := scale.Apply(x)
	fmt.Println(y.Float32s(), err)
	// Output: [-1 -1 1 1] <nil>
}

func ExampleStringLookup() {
	colours := &layers.StringLookup{Vocabulary: []string{"red", "green"}, OutputMode: layers.OutputOneHot}
	y, err := colours.Apply(tensor.New(tensor.WithBacking([]string{"green", "pink"})))
	fmt.Println(y.Float32s(), err)
	// Output: [0 0 1 1 0 0] <nil>
}

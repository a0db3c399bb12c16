package initializers_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/initializers"
)

func ExampleIdentity() {
	w := make([]float32, 6)
	err := initializers.Identity{Gain: new(2.0)}.Init(w, []int{2, 3}, initializers.Stream{})
	fmt.Println(w, err)
	// Output: [2 0 0 0 2 0] <nil>
}

func ExampleNewStream() {
	a, b := make([]float32, 4), make([]float32, 4)
	shape := []int{2, 2}
	_ = initializers.GlorotUniform{}.Init(a, shape, initializers.NewStream(7, "dense/kernel"))
	_ = initializers.GlorotUniform{}.Init(b, shape, initializers.NewStream(7, "dense/kernel"))
	fmt.Println(a[0] == b[0] && a[3] == b[3])
	// Output: true
}

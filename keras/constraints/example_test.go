package constraints_test

import (
	"fmt"

	"github.com/gokeras/gokeras/keras/constraints"
)

func ExampleMaxNorm() {
	w := []float32{3, 0.3, 4, 0.4} // two inputs, two units, of norms 5 and 0.5
	constraints.MaxNorm{MaxValue: new(1.0)}.Apply(w, []int{2, 2})
	fmt.Printf("%.2f\n", w)
	// Output: [0.60 0.30 0.80 0.40]
}

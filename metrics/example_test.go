package metrics_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/metrics"
)

func ExampleAccuracy() {
	labels := tensor.New(tensor.WithShape(2), tensor.WithBacking([]uint8{2, 0}))
	predictions := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{0.1, 0.2, 0.7, 0.3, 0.4, 0.3}))
	m := &metrics.Accuracy{}
	err := m.Update(labels, predictions, nil)
	fmt.Println(m.Name(), m.Result(), err)
	// Output: accuracy 0.5 <nil>
}

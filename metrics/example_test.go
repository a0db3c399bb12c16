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

func ExampleF1Score() {
	labels := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float32{1, 0, 0, 1, 1, 0}))
	predictions := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float32{0.8, 0.2, 0.3, 0.7, 0.4, 0.6}))
	m := &metrics.F1Score{Threshold: new(0.5)}
	err := m.Update(labels, predictions, nil)
	fmt.Printf("%.3f %.3f %v\n", m.Results(), m.Result(), err)
	// Output: [0.667 0.667] 0.667 <nil>
}

func ExampleForOutputs() {
	each, err := metrics.ForOutputs([]metrics.Metric{metrics.Named{"price": {metrics.Word("mae"), &metrics.R2Score{}}}}, []string{"kind", "price"})
	fmt.Println(len(each[0]), each[1][0].Name(), each[1][1].Name(), err)
	// Output: 0 mae r2_score <nil>
}

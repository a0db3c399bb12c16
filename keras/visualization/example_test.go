package visualization_test

import (
	"fmt"
	"log"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/visualization"
	"gorgonia.org/tensor"
)

func ExampleHistory() {
	history := &keras.History{Epoch: []int{0, 1, 2}, Metrics: map[string][]float64{"loss": {1, 0.5, 0.25}, "val_loss": {1, 0.75, 0.5}}}
	picture, err := visualization.History(history)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%g x %g points\n", picture.Width, picture.Height)
	// Output: 360 x 270 points
}

func ExampleGallery() {
	pictures := tensor.New(tensor.WithShape(10, 8, 8), tensor.Of(tensor.Float32))
	picture, err := visualization.Gallery(pictures, visualization.GalleryOptions{Columns: 5, Scale: 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%g x %g points\n", picture.Width, picture.Height)
	// Output: 208 x 88 points
}

func ExampleConfusions() {
	labels := tensor.New(tensor.WithBacking([]int32{0, 0, 1, 1}))
	probabilities := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0.1, 0.7, 0.8, 0.9}))
	counts, err := visualization.Confusions(labels, probabilities)
	fmt.Println(counts, err)
	// Output: [[1 1] [0 2]] <nil>
}

package diagram_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/visualization/diagram"
	"github.com/gokeras/gokeras/layers"
)

func ExamplePlot() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	model := keras.Sequential(&layers.Input{Shape: []int{28, 28}}, &layers.Flatten{}, &layers.Dense{Units: 10})
	err = diagram.Plot(filepath.Join(dir, "model.png"), model, diagram.Options{ShowShapes: true, ShowLayerNames: true})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleDot() {
	model := keras.Sequential(&layers.Input{Shape: []int{4}}, &layers.Dense{Units: 2}, &layers.Dense{Units: 1})
	text, err := diagram.Dot(model)
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if strings.Contains(line, "->") {
			fmt.Print(line)
		}
	}
	// Output: n0 -> n1 [penwidth=2];
}

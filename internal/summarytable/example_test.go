package summarytable_test

import (
	"fmt"
	"os"

	"github.com/gokeras/gokeras/internal/summarytable"
)

func ExampleRender() {
	weights := summarytable.Weights{Params: 650, Bytes: 2600}
	err := summarytable.Render(os.Stdout, summarytable.Options{
		Name: "classifier",
		Rows: []summarytable.Row{
			{Name: "dropout", Class: "Dropout", OutputShape: summarytable.FormatShape([]int{-1, 64})},
			{Name: "dense", Class: "Dense", OutputShape: summarytable.FormatShape([]int{-1, 10}), Params: 650, Trainable: new(true)},
		},
		ShowTrainable: true,
		LineLength:    60,
		Totals:        summarytable.Totals{Trainable: weights},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Model: "classifier"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━┓
	// ┃ Layer (type)          ┃ Output Shape     ┃ Param # ┃ Tr… ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━┩
	// │ dropout (Dropout)     │ (None, 64)       │       0 │  -  │
	// ├───────────────────────┼──────────────────┼─────────┼─────┤
	// │ dense (Dense)         │ (None, 10)       │     650 │  Y  │
	// └───────────────────────┴──────────────────┴─────────┴─────┘
	//  Total params: 650 (2.54 KB)
	//  Trainable params: 650 (2.54 KB)
	//  Non-trainable params: 0 (0.00 B)
}

func ExampleFormatShape() {
	fmt.Println(summarytable.FormatShape([]int{-1, 10}))
	fmt.Println(summarytable.FormatShape([]int{-1, 5, 4}, []int{-1, 4}))
	// Output:
	// (None, 10)
	// [(None, 5, 4), (None, 4)]
}

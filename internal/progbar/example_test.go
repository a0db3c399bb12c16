package progbar_test

import (
	"fmt"
	"os"
	"time"

	"github.com/gokeras/gokeras/internal/progbar"
)

func ExampleLogger() {
	now := time.Unix(0, 0)
	log := progbar.Logger{W: os.Stdout, Verbose: progbar.Lines, Epochs: 2, Steps: 3, Now: func() time.Time { return now }}
	for epoch := range log.Epochs {
		if err := log.EpochBegin(epoch); err != nil {
			fmt.Println(err)
		}
		for batch := range log.Steps {
			now = now.Add(20 * time.Millisecond)
			if err := log.BatchEnd(batch+1, []progbar.Entry{{Name: "loss", Value: 0.5}}); err != nil {
				fmt.Println(err)
			}
		}
		logs := []progbar.Entry{{Name: "loss", Value: 0.5}, {Name: "val_loss", Value: 0.0005}}
		if err := log.EpochEnd(logs); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// Epoch 1/2
	// 3/3 - 0s - 20ms/step - loss: 0.5000 - val_loss: 5.0000e-04
	// Epoch 2/2
	// 3/3 - 0s - 20ms/step - loss: 0.5000 - val_loss: 5.0000e-04
}

func ExampleBar() {
	bar := progbar.Bar{W: os.Stdout, Target: 10, Verbose: progbar.Lines, UnitName: "file", Now: func() time.Time { return time.Time{} }}
	for range 10 {
		if err := bar.Add(1, nil); err != nil {
			fmt.Println(err)
		}
	}
	// Output: 10/10 - 0s - 0s/file
}

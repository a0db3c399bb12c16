package callbacks_test

import (
	"fmt"
	"math"
	"os"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/callbacks"
)

// goodEnough ends training at a loss.
type goodEnough struct {
	callbacks.Base
	loss float64
}

func (g goodEnough) OnEpochEnd(_ *callbacks.Run, epoch int, logs callbacks.Logs) error {
	if logs["loss"] > g.loss {
		return nil
	}
	fmt.Println("enough after epoch", epoch)
	return callbacks.ErrStop
}

func Example() {
	list := callbacks.List{goodEnough{loss: 0.1}}
	run := &callbacks.Run{Epochs: 5}
	for epoch, loss := range []float64{0.7, 0.3, 0.08, 0.02} {
		if err := list.OnEpochEnd(run, epoch, callbacks.Logs{"loss": loss}); errors.Is(err, callbacks.ErrStop) {
			break
		}
	}
	// Output: enough after epoch 2
}

func ExampleJSONLogger() {
	log := &callbacks.JSONLogger{Output: os.Stdout}
	run := &callbacks.Run{Epochs: 2}
	for epoch, loss := range []float64{0.75, math.NaN()} {
		if err := log.OnEpochEnd(run, epoch, callbacks.Logs{"loss": loss, "accuracy": 0.5}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// {"epoch":0,"accuracy":0.5,"loss":0.75}
	// {"epoch":1,"accuracy":0.5,"loss":"NaN"}
}

// rate is a model of which only the learning rate is of interest.
type rate struct {
	callbacks.Model
	value float64
}

func (r *rate) LearningRate() float64           { return r.value }
func (r *rate) SetLearningRate(v float64) error { r.value = v; return nil }

func ExampleLearningRateScheduler() {
	halve := &callbacks.LearningRateScheduler{
		Schedule: func(epoch int, rate float64) float64 {
			if epoch%2 == 0 {
				return rate
			}
			return rate / 2
		},
		Verbose: 1,
		Output:  os.Stdout,
	}
	run := &callbacks.Run{Model: &rate{value: 0.5}}
	for epoch := range 2 {
		if err := halve.OnEpochBegin(run, epoch); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// Epoch 1: LearningRateScheduler setting learning rate to 0.5.
	//
	// Epoch 2: LearningRateScheduler setting learning rate to 0.25.
}

func ExampleReduceLROnPlateau() {
	reduce := &callbacks.ReduceLROnPlateau{Monitor: "loss", Factor: new(0.5), Patience: new(2)}
	model := &rate{value: 1}
	run := &callbacks.Run{Model: model}
	if err := reduce.OnTrainBegin(run); err != nil {
		fmt.Println(err)
	}
	for epoch, loss := range []float64{3, 2, 2, 2} {
		if err := reduce.OnEpochEnd(run, epoch, callbacks.Logs{"loss": loss}); err != nil {
			fmt.Println(err)
		}
		fmt.Println(epoch, model.value)
	}
	// Output:
	// 0 1
	// 1 1
	// 2 1
	// 3 0.5
}

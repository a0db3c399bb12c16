package callbacks_test

import (
	"fmt"

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

package callbacks

import (
	"io"
	"math"

	"github.com/pkg/errors"
)

// TerminateOnNaN ends training when the loss of a batch is NaN or infinite.
//
// Source: keras.callbacks.TerminateOnNaN.
type TerminateOnNaN struct {
	Base
	RaiseError bool // false: training ends as by ErrStop; true: with an error that names batch and loss

	Output io.Writer `keras:"-"` // nil: nowhere; else is told why training ends
}

// OnTrainBatchEnd implements [Callback].
func (t *TerminateOnNaN) OnTrainBatchEnd(_ *Run, batch int, logs Logs) error {
	loss, ok := logs["loss"]
	if !ok || !math.IsNaN(loss) && !math.IsInf(loss, 0) {
		return nil
	}
	if t.RaiseError {
		return errors.Errorf("callbacks: TerminateOnNaN: batch %d: expected a finite loss, got %v", batch, loss)
	}
	err := speaker{"TerminateOnNaN", t.Output, 1}.say("Batch %d: Invalid loss, terminating training", batch)
	if err != nil {
		return err
	}
	return ErrStop
}

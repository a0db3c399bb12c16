// Package callbacks watches and steers training, evaluation and prediction, by Keras's names. It imports nothing else of this module: the
// model reaches a callback as the small interface [Model].
//
//	type report struct{ callbacks.Base }
//
//	func (report) OnEpochEnd(r *callbacks.Run, epoch int, logs callbacks.Logs) error {
//		if logs["loss"] < 0.01 {
//			return callbacks.ErrStop
//		}
//		return nil
//	}
package callbacks

import (
	"context"
	"slices"

	"github.com/pkg/errors"
)

// ErrStop ends training when a hook returns it, after the other callbacks' same hook, and is no error of Fit.
var ErrStop = errors.New("callbacks: stop training")

// Logs holds the values of an epoch or a batch by name: "loss", "accuracy", "val_loss". Those of a batch are the means since the epoch began. The
// map is reused: a callback that keeps values copies them.
type Logs map[string]float64

// A Run is one call of Fit, Evaluate or Predict.
type Run struct {
	Model            Model
	Epochs           int   // the number asked for; 0 outside Fit
	Steps            int   // batches per epoch; -1: not known
	ValidationFreq   int   // 0: 1; there are val_ logs after every ValidationFreq-th epoch
	ValidationEpochs []int // nil: as ValidationFreq says; else the epochs, counted from 1, after which there are val_ logs

	ctx context.Context
}

// ValidationAfter reports whether validation is due after an epoch, which counts from 0.
func (r *Run) ValidationAfter(epoch int) bool {
	if r.ValidationEpochs != nil {
		return slices.Contains(r.ValidationEpochs, epoch+1)
	}
	return r.ValidationFreq <= 1 || (epoch+1)%r.ValidationFreq == 0
}

// WithContext returns a copy of r whose context is ctx.
func (r *Run) WithContext(ctx context.Context) *Run {
	c := *r
	c.ctx = ctx
	return &c
}

// Context returns the context that the caller gave, or the background.
func (r *Run) Context() context.Context {
	if r.ctx == nil {
		return context.Background()
	}
	return r.ctx
}

// A Callback is told how a run goes. Embed [Base] and write only the hooks you need.
//
// Epochs and batches count from 0. A hook's error ends the run, [ErrStop] quietly. Evaluation inside Fit calls the Test hooks.
type Callback interface {
	OnTrainBegin(r *Run) error
	OnTrainEnd(r *Run, logs Logs) error
	OnEpochBegin(r *Run, epoch int) error
	OnEpochEnd(r *Run, epoch int, logs Logs) error
	OnTrainBatchBegin(r *Run, batch int) error
	OnTrainBatchEnd(r *Run, batch int, logs Logs) error
	OnTestBegin(r *Run) error
	OnTestEnd(r *Run, logs Logs) error
	OnTestBatchBegin(r *Run, batch int) error
	OnTestBatchEnd(r *Run, batch int, logs Logs) error
	OnPredictBegin(r *Run) error
	OnPredictEnd(r *Run) error
	OnPredictBatchBegin(r *Run, batch int) error
	OnPredictBatchEnd(r *Run, batch int) error
}

// Base has every hook of [Callback] and does nothing.
type Base struct{}

// OnTrainBegin does nothing.
func (Base) OnTrainBegin(*Run) error { return nil }

// OnTrainEnd does nothing.
func (Base) OnTrainEnd(*Run, Logs) error { return nil }

// OnEpochBegin does nothing.
func (Base) OnEpochBegin(*Run, int) error { return nil }

// OnEpochEnd does nothing.
func (Base) OnEpochEnd(*Run, int, Logs) error { return nil }

// OnTrainBatchBegin does nothing.
func (Base) OnTrainBatchBegin(*Run, int) error { return nil }

// OnTrainBatchEnd does nothing.
func (Base) OnTrainBatchEnd(*Run, int, Logs) error { return nil }

// OnTestBegin does nothing.
func (Base) OnTestBegin(*Run) error { return nil }

// OnTestEnd does nothing.
func (Base) OnTestEnd(*Run, Logs) error { return nil }

// OnTestBatchBegin does nothing.
func (Base) OnTestBatchBegin(*Run, int) error { return nil }

// OnTestBatchEnd does nothing.
func (Base) OnTestBatchEnd(*Run, int, Logs) error { return nil }

// OnPredictBegin does nothing.
func (Base) OnPredictBegin(*Run) error { return nil }

// OnPredictEnd does nothing.
func (Base) OnPredictEnd(*Run) error { return nil }

// OnPredictBatchBegin does nothing.
func (Base) OnPredictBatchBegin(*Run, int) error { return nil }

// OnPredictBatchEnd does nothing.
func (Base) OnPredictBatchEnd(*Run, int) error { return nil }

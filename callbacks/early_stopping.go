package callbacks

import (
	"github.com/pkg/errors"
)

// EarlyStopping ends training when a monitored value has stopped improving.
//
// Source: keras.callbacks.EarlyStopping. A monitored name that is not in the logs is an error here.
type EarlyStopping struct {
	Base
	Monitor            string   // "": "val_loss"
	MinDelta           float64  // 0; a change that is not larger is no improvement
	Patience           int      // 0; epochs without improvement to wait for
	Mode               Mode     // "": Auto
	Baseline           *float64 // nil: none; else waiting starts again only after an improvement that also beats it
	RestoreBestWeights bool     // false; true: training ends with the weights of the best epoch, unless it ends with an error
	StartFromEpoch     int      // 0; earlier epochs are not looked at

	monitor      monitor
	wait         int
	seen         bool
	best         float64
	bestEpoch    int
	stoppedEpoch int
	restore      func() error
}

// Best returns the best value so far and its epoch. ok is false before the first value.
func (e *EarlyStopping) Best() (value float64, epoch int, ok bool) {
	return e.best, e.bestEpoch, e.seen
}

// StoppedEpoch returns the epoch, from 0, after which training was stopped, or 0 where it was not.
func (e *EarlyStopping) StoppedEpoch() int { return e.stoppedEpoch }

// OnTrainBegin implements [Callback]. It forgets earlier runs.
func (e *EarlyStopping) OnTrainBegin(r *Run) error {
	if e.Patience < 0 || e.StartFromEpoch < 0 {
		return errors.Errorf("callbacks: EarlyStopping: expected Patience and StartFromEpoch of 0 or more, got %d and %d",
			e.Patience, e.StartFromEpoch)
	}
	key := e.Monitor
	if key == "" {
		key = "val_loss"
	}
	m, err := newMonitor("EarlyStopping", key, e.Mode, e.MinDelta, r.Model)
	if err != nil {
		return err
	}
	e.monitor, e.restore = m, nil
	e.wait, e.bestEpoch, e.stoppedEpoch = 0, 0, 0
	e.best, e.seen = 0, false
	return nil
}

// OnEpochEnd implements [Callback].
func (e *EarlyStopping) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	current, ok, err := e.monitor.value(r, epoch, logs)
	if err != nil || !ok || epoch < e.StartFromEpoch {
		return err
	}
	e.wait++
	if !e.seen || e.monitor.better(current, e.best) {
		e.improved(r, epoch, current)
		return nil
	}
	if e.wait >= e.Patience && epoch > 0 {
		e.stoppedEpoch = epoch
		return ErrStop
	}
	return nil
}

func (e *EarlyStopping) improved(r *Run, epoch int, current float64) {
	e.seen, e.best, e.bestEpoch = true, current, epoch
	if e.RestoreBestWeights {
		e.restore = r.Model.Snapshot()
	}
	if e.Baseline == nil || e.monitor.better(current, *e.Baseline) {
		e.wait = 0
	}
}

// OnTrainEnd implements [Callback]. It restores the best weights where that was asked for.
func (e *EarlyStopping) OnTrainEnd(*Run, Logs) error {
	if e.restore == nil {
		return nil
	}
	restore := e.restore
	e.restore = nil // The snapshot is as large as the model.
	return errors.WithMessagef(restore(), "callbacks: EarlyStopping: restore the weights of epoch %d", e.bestEpoch)
}

package callbacks

import (
	"cmp"
	"io"

	"github.com/pkg/errors"
)

// EarlyStopping ends training when a monitored value has stopped improving.
//
// A monitored name that is not in the logs is an error here. Its state does not hold the best weights: a run that was resumed restores only
// weights that are better than those.
//
// Source: keras.callbacks.EarlyStopping.
type EarlyStopping struct {
	Base
	Monitor            string   // "": "val_loss"
	MinDelta           float64  // 0; a change that is not larger is no improvement
	Patience           int      // 0; epochs without improvement to wait for
	Verbose            int      // 0: silent; 1: says to Output what it does
	Mode               Mode     // "": Auto
	Baseline           *float64 // nil: none; else waiting starts again only after an improvement that also beats it
	RestoreBestWeights bool     // false; true: training ends with the weights of the best epoch, unless it ends with an error
	StartFromEpoch     int      // 0; earlier epochs are not looked at

	Output io.Writer `keras:"-"` // nil: nowhere

	monitor monitor
	resumed bool
	state   stoppingState
	restore func() error
}

type stoppingState struct {
	Best         number `json:"best"`
	Seen         bool   `json:"seen"`
	BestEpoch    int    `json:"best_epoch"`
	Wait         int    `json:"wait"`
	StoppedEpoch int    `json:"stopped_epoch"`
}

// Best returns the best value so far and its epoch. ok is false before the first value.
func (e *EarlyStopping) Best() (value float64, epoch int, ok bool) {
	return float64(e.state.Best), e.state.BestEpoch, e.state.Seen
}

// StoppedEpoch returns the epoch, from 0, after which training was stopped, or 0 where it was not.
func (e *EarlyStopping) StoppedEpoch() int { return e.state.StoppedEpoch }

// State implements [Stateful].
func (e *EarlyStopping) State() ([]byte, error) { return marshalState("EarlyStopping", e.state) }

// SetState implements [Stateful].
func (e *EarlyStopping) SetState(raw []byte) error {
	e.resumed = true
	return unmarshalState("EarlyStopping", raw, &e.state)
}

// OnTrainBegin implements [Callback]. It forgets earlier runs.
func (e *EarlyStopping) OnTrainBegin(r *Run) error {
	if e.Patience < 0 || e.StartFromEpoch < 0 {
		return errors.Errorf("callbacks: EarlyStopping: expected Patience and StartFromEpoch of 0 or more, got %d and %d",
			e.Patience, e.StartFromEpoch)
	}
	if err := notNaN("EarlyStopping", "Baseline", e.Baseline); err != nil {
		return err
	}
	if e.RestoreBestWeights {
		if _, err := modelOf("EarlyStopping", r); err != nil {
			return err
		}
	}
	m, err := newMonitor("EarlyStopping", cmp.Or(e.Monitor, "val_loss"), e.Mode, e.MinDelta, r.Model)
	if err != nil {
		return err
	}
	e.monitor, e.restore = m, nil
	if !e.resumed {
		e.state = stoppingState{}
	}
	e.resumed = false
	return nil
}

// OnEpochEnd implements [Callback].
func (e *EarlyStopping) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	current, ok, err := e.monitor.value(r, epoch, logs)
	if err != nil || !ok || epoch < e.StartFromEpoch {
		return err
	}
	e.state.Wait++
	if !e.state.Seen || e.monitor.better(current, float64(e.state.Best)) {
		e.improved(r, epoch, current)
		return nil
	}
	if e.state.Wait >= e.Patience && epoch > 0 {
		e.state.StoppedEpoch = epoch
		return ErrStop
	}
	return nil
}

func (e *EarlyStopping) improved(r *Run, epoch int, current float64) {
	e.state.Seen, e.state.Best, e.state.BestEpoch = true, number(current), epoch
	if e.RestoreBestWeights {
		e.restore = r.Model.Snapshot()
	}
	if e.Baseline == nil || e.monitor.better(current, *e.Baseline) {
		e.state.Wait = 0
	}
}

// OnTrainEnd implements [Callback]. It restores the best weights where that was asked for.
func (e *EarlyStopping) OnTrainEnd(*Run, Logs) error {
	speaker := speaker{"EarlyStopping", e.Output, e.Verbose}
	if e.state.StoppedEpoch > 0 {
		if err := speaker.say("Epoch %d: early stopping", e.state.StoppedEpoch+1); err != nil {
			return err
		}
	}
	if e.restore == nil {
		return nil
	}
	restore := e.restore
	e.restore = nil // The snapshot is as large as the model.
	if err := restore(); err != nil {
		return errors.WithMessagef(err, "callbacks: EarlyStopping: restore the weights of epoch %d", e.state.BestEpoch)
	}
	return speaker.say("Restoring model weights from the end of the best epoch: %d.", e.state.BestEpoch+1)
}

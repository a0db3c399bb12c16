package callbacks

import (
	"io"

	"github.com/pkg/errors"
)

// LearningRateScheduler sets the learning rate before every epoch. It adds "learning_rate" to the logs of the epoch.
//
// Source: keras.callbacks.LearningRateScheduler.
type LearningRateScheduler struct {
	Base
	Schedule func(epoch int, rate float64) float64 // from the epoch, counted from 0, and the rate so far
	Verbose  int                                   // 0: silent; 1: says the rate to Output

	Output io.Writer `keras:"-"` // nil: nowhere
}

// OnEpochBegin implements [Callback].
func (c *LearningRateScheduler) OnEpochBegin(r *Run, epoch int) error {
	if c.Schedule == nil {
		return errors.New("callbacks: LearningRateScheduler: Schedule: expected a function, got nil")
	}
	m, err := modelOf("LearningRateScheduler", r)
	if err != nil {
		return err
	}
	rate := c.Schedule(epoch, rateOf(m))
	if err := m.SetLearningRate(rate); err != nil {
		return errors.WithMessagef(err, "callbacks: LearningRateScheduler: epoch %d", epoch)
	}
	return speaker{"LearningRateScheduler", c.Output, c.Verbose}.
		say("\nEpoch %d: LearningRateScheduler setting learning rate to %s.", epoch+1, repr(rate))
}

// OnEpochEnd implements [Callback].
func (c *LearningRateScheduler) OnEpochEnd(r *Run, _ int, logs Logs) error {
	m, err := modelOf("LearningRateScheduler", r)
	if err != nil {
		return err
	}
	addRate(logs, m)
	return nil
}

package callbacks

import (
	"math"

	"github.com/pkg/errors"
)

// FieldSchedule sets a number before every epoch: a field of a layer, a loss or the optimizer, such as a rate of dropout or a weight of a
// regularizer. It needs a model that implements [Reconfigurer]; its programs are compiled anew when the number changes, and only then.
//
// Keras has no such callback.
type FieldSchedule struct {
	Base
	Field    *float64
	Schedule func(epoch int, value float64) float64 // from the epoch, counted from 0, and the value so far
}

// OnTrainBegin implements [Callback].
func (c *FieldSchedule) OnTrainBegin(r *Run) error {
	if c.Field == nil || c.Schedule == nil {
		return errors.New("callbacks: FieldSchedule: expected a Field and a Schedule, got nil")
	}
	_, err := as[Reconfigurer]("FieldSchedule", r)
	return err
}

// OnEpochBegin implements [Callback].
func (c *FieldSchedule) OnEpochBegin(r *Run, epoch int) error {
	m, err := as[Reconfigurer]("FieldSchedule", r)
	if err != nil {
		return err
	}
	v := c.Schedule(epoch, *c.Field)
	if math.IsNaN(v) {
		return errors.Errorf("callbacks: FieldSchedule: epoch %d: expected a number from Schedule, got NaN", epoch)
	}
	if v == *c.Field {
		return nil
	}
	err = m.Reconfigure(func() error {
		*c.Field = v
		return nil
	})
	return errors.WithMessagef(err, "callbacks: FieldSchedule: epoch %d", epoch)
}

package callbacks

import (
	"cmp"
	"io"
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// ReduceLROnPlateau multiplies the learning rate by a factor when a monitored value has stopped improving.
//
// It adds "learning_rate", the rate of the epoch, to the logs. A monitored name that is not in the logs is an error here.
//
// Source: keras.callbacks.ReduceLROnPlateau.
type ReduceLROnPlateau struct {
	Base
	Monitor  string   // "": "val_loss"
	Factor   *float64 // nil: 0.1; below 1
	Patience *int     // nil: 10; epochs without improvement to wait for
	Verbose  int      // 0: silent; 1: says to Output what it does
	Mode     Mode     // "": Auto
	MinDelta *float64 // nil: 1e-4; a change that is not larger is no improvement
	Cooldown int      // 0; epochs after a reduction in which none is waited for
	MinLR    float64  `keras:"min_lr"` // 0; the rate does not go below it

	Output io.Writer `keras:"-"` // nil: nowhere

	monitor monitor
	resumed bool
	state   plateauState
}

type plateauState struct {
	Best     number `json:"best"`
	Seen     bool   `json:"seen"`
	Wait     int    `json:"wait"`
	Cooldown int    `json:"cooldown"` // epochs left
}

// State implements [Stateful].
func (c *ReduceLROnPlateau) State() ([]byte, error) {
	return marshalState("ReduceLROnPlateau", c.state)
}

// SetState implements [Stateful].
func (c *ReduceLROnPlateau) SetState(raw []byte) error {
	c.resumed = true
	return unmarshalState("ReduceLROnPlateau", raw, &c.state)
}

// OnTrainBegin implements [Callback]. It forgets earlier runs.
func (c *ReduceLROnPlateau) OnTrainBegin(r *Run) error {
	if f := optional.Or(c.Factor, 0.1); !(f >= 0 && f < 1) {
		return errors.Errorf("callbacks: ReduceLROnPlateau: Factor: expected 0 or more and less than 1, got %v", f)
	}
	if p := optional.Or(c.Patience, 10); p < 0 || c.Cooldown < 0 {
		return errors.Errorf("callbacks: ReduceLROnPlateau: expected Patience and Cooldown of 0 or more, got %d and %d", p, c.Cooldown)
	}
	if !(c.MinLR >= 0 && c.MinLR <= math.MaxFloat32) {
		return errors.Errorf("callbacks: ReduceLROnPlateau: MinLR: expected 0 or more, got %v", c.MinLR)
	}
	model, err := modelOf("ReduceLROnPlateau", r)
	if err != nil {
		return err
	}
	if err := model.SetLearningRate(model.LearningRate()); err != nil { // A rate that cannot be set is told now, not after hours.
		return errors.WithMessage(err, "callbacks: ReduceLROnPlateau")
	}
	m, err := newMonitor("ReduceLROnPlateau", cmp.Or(c.Monitor, "val_loss"), c.Mode, optional.Or(c.MinDelta, 1e-4), r.Model)
	if err != nil {
		return err
	}
	c.monitor = m
	if !c.resumed {
		c.state = plateauState{}
	}
	c.resumed = false
	return nil
}

// OnEpochEnd implements [Callback].
func (c *ReduceLROnPlateau) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	m, err := modelOf("ReduceLROnPlateau", r)
	if err != nil {
		return err
	}
	addRate(logs, m)
	current, ok, err := c.monitor.value(r, epoch, logs)
	if err != nil || !ok {
		return err
	}
	s := &c.state
	if s.Cooldown > 0 {
		s.Cooldown--
		s.Wait = 0
	}
	if !s.Seen || c.monitor.better(current, float64(s.Best)) {
		s.Seen, s.Best, s.Wait = true, number(current), 0
		return nil
	}
	if s.Cooldown > 0 {
		return nil
	}
	if s.Wait++; s.Wait < optional.Or(c.Patience, 10) {
		return nil
	}
	return c.reduce(m, epoch)
}

func (c *ReduceLROnPlateau) reduce(m Model, epoch int) error {
	old := rateOf(m)
	if old <= float64(float32(c.MinLR)) {
		return nil
	}
	rate := max(old*optional.Or(c.Factor, 0.1), c.MinLR)
	if err := m.SetLearningRate(rate); err != nil {
		return errors.WithMessagef(err, "callbacks: ReduceLROnPlateau: epoch %d", epoch)
	}
	c.state.Cooldown, c.state.Wait = c.Cooldown, 0
	return speaker{"ReduceLROnPlateau", c.Output, c.Verbose}.
		say("\nEpoch %d: ReduceLROnPlateau reducing learning rate to %s.", epoch+1, repr(rate))
}

// rateOf is the learning rate as the optimizer has it, in float32.
func rateOf(m Model) float64 { return float64(float32(m.LearningRate())) }

// addRate puts the learning rate into the logs.
func addRate(logs Logs, m Model) {
	if logs != nil {
		logs["learning_rate"] = rateOf(m)
	}
}

package callbacks

import "github.com/pkg/errors"

// SwapEMAWeights evaluates and predicts with the moving averages that an optimizer with UseEMA keeps of the weights, and puts the weights
// back afterwards. It needs a model that implements [EMASwapper].
//
// Weights are put back after prediction too, which Keras forgets. As in Keras only the last of the epochs asked for leaves the averages in the
// model when training with SwapOnEpoch ends: not one after which a callback stops.
//
// Source: keras.callbacks.SwapEMAWeights.
type SwapEMAWeights struct {
	Base
	SwapOnEpoch bool // false; true: the averages are in the model between epochs too, for callbacks after this one, such as ModelCheckpoint

	swapped bool
	undo    func() error // set while an evaluation or prediction runs
}

// OnTrainBegin implements [Callback]. It forgets earlier runs, whose model may have been another one: Fit begins with the weights in the model.
func (c *SwapEMAWeights) OnTrainBegin(*Run) error {
	c.swapped, c.undo = false, nil
	return nil
}

// OnEpochBegin implements [Callback].
func (c *SwapEMAWeights) OnEpochBegin(r *Run, _ int) error {
	if !c.SwapOnEpoch {
		return nil
	}
	return c.set(r, false)
}

// OnEpochEnd implements [Callback].
func (c *SwapEMAWeights) OnEpochEnd(r *Run, epoch int, _ Logs) error {
	if !c.SwapOnEpoch || c.swapped {
		return nil
	}
	if err := c.set(r, true); err != nil || epoch != r.Epochs-1 {
		return err
	}
	return c.finish(r)
}

// finish makes the averages and the weights, which are the averages now, the same, as training is over.
func (c *SwapEMAWeights) finish(r *Run) error {
	m, err := modelOf("SwapEMAWeights", r)
	if err != nil {
		return err
	}
	averages := m.Snapshot()
	if err := c.swap(r); err != nil {
		return err
	}
	return errors.WithMessage(averages(), "callbacks: SwapEMAWeights")
}

// set swaps unless the averages are where they should be.
func (c *SwapEMAWeights) set(r *Run, swapped bool) error {
	if c.swapped == swapped {
		return nil
	}
	if err := c.swap(r); err != nil {
		return err
	}
	c.swapped = swapped
	return nil
}

func (c *SwapEMAWeights) swap(r *Run) error {
	m, err := as[EMASwapper]("SwapEMAWeights", r)
	if err != nil {
		return err
	}
	return errors.WithMessage(m.SwapEMAWeights(), "callbacks: SwapEMAWeights")
}

func (c *SwapEMAWeights) begin(r *Run) error {
	if err := c.set(r, true); err != nil {
		return err
	}
	c.undo = func() error { return c.set(r, false) }
	return nil
}

// Close implements [Closer]. It puts the weights back where an evaluation or prediction has failed.
func (c *SwapEMAWeights) Close() error {
	if c.undo == nil {
		return nil
	}
	undo := c.undo
	c.undo = nil
	return undo()
}

// OnTestBegin implements [Callback].
func (c *SwapEMAWeights) OnTestBegin(r *Run) error { return c.begin(r) }

// OnTestEnd implements [Callback].
func (c *SwapEMAWeights) OnTestEnd(*Run, Logs) error { return c.Close() }

// OnPredictBegin implements [Callback].
func (c *SwapEMAWeights) OnPredictBegin(r *Run) error { return c.begin(r) }

// OnPredictEnd implements [Callback].
func (c *SwapEMAWeights) OnPredictEnd(*Run) error { return c.Close() }

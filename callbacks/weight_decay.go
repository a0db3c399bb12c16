package callbacks

import (
	"math"
	"strings"

	"github.com/pkg/errors"
)

// WeightDecay shrinks the trainable weights after every batch, apart from the loss and from what the optimizer makes of its gradient:
//
//	w -= Rate * learningRate * w
//
// The WeightDecay of optimizers does the same before a step, so that the step starts from the smaller weight. It needs a model that implements
// [WeightUpdater].
//
// Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization". Keras has no such callback.
type WeightDecay struct {
	Base
	Rate    float64  // 0: none
	Exclude []string // nil: none; weights whose path contains one of these stay as they are, such as "bias" and "gamma"

	factor float32
	update func([]Weight) error // c.apply, kept because a method value allocates
}

// OnTrainBegin implements [Callback].
func (c *WeightDecay) OnTrainBegin(r *Run) error {
	if !(c.Rate >= 0) || math.IsInf(c.Rate, 0) {
		return errors.Errorf("callbacks: WeightDecay: Rate: expected a number of 0 or more, got %v", c.Rate)
	}
	_, err := as[WeightUpdater]("WeightDecay", r)
	return err
}

// OnTrainBatchEnd implements [Callback].
func (c *WeightDecay) OnTrainBatchEnd(r *Run, _ int, _ Logs) error {
	m, err := as[WeightUpdater]("WeightDecay", r)
	if err != nil {
		return err
	}
	c.factor = float32(c.Rate * rateOf(r.Model))
	if c.update == nil {
		c.update = c.apply
	}
	return errors.WithMessage(m.UpdateWeights(c.update), "callbacks: WeightDecay")
}

func (c *WeightDecay) apply(weights []Weight) error {
	factor := c.factor
	for _, w := range weights {
		if !w.Trainable || containsAny(w.Path, c.Exclude) {
			continue
		}
		for i, v := range w.Value {
			w.Value[i] = v - float32(v*factor) // The conversion keeps it from being fused on some machines only.
		}
	}
	return nil
}

func containsAny(path string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

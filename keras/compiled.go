package keras

import (
	"math"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// compiled is a model's way of being trained.
type compiled struct {
	CompileOptions
	losses   []losses.Loss // of each output; nil: none
	lossKeys []string      // in the logs, of the outputs that have a loss
	measures []measure
	trained  []*layers.Weight // as of Compile: freezing counts from then on
	floats   func() []callbacks.Weight
	ready    bool // the optimizer knows the weights
}

// newCompiled makes sure that losses, their weights and metrics are for the outputs that the model has.
func (m *Model) newCompiled(o CompileOptions) (c *compiled, err error) {
	names := m.outputNames(max(1, len(m.outputs)))
	c = &compiled{CompileOptions: o}
	if c.losses, err = losses.ForOutputs(o.Loss, names); err != nil {
		return nil, err
	}
	if o.LossWeights != nil && len(o.LossWeights) != len(names) {
		return nil, errors.Errorf("%d loss weights for %d outputs", len(o.LossWeights), len(names))
	}
	for i, w := range o.LossWeights {
		if math.IsNaN(w) || math.Abs(w) > math.MaxFloat32 {
			return nil, errors.Errorf("LossWeights: output %q: expected a number, got %v", names[i], w)
		}
	}
	for i, l := range c.losses {
		if err := checkFields(l); err != nil {
			return nil, err
		}
		if l != nil {
			c.lossKeys = append(c.lossKeys, names[i]+"_loss")
		}
	}
	if c.measures, err = o.measures(names); err != nil {
		return nil, err
	}
	for _, x := range c.measures {
		if err := checkFields(x.Metric); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// targets is the number of each output's target among n arrays, or -1: there is one for each output, or for each that has a loss.
func (c *compiled) targets(n int) ([]int, error) {
	ks := make([]int, len(c.losses))
	next := 0
	for i, l := range c.losses {
		ks[i] = i
		if n == len(c.losses) {
			continue
		}
		ks[i] = -1
		if l != nil {
			ks[i] = next
			next++
		}
	}
	if n != len(c.losses) && n != next {
		return nil, errors.Errorf("targets: expected %d arrays, one for each output with a loss, got %d", len(c.lossKeys), n)
	}
	return ks, nil
}

// buildOptimizer tells the optimizer the weights, in Keras's order, so that a saved state fits.
func (c *compiled) buildOptimizer() error {
	if c.ready {
		return nil
	}
	ps := make([]optimizers.Parameter, len(c.trained))
	for i, w := range c.trained {
		ps[i] = optimizers.Parameter{Path: w.Path, Shape: w.Shape(), Value: w.Float32s()}
	}
	if err := optimizers.Build(c.Optimizer, ps); err != nil {
		return errors.Wrap(err, "keras")
	}
	c.ready = true
	return nil
}

// loss is the total loss of all outputs, and each output's own. weights are none, one for all targets, or one for each.
func (c *compiled) loss(yTrue, yPred, weights []ops.Tensor) (total ops.Tensor, each []ops.Tensor, err error) {
	targets, err := c.targets(len(yTrue))
	if err != nil {
		return total, nil, err
	}
	for i, l := range c.losses {
		if l == nil {
			continue
		}
		var weight ops.Tensor
		if len(weights) > 0 {
			weight = weights[min(targets[i], len(weights)-1)]
		}
		values := l.Loss(yTrue[targets[i]], yPred[i])
		if err := checkWeight(values, weight); err != nil {
			return total, nil, err
		}
		value := losses.Reduce(values, yPred[i], weight, losses.ReductionOf(l))
		each = append(each, value)
		if c.LossWeights != nil {
			value = ops.Multiply(value, ops.Scalar(c.LossWeights[i]))
		}
		if !total.Valid() {
			total = value
			continue
		}
		total = ops.Add(total, value)
	}
	return total, each, nil
}

// scaled reports whether the optimizer wants the gradients of a multiple of the loss.
func (c *compiled) scaled() bool {
	_, adapts := c.Optimizer.(*optimizers.LossScaleOptimizer)
	return adapts || optimizers.LossScale(c.Optimizer) != 1
}

// checkWeight refuses sample weights of more axes than the loss has, which Keras multiplies in whatever way fits.
func checkWeight(values, weight ops.Tensor) error {
	if !weight.Valid() || !values.Valid() {
		return nil
	}
	if err := values.Err(); err != nil {
		return err
	}
	if extra := weight.Rank() - values.Rank(); extra <= 0 || extra == 1 && weight.Dim(-1) == 1 {
		return nil
	}
	return errors.Errorf("sample weights of shape %s do not fit a loss with values of shape %s", shapeText(weight.Shape()), shapeText(values.Shape()))
}

package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Finalize makes the averages that UseEMA keeps the weights' values; without them, or before the first step, it does nothing. It belongs at the
// end of training.
func Finalize(o Optimizer) { unwrap(o).base().overwrite() }

// SwapEMA exchanges weights and averages: a second call undoes it. It is an error where there are no averages. Before the first step, when they
// are still 0, it does nothing.
func SwapEMA(o Optimizer) error {
	b := unwrap(o).base()
	if !b.UseEMA {
		return errors.Errorf("optimizers: SwapEMA: %T: expected UseEMA true, got false", unwrap(o))
	}
	if !b.built {
		return errors.New("optimizers: SwapEMA: the optimizer has no weights yet: call Build first")
	}
	if b.iteration == 0 {
		return nil
	}
	for i := range b.params {
		p := &b.params[i]
		for k, v := range p.average {
			p.Value[k], p.average[k] = v, p.Value[k]
		}
	}
	return nil
}

// moveAverages takes the weights as they are after a step into their averages. As in Keras, steps that only accumulate gradients count here too.
func (b *Base) moveAverages() {
	if !b.UseEMA {
		return
	}
	done := b.Iterations()
	keep := float32(optional.Or(b.EMAMomentum, 0.99))
	if done == 0 {
		keep = 0
	}
	for i := range b.params {
		p := &b.params[i]
		for k, a := range p.average {
			p.average[k] = float32(keep*a) + float32((1-keep)*p.Value[k])
		}
	}
	if n := b.EMAOverwriteFrequency; n > 0 && (done+1)%n == 0 {
		b.copyAverages()
	}
}

// overwrite does nothing before the first step, which Keras's does: it leaves weights of 0.
func (b *Base) overwrite() {
	if b.iteration > 0 {
		b.copyAverages()
	}
}

func (b *Base) copyAverages() {
	for i := range b.params {
		p := &b.params[i]
		copy(p.Value, p.average)
	}
}

package optimizers

import (
	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// LossScaleOptimizer is another optimizer with a loss scale that adapts itself, see [LossScale]: a step with a gradient that is not finite is left
// out and halves the scale, and after DynamicGrowthSteps steps in a row without one it doubles. LossScaleFactor of the other is not looked at.
//
// Source: keras.optimizers.LossScaleOptimizer.
type LossScaleOptimizer struct {
	InnerOptimizer     Optimizer
	InitialScale       float64 // 0: 32768
	DynamicGrowthSteps *int    // nil: 2000; 0: the scale never grows

	own     Base
	scale   float32
	counter int
	started bool
}

// lossScaleEntries is the number of arrays in the state before those of the other optimizer.
const lossScaleEntries = 4

// noRate is the rate of a LossScaleOptimizer itself, which moves nothing.
type noRate struct{}

func (noRate) At(int) float64 { return 0 }

// Rate implements [Optimizer]. It says that the rate is no field of o: [LearningRate] and [SetLearningRate] go to the other optimizer.
func (o *LossScaleOptimizer) Rate() Rate { return Rate{Schedule: noRate{}} }

// Build implements [Optimizer].
func (o *LossScaleOptimizer) Build() error {
	if o.InnerOptimizer == nil {
		return errors.New("LossScaleOptimizer: InnerOptimizer: expected an optimizer, got none")
	}
	if _, ok := o.InnerOptimizer.(*LossScaleOptimizer); ok {
		return errors.New("LossScaleOptimizer: InnerOptimizer: expected an optimizer without a scale of its own, got a LossScaleOptimizer")
	}
	if err := atLeast0("LossScaleOptimizer: InitialScale", o.InitialScale); err != nil {
		return err
	}
	if n := optional.Or(o.DynamicGrowthSteps, 2000); n < 0 {
		return errors.Errorf("LossScaleOptimizer: DynamicGrowthSteps: expected 0 or more, got %d", n)
	}
	return nil
}

// Update implements [Optimizer] by that of the other.
func (o *LossScaleOptimizer) Update(p *Parameter, s Step) { o.InnerOptimizer.Update(p, s) }

// Iterations returns the number of steps that the other optimizer has done.
func (o *LossScaleOptimizer) Iterations() int { return unwrap(o).base().Iterations() }

// SaveConfig implements saving.ConfigSaver: the learning rate is saved as it is now.
func (o *LossScaleOptimizer) SaveConfig(config map[string]any) error {
	if o.InnerOptimizer == nil || o.InnerOptimizer.Rate().Schedule != nil {
		return nil
	}
	inner, _ := config["inner_optimizer"].(map[string]any)
	if fields, ok := inner["config"].(map[string]any); ok {
		fields["learning_rate"] = LearningRate(o)
	}
	return nil
}

func (o *LossScaleOptimizer) base() *Base { return &o.own }

func (o *LossScaleOptimizer) decayOf(*Parameter) float64 { return 0 }

func (o *LossScaleOptimizer) build(params []Parameter) error {
	if err := o.Build(); err != nil {
		return errors.WithMessage(err, "optimizers: Build")
	}
	if err := Build(o.InnerOptimizer, params); err != nil {
		return err
	}
	o.InnerOptimizer.base().outer = true
	o.scale = o.currentScale()
	o.started = true
	return nil
}

func (o *LossScaleOptimizer) currentScale() float32 {
	if o.started {
		return o.scale
	}
	if o.InitialScale == 0 {
		return 1 << 15
	}
	return float32(o.InitialScale)
}

// unscale divides b's gradients by the scale and adapts it. It reports whether all of them are finite.
func (o *LossScaleOptimizer) unscale(b *Base) bool {
	if !finite(b.params) {
		o.counter = 0
		o.scale *= 0.5
		return false
	}
	b.divideGradients(o.scale)
	if o.counter == optional.Or(o.DynamicGrowthSteps, 2000)-1 {
		o.counter = 0
		o.scale *= 2
	} else {
		o.counter++
	}
	return true
}

// finite reports whether all gradients are. What minus itself is not 0 is neither.
func finite(params []Parameter) bool {
	for i := range params {
		for _, g := range params[i].Gradient {
			if g-g != 0 {
				return false
			}
		}
	}
	return true
}

// state lists o's own iteration and learning rate, which never change, its counter and scale, and then the other optimizer's state.
func (o *LossScaleOptimizer) state() []Slot {
	own := []Slot{
		{Name: "iteration", Shape: []int{}, Int: []int64{0}},
		{Name: "learning_rate", Shape: []int{}, Float: []float32{0}},
		{Name: "step_counter", Shape: []int{}, Int: []int64{int64(o.counter)}},
		{Name: "dynamic_scale", Shape: []int{}, Float: []float32{o.currentScale()}},
	}
	if o.InnerOptimizer == nil {
		return own
	}
	return append(own, State(o.InnerOptimizer)...)
}

func (o *LossScaleOptimizer) setOwn(state []Slot) {
	o.counter, o.scale, o.started = int(state[2].Int[0]), state[3].Float[0], true
}

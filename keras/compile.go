package keras

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
)

// ErrTraining is returned by Fit, Compile and loading while another Fit of the model runs.
var ErrTraining = errors.New("keras: the model is being trained")

// CompileOptions say how a model is trained.
type CompileOptions struct {
	Optimizer optimizers.Optimizer // nil: RMSprop, as in Keras
	// Loss is what training makes small; losses.Each or losses.Named where outputs have different ones. A single loss of a model with
	// several outputs is that of each.
	Loss losses.Loss
	// LossWeights are the outputs' shares in the loss. nil: 1 each.
	LossWeights []float64
	// Metrics are reported beside the loss. A model with several outputs takes one metric for each, or one element metrics.Each or
	// metrics.Named. metrics.Word is a metric by Keras's word for it.
	Metrics []metrics.Metric
	// WeightedMetrics are metrics that sample weights count in, given in the same way.
	WeightedMetrics []metrics.Metric
	// Seed is what all random numbers come from: first weights, dropout, shuffling. 0: one is chosen, see Model.Seed.
	Seed uint64
}

// Compile says how the model is trained. It gives the layers their weights where the shape of the input is known. A second Compile
// keeps the weights; for an optimizer that starts afresh, or for other trainable weights, it needs another optimizer.
func (m *Model) Compile(o CompileOptions) error {
	if !m.training.CompareAndSwap(false, true) {
		return ErrTraining
	}
	defer m.training.Store(false)
	if m.err != nil {
		return errors.Wrap(m.err, "keras")
	}
	if o.Loss == nil {
		return errors.New("keras: Compile: a loss is required")
	}
	if o.Optimizer == nil {
		o.Optimizer = &optimizers.RMSprop{}
	}
	if isNil(o.Loss) || isNil(o.Optimizer) {
		return errors.Errorf("keras: Compile: expected a loss and an optimizer, got %s and %s", nilOr(o.Loss), nilOr(o.Optimizer))
	}
	c, err := m.newCompiled(o)
	if err != nil {
		return errors.Wrap(err, "keras: Compile")
	}
	specs, err := m.inputSpecs()
	if err != nil {
		return err
	}
	if err := m.seeded(o.Seed, specs); err != nil {
		return err
	}
	c.trained = trainable(m)
	c.floats = sync.OnceValue(func() []callbacks.Weight { return floats(m.Weights(), c.trained) })
	m.compilation.Store(c)
	m.weights.Lock()
	m.foreign = nil
	m.weights.Unlock()
	m.programs.Store(newPrograms())
	return nil
}

// seeded sets the seed, if there is one, and gives the layers their weights where the inputs' specs are known, while nobody reads either.
func (m *Model) seeded(seed uint64, specs []ops.Spec) error {
	m.weights.Lock()
	defer m.weights.Unlock()
	if seed != 0 {
		m.seed = seed
	}
	if specs == nil {
		return nil
	}
	return m.build(specs)
}

// notCompiled is the error of training a model that is not compiled.
func (m *Model) notCompiled() error {
	if m.foreign != nil {
		return errors.WithMessage(m.foreign.reason, "keras: the model is not compiled: compile_config of the file that it was loaded from")
	}
	return errors.New("keras: the model is not compiled: call Compile first")
}

// prepare makes sure that the model is built and compiled for inputs like these.
func (m *Model) prepare(specs []ops.Spec) error {
	if m.compilation.Load() == nil {
		return m.notCompiled()
	}
	return m.ensureBuilt(specs)
}

// ensureBuilt builds the model for the data's shape if it was not built for a declared one, and checks that they agree.
func (m *Model) ensureBuilt(specs []ops.Spec) error {
	m.weights.RLock()
	built := m.built
	m.weights.RUnlock()
	if built == nil {
		var err error
		if built, err = m.buildOnce(specs); err != nil {
			return err
		}
	}
	return checkInputs(built, specs)
}

// buildOnce builds the model, unless another goroutine has done so, and returns the inputs that it is built for.
func (m *Model) buildOnce(specs []ops.Spec) ([]ops.Spec, error) {
	m.weights.Lock()
	defer m.weights.Unlock()
	declared, err := m.inputSpecs()
	if err != nil {
		return nil, err
	}
	if declared == nil {
		declared = openBatch(specs)
	}
	return declared, m.build(declared)
}

func openBatch(specs []ops.Spec) []ops.Spec {
	out := make([]ops.Spec, len(specs))
	for i, s := range specs {
		out[i] = ops.Spec{Shape: slices.Clone(s.Shape), DType: s.DType}
		if len(s.Shape) > 0 {
			out[i].Shape[0] = ops.Unknown
		}
	}
	return out
}

// checkInputs compares data with what the model was built for.
func checkInputs(built, specs []ops.Spec) error {
	if len(built) != len(specs) {
		return errors.Errorf("keras: the model has %d inputs, got %d", len(built), len(specs))
	}
	for i, want := range built {
		if text := want.DType == ops.String; text != (specs[i].DType == ops.String) {
			return errors.Errorf("keras: input %d: expected %s, got %s", i, want.DType, specs[i].DType)
		}
		got := specs[i].Shape
		fits := len(got) == len(want.Shape)
		for a := 1; fits && a < len(got); a++ {
			fits = want.Shape[a] == ops.Unknown || got[a] == ops.Unknown || got[a] == want.Shape[a]
		}
		if !fits {
			return errors.Errorf("keras: input %d: expected shape %s, got %s", i, shapeText(want.Shape), shapeText(got))
		}
	}
	return nil
}

// shapeText is a shape in Keras's words: (None, 10).
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = itoa(d)
		if d == ops.Unknown {
			parts[i] = "None"
		}
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// nilOr names a type, and says where there is no value of it.
func nilOr(x any) string {
	if isNil(x) {
		return fmt.Sprintf("a nil %T", x)
	}
	return fmt.Sprintf("a %T", x)
}

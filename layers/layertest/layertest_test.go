package layertest

import (
	"testing"

	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// scale multiplies by one weight per feature; its fields make it break one rule each.
type scale struct {
	layers.Base
	Factor  float64
	Noisy   bool
	Extra   bool // a weight in training only
	Mixing  bool
	Masking bool
	Flat    bool // drops an axis
	Fixed   bool // a shape that holds for one batch size
	hidden  int
}

func init() { saving.Register[scale]("LayertestScale", "") }

func (s *scale) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
	y := ops.Multiply(x, b.Weight("scale", []int{x.Dim(-1)}, layers.Spec{Initializer: initializers.Constant{Value: s.Factor}}))
	if s.Extra && b.Training() {
		y = ops.Add(y, b.Weight("extra", nil, layers.Spec{Initializer: initializers.Zeros{}}))
	}
	if s.Mixing {
		y = ops.Subtract(y, ops.Mean(y, 0))
	}
	if s.Flat {
		y = ops.Mean(y, 1)
	}
	if s.Fixed {
		y = ops.Reshape(y, 4, -1, 3)
	}
	return y
}

func (s *scale) SupportsMasking() bool { return s.Masking }

// detached computes with a value that gradients do not see.
type detached struct{ layers.Base }

func init() { saving.Register[detached]("LayertestDetached", "") }

func (*detached) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor {
	return ops.Multiply(x, ops.StopGradient(x))
}

// stranger is not registered.
type stranger struct{ layers.Base }

func (*stranger) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor { return ops.Tanh(x) }

// counting is another layer at each call.
type counting struct {
	layers.Base
	calls int
}

func (c *counting) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor {
	c.calls++
	return ops.Multiply(x, ops.Scalar(float64(c.calls)))
}

// found runs all checks and returns the names of those that complain.
func found(t *testing.T, build func() layers.Layer, c Case) map[string]error {
	t.Helper()
	c, err := c.defaults()
	require.NoError(t, err)
	s := &suite{build: one(build), Case: c}
	errs := map[string]error{}
	for _, check := range checks {
		if err := check.run(s); err != nil {
			errs[check.name] = err
		}
	}
	return errs
}

func floats(shape []int, v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

func TestGoodLayerPasses(t *testing.T) {
	c := Case{
		Inputs:          []*tensor.Dense{floats([]int{2, 1, 2}, 1, 2, 3, 4)},
		Weights:         []*tensor.Dense{floats([]int{2}, 10, 100)},
		Outputs:         []*tensor.Dense{floats([]int{2, 1, 2}, 10, 200, 30, 400)},
		Cotangents:      []*tensor.Dense{floats([]int{2, 1, 2}, 1, 1, 2, 3)},
		InputGradients:  []*tensor.Dense{floats([]int{2, 1, 2}, 10, 100, 20, 300)},
		WeightGradients: []*tensor.Dense{floats([]int{2}, 7, 14)},
		After:           []*tensor.Dense{floats([]int{2}, 10, 100)},
		OutputMasks:     []*tensor.Dense{nil},
		Trainable:       new(1), NonTrainable: new(0), Penalty: new(0.0),
	}
	Run(t, func() layers.Layer { return &scale{Factor: 2} }, c)
	require.Empty(t, found(t, func() layers.Layer { return &scale{Factor: 2} }, c))
}

func TestEachCheckFindsWhatItIsFor(t *testing.T) {
	spec := Case{Specs: []ops.Spec{{Shape: []int{4, 5, 3}, DType: ops.Float32}}}
	tests := []struct {
		name  string
		build func() layers.Layer
		want  map[string]string
	}{
		{"fields that are not saved", func() layers.Layer { return &scale{hidden: 1} }, map[string]string{"Config": "does not come back"}},
		{"not registered", func() layers.Layer { return &stranger{} }, map[string]string{"Config": "saving.Register"}},
		{"a weight in training only", func() layers.Layer { return &scale{Factor: 1, Extra: true} }, map[string]string{
			"Weights": "training and inference must ask for the same weights", "Shapes": "same weights", "FiniteDifferences": "same weights",
			"BatchSizes": "same weights", "Determinism": "same weights",
		}},
		{"samples that mix", func() layers.Layer { return &scale{Factor: 1, Mixing: true} }, map[string]string{"BatchSizes": "the first sample"}},
		{"a mask that does not fit", func() layers.Layer { return &scale{Masking: true, Flat: true} }, map[string]string{"Masks": "does not fit"}},
		{"a gradient that is not one", func() layers.Layer { return &detached{} }, map[string]string{"FiniteDifferences": "finite differences"}},
		{"a shape for one batch size", func() layers.Layer { return &scale{Factor: 1, Fixed: true} }, map[string]string{
			"Shapes": "reshape", "BatchSizes": "reshape", "Weights": "reshape", "Values": "reshape", "FiniteDifferences": "reshape", "Determinism": "reshape", "Masks": "reshape",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			errs := found(t, tt.build, spec)
			for check, text := range tt.want {
				require.ErrorContains(t, errs[check], text, check)
			}
			require.Len(t, errs, len(tt.want), "%v", errs)
		})
	}
}

func TestStateOutsideOfWeightsIsFound(t *testing.T) {
	errs := found(t, func() layers.Layer { return &counting{} }, Case{Specs: []ops.Spec{{Shape: []int{4, 2}, DType: ops.Float32}}, Unsaved: true})
	require.ErrorContains(t, errs["BatchSizes"], "the first sample")
}

func TestRandomnessFromElsewhereIsFound(t *testing.T) {
	calls := 0
	build := func() layers.Layer {
		calls++
		return &scale{Factor: float64(calls)}
	}
	errs := found(t, build, Case{Specs: []ops.Spec{{Shape: []int{4, 2}, DType: ops.Float32}}})
	require.ErrorContains(t, errs["Determinism"], "runs from one seed differ")
}

func TestWrongNumbersAreFound(t *testing.T) {
	right := func() Case {
		return Case{
			Inputs: []*tensor.Dense{floats([]int{2, 2}, 1, 2, 3, 4)}, Weights: []*tensor.Dense{floats([]int{2}, 1, 1)},
			Cotangents: []*tensor.Dense{floats([]int{2, 2}, 1, 1, 1, 1)},
		}
	}
	tests := map[string]struct {
		change func(*Case)
		want   string
	}{
		"Values/output":          {func(c *Case) { c.Outputs = []*tensor.Dense{floats([]int{2, 2}, 1, 2, 3, 4.001)} }, "output 0: element 3"},
		"Values/shape":           {func(c *Case) { c.Outputs = []*tensor.Dense{floats([]int{4}, 1, 2, 3, 4)} }, "expected shape (4), got (2, 2)"},
		"Values/count":           {func(c *Case) { c.Outputs = make([]*tensor.Dense, 2) }, "expected 2, got 1"},
		"Values/input gradient":  {func(c *Case) { c.InputGradients = []*tensor.Dense{floats([]int{2, 2}, 1, 1, 2, 1)} }, "gradient of input 0"},
		"Values/weight gradient": {func(c *Case) { c.WeightGradients = []*tensor.Dense{floats([]int{2}, 4, 7)} }, "gradient of weight 0"},
		"Values/after":           {func(c *Case) { c.After = []*tensor.Dense{floats([]int{2}, 1, 2)} }, "weight after a run 0"},
		"Values/penalty":         {func(c *Case) { c.Penalty = new(0.5) }, "penalty"},
		"Values/mask": {func(c *Case) {
			c.OutputMasks = []*tensor.Dense{tensor.New(tensor.WithShape(2), tensor.WithBacking([]bool{true, true}))}
		}, "expected a mask: true"},
		"Values/weights":      {func(c *Case) { c.Weights = nil; c.Outputs = []*tensor.Dense{floats([]int{2, 2}, 1, 2, 3, 4)} }, "output 0"},
		"Weights/trainable":   {func(c *Case) { c.Trainable = new(2) }, "expected 2, got 1"},
		"Weights/not trained": {func(c *Case) { c.NonTrainable = new(1) }, "expected 1, got 0"},
		"Weights/shape":       {func(c *Case) { c.Weights = []*tensor.Dense{floats([]int{1}, 1)} }, "expected shape (1), got (2)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := right()
			tt.change(&c)
			errs := found(t, func() layers.Layer { return &scale{Factor: 2} }, c)
			check := name[:len("Weights")]
			if name[0] == 'V' {
				check = "Values"
			}
			require.ErrorContains(t, errs[check], tt.want)
		})
	}
}

func TestOneNumberIsAnInput(t *testing.T) {
	c := Case{Inputs: []*tensor.Dense{floats([]int{1, 1}, 3)}, Outputs: []*tensor.Dense{floats([]int{1, 1}, 6)}}
	require.Empty(t, found(t, func() layers.Layer { return &scale{Factor: 2} }, c))
}

func TestCaseWithoutInputs(t *testing.T) {
	_, err := Case{}.defaults()
	require.ErrorContains(t, err, "set Inputs or Specs")
	_, err = Case{Inputs: []*tensor.Dense{nil}}.defaults()
	require.ErrorContains(t, err, "input 0")
}

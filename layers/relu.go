package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// ReLU is x above Threshold and NegativeSlope·(x-Threshold) below, at most MaxValue. Like [LeakyReLU], [ELU] and [Softmax] it can also stand as
// the activation of another layer. The shape stays.
type ReLU struct {
	Base
	MaxValue      *float64 // at least 0; nil: unbounded
	NegativeSlope float64  // at least 0
	Threshold     float64  // at least 0
}

// LeakyReLU is x above 0 and NegativeSlope·x below. The shape stays.
type LeakyReLU struct {
	Base
	NegativeSlope *float64 // at least 0; nil: 0.3
}

// ELU is x above 0 and Alpha·(exp(x)-1) below (Clevert et al. 2016). The shape stays.
type ELU struct {
	Base
	Alpha *float64 // nil: 1
}

func init() {
	saving.Register[ReLU]("ReLU", "keras.layers")
	saving.Register[LeakyReLU]("LeakyReLU", "keras.layers")
	saving.Register[ELU]("ELU", "keras.layers")
}

// Apply implements [activations.Activation].
func (r *ReLU) Apply(x ops.Tensor) ops.Tensor {
	for _, a := range []struct {
		name  string
		value float64
	}{{"max_value", optional.Or(r.MaxValue, 0)}, {"negative_slope", r.NegativeSlope}, {"threshold", r.Threshold}} {
		if !(a.value >= 0) {
			return ops.Fail(x.Path(), errors.Errorf("%s: expected at least 0, got %v", a.name, a.value))
		}
	}
	return activations.ReLUWith{NegativeSlope: r.NegativeSlope, MaxValue: r.MaxValue, Threshold: r.Threshold}.Apply(x)
}

// Call implements [Layer].
func (r *ReLU) Call(_ *Builder, x ops.Tensor) ops.Tensor { return r.Apply(x) }

// SupportsMasking implements [MaskSupporter].
func (r *ReLU) SupportsMasking() bool { return true }

// Apply implements [activations.Activation].
func (r *LeakyReLU) Apply(x ops.Tensor) ops.Tensor {
	slope := optional.Or(r.NegativeSlope, 0.3)
	if !(slope >= 0) {
		return ops.Fail(x.Path(), errors.Errorf("negative_slope: expected at least 0, got %v", slope))
	}
	return ops.LeakyReLU(x, slope)
}

// Call implements [Layer].
func (r *LeakyReLU) Call(_ *Builder, x ops.Tensor) ops.Tensor { return r.Apply(x) }

// SupportsMasking implements [MaskSupporter].
func (r *LeakyReLU) SupportsMasking() bool { return true }

// Apply implements [activations.Activation].
func (e *ELU) Apply(x ops.Tensor) ops.Tensor { return ops.ELU(x, optional.Or(e.Alpha, 1)) }

// Call implements [Layer].
func (e *ELU) Call(_ *Builder, x ops.Tensor) ops.Tensor { return e.Apply(x) }

// SupportsMasking implements [MaskSupporter].
func (e *ELU) SupportsMasking() bool { return true }

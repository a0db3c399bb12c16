// Package regularizers holds penalties that are added to the loss for large weights or outputs.
//
//	&layers.Dense{Units: 64, KernelRegularizer: regularizers.L2{L2: new(1e-4)}}
//
// A regularizer of one's own is a type with a method Penalty, registered with saving.Register so that models that use it can be
// loaded.
package regularizers

import (
	"math"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// A Regularizer is a penalty for a tensor: a tensor without axes, which is added to the loss.
type Regularizer interface {
	Penalty(w ops.Tensor) ops.Tensor
}

// L1 is l1·sum(|w|).
type L1 struct {
	L1 *float64 `keras:"l1"` // at least 0; nil: 0.01
}

// L2 is l2·sum(w²).
type L2 struct {
	L2 *float64 `keras:"l2"` // at least 0; nil: 0.01
}

// L1L2 is l1·sum(|w|) + l2·sum(w²).
type L1L2 struct {
	L1 float64 `keras:"l1"` // at least 0
	L2 float64 `keras:"l2"` // at least 0
}

func init() {
	const module = "keras.regularizers"
	saving.Register[L1]("L1", module)
	saving.Register[L2]("L2", module)
	saving.Register[L1L2]("L1L2", module)
	saving.Register[OrthogonalRegularizer]("OrthogonalRegularizer", module)
}

const defaultFactor = 0.01

// Penalty implements [Regularizer].
func (r L1) Penalty(w ops.Tensor) ops.Tensor { return L1L2{L1: factor(r.L1)}.Penalty(w) }

// Penalty implements [Regularizer].
func (r L2) Penalty(w ops.Tensor) ops.Tensor { return L1L2{L2: factor(r.L2)}.Penalty(w) }

// Penalty implements [Regularizer].
func (r L1L2) Penalty(w ops.Tensor) ops.Tensor {
	if err := check("l1", r.L1); err != nil {
		return ops.Fail(w.Path(), err)
	}
	if err := check("l2", r.L2); err != nil {
		return ops.Fail(w.Path(), err)
	}
	p := ops.Scalar(0)
	if r.L1 != 0 {
		p = ops.Multiply(ops.Scalar(r.L1), ops.Sum(ops.Absolute(w)))
	}
	if r.L2 != 0 {
		l2 := ops.Multiply(ops.Scalar(r.L2), ops.Sum(ops.Square(w)))
		if r.L1 == 0 {
			return l2
		}
		p = ops.Add(p, l2)
	}
	return p
}

func factor(p *float64) float64 {
	if p == nil {
		return defaultFactor
	}
	return *p
}

// check refuses factors that Keras refuses.
func check(name string, v float64) error {
	if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return errors.Errorf("regularizer: %s is %v: expected a number of at least 0", name, v)
	}
	return nil
}

// Get is the regularizer, with Keras's defaults, that keras.regularizers.get makes of a word, such as "l2", "L1L2" or
// "orthogonal_regularizer". Any other word is an error.
func Get(identifier string) (Regularizer, error) {
	switch identifier {
	case "L1", "l1":
		return L1{}, nil
	case "L2", "l2":
		return L2{}, nil
	case "L1L2", "l1l2":
		return L1L2{}, nil
	case "OrthogonalRegularizer", "orthogonal_regularizer":
		return OrthogonalRegularizer{}, nil
	}
	return nil, errors.Errorf("regularizers: %q is not the name of one of Keras's regularizers", identifier)
}

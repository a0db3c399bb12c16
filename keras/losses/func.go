package losses

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// Func makes a loss of a function that returns a value for each sample, as those of Keras's losses do. Targets or predictions with a
// last axis of size 1 too many lose it first, or the other gets one. Values are averaged. The name stands in errors.
//
// The result is the same value for every use; saving.RegisterFunction gives it a name in files:
//
//	var pinball = losses.Func("pinball", func(yTrue, yPred ops.Tensor) ops.Tensor { ... })
//
//	func init() { saving.RegisterFunction("mine>pinball", pinball) }
func Func(name string, f func(yTrue, yPred ops.Tensor) ops.Tensor) Loss { return &function{name, f} }

type function struct {
	name string
	f    func(yTrue, yPred ops.Tensor) ops.Tensor
}

// Loss implements [Loss].
func (l *function) Loss(yTrue, yPred ops.Tensor) ops.Tensor {
	if l.f == nil {
		return ops.Fail(yPred.Path(), errors.Errorf("loss %s: expected a function, got nil", l.name))
	}
	values := l.f(sameRank(yTrue, yPred))
	if err := values.Err(); err != nil {
		return ops.Fail("", errors.WithMessage(err, "loss "+l.name))
	}
	return values
}

// MarshalText is asked for what stands in a file for a function that was not registered.
func (l function) MarshalText() ([]byte, error) {
	return nil, errors.Errorf("loss %s is not registered: register it with saving.RegisterFunction", l.name)
}

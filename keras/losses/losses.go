// Package losses holds what training makes small, under Keras's names.
//
//	losses.SparseCategoricalCrossentropy{FromLogits: true}
//
// Predictions and targets have the batch as their first axis. Values are computed in float32.
//
// A loss of one's own is a function, made a loss by [Func], or a type with a method Loss, which returns a value for each sample.
// saving.RegisterFunction and saving.Register make models that were compiled with it loadable.
package losses

import "github.com/gokeras/gokeras/keras/ops"

// A Loss compares predictions with targets. The result has one value for each sample, or for each of its steps or pixels, which
// [Reduce] makes one number. It may carry a mask, which says which of its values count.
type Loss interface {
	Loss(yTrue, yPred ops.Tensor) ops.Tensor
}

// A Reduction says how the values of a loss become one number, by Keras's words.
type Reduction string

// Keras's reductions.
const (
	SumOverBatchSize     Reduction = "sum_over_batch_size" // the average over all values; also ""
	Sum                  Reduction = "sum"
	Mean                 Reduction = "mean"                    // as SumOverBatchSize
	MeanWithSampleWeight Reduction = "mean_with_sample_weight" // the weighted average: divided by the sum of the weights
	None                 Reduction = "none"                    // the values themselves, which only a step of one's own can use
)

// A Reducer is a loss that says how it is reduced; others are averaged.
type Reducer interface {
	ReductionOf() Reduction
}

// ReductionOf is how a loss is reduced.
func ReductionOf(l Loss) Reduction {
	if r, ok := l.(Reducer); ok {
		return r.ReductionOf()
	}
	return ""
}

// Base is what Keras's losses share.
type Base struct {
	Reduction Reduction // "": SumOverBatchSize
	Label     string    `keras:"name"` // "": Keras's name for the loss
}

// ReductionOf implements [Reducer].
func (b Base) ReductionOf() Reduction { return b.Reduction }

// LoadConfig implements saving.ConfigLoader: in files null is [None], and the "auto" of Keras 2 is the default.
func (b *Base) LoadConfig(config map[string]any) error {
	switch r, ok := config["reduction"]; {
	case ok && r == nil:
		config["reduction"] = string(None)
	case r == "auto":
		delete(config, "reduction")
	}
	return nil
}

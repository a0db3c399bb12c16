package metrics

import "github.com/gokeras/gokeras/keras/saving"

// Accuracy is not registered: Keras's class of that name compares for equality, and what is meant here is Keras's word "accuracy".
func init() {
	const module = "keras.metrics"
	saving.Register[BinaryAccuracy]("BinaryAccuracy", module)
	saving.Register[CategoricalAccuracy]("CategoricalAccuracy", module)
	saving.Register[Mean]("Mean", module)
	saving.Register[MeanAbsoluteError]("MeanAbsoluteError", module)
	saving.Register[MeanSquaredError]("MeanSquaredError", module)
	saving.Register[RootMeanSquaredError]("RootMeanSquaredError", module)
	saving.Register[SparseCategoricalAccuracy]("SparseCategoricalAccuracy", module)
	saving.Register[TopKCategoricalAccuracy]("TopKCategoricalAccuracy", module)
}

package losses

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	const module = "keras.losses"
	saving.Register[MeanSquaredError]("MeanSquaredError", module)
	saving.Register[MeanAbsoluteError]("MeanAbsoluteError", module)
	saving.Register[MeanAbsolutePercentageError]("MeanAbsolutePercentageError", module)
	saving.Register[MeanSquaredLogarithmicError]("MeanSquaredLogarithmicError", module)
	saving.Register[CosineSimilarity]("CosineSimilarity", module)
	saving.Register[Huber]("Huber", module)
	saving.Register[LogCosh]("LogCosh", module)
	saving.Register[KLDivergence]("KLDivergence", module)
	saving.Register[Poisson]("Poisson", module)
	saving.Register[Hinge]("Hinge", module)
	saving.Register[SquaredHinge]("SquaredHinge", module)
	saving.Register[CategoricalHinge]("CategoricalHinge", module)
	saving.Register[BinaryCrossentropy]("BinaryCrossentropy", module)
	saving.Register[CategoricalCrossentropy]("CategoricalCrossentropy", module)
	saving.Register[SparseCategoricalCrossentropy]("SparseCategoricalCrossentropy", module)
	saving.Register[CategoricalGeneralizedCrossEntropy]("CategoricalGeneralizedCrossEntropy", module)
	saving.Register[BinaryFocalCrossentropy]("BinaryFocalCrossentropy", module)
	saving.Register[CategoricalFocalCrossentropy]("CategoricalFocalCrossentropy", module)
	saving.Register[Dice]("Dice", module)
	saving.Register[Tversky]("Tversky", module)
	saving.Register[Circle]("Circle", module)
	saving.Register[CTC]("CTC", module)
}

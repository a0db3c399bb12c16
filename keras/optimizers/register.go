package optimizers

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	const module = "keras.optimizers"
	saving.Register[Adadelta]("Adadelta", module)
	saving.Register[Adafactor]("Adafactor", module)
	saving.Register[Adagrad]("Adagrad", module)
	saving.Register[Adam]("Adam", module)
	saving.Register[AdamW]("AdamW", module)
	saving.Register[Adamax]("Adamax", module)
	saving.Register[Ftrl]("Ftrl", module)
	saving.Register[Lamb]("Lamb", module)
	saving.Register[Lion]("Lion", module)
	saving.Register[LossScaleOptimizer]("LossScaleOptimizer", module)
	saving.Register[Muon]("Muon", module)
	saving.Register[Nadam]("Nadam", module)
	saving.Register[RMSprop]("RMSprop", module)
	saving.Register[SGD]("SGD", module)
	saving.Register[ScheduleFreeAdamW]("ScheduleFreeAdamW", module)

	const schedules = module + ".schedules"
	saving.Register[CosineDecay]("CosineDecay", schedules)
	saving.Register[CosineDecayRestarts]("CosineDecayRestarts", schedules)
	saving.Register[ExponentialDecay]("ExponentialDecay", schedules)
	saving.Register[InverseTimeDecay]("InverseTimeDecay", schedules)
	saving.Register[PiecewiseConstantDecay]("PiecewiseConstantDecay", schedules)
	saving.Register[PolynomialDecay]("PolynomialDecay", schedules)
}

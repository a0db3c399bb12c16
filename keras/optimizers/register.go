package optimizers

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	const module = "keras.optimizers"
	saving.Register[Adam]("Adam", module)
	saving.Register[RMSprop]("RMSprop", module)
	saving.Register[SGD]("SGD", module)
	saving.Register[CosineDecay]("CosineDecay", module+".schedules")
	saving.Register[ExponentialDecay]("ExponentialDecay", module+".schedules")
}

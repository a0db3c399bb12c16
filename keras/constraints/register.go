package constraints

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	const module = "keras.constraints"
	saving.Register[MaxNorm]("MaxNorm", module)
	saving.Register[MinMaxNorm]("MinMaxNorm", module)
	saving.Register[NonNeg]("NonNeg", module)
	saving.Register[UnitNorm]("UnitNorm", module)
}

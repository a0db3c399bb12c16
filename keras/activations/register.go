package activations

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	for f := range functions {
		saving.RegisterFunction(string(f), f)
	}
	saving.RegisterFunction("swish", Swish)
	saving.RegisterFunction("hard_swish", HardSwish)
	saving.Register[ReLUWith]("gokeras>ReLUWith", "")
	saving.Register[LeakyReLUWith]("gokeras>LeakyReLUWith", "")
	saving.Register[ELUWith]("gokeras>ELUWith", "")
	saving.Register[CELUWith]("gokeras>CELUWith", "")
	saving.Register[GELUWith]("gokeras>GELUWith", "")
	saving.Register[GLUWith]("gokeras>GLUWith", "")
	saving.Register[SoftmaxWith]("gokeras>SoftmaxWith", "")
	saving.Register[LogSoftmaxWith]("gokeras>LogSoftmaxWith", "")
	saving.Register[SparsemaxWith]("gokeras>SparsemaxWith", "")
	saving.Register[SquarePlusWith]("gokeras>SquarePlusWith", "")
	saving.Register[SoftShrinkWith]("gokeras>SoftShrinkWith", "")
	saving.Register[HardShrinkWith]("gokeras>HardShrinkWith", "")
	saving.Register[ThresholdWith]("gokeras>ThresholdWith", "")
}

package initializers

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	const module = "keras.initializers"
	saving.Register[Zeros]("Zeros", module)
	saving.Register[Ones]("Ones", module)
	saving.Register[Constant]("Constant", module)
	saving.Register[Identity]("Identity", module)
	saving.Register[Orthogonal]("Orthogonal", module)
	saving.Register[RandomNormal]("RandomNormal", module)
	saving.Register[RandomUniform]("RandomUniform", module)
	saving.Register[STFT]("STFT", module)
	saving.Register[TruncatedNormal]("TruncatedNormal", module)
	saving.Register[VarianceScaling]("VarianceScaling", module)
	saving.Register[GlorotNormal]("GlorotNormal", module)
	saving.Register[GlorotUniform]("GlorotUniform", module)
	saving.Register[HeNormal]("HeNormal", module)
	saving.Register[HeUniform]("HeUniform", module)
	saving.Register[LecunNormal]("LecunNormal", module)
	saving.Register[LecunUniform]("LecunUniform", module)
}

package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// CosineDecay goes along half a cosine from InitialLearningRate to Alpha times it, in DecaySteps. With a WarmupTarget it first
// goes in a straight line from InitialLearningRate to the target, in WarmupSteps, and decays from there.
//
// Source: keras.optimizers.schedules.CosineDecay; Loshchilov and Hutter 2016.
type CosineDecay struct {
	InitialLearningRate float64
	DecaySteps          int      // above 0
	Alpha               float64  // 0
	WarmupTarget        *float64 // nil: no warm-up
	WarmupSteps         int      // 0
}

// Check returns an error unless DecaySteps is above 0 and WarmupSteps is not below.
func (c CosineDecay) Check() error {
	if c.WarmupSteps < 0 {
		return errors.Errorf("CosineDecay: WarmupSteps: expected 0 or more, got %d", c.WarmupSteps)
	}
	return above0("CosineDecay: DecaySteps", c.DecaySteps)
}

// At implements [Schedule].
func (c CosineDecay) At(step int) float64 {
	from, now, all := float32(c.InitialLearningRate), float32(step), float32(c.DecaySteps)
	if c.WarmupTarget != nil {
		target, warmup := float32(*c.WarmupTarget), float32(c.WarmupSteps)
		if now < warmup {
			return float64(float32((target-from)*(now/warmup)) + from)
		}
		from = target
		now = min(now, all+warmup) - warmup
	}
	alpha, rest := float32(c.Alpha), float32(1-c.Alpha)
	decayed := 0.5 * (1 + cosine(math.Pi*(min(now, all)/all)))
	return float64(from * (float32(rest*decayed) + alpha))
}

// CosineDecayRestarts is [CosineDecay] over and over: each time TMul times as long and MMul times as high as the time before.
//
// Source: keras.optimizers.schedules.CosineDecayRestarts; Loshchilov and Hutter 2016.
type CosineDecayRestarts struct {
	InitialLearningRate float64
	FirstDecaySteps     int      // above 0
	TMul                *float64 // nil: 2; 1 or more
	MMul                *float64 // nil: 1
	Alpha               float64  // 0
}

// Check returns an error unless FirstDecaySteps is above 0 and TMul is not below 1.
func (c CosineDecayRestarts) Check() error {
	if t := optional.Or(c.TMul, 2); !(t >= 1) {
		return errors.Errorf("CosineDecayRestarts: TMul: expected 1 or more, got %v", t)
	}
	return above0("CosineDecayRestarts: FirstDecaySteps", c.FirstDecaySteps)
}

// At implements [Schedule].
func (c CosineDecayRestarts) At(step int) float64 {
	alpha := float32(c.Alpha)
	restarts, part := c.restarts(float32(step) / float32(c.FirstDecaySteps))
	high := power(float32(optional.Or(c.MMul, 1)), restarts)
	decayed := 0.5 * high * (1 + cosine(math.Pi*part))
	return float64(float32(c.InitialLearningRate) * (float32((1-alpha)*decayed) + alpha))
}

// restarts returns how often the decay has begun again when it has gone done times the first length, and which part of it is over since.
func (c CosineDecayRestarts) restarts(done float32) (n, part float32) {
	times := float32(optional.Or(c.TMul, 2))
	if times == 1 {
		n = float32(math.Floor(float64(done)))
		return n, done - n
	}
	n = float32(math.Floor(float64(logarithm(1-float32(done*(1-times))) / logarithm(times))))
	length := power(times, n)
	return n, (done - (1-length)/(1-times)) / length
}

func logarithm(x float32) float32 { return float32(math.Log(float64(x))) }

// cosine is the cosine that Keras's back ends take from the C library, for arguments of a few periods at most: polynomials in float64, of the
// coefficients of Arm's optimized routines, which are what glibc computes with. Rounded to float32 they are not the nearest number to the cosine
// in one of fifty cases.
func cosine(x float32) float32 {
	quarter := math.Floor(float64(x)*2/math.Pi + 0.5)
	r := float64(x) - quarter*(math.Pi/2)
	r2 := r * r
	cos := 1 + r2*(-0x1.ffffffd0c621cp-2+r2*(0x1.55553e1068f19p-5+r2*(-0x1.6c087e89a359dp-10+r2*0x1.99343027bf8c3p-16)))
	sin := r + r*r2*(-0x1.555545995a603p-3+r2*(0x1.1107605230bc4p-7+r2*-0x1.994eb3774cf24p-13))
	switch int(quarter) & 3 {
	case 0:
		return float32(cos)
	case 1:
		return float32(-sin)
	case 2:
		return float32(-cos)
	}
	return float32(sin)
}

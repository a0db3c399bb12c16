package datasets

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
)

// Regression says what [MakeRegression] generates, in the words of scikit-learn's make_regression, whose effective_rank and tail_strength are missing.
type Regression struct {
	NSamples     int     // 0: 100
	NFeatures    int     // 0: 100
	NInformative *int    // features that Y depends on, at most all; nil: 10
	NTargets     int     // 0: 1
	Bias         float64 // added to every target
	Noise        float64 // standard deviation of what is added to each target
	Shuffle      *bool   // of samples and features; nil: true; false: the informative features come first
	Seed         uint64  // the same seed gives the same numbers
}

// MakeRegression returns normally distributed features and targets that are linear in some of them. X is [NSamples, NFeatures] float32; Y is [NSamples]
// float32, or [NSamples, NTargets] with more targets than one. coef has the coefficients, 0 or up to 100: [NFeatures], or [NFeatures, NTargets]. The numbers
// differ from scikit-learn's, whose generator is another.
func MakeRegression(r Regression) (s Split, coef *tensor.Dense, err error) {
	if r, err = r.withDefaults(); err != nil {
		return Split{}, nil, errors.WithMessage(err, "datasets: MakeRegression")
	}
	x := make([]float32, r.NSamples*r.NFeatures)
	kernel.RandomNormal(x, keyOf(r.Seed), streamCenters)
	w := r.coefficients()
	y := r.targets(x, w)
	return Split{
		X: tensor.New(tensor.WithShape(r.NSamples, r.NFeatures), tensor.WithBacking(x)),
		Y: r.squeezed(r.NSamples, y),
	}, r.squeezed(r.NFeatures, w), nil
}

// squeezed makes an array of one number a target, without an axis for one target.
func (r Regression) squeezed(n int, values []float32) *tensor.Dense {
	if r.NTargets == 1 {
		return tensor.New(tensor.WithShape(n), tensor.WithBacking(values))
	}
	return tensor.New(tensor.WithShape(n, r.NTargets), tensor.WithBacking(values))
}

// coefficients draws those of the informative features and deals them out.
func (r Regression) coefficients() []float32 {
	drawn := make([]float32, *r.NInformative*r.NTargets)
	kernel.RandomUniform(drawn, keyOf(r.Seed), streamFeatures)
	// Samples are drawn independently, so the order of the features is all that is left to shuffle.
	places := order(r.NFeatures, r.Seed, r.Shuffle)
	w := make([]float32, r.NFeatures*r.NTargets)
	for i := range *r.NInformative {
		for t := range r.NTargets {
			w[places[i]*r.NTargets+t] = 100 * drawn[i*r.NTargets+t]
		}
	}
	return w
}

func (r Regression) targets(x, w []float32) []float32 {
	y := make([]float32, r.NSamples*r.NTargets)
	if r.Noise > 0 {
		kernel.RandomNormal(y, keyOf(r.Seed), streamTargets)
	}
	for i := range r.NSamples {
		for t := range r.NTargets {
			sum := r.Bias + r.Noise*float64(y[i*r.NTargets+t])
			for k, v := range x[i*r.NFeatures : (i+1)*r.NFeatures] {
				sum += float64(v) * float64(w[k*r.NTargets+t])
			}
			y[i*r.NTargets+t] = float32(sum)
		}
	}
	return y
}

func (r Regression) withDefaults() (Regression, error) {
	for _, f := range []struct {
		name      string
		value     *int
		otherwise int
	}{{"NSamples", &r.NSamples, 100}, {"NFeatures", &r.NFeatures, 100}, {"NTargets", &r.NTargets, 1}} {
		if *f.value < 0 {
			return r, errors.Errorf("%s: expected 0 or more, got %d", f.name, *f.value)
		}
		if *f.value == 0 {
			*f.value = f.otherwise
		}
	}
	if r.NSamples > maxSamples/r.NFeatures || r.NTargets > maxSamples/max(r.NSamples, r.NFeatures) {
		return r, errors.Errorf("expected at most %d numbers, got %d samples of %d features and %d targets", maxSamples, r.NSamples, r.NFeatures, r.NTargets)
	}
	informative := optional.Or(r.NInformative, 10)
	if informative < 0 {
		return r, errors.Errorf("NInformative: expected 0 or more, got %d", informative)
	}
	r.NInformative = new(min(informative, r.NFeatures))
	if !(r.Noise >= 0) || math.IsInf(r.Noise, 0) || math.IsNaN(r.Bias) || math.IsInf(r.Bias, 0) {
		return r, errors.Errorf("Noise, Bias: expected finite numbers, Noise 0 or more, got %v and %v", r.Noise, r.Bias)
	}
	return r, nil
}

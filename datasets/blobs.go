package datasets

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/kernel"
)

// Blobs says what [MakeBlobs] generates, in the words of scikit-learn's make_blobs.
type Blobs struct {
	NSamples   int        // 0: 100; spread evenly over the centers
	NFeatures  int        // 0: 2
	Centers    int        // 0: 3
	ClusterStd *float64   // nil: 1; the standard deviation of each blob
	CenterBox  [2]float64 // {0, 0}: {-10, 10}; the bounds of each center's coordinates
	Shuffle    *bool      // nil: true; false: samples come center by center
	Seed       uint64     // the same seed gives the same numbers
}

// MakeBlobs returns normally distributed clouds of points around random centers: X is [NSamples, NFeatures] float32, Y is [NSamples] int32, the number of
// the center. The numbers differ from scikit-learn's, whose generator is another.
func MakeBlobs(b Blobs) (Split, error) {
	b, err := b.withDefaults()
	if err != nil {
		return Split{}, errors.WithMessage(err, "datasets: MakeBlobs")
	}
	key := keyOf(b.Seed)
	centers := make([]float32, b.Centers*b.NFeatures)
	kernel.RandomUniform(centers, key, streamCenters)
	for i, u := range centers {
		centers[i] = float32(b.CenterBox[0] + float64(u)*(b.CenterBox[1]-b.CenterBox[0]))
	}
	noise := make([]float32, b.NSamples*b.NFeatures)
	kernel.RandomNormal(noise, key, streamNoise)

	x, y := make([]float32, len(noise)), make([]int32, b.NSamples)
	for i, from := range order(b.NSamples, b.Seed, b.Shuffle) {
		c := b.center(from)
		y[i] = int32(c)
		for k := range b.NFeatures {
			x[i*b.NFeatures+k] = centers[c*b.NFeatures+k] + float32(*b.ClusterStd)*noise[from*b.NFeatures+k]
		}
	}
	return Split{
		X: tensor.New(tensor.WithShape(b.NSamples, b.NFeatures), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(b.NSamples), tensor.WithBacking(y)),
	}, nil
}

// center returns the center of a sample: the first ones get one sample more where the number does not divide.
func (b Blobs) center(sample int) int {
	size, more := b.NSamples/b.Centers, b.NSamples%b.Centers
	if sample < more*(size+1) {
		return sample / (size + 1)
	}
	return more + (sample-more*(size+1))/size
}

func (b Blobs) withDefaults() (Blobs, error) {
	for _, f := range []struct {
		name      string
		value     *int
		otherwise int
	}{{"NSamples", &b.NSamples, 100}, {"NFeatures", &b.NFeatures, 2}, {"Centers", &b.Centers, 3}} {
		if *f.value < 0 || *f.value > math.MaxInt32 {
			return b, errors.Errorf("%s: expected 0 or more, below 2^31, got %d", f.name, *f.value)
		}
		if *f.value == 0 {
			*f.value = f.otherwise
		}
	}
	if b.NSamples > maxSamples/b.NFeatures || b.Centers > maxSamples/b.NFeatures {
		return b, errors.Errorf("expected at most %d coordinates, got %d samples and %d centers of %d features",
			maxSamples, b.NSamples, b.Centers, b.NFeatures)
	}
	if b.ClusterStd == nil {
		b.ClusterStd = new(1.0)
	}
	if !(*b.ClusterStd >= 0) || math.IsInf(*b.ClusterStd, 0) {
		return b, errors.Errorf("ClusterStd: expected 0 or more, got %v", *b.ClusterStd)
	}
	if b.CenterBox == [2]float64{} {
		b.CenterBox = [2]float64{-10, 10}
	}
	if !(b.CenterBox[0] <= b.CenterBox[1]) {
		return b, errors.Errorf("CenterBox: expected {low, high}, got %v", b.CenterBox)
	}
	return b, nil
}

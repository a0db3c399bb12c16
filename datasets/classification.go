package datasets

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/internal/shuffle"
)

// Classification says what [MakeClassification] generates, in the words of scikit-learn's make_classification. Of its arguments, shift and scale are one number
// for all features here.
type Classification struct {
	NSamples          int   // 0: 100
	NFeatures         int   // 0: 20; those that are none of the following are noise
	NInformative      int   // 0: 2; features in which the clusters lie around the corners of a cube
	NRedundant        *int  // nil: 2; random sums of the informative ones
	NRepeated         int   // copies of informative and redundant ones
	NClasses          int   // 0: 2
	NClustersPerClass int   // 0: 2
	Hypercube         *bool // nil: true; false: the cube is warped at random

	Weights  []float64 // the classes' shares of the samples, the last one's may be missing; nil: equal
	FlipY    *float64  // the share of samples whose class is drawn anew; nil: 0.01
	ClassSep *float64  // half of the cube's edge; nil: 1
	Shift    float64   // added to every feature
	Scale    *float64  // multiplies every feature after that; nil: 1
	Shuffle  *bool     // of samples and features; nil: true; false: classes take turns by cluster, features are in the order of the fields
	Seed     uint64    // the same seed gives the same numbers
}

// MakeClassification returns clusters of normally distributed points, some of whose features say to which of the classes a cluster belongs: X is
// [NSamples, NFeatures] float32, Y is [NSamples] int32. The numbers differ from scikit-learn's, whose generator is another.
func MakeClassification(c Classification) (Split, error) {
	c, err := c.withDefaults()
	if err != nil {
		return Split{}, errors.WithMessage(err, "datasets: MakeClassification")
	}
	x := make([]float32, c.NSamples*c.NFeatures)
	kernel.RandomNormal(x, keyOf(c.Seed), streamNoise)
	y := c.place(x)
	c.combine(x)
	c.flip(y)
	for i, v := range x {
		x[i] = float32((float64(v) + c.Shift) * *c.Scale)
	}
	x, y = c.shuffled(x, y)
	return Split{
		X: tensor.New(tensor.WithShape(c.NSamples, c.NFeatures), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(c.NSamples), tensor.WithBacking(y)),
	}, nil
}

// More streams of one seed.
const (
	streamRedundant = iota + streamTargets + 1
	streamRepeated
	streamFlips
	streamLabels
	streamWarp
	streamCorners
)

// place moves the informative features of each cluster to its corner and returns the classes.
func (c Classification) place(x []float32) []int32 {
	y := make([]int32, c.NSamples)
	mixing := make([]float32, c.clusters()*c.NInformative*c.NInformative)
	kernel.RandomUniform(mixing, keyOf(c.Seed), streamCenters)
	corners := c.corners()
	row, from := make([]float64, c.NInformative), 0
	for k, n := range c.sizes() {
		a := mixing[k*c.NInformative*c.NInformative:]
		for i := from; i < from+n; i++ {
			y[i] = int32(k % c.NClasses)
			informative := x[i*c.NFeatures : i*c.NFeatures+c.NInformative]
			for j := range row {
				row[j] = corners[k*c.NInformative+j]
				for l, v := range informative {
					row[j] += float64(v) * (2*float64(a[l*c.NInformative+j]) - 1)
				}
			}
			for j, v := range row {
				informative[j] = float32(v)
			}
		}
		from += n
	}
	return y
}

func (c Classification) clusters() int { return c.NClasses * c.NClustersPerClass }

// sizes shares out the samples to the clusters, the first ones of which take what does not divide.
func (c Classification) sizes() []int {
	sizes, left := make([]int, c.clusters()), c.NSamples
	for k := range sizes {
		sizes[k] = int(float64(c.NSamples) * c.Weights[k%c.NClasses] / float64(c.NClustersPerClass))
		left -= sizes[k]
	}
	for i := range left {
		sizes[i%len(sizes)]++
	}
	return sizes
}

// corners draws a corner of the cube for each cluster, no two alike.
func (c Classification) corners() []float64 {
	corners := make([]float64, 0, c.clusters()*c.NInformative)
	warp := make([]float32, c.clusters()+c.NInformative)
	kernel.RandomUniform(warp, keyOf(c.Seed), streamWarp)
	for k, upper := range c.drawCorners() {
		for j, u := range upper {
			at := -*c.ClassSep
			if u {
				at = *c.ClassSep
			}
			if !optional.Or(c.Hypercube, true) {
				at *= float64(warp[k]) * float64(warp[c.clusters()+j])
			}
			corners = append(corners, at)
		}
	}
	return corners
}

// drawCorners says for each cluster in which dimensions its corner is the upper one.
func (c Classification) drawCorners() [][]bool {
	var corners [][]bool
	const few = 16 // dimensions, whose corners can be listed
	if c.NInformative <= few {
		for _, number := range shuffle.Permutation(1<<c.NInformative, c.Seed, streamCorners)[:c.clusters()] {
			corner := make([]bool, c.NInformative)
			for j := range corner {
				corner[j] = number>>j&1 == 1
			}
			corners = append(corners, corner)
		}
		return corners
	}
	u := make([]float32, c.NInformative)
	for draw := uint64(1); len(corners) < c.clusters(); draw++ {
		kernel.RandomUniform(u, keyOf(c.Seed), streamCorners+draw<<32)
		corner := make([]bool, c.NInformative)
		for j, v := range u {
			corner[j] = v >= 0.5
		}
		// There are so many that the same comes again but seldom.
		if !slices.ContainsFunc(corners, func(other []bool) bool { return slices.Equal(other, corner) }) {
			corners = append(corners, corner)
		}
	}
	return corners
}

// combine makes the redundant and the repeated features.
func (c Classification) combine(x []float32) {
	b := make([]float32, c.NInformative**c.NRedundant)
	kernel.RandomUniform(b, keyOf(c.Seed), streamRedundant)
	copies := make([]float32, c.NRepeated)
	kernel.RandomUniform(copies, keyOf(c.Seed), streamRepeated)
	useful := c.NInformative + *c.NRedundant
	for i := range c.NSamples {
		row := x[i*c.NFeatures : (i+1)*c.NFeatures]
		for j := range *c.NRedundant {
			sum := 0.0
			for l, v := range row[:c.NInformative] {
				sum += float64(v) * (2*float64(b[l**c.NRedundant+j]) - 1)
			}
			row[c.NInformative+j] = float32(sum)
		}
		for j, u := range copies {
			row[useful+j] = row[int(float64(u)*float64(useful-1)+0.5)]
		}
	}
}

// flip draws the class of some samples anew.
func (c Classification) flip(y []int32) {
	chosen, label := make([]float32, len(y)), make([]float32, len(y))
	kernel.RandomUniform(chosen, keyOf(c.Seed), streamFlips)
	kernel.RandomUniform(label, keyOf(c.Seed), streamLabels)
	for i, u := range chosen {
		if float64(u) < *c.FlipY {
			y[i] = int32(min(int(float64(label[i])*float64(c.NClasses)), c.NClasses-1))
		}
	}
}

// shuffled returns samples and features in their order.
func (c Classification) shuffled(x []float32, y []int32) ([]float32, []int32) {
	if !optional.Or(c.Shuffle, true) {
		return x, y
	}
	rows, columns := order(c.NSamples, c.Seed, nil), shuffle.Permutation(c.NFeatures, c.Seed, streamFeatures)
	xs, ys := make([]float32, len(x)), make([]int32, len(y))
	for to, from := range rows {
		ys[to] = y[from]
		for k, l := range columns {
			xs[to*c.NFeatures+k] = x[from*c.NFeatures+l]
		}
	}
	return xs, ys
}

func (c Classification) withDefaults() (Classification, error) {
	for _, f := range []struct {
		name      string
		value     *int
		otherwise int
	}{
		{"NSamples", &c.NSamples, 100},
		{"NFeatures", &c.NFeatures, 20},
		{"NInformative", &c.NInformative, 2},
		{"NRepeated", &c.NRepeated, 0},
		{"NClasses", &c.NClasses, 2},
		{"NClustersPerClass", &c.NClustersPerClass, 2},
	} {
		if *f.value < 0 || *f.value > math.MaxInt32 {
			return c, errors.Errorf("%s: expected 0 or more, below 2^31, got %d", f.name, *f.value)
		}
		if *f.value == 0 {
			*f.value = f.otherwise
		}
	}
	c.NRedundant = new(optional.Or(c.NRedundant, 2))
	c.FlipY, c.ClassSep, c.Scale = new(optional.Or(c.FlipY, 0.01)), new(optional.Or(c.ClassSep, 1)), new(optional.Or(c.Scale, 1))
	if useful := c.NInformative + *c.NRedundant + c.NRepeated; *c.NRedundant < 0 || *c.NRedundant > math.MaxInt32 || useful > c.NFeatures {
		return c, errors.Errorf("NFeatures: expected at least NInformative, NRedundant (0 or more) and NRepeated together, got %d for %d, %d and %d",
			c.NFeatures, c.NInformative, *c.NRedundant, c.NRepeated)
	}
	if c.NInformative < 31 && c.clusters() > 1<<c.NInformative {
		return c, errors.Errorf("NClasses, NClustersPerClass: expected at most 2^NInformative clusters, got %d for NInformative %d", c.clusters(), c.NInformative)
	}
	if c.NSamples > maxSamples/c.NFeatures || c.NFeatures > 1<<12 || c.clusters() > 1<<10 {
		return c, errors.Errorf("expected at most %d numbers, 4096 features and 1024 clusters, got %d samples of %d features in %d clusters",
			maxSamples, c.NSamples, c.NFeatures, c.clusters())
	}
	return c.withShares()
}

// withShares checks the shares and the other numbers.
func (c Classification) withShares() (Classification, error) {
	for _, v := range []float64{*c.ClassSep, c.Shift, *c.Scale} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return c, errors.Errorf("ClassSep, Shift, Scale: expected finite numbers, got %v, %v and %v", *c.ClassSep, c.Shift, *c.Scale)
		}
	}
	if !(*c.FlipY >= 0 && *c.FlipY <= 1) {
		return c, errors.Errorf("FlipY: expected a share in [0, 1], got %v", *c.FlipY)
	}
	shares := slices.Clone(c.Weights)
	if shares == nil {
		shares = slices.Repeat([]float64{1 / float64(c.NClasses)}, c.NClasses)
	}
	sum := 0.0
	for _, s := range shares {
		if !(s >= 0) {
			return c, errors.Errorf("Weights: expected shares of 0 or more, got %v", c.Weights)
		}
		sum += s
	}
	if len(shares) == c.NClasses-1 {
		shares = append(shares, 1-sum)
		sum = 1
	}
	if len(shares) != c.NClasses || shares[len(shares)-1] < 0 || sum > 1+1e-9 {
		return c, errors.Errorf("Weights: expected %d shares, or all but the last one, that add up to 1 at most, got %v", c.NClasses, c.Weights)
	}
	c.Weights = shares
	return c, nil
}

package layers

import (
	"math"
	"slices"
	"sort"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Discretization sorts numbers into bins: bin i holds those that are at least boundary i-1 and less than boundary i, the last one also NaN.
type Discretization struct {
	Base
	BinBoundaries []float64 // ascending, one less than there are bins; set by Adapt where NumBins says how many are wanted
	NumBins       int       // of Adapt, which may find fewer; 0: BinBoundaries are given
	// Epsilon is the share of the data that Adapt takes to be as good as nothing: how exact the boundaries, which are quantiles, are. nil: 0.01
	Epsilon    *float64
	OutputMode OutputMode // all but OutputTFIDF; "": OutputInt

	adapted bool // BinBoundaries come from data
}

func init() { saving.Register[Discretization]("Discretization", "keras.layers") }

func (d *Discretization) check() error {
	switch {
	case d.NumBins < 0:
		return errors.Errorf("num_bins must not be negative, got %d", d.NumBins)
	case d.NumBins > 0 && d.BinBoundaries != nil && !d.adapted:
		return errors.New("bin_boundaries and num_bins: expected one of them, got both")
	case d.BinBoundaries == nil && d.NumBins > 0:
		return errors.New("the bins are not known yet: call Adapt first, or set BinBoundaries")
	case d.BinBoundaries == nil:
		return errors.New("bin_boundaries and num_bins: expected one of them, got none")
	case !slices.IsSorted(d.BinBoundaries):
		return errors.Errorf("bin_boundaries %v: expected them in ascending order", d.BinBoundaries)
	}
	return nil
}

// cook implements the layer in plain Go.
func (d *Discretization) cook(in []ops.Spec) (recipe, error) {
	mode, err := outputMode(d.OutputMode, OutputInt, OutputOneHot, OutputMultiHot, OutputCount)
	if err != nil {
		return recipe{}, err
	}
	if err := d.check(); err != nil {
		return recipe{}, err
	}
	if in[0].DType == ops.String {
		return recipe{}, errors.New("expected numbers, got text")
	}
	bounds := narrowed(d.BinBoundaries)
	var ids []int
	return recipe{"discretization", mode.encoded(in[0].Shape, len(bounds)+1), func(out *tensor.Dense, in []*tensor.Dense) error {
		x, err := floats(in[0])
		if err != nil {
			return err
		}
		ids = ids[:0]
		for _, v := range x {
			ids = append(ids, sort.Search(len(bounds), func(i int) bool { return v < bounds[i] }))
		}
		mode.encode(out, ids, in[0].Shape(), len(bounds)+1)
		return nil
	}}, nil
}

// Omits implements [Omitter].
func (*Discretization) Omits() []string { return []string{"trainable", activityRegularizer} }

// Call implements [Layer].
func (d *Discretization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return b.prepare(d.cook, ops.Cast(x, ops.Float32))
}

// Apply implements [Applier].
func (d *Discretization) Apply(x *tensor.Dense) (*tensor.Dense, error) { return prepare(d.cook, x) }

// Adapt implements [Adapter]: the boundaries are quantiles of all numbers.
func (d *Discretization) Adapt(x *tensor.Dense) error {
	return d.learn(func(add func(*tensor.Dense) error) error { return errors.WithMessage(add(x), "adapt") })
}

// AdaptDataset implements [Adapter].
func (d *Discretization) AdaptDataset(set data.Dataset) error {
	return d.learn(func(add func(*tensor.Dense) error) error { return eachBatch(set, add) })
}

func (d *Discretization) learn(feed func(add func(*tensor.Dense) error) error) error {
	epsilon := optional.Or(d.Epsilon, 0.01)
	if d.NumBins <= 0 || d.BinBoundaries != nil && !d.adapted {
		return errors.New("discretization: adapt: expected num_bins and no bin_boundaries")
	}
	if !(epsilon > 0 && epsilon <= 1) {
		return errors.Errorf("discretization: epsilon %v: expected a number in (0, 1]", epsilon)
	}
	var all sketch
	err := feed(func(x *tensor.Dense) error {
		s, err := newSketch(x, epsilon)
		if err == nil {
			all = s.merged(all).compressed(epsilon)
		}
		return err
	})
	if err != nil {
		return errors.WithMessage(err, "discretization")
	}
	bounds := all.compressed(1 / float64(d.NumBins)).values
	bounds = bounds[:len(bounds)-1]
	d.BinBoundaries = make([]float64, len(bounds))
	for i, v := range bounds {
		if d.BinBoundaries[i] = float64(v); math.IsInf(d.BinBoundaries[i], 0) || v != v {
			return errors.Errorf("discretization: adapt: a boundary would be %v", v)
		}
	}
	d.adapted = true
	return nil
}

// A sketch is a distribution in few numbers, as Keras keeps it: values in ascending order, each standing for many.
type sketch struct{ values, weights []float32 }

// newSketch takes every so many of the sorted numbers, 1/epsilon in all.
func newSketch(x *tensor.Dense, epsilon float64) (sketch, error) {
	plain, _, err := plainArray(x)
	if err != nil {
		return sketch{}, err
	}
	all, err := floats(plain)
	if err != nil {
		return sketch{}, err
	}
	all = slices.Clone(all)
	slices.Sort(all)
	if len(all) == 0 || all[0] != all[0] {
		return sketch{}, errors.Errorf("expected numbers, got %d with NaN among them", len(all))
	}
	step := max(float64(len(all))/(1/epsilon), 1)
	var s sketch
	for i := int(step - 1); i < len(all); i += int(step) {
		s.values, s.weights = append(s.values, all[i]), append(s.weights, float32(step))
	}
	return s, nil
}

func (s sketch) merged(o sketch) sketch {
	order := make([]int, len(s.values)+len(o.values))
	for i := range order {
		order[i] = i
	}
	values, weights := slices.Concat(s.values, o.values), slices.Concat(s.weights, o.weights)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	var out sketch
	for _, i := range order {
		out.values, out.weights = append(out.values, values[i]), append(out.weights, weights[i])
	}
	return out
}

// compressed leaves at most 1/epsilon values, between which it interpolates.
func (s sketch) compressed(epsilon float64) sketch {
	if float64(len(s.values))*epsilon < 1 {
		return s
	}
	total := make([]float64, len(s.weights))
	share := make([]float64, len(s.weights))
	var sum float32
	for i, w := range s.weights {
		sum += w
		total[i] = float64(sum)
	}
	for i, t := range total {
		share[i] = float64(float32(t) / sum)
	}
	values := make([]float64, len(s.values))
	for i, v := range s.values {
		values[i] = float64(v)
	}
	var out sketch
	before := 0.0
	for i := range int(math.Ceil(1 / epsilon)) {
		at := epsilon + float64(i)*epsilon
		reached := interpolate(at, share, total)
		out.values = append(out.values, float32(interpolate(at, share, values)))
		out.weights = append(out.weights, float32(reached-before))
		before = reached
	}
	return out
}

// interpolate is the value at x of the line through points, whose xs ascend.
func interpolate(x float64, xs, ys []float64) float64 {
	n := len(xs)
	i := sort.Search(n, func(i int) bool { return xs[i] > x }) - 1
	switch {
	case i < 0:
		return ys[0]
	case i >= n-1:
		return ys[n-1]
	case xs[i] == x:
		return ys[i]
	}
	return (ys[i+1]-ys[i])/(xs[i+1]-xs[i])*(x-xs[i]) + ys[i]
}

// LoadConfig implements [saving.ConfigLoader]: a layer that was adapted has both boundaries and their number.
func (d *Discretization) LoadConfig(config map[string]any) error {
	dropWideIntegers(config)
	d.adapted = config["bin_boundaries"] != nil && config["num_bins"] != nil
	return nil
}

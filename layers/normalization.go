package layers

import (
	"math"
	"slices"

	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Normalization shifts and scales numbers to mean 0 and variance 1: (x - mean) / sqrt(variance). Mean and variance are given, or learned by
// Adapt, and then weights that training does not change. Without either, numbers stay as they are.
type Normalization struct {
	Base
	// Axis are the axes that have a mean and a variance for each index, such as that of the features. Empty but not nil: one for all
	// numbers. nil: -1, the last
	Axis []int
	// Mean has one number, one for each index of the last of the axes, or one for each combination of indices of all axes, row by row.
	Mean     []float64
	Variance []float64 // as Mean, which it is set with
	Invert   bool      // compute x·sqrt(variance) + mean instead

	adapted *moments
	shape   []int // of Mean where it came in lists within lists
	kept    []int // the sizes of the axes, when they are known
}

// moments are what Adapt learns.
type moments struct {
	sizes          []int // of the axes that are kept
	mean, variance []float32
}

func init() { saving.Register[Normalization]("Normalization", "keras.layers") }

// normalizationEpsilon is the least that is divided by, keras.config.epsilon.
const normalizationEpsilon = 1e-7

// keep finds the axes that are kept, ascending, and their sizes.
func (n *Normalization) keep(shape []int) (axes, sizes []int, err error) {
	axes = slices.Clone(n.Axis)
	if n.Axis == nil {
		axes = []int{-1}
	}
	for i, a := range axes {
		if a < -len(shape) || a >= len(shape) {
			return nil, nil, errors.Errorf("axis %v: an input of shape %v has no axis %d", axes, shape, a)
		}
		if a < 0 {
			axes[i] += len(shape)
		}
	}
	slices.Sort(axes)
	if len(slices.Compact(slices.Clone(axes))) != len(axes) {
		return nil, nil, errors.Errorf("axis %v: expected each axis once", n.Axis)
	}
	for _, a := range axes {
		if shape[a] == ops.Unknown {
			return nil, nil, errors.Errorf("axis %v: the size of axis %d of an input of shape %v must be known", n.Axis, a, shape)
		}
		sizes = append(sizes, shape[a])
	}
	return axes, sizes, nil
}

// given spreads Mean or Variance over the axes that are kept.
func (n *Normalization) given(name string, v []float64, sizes []int) ([]float32, error) {
	shape := n.shape
	last := 1
	if len(sizes) > 0 {
		last = sizes[len(sizes)-1]
	}
	switch {
	case shape != nil:
	case len(v) == 1:
		shape = []int{}
	case len(v) == last:
		shape = []int{last}
	default:
		shape = sizes
	}
	if len(shape) > len(sizes) || product(shape) != len(v) {
		return nil, errors.Errorf("%s: %d numbers do not fit axes of sizes %v", name, len(v), sizes)
	}
	strides := make([]int, len(sizes))
	stride := 1
	for i := 1; i <= len(shape); i++ {
		d, size := shape[len(shape)-i], sizes[len(sizes)-i]
		if d != 1 && d != size {
			return nil, errors.Errorf("%s of shape %v does not fit axes of sizes %v", name, shape, sizes)
		}
		if d != 1 {
			strides[len(sizes)-i] = stride
		}
		stride *= d
	}
	out := make([]float32, product(sizes))
	walkPlaces(sizes, strides, func(i, at int) { out[i] = float32(v[at]) })
	return out, nil
}

// walkPlaces calls f with the number of each element of a shape and its place by other strides.
func walkPlaces(shape, strides []int, f func(i, at int)) {
	index := make([]int, len(shape))
	at := 0
	for i := range product(shape) {
		f(i, at)
		for k := len(shape) - 1; k >= 0; k-- {
			index[k]++
			at += strides[k]
			if index[k] < shape[k] {
				break
			}
			at -= index[k] * strides[k]
			index[k] = 0
		}
	}
}

func (n *Normalization) check() error {
	if len(n.Mean) != len(n.Variance) {
		return errors.Errorf("mean and variance: expected as many of one as of the other, got %d and %d", len(n.Mean), len(n.Variance))
	}
	return nil
}

// Call implements [Layer].
func (n *Normalization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	axes, sizes, err := n.keep(x.Shape())
	if err == nil {
		err = n.check()
	}
	if err != nil {
		return b.Errorf("%s", err)
	}
	mean, variance := n.moments(b, sizes)
	wide := make([]int, x.Rank())
	for i := range wide {
		wide[i] = 1
	}
	for i, a := range axes {
		wide[a] = sizes[i]
	}
	x = ops.Cast(x, ops.Float32)
	if len(sizes) > 0 {
		mean, variance = ops.Reshape(mean, wide...), ops.Reshape(variance, wide...)
	}
	deviation := ops.Maximum(ops.Sqrt(variance), ops.Scalar(normalizationEpsilon))
	if n.Invert {
		return ops.Add(mean, ops.Multiply(x, deviation))
	}
	return ops.Divide(ops.Subtract(x, mean), deviation)
}

// moments are the mean and the variance, weights where they are not given. Keras's files have a count beside them, which nothing reads.
func (n *Normalization) moments(b *Builder, sizes []int) (mean, variance ops.Tensor) {
	if n.Mean == nil {
		if n.adapted != nil && !slices.Equal(n.adapted.sizes, sizes) {
			return b.Errorf("adapted to axes of sizes %v, the input has %v", n.adapted.sizes, sizes), ops.Scalar(1)
		}
		first := moments{}
		if n.adapted != nil {
			first = *n.adapted
		}
		mean = b.Weight("mean", sizes, Spec{Initializer: startAt{first.mean, 0}, NonTrainable: true})
		variance = b.Weight("variance", sizes, Spec{Initializer: startAt{first.variance, 1}, NonTrainable: true})
		b.Weight("count", nil, Spec{DType: ops.Int32, NonTrainable: true})
		return mean, variance
	}
	if n.kept == nil {
		n.kept = append([]int{}, sizes...)
	}
	m, err := n.given("mean", n.Mean, sizes)
	if err != nil {
		return b.Errorf("%s", err), ops.Scalar(1)
	}
	v, err := n.given("variance", n.Variance, sizes)
	if err != nil {
		return b.Errorf("%s", err), ops.Scalar(1)
	}
	return numbers(m, sizes), numbers(v, sizes)
}

func numbers(v []float32, sizes []int) ops.Tensor {
	if len(sizes) == 0 {
		return ops.Scalar(float64(v[0]))
	}
	return ops.Array(tensor.New(tensor.WithShape(sizes...), tensor.WithBacking(v)))
}

// startAt starts a weight at what was learned before it was built, or at one value.
type startAt struct {
	values []float32
	value  float32
}

// Init implements [initializers.Initializer].
func (s startAt) Init(dst []float32, _ []int, _ initializers.Stream) error {
	if s.values == nil {
		for i := range dst {
			dst[i] = s.value
		}
		return nil
	}
	copy(dst, s.values)
	return nil
}

// now are the mean and variance in use for axes of these sizes.
func (n *Normalization) now(sizes []int) (m moments, err error) {
	m.sizes = sizes
	if n.Mean != nil {
		if m.mean, err = n.given("mean", n.Mean, sizes); err == nil {
			m.variance, err = n.given("variance", n.Variance, sizes)
		}
		return m, err
	}
	if mean, variance := weight(n.weights, "mean"), weight(n.weights, "variance"); mean != nil && variance != nil {
		m = moments{mean.Shape(), mean.Float32s(), variance.Float32s()}
	} else if n.adapted != nil {
		m = *n.adapted
	} else {
		m.mean, m.variance = make([]float32, product(sizes)), make([]float32, product(sizes))
		for i := range m.variance {
			m.variance[i] = 1
		}
	}
	if !slices.Equal(m.sizes, sizes) {
		return m, errors.Errorf("adapted to axes of sizes %v, the input has %v", m.sizes, sizes)
	}
	return m, nil
}

// Apply implements [Applier].
func (n *Normalization) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	out, err := prepare(func(in []ops.Spec) (recipe, error) {
		shape := in[0].Shape
		axes, sizes, err := n.keep(shape)
		if err == nil {
			err = n.check()
		}
		if err != nil {
			return recipe{}, err
		}
		m, err := n.now(sizes)
		if err != nil {
			return recipe{}, err
		}
		return recipe{"normalization", ops.Spec{Shape: shape, DType: ops.Float32}, func(out *tensor.Dense, in []*tensor.Dense) error {
			v, err := floats(in[0])
			if err != nil {
				return err
			}
			n.normalize(out.Float32s(), v, m, shape, keptStrides(shape, axes))
			return nil
		}}, nil
	}, x)
	return out, errors.WithMessage(err, "normalization")
}

func (n *Normalization) normalize(y, x []float32, m moments, shape, strides []int) {
	deviation := make([]float32, len(m.variance))
	for i, v := range m.variance {
		deviation[i] = max(float32(math.Sqrt(float64(v))), normalizationEpsilon)
	}
	one := func(i, at int) {
		if n.Invert {
			scaled := x[i] * deviation[at]
			y[i] = m.mean[at] + scaled
			return
		}
		y[i] = (x[i] - m.mean[at]) / deviation[at]
	}
	if len(shape) == 0 || strides[len(shape)-1] != 1 || len(m.mean) != shape[len(shape)-1] {
		walkPlaces(shape, strides, one)
		return
	}
	width := len(m.mean)
	for i := 0; i < len(x); i += width { // The usual case, features last, several times faster.
		for k := range width {
			one(i+k, k)
		}
	}
}

// keptStrides are the strides by which an element of a shape finds its mean.
func keptStrides(shape, axes []int) []int {
	strides := make([]int, len(shape))
	stride := 1
	for _, a := range slices.Backward(axes) {
		strides[a] = stride
		stride *= shape[a]
	}
	return strides
}

// SupportsMasking implements [MaskSupporter].
func (n *Normalization) SupportsMasking() bool { return true }

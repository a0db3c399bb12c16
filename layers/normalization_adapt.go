package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Adapt implements [Adapter]: it computes mean and variance. The size of an axis that is kept must be the same in all data.
func (n *Normalization) Adapt(x *tensor.Dense) error {
	return n.learn(func(add func(*tensor.Dense) error) error { return errors.WithMessage(add(x), "adapt") })
}

// AdaptDataset implements [Adapter].
func (n *Normalization) AdaptDataset(d data.Dataset) error {
	return n.learn(func(add func(*tensor.Dense) error) error { return eachBatch(d, add) })
}

func (n *Normalization) learn(feed func(add func(*tensor.Dense) error) error) error {
	if n.Mean != nil || n.Variance != nil {
		return errors.New("normalization: adapt: mean and variance are given")
	}
	var t tally
	err := feed(func(x *tensor.Dense) error {
		plain, spec, err := plainArray(x)
		if err != nil {
			return err
		}
		axes, sizes, err := n.keep(spec.Shape)
		if err != nil {
			return err
		}
		if w := weight(n.weights, "mean"); w != nil && !slices.Equal(w.Shape(), sizes) {
			return errors.Errorf("the layer was built for axes of sizes %v, the data has %v", w.Shape(), sizes)
		}
		v, err := floats(plain)
		if err != nil {
			return err
		}
		return t.add(v, spec.Shape, axes, sizes)
	})
	if err != nil {
		return errors.WithMessage(err, "normalization")
	}
	m := moments{t.sizes, narrowed(t.mean), narrowed(t.variance)}
	if w := weight(n.weights, "mean"); w != nil {
		copy(w.Float32s(), m.mean)
		copy(weight(n.weights, "variance").Float32s(), m.variance)
	}
	n.adapted = &m
	return nil
}

// A tally joins the means and variances of batches.
type tally struct {
	sizes          []int
	mean, variance []float64
	count          float64 // numbers for each mean
}

func (t *tally) add(x []float32, shape, axes, sizes []int) error {
	if t.mean == nil {
		t.sizes = append([]int{}, sizes...)
		t.mean, t.variance = make([]float64, product(sizes)), make([]float64, product(sizes))
	}
	if !slices.Equal(t.sizes, sizes) {
		return errors.Errorf("expected axes of sizes %v as before, got %v", t.sizes, sizes)
	}
	for i, v := range x {
		if v != v {
			return errors.Errorf("element %d is NaN", i)
		}
	}
	strides := keptStrides(shape, axes)
	count := float64(len(x) / len(t.mean))
	mean, variance := make([]float64, len(t.mean)), make([]float64, len(t.mean))
	walkPlaces(shape, strides, func(i, at int) { mean[at] += float64(x[i]) / count })
	walkPlaces(shape, strides, func(i, at int) {
		d := float64(x[i]) - mean[at]
		variance[at] += d * d / count
	})
	t.count += count
	share := count / t.count
	for i, m := range mean {
		joined := t.mean[i]*(1-share) + m*share
		before, here := t.mean[i]-joined, m-joined
		t.variance[i] = (t.variance[i]+before*before)*(1-share) + (variance[i]+here*here)*share
		t.mean[i] = joined
	}
	return nil
}

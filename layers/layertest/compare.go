package layertest

import (
	"math"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// noise is the size below which the rounding of terms of size 1, which may cancel, decides what a sum is.
const noise = 0.01

func sameShape(what string, got, want *tensor.Dense) error {
	g, w := got.Shape(), want.Shape()
	scalars := g.TotalSize() == 1 && w.TotalSize() == 1 && len(g)+len(w) <= 1
	if !g.Eq(w) && !scalars {
		return errors.Errorf("%s: expected shape %v, got %v", what, w, g)
	}
	return nil
}

// compare returns an error where got is off by more than a share of the largest value wanted. A nil got stands for zeros, as gradients do.
func compare(what string, got, want *tensor.Dense, tolerance float64) error {
	w, err := array.Float64s(want)
	if err != nil {
		return errors.Wrap(err, what)
	}
	g := make([]float64, len(w))
	if got != nil {
		if err := sameShape(what, got, want); err != nil {
			return err
		}
		if g, err = array.Float64s(got); err != nil {
			return errors.Wrap(err, what)
		}
	}
	largest := noise
	for _, v := range w {
		largest = math.Max(largest, math.Abs(v))
	}
	for i, v := range w {
		if d := math.Abs(g[i] - v); !(d <= tolerance*largest) && g[i] != v {
			return errors.Errorf("%s: element %d of shape %v: expected %v, got %v, off by %.1e of the largest", what, i, want.Shape(), v, g[i], d/largest)
		}
	}
	return nil
}

// compareAll compares lists. A nil element of what is wanted is not compared.
func compareAll(what string, n int, got func(i int) *tensor.Dense, want []*tensor.Dense, tolerance float64) error {
	if want == nil {
		return nil
	}
	if len(want) != n {
		return errors.Errorf("%ss: expected %d, got %d", what, len(want), n)
	}
	for i, w := range want {
		if w == nil {
			continue
		}
		if err := compare(label(what, i), got(i), w, tolerance); err != nil {
			return err
		}
	}
	return nil
}

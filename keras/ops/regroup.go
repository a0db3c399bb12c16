package ops

import (
	"slices"

	"github.com/pkg/errors"
)

// A regrouping sees some neighbouring axes as others with as many elements; unlike a reshape it leaves unknown sizes of the other
// axes alone.
type regrouping struct {
	from, n int   // the axes [from, from+n)
	sizes   []int // take their place
}

func (o regrouping) name() string { return "reshape" }

func (o regrouping) infer(in []Spec) ([]Spec, error) {
	s := in[0].Shape
	old := s[o.from : o.from+o.n]
	if known(old) && known(o.sizes) && size(old) != size(o.sizes) {
		return nil, errors.Errorf("axes of sizes %v cannot become axes of sizes %v", old, o.sizes)
	}
	return []Spec{{slices.Concat(s[:o.from], o.sizes, s[o.from+o.n:]), in[0].DType}}, nil
}

func (o regrouping) bind(*binding) func() error { return nil }
func (o regrouping) alias()                     {}
func (o regrouping) gradient(c *chain) []Tensor { return []Tensor{Reshape(c.g(), c.in[0].Shape()...)} }

// merged makes n neighbouring axes one.
func merged(x Tensor, from, n int) Tensor {
	if x.Err() != nil || n == 1 {
		return x
	}
	return apply(regrouping{from, n, []int{size(x.Spec().Shape[from : from+n])}}, x)
}

// unmerged undoes merged.
func unmerged(x Tensor, axis int, sizes []int) Tensor {
	if x.Err() != nil || len(sizes) == 1 {
		return x
	}
	return apply(regrouping{axis, 1, sizes}, x)
}

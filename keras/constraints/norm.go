package constraints

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// maxRank is the largest number of axes of a weight that a norm is taken of.
const maxRank = 16

// axes are the axes that a norm is taken along.
type axes struct {
	list []int // nil: the first
	all  bool  // every axis, whatever list says
}

// check returns an error for a shape that does not have the axes, or for an axis given twice.
func (a axes) check(name string, shape []int) error {
	if len(shape) > maxRank {
		return errors.Errorf("constraints: %s: shape %v: expected %d axes at most, got %d", name, shape, maxRank, len(shape))
	}
	if a.all && a.list != nil {
		return errors.Errorf("constraints: %s: expected Axis or AllAxes, got both: %v and true", name, a.list)
	}
	if a.all {
		return nil
	}
	if a.list == nil && len(shape) == 0 {
		return errors.Errorf("constraints: %s: Axis: expected axes of shape %v, got 0", name, shape)
	}
	seen := uint(0)
	for _, axis := range a.list {
		at := axis
		if axis < 0 {
			at += len(shape)
		}
		if at < 0 || at >= len(shape) {
			return errors.Errorf("constraints: %s: Axis: expected axes of shape %v, got %d", name, shape, axis)
		}
		if seen&(1<<at) != 0 {
			return errors.Errorf("constraints: %s: Axis: expected each axis of shape %v once, got %v", name, shape, slices.Clone(a.list))
		}
		seen |= 1 << at
	}
	return nil
}

// set returns the axes as bits, for a shape that check accepts.
func (a axes) set(rank int) uint {
	switch {
	case a.all:
		return 1<<rank - 1
	case a.list == nil:
		return 1
	}
	set := uint(0)
	for _, axis := range a.list {
		set |= 1 << ((axis + rank) % rank)
	}
	return set
}

// rescale multiplies each vector of w along the axes by factor(its norm). What check refuses is left alone.
func (a axes) rescale(w []float32, shape []int, factor func(norm float32) float32) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != len(w) || n == 0 || a.check("", shape) != nil {
		return
	}
	set := a.set(len(shape))
	if outer, n, inner, ok := blocks(shape, set); ok {
		for i := range outer {
			rescaleBlock(w[i*n*inner:(i+1)*n*inner], inner, factor)
		}
		return
	}
	rescaleScattered(w, shape, set, factor)
}

// blocks sees a weight as [outer, n, inner] with norms along n; ok is false where the axes do not follow one another.
func blocks(shape []int, set uint) (outer, n, inner int, ok bool) {
	outer, n, inner = 1, 1, 1
	within, after := false, false
	for i, d := range shape {
		switch in := set&(1<<i) != 0; {
		case in && after:
			return 0, 0, 0, false
		case in:
			within = true
			n *= d
		case within:
			after = true
			inner *= d
		default:
			outer *= d
		}
	}
	return outer, n, inner, true
}

// rescaleBlock is rescale over [n, inner]. Columns are taken some at a time, so that memory is read in its own order and their sums need no buffer
// but the stack.
func rescaleBlock(block []float32, inner int, factor func(norm float32) float32) {
	const width = 64
	var sums [width]float64
	var factors [width]float32
	for from := 0; from < inner; from += width {
		to := min(from+width, inner)
		s, f := sums[:to-from], factors[:to-from]
		clear(s)
		for row := from; row < len(block); row += inner {
			for i, v := range block[row : row+to-from] {
				s[i] += float64(v) * float64(v)
			}
		}
		for i, v := range s {
			f[i] = factor(float32(math.Sqrt(v)))
		}
		for row := from; row < len(block); row += inner {
			x := block[row : row+to-from]
			for i := range x {
				x[i] *= f[i]
			}
		}
	}
}

// A walk goes through the places of a weight along some of its axes.
type walk struct {
	size, stride, at [maxRank]int
	axes             int
	place            int
}

// newWalk starts at the first place along the axes of set.
func newWalk(shape []int, set uint) walk {
	var w walk
	stride := 1
	for i, d := range slices.Backward(shape) {
		if set&(1<<i) != 0 {
			w.size[w.axes], w.stride[w.axes] = d, stride
			w.axes++
		}
		stride *= d
	}
	return w
}

// next goes on; it reports false at the end, where it is back at the first place.
func (w *walk) next() bool {
	for i := range w.axes {
		w.at[i]++
		w.place += w.stride[i]
		if w.at[i] < w.size[i] {
			return true
		}
		w.place -= w.at[i] * w.stride[i]
		w.at[i] = 0
	}
	return false
}

// rescaleScattered is rescale for axes that do not follow one another.
func rescaleScattered(w []float32, shape []int, set uint, factor func(norm float32) float32) {
	along, across := newWalk(shape, set), newWalk(shape, ^set)
	for more := true; more; more = across.next() {
		x := w[across.place:]
		sum := 0.0
		for more := true; more; more = along.next() {
			v := float64(x[along.place])
			sum += v * v
		}
		f := factor(float32(math.Sqrt(sum)))
		for more := true; more; more = along.next() {
			x[along.place] *= f
		}
	}
}

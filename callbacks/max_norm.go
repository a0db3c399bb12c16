package callbacks

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// MaxNorm scales weights down after every batch to norms of at most MaxValue. It needs a model that implements [WeightUpdater].
//
// The constraint of the same name does so for one weight of one layer; this is for all of a model's at once.
//
// Source: the formula of keras.constraints.MaxNorm; Srivastava et al. 2014. Keras has no such callback.
type MaxNorm struct {
	Base
	MaxValue *float64 // nil: 2
	Axis     []int    // nil: all axes but the last, for one norm to each unit or filter; else the axes that norms are taken along
	Weights  []string // nil: all trainable weights of rank 2 or more, such as kernels; else trainable ones whose path contains one of these

	norms  []float32
	index  []int
	update func([]Weight) error // c.apply, kept because a method value allocates
}

// epsilon keeps a norm of 0 from being divided by.
const epsilon = 1e-7

// OnTrainBegin implements [Callback].
func (c *MaxNorm) OnTrainBegin(r *Run) error {
	if v := optional.Or(c.MaxValue, 2); !(v >= 0) {
		return errors.Errorf("callbacks: MaxNorm: MaxValue: expected 0 or more, got %v", v)
	}
	_, err := as[WeightUpdater]("MaxNorm", r)
	return err
}

// OnTrainBatchEnd implements [Callback].
func (c *MaxNorm) OnTrainBatchEnd(r *Run, _ int, _ Logs) error {
	m, err := as[WeightUpdater]("MaxNorm", r)
	if err != nil {
		return err
	}
	if c.update == nil {
		c.update = c.apply
	}
	return errors.WithMessage(m.UpdateWeights(c.update), "callbacks: MaxNorm")
}

func (c *MaxNorm) apply(weights []Weight) error {
	for _, w := range weights {
		if !w.Trainable || !c.chosen(w) {
			continue
		}
		if err := c.limit(w); err != nil {
			return err
		}
	}
	return nil
}

func (c *MaxNorm) chosen(w Weight) bool {
	if c.Weights == nil {
		return len(w.Shape) >= 2
	}
	return containsAny(w.Path, c.Weights)
}

// limit rescales one weight. A norm belongs to a cell: the position along the axes that are not summed.
func (c *MaxNorm) limit(w Weight) error {
	strides, cells, err := c.cells(w)
	if err != nil {
		return err
	}
	if cap(c.norms) < cells {
		c.norms = make([]float32, cells)
	}
	norms := c.norms[:cells]
	clear(norms)
	c.rows(w, strides, func(row []float32, cell, step int) {
		for _, v := range row {
			norms[cell] += float32(v * v) // The conversion keeps it from being fused on some machines only.
			cell += step
		}
	})
	limit := float32(optional.Or(c.MaxValue, 2))
	for i, square := range norms {
		norm := float32(math.Sqrt(float64(square)))
		norms[i] = min(norm, limit) / (epsilon + norm)
	}
	c.rows(w, strides, func(row []float32, cell, step int) {
		for i := range row {
			row[i] *= norms[cell]
			cell += step
		}
	})
	return nil
}

// cells returns how far a step along each axis goes among the cells: 0 along the axes that are summed.
func (c *MaxNorm) cells(w Weight) (strides []int, n int, err error) {
	rank := len(w.Shape)
	if cap(c.index) < 2*rank {
		c.index = make([]int, 2*rank)
	}
	strides = c.index[:rank]
	for axis := range strides {
		strides[axis] = 1
		if c.Axis == nil && axis < rank-1 {
			strides[axis] = 0
		}
	}
	if c.Axis == nil && rank == 1 {
		strides[0] = 0
	}
	for _, axis := range c.Axis {
		a := axis
		if a < 0 {
			a += rank
		}
		if a < 0 || a >= rank {
			return nil, 0, errors.Errorf("%s: Axis: expected an axis of the shape %v, got %d", w.Path, w.Shape, axis)
		}
		strides[a] = 0
	}
	n = 1
	for axis := rank - 1; axis >= 0; axis-- {
		if strides[axis] != 0 {
			strides[axis] = n
			n *= w.Shape[axis]
		}
	}
	return strides, n, nil
}

// rows visits the runs along the last axis in order, each with its first cell and the step to the next one.
func (c *MaxNorm) rows(w Weight, strides []int, visit func(row []float32, cell, step int)) {
	last := len(w.Shape) - 1
	if len(w.Value) == 0 || last < 0 {
		return
	}
	position := c.index[last+1 : 2*last+1]
	clear(position)
	n, cell := w.Shape[last], 0
	for start := 0; start < len(w.Value); start += n {
		visit(w.Value[start:start+n], cell, strides[last])
		for axis := last - 1; axis >= 0; axis-- {
			position[axis]++
			cell += strides[axis]
			if position[axis] < w.Shape[axis] {
				break
			}
			cell -= strides[axis] * w.Shape[axis]
			position[axis] = 0
		}
	}
}

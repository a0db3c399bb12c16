package keras

import (
	"iter"
	"math"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// classWeights gives each sample the weight of its class, as Keras does: labels are numbers of classes, or one-hot along the last axis. A
// class that has no weight counts 1.
type classWeights struct {
	of      map[int]float64
	scratch []float32
	buffer  []float32
}

// add gives a batch, or whole arrays, weights by their classes. They are overwritten by the next call.
func (c *classWeights) add(b data.Batch) (data.Batch, error) {
	if len(b.SampleWeight) > 0 {
		return b, errors.New("keras: class weights and sample weights exclude each other")
	}
	if len(b.Y) != 1 || b.Y[0] == nil || b.Y[0].Dims() == 0 {
		return b, errors.Errorf("keras: class weights need the labels of one output, got %d arrays of targets", len(b.Y))
	}
	y, err := array.RowMajor(b.Y[0])
	if err != nil {
		return b, errors.Wrap(err, "keras: target 0")
	}
	labels, scratch, err := array.Float32s(c.scratch, y)
	if err != nil {
		return b, errors.Wrap(err, "keras: target 0")
	}
	c.scratch = scratch
	shape := y.Shape()
	n, width := shape[0], 1
	if len(shape) > 1 {
		width = shape[len(shape)-1]
	}
	if len(labels) != n*width {
		return b, errors.Errorf("keras: class weights need one label for each sample, got targets of shape %s", shapeText(shape))
	}
	if cap(c.buffer) < n {
		c.buffer = make([]float32, n)
	}
	w := c.buffer[:n]
	for i := range w {
		w[i] = 1
		if v, ok := c.of[label(labels[i*width:(i+1)*width])]; ok {
			w[i] = float32(v)
		}
	}
	b.SampleWeight = []*tensor.Dense{tensor.New(tensor.WithShape(n), tensor.WithBacking(w))}
	return b, nil
}

// label is the number of a class: the value of a single number, or the place of the largest of several.
func label(row []float32) int {
	if len(row) == 1 {
		return int(math.RoundToEven(float64(row[0])))
	}
	at := 0
	for i, v := range row {
		if v > row[at] {
			at = i
		}
	}
	return at
}

// classWeighted is a data set with weights by classes.
type classWeighted struct {
	data.Dataset
	of map[int]float64
}

// Batches implements [data.Dataset].
func (d classWeighted) Batches(seed uint64, epoch int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		weights := classWeights{of: d.of}
		for b, err := range d.Dataset.Batches(seed, epoch) {
			if err == nil {
				b, err = weights.add(b)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

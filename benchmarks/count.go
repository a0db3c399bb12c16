package main

import (
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

const floatBytes = 4

// work is what one training step cannot do without.
type work struct {
	Flops int `json:"flops"` // of products, two for each multiply-add: forward, weight gradients, input gradients
	Bytes int `json:"bytes"` // that move between a memory level and the cores
	Held  int `json:"held"`  // bytes that the step works on: they decide which level holds them
}

// counter adds up the layers of a stack.
type counter struct {
	shape   []int // of one sample, at the layer that comes next
	batch   int
	slots   int  // numbers that the optimizer keeps for each weight
	learned bool // a layer before this one has weights, so that the input's gradient is needed
	work    work
}

// countStep counts a training step of a stack on a batch of samples of shape input.
//
// A weight is read by the forward product and once more where the input's gradient is needed; its gradient is written and read; it and the
// optimizer's numbers for it are read and written. A layer's output is written forward and read backward: gradients, and the next layer's
// reading, may find what they need in a nearer cache. Activations are part of their layer.
func countStep(stack []layers.Layer, input []int, batch, slots int) (work, error) {
	c := &counter{shape: input, batch: batch, slots: slots}
	c.moves(c.batch*size(input), 2)
	for _, l := range stack {
		if err := c.add(l); err != nil {
			return work{}, err
		}
	}
	return c.work, nil
}

// add counts a layer and goes on to its output.
func (c *counter) add(l layers.Layer) error {
	switch l := l.(type) {
	case *layers.Dense:
		return c.dense(l)
	case *layers.Conv2D:
		return c.conv(l)
	case *layers.MaxPooling2D:
		return c.pool(l)
	case *layers.Flatten:
		c.shape = []int{size(c.shape)}
		return nil
	case *layers.Dropout:
		return nil // part of the layer before it
	}
	return errors.Errorf("counting a step: no rule for a layer of type %T", l)
}

func (c *counter) dense(l *layers.Dense) error {
	if len(c.shape) != 1 {
		return errors.Errorf("counting a step: Dense on a sample of shape %v: expected one axis", c.shape)
	}
	in := c.shape[0]
	c.product(c.batch, in, l.Units)
	c.output(l.Units)
	return nil
}

func (c *counter) conv(l *layers.Conv2D) error {
	plain := l.Strides == nil && l.Padding == "" && l.DilationRate == nil && l.Groups <= 1 && l.DataFormat == ""
	if len(c.shape) != 3 || len(l.KernelSize) != 1 || !plain {
		return errors.Errorf("counting a step: Conv2D %+v on a sample of shape %v: expected a square kernel, valid padding, stride 1", *l, c.shape)
	}
	k := l.KernelSize[0]
	h, w, in := c.shape[0]-k+1, c.shape[1]-k+1, c.shape[2]
	c.product(c.batch*h*w, k*k*in, l.Filters)
	c.output(h, w, l.Filters)
	return nil
}

func (c *counter) pool(l *layers.MaxPooling2D) error {
	if len(c.shape) != 3 || l.PoolSize != nil || l.Strides != nil || l.Padding != "" {
		return errors.Errorf("counting a step: MaxPooling2D %+v on a sample of shape %v: expected windows of 2x2", *l, c.shape)
	}
	c.output(c.shape[0]/2, c.shape[1]/2, c.shape[2])
	return nil
}

// product counts rows x in times in x out, with its gradients, and the weights in x out with their bias.
func (c *counter) product(rows, in, out int) {
	times, reads := 2, 1
	if c.learned {
		times, reads = 3, 2
	}
	c.learned = true
	c.work.Flops += times * 2 * rows * in * out
	weights := (in + 1) * out
	c.moves(weights, reads+2)   // the weights: by the products and by the update
	c.moves(weights, 2)         // their gradient
	c.moves(weights*c.slots, 2) // the optimizer's numbers
}

// output counts a layer's output, of so many numbers for a sample.
func (c *counter) output(shape ...int) {
	c.shape = shape
	c.moves(c.batch*size(shape), 2)
}

// moves counts numbers that are kept during the step and moved so many times.
func (c *counter) moves(numbers, times int) {
	c.work.Held += floatBytes * numbers
	c.work.Bytes += floatBytes * numbers * times
}

func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

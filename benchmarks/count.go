package main

const floatBytes = 4

// work is what one training step cannot do without.
type work struct {
	Flops int `json:"flops"` // of products, two for each multiply-add: forward, weight gradients, input gradients
	Bytes int `json:"bytes"` // that move between a memory level and the cores
	Held  int `json:"held"`  // bytes that the step works on: they decide which level holds them
}

// A counter adds up what the layers of a model need.
//
// A weight is read by the forward product and once more where the input's gradient is needed; its gradient is written and read; it and the
// optimizer's numbers for it are read and written. A layer's output is written forward and read backward: gradients, and the next layer's
// reading, may find what they need in a nearer cache. Activations, normalization and dropout are part of their layer.
type counter struct {
	batch   int
	slots   int  // numbers that the optimizer keeps for each weight
	learned bool // a layer before this one has weights, so that the input's gradient is needed
	work    work
}

// countStep counts a training step.
func countStep(w *workload) work {
	c := &counter{batch: w.batch, slots: w.slots}
	w.count(c)
	return c.work
}

// sample counts the input, of so many numbers for a sample.
func (c *counter) sample(numbers int) { c.output(numbers) }

// dense counts a dense layer on samples of one axis.
func (c *counter) dense(in, out int) { c.steps(1, in, out) }

// steps counts a dense layer on so many steps of each sample.
func (c *counter) steps(time, in, out int) { c.conv(time, in, out) }

// conv counts a convolution with so many positions in a sample and so many numbers under its kernel.
func (c *counter) conv(positions, field, filters int) {
	c.product(c.batch*positions, field, filters)
	c.weights((field+1)*filters, 1)
	c.output(positions * filters)
}

// normalized counts a convolution and a batch normalization, which must know its statistics before it can use them.
func (c *counter) normalized(positions, field, filters int) {
	c.product(c.batch*positions, field, filters)
	c.weights(field*filters+2*filters, 1)
	c.output(positions * filters)
	c.output(positions * filters)
}

// recurrent counts a recurrent layer: the products of the input and of the state, and the outputs of all steps.
func (c *counter) recurrent(time, in, units, gates int) {
	c.product(c.batch*time, in, gates*units)
	c.learned = true
	c.product(c.batch*time, units, gates*units)
	c.weights((in+units+1)*gates*units, 1)
	c.output(time * units)
}

// embedding counts a table of which each sample reads so many rows. The optimizer moves all rows, as Keras's do; gradients are of those that were read.
func (c *counter) embedding(rows, width, read int) {
	c.learned = true
	c.output(read * width)
	c.moves(rows*width, 2)
	c.moves(rows*width*c.slots, 2)
}

// attention counts the scores of each head and what they weigh: two products forward, and the two gradients of each. Scores need not leave the cores.
func (c *counter) attention(time, heads, width int) {
	const products = 2
	c.work.Flops += products * 3 * 2 * c.batch * heads * time * time * width
	c.output(time * heads * width)
}

// product counts rows x in times in x out, with its gradients.
func (c *counter) product(rows, in, out int) {
	times := 2
	if c.learned {
		times = 3
	}
	c.work.Flops += times * 2 * rows * in * out
}

// weights counts so many weights, which are learned, their gradients, and the optimizer's numbers.
func (c *counter) weights(n, reads int) {
	if c.learned {
		reads++
	}
	c.learned = true
	c.moves(n, reads+2)   // by the products and by the update
	c.moves(n, 2)         // the gradient
	c.moves(n*c.slots, 2) // the optimizer's numbers
}

// output counts a layer's output, of so many numbers for a sample.
func (c *counter) output(numbers int) { c.moves(c.batch*numbers, 2) }

// moves counts numbers that are kept during the step and moved so many times.
func (c *counter) moves(numbers, times int) {
	c.work.Held += floatBytes * numbers
	c.work.Bytes += floatBytes * numbers * times
}

package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// Adafactor divides the gradient by the root of a running mean of its squares, of which weights of two axes or more keep only the means of rows r
// and columns c of their last two axes, and moves each weight in proportion to its own size:
//
//	b = 1 - t^Beta2Decay;  h = g² + Epsilon1
//	r = b·r + (1-b)·mean of h over the last axis;  c = b·c + (1-b)·mean of h over the axis before
//	v = r/mean(r) ⊗ c                     two axes or more
//	v = b·v + (1-b)·h                     fewer
//	u = g/sqrt(v);  ρ = min(rate, 1/sqrt(t))
//	w -= max(Epsilon2, RMS(w))·ρ · u/max(1, RMS(u)/ClipThreshold)
//
// Source: keras.optimizers.Adafactor; Shazeer and Stern 2018.
type Adafactor struct {
	Base
	LearningRate  float64  // 0: 0.001
	Schedule      Schedule `keras:"learning_rate"` // nil: LearningRate
	Beta2Decay    *float64 // nil: -0.8
	Epsilon1      *float64 // nil: 1e-30
	Epsilon2      *float64 // nil: 0.001
	ClipThreshold *float64 // nil: 1; above 0
	RelativeStep  *bool    // nil: true; Keras has it, but takes min(rate, 1/sqrt(t)) either way

	columns []float64 // room for the sums of columns
}

// Rate implements [Optimizer].
func (o *Adafactor) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Adafactor) Build() error {
	if d := optional.Or(o.Beta2Decay, -0.8); !(d <= 0) {
		return errors.Errorf("Adafactor: Beta2Decay: expected 0 or less, got %v", d)
	}
	if c := optional.Or(o.ClipThreshold, 1); !(c > 0) {
		return errors.Errorf("Adafactor: ClipThreshold: expected a number above 0, got %v", c)
	}
	vector := func(p *Parameter) bool { return p.rank() < 2 }
	o.AddSlotSpecs(
		SlotSpec{unused: vector, Shape: func(p *Parameter) []int { return p.Shape[:len(p.Shape)-1] }},
		SlotSpec{unused: vector, Shape: func(p *Parameter) []int {
			last := len(p.Shape) - 1
			return append(append([]int{}, p.Shape[:last-1]...), p.Shape[last])
		}},
		SlotSpec{Name: "velocity"},
	)
	return atLeast0("Adafactor: Epsilon1", optional.Or(o.Epsilon1, 1e-30), "Adafactor: Epsilon2", optional.Or(o.Epsilon2, 0.001))
}

// Update implements [Optimizer].
func (o *Adafactor) Update(p *Parameter, s Step) {
	n := float32(s.Number)
	// Keras's 1 - (1 - t^d) is kept as it is: its rounding is seen in late steps.
	keep := 1 - power(n, float32(optional.Or(o.Beta2Decay, -0.8)))
	if p.rank() < 2 {
		o.velocity(p, keep)
	} else {
		o.factors(p, keep)
	}
	v := p.Slot(2)
	sum := 0.0
	for i, g := range p.Gradient {
		u := float64(g / sqrt(v[i]))
		sum += u * u
	}
	size := float64(len(v))
	rms := float32(math.Sqrt(sum / size))
	alpha := max(float32(optional.Or(o.Epsilon2, 0.001)), float32(math.Sqrt(squares(p.Value)/size))) * min(s.Rate, 1/sqrt(n))
	over := max(1, rms/float32(optional.Or(o.ClipThreshold, 1)))
	for i, g := range p.Gradient {
		p.Value[i] -= float32(alpha * (g / sqrt(v[i]) / over))
	}
}

// velocity moves the mean of squares of a weight of fewer than two axes.
func (o *Adafactor) velocity(p *Parameter, keep float32) {
	v, rest, eps := p.Slot(2), 1-keep, float32(optional.Or(o.Epsilon1, 1e-30))
	for i, g := range p.Gradient {
		v[i] = float32(keep*v[i]) + float32(rest*(float32(g*g)+eps))
	}
}

// factors moves the means of rows and columns, matrix by matrix, and multiplies them.
func (o *Adafactor) factors(p *Parameter, keep float32) {
	last := len(p.Shape) - 1
	rows, cols := p.Shape[last-1], p.Shape[last]
	if len(o.columns) < cols {
		o.columns = make([]float64, cols)
	}
	r, c, v := p.Slot(0), p.Slot(1), p.Slot(2)
	for from := 0; from < len(v); from += rows * cols {
		o.means(p.Gradient[from:from+rows*cols], r[:rows], c[:cols], keep)
		multiplyFactors(v[from:from+rows*cols], r[:rows], c[:cols])
		r, c = r[rows:], c[cols:]
	}
}

// means moves the means of one matrix's rows and columns.
func (o *Adafactor) means(g, r, c []float32, keep float32) {
	rest, eps := 1-keep, float32(optional.Or(o.Epsilon1, 1e-30))
	columns := o.columns[:len(c)]
	clear(columns)
	for i := range r {
		sum := 0.0
		for k, g := range g[i*len(c) : (i+1)*len(c)] {
			h := float64(float32(g*g) + eps)
			sum += h
			columns[k] += h
		}
		r[i] = float32(keep*r[i]) + float32(rest*float32(sum/float64(len(c))))
	}
	for k, sum := range columns {
		c[k] = float32(keep*c[k]) + float32(rest*float32(sum/float64(len(r))))
	}
}

// multiplyFactors sets v to r/mean(r) ⊗ c.
func multiplyFactors(v, r, c []float32) {
	sum := 0.0
	for _, x := range r {
		sum += float64(x)
	}
	mean := float32(sum / float64(len(r)))
	for i, x := range r {
		share := x / mean
		for k, y := range c {
			v[i*len(c)+k] = share * y
		}
	}
}

package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
)

func (o *scan) gradient(c *chain) []Tensor {
	n := len(o.carry)
	g := &scanGradient{scanBody: o.scanBody, needs: c.needs}
	for _, t := range c.in {
		g.results = append(g.results, t.Spec())
	}
	in := slices.Concat(c.out[len(c.out)-n:], c.in[n:])
	for _, d := range c.grad[:n+len(o.y)] {
		g.has = append(g.has, d.Valid())
	}
	r := applyAll(g, append(in, given(c.grad[:n+len(o.y)]...)...)...)
	for i, need := range c.needs {
		if !need {
			r[i] = Tensor{}
		}
	}
	return r
}

// scanGradient goes back over the steps of a scan. Its inputs are what each step got, the sequences, what the steps read from outside, and the gradients that
// there are of what the last step handed on and of the results. Its results are by the scan's inputs.
type scanGradient struct {
	*scanBody
	needs, has []bool
	results    []Spec
}

func (o *scanGradient) name() string                 { return "scan_gradient" }
func (o *scanGradient) infer([]Spec) ([]Spec, error) { return o.results, nil }

// A stepBack computes the gradients of one step: of the sum of its results, each multiplied by the gradient that comes back to it.
type stepBack struct {
	*innerProgram
	handedOn, made []buffer // gradients of what the step hands on and of its results, to be filled in
	of             []buffer // gradients by the scan's inputs; empty where there is none
}

func (o *scanGradient) compile(c *binding) (*stepBack, error) {
	var loss Tensor
	var cotangents []Tensor
	times := func(y Tensor, wanted bool) int {
		if !wanted || !y.DType().isFloat() {
			return -1
		}
		s := y.Spec()
		d := Placeholder("cotangent", s.DType, s.Shape...)
		cotangents = append(cotangents, d)
		term := Sum(Multiply(y, d))
		if loss.Valid() {
			term = Add(loss, term)
		}
		loss = term
		return len(cotangents) - 1
	}
	var at []int
	for i, y := range slices.Concat(o.next, o.y) {
		at = append(at, times(y, i < len(o.carry) || o.has[i]))
	}
	var wrt []Tensor
	var derived []int
	for i, x := range o.inputs() {
		place := -1
		if x.DType().isFloat() && (i < len(o.carry) || o.needs[i]) {
			place = len(wrt)
			wrt = append(wrt, x)
		}
		derived = append(derived, place)
	}
	inputs := o.inputs()
	p, err := c.compileInner(Options{Inputs: slices.Concat(inputs, cotangents), Loss: loss, WithRespectTo: wrt})
	if err != nil {
		return nil, err
	}
	pick := func(from []buffer, places []int) []buffer {
		bs := make([]buffer, len(places))
		for i, at := range places {
			if at >= 0 {
				bs[i] = from[at]
			}
		}
		return bs
	}
	n := len(o.carry)
	d := pick(p.fed[len(inputs):], at)
	return &stepBack{innerProgram: p, handedOn: d[:n], made: d[n:], of: pick(p.derived, derived)}, nil
}

func (o *scanGradient) bind(c *binding) func() error {
	p, err := o.compile(c)
	if err != nil {
		return func() error { return err }
	}
	n, m := len(o.carry), len(o.carry)+len(o.x)
	end := m + len(o.captured)
	history, xs, outer := c.in[:n], c.in[n:m], c.in[m:end]
	last, ys := make([]buffer, n), make([]buffer, len(o.y))
	next := end
	for i, there := range o.has {
		if !there {
			continue
		}
		if i < n {
			last[i] = c.in[next]
		} else {
			ys[i-n] = c.in[next]
		}
		next++
	}
	dcarry, dxs, douter := c.out[:n], c.out[n:m], c.out[m:]
	add := accumulators(douter, p.of[m:])
	staged := c.own(o.initialized)
	return func() error {
		for i := range p.handedOn {
			p.handedOn[i].clear()
		}
		for i := range douter {
			douter[i].clear()
		}
		copyAll(p.handedOn, last)
		copyAll(p.fed[m:end], outer)
		for k := o.length - 1; k >= 0; k-- {
			t := o.at(k)
			o.read(p.fed[:n], history, t)
			o.read(p.fed[n:m], xs, t)
			o.read(p.made, ys, t)
			if err := p.run(); err != nil {
				return err
			}
			o.write(dxs, p.of[n:m], t)
			for _, f := range add {
				f()
			}
			copyAll(staged, p.of[:n]) // What comes back may be another of the gradients that went in.
			copyAll(p.handedOn, staged)
		}
		copyAll(dcarry, p.handedOn)
		return nil
	}
}

func (b buffer) clear() {
	clear(b.f32)
	clear(b.f64)
}

// accumulators add what each step gives to sums.
func accumulators(sums, terms []buffer) []func() {
	var fs []func()
	for i, s := range sums {
		switch x := terms[i]; {
		case s.f32 != nil && x.f32 != nil:
			fs = append(fs, accumulator(s.f32, x.f32))
		case s.f64 != nil && x.f64 != nil:
			fs = append(fs, accumulator(s.f64, x.f64))
		}
	}
	return fs
}

func accumulator[T kernel.Float](sum, x []T) func() {
	both := [][]T{sum, x}
	return func() { kernel.AddN(sum, both...) }
}

package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"gorgonia.org/tensor"
)

// A HostFunction computes out from in, arrays in the program's memory, which it must not keep. Floats are float32.
type HostFunction func(out *tensor.Dense, in []*tensor.Dense) error

// Host is an operation written in plain Go, for what preparation layers do: it may read text and has no gradient. out is the result's shape and
// type; run is called in each run of the program, with all sizes known. Scalars have shape (1).
func Host(name string, out Spec, run HostFunction, in ...Tensor) Tensor {
	return apply(&host{label: name, out: out, compute: run}, in...)
}

type host struct {
	label   string
	out     Spec
	compute HostFunction
}

func (o *host) name() string                 { return o.label }
func (o *host) infer([]Spec) ([]Spec, error) { return []Spec{o.out}, nil }
func (o *host) readsText()                   {}

func convert[D, S kernel.Float](dst []D, src []S) {
	for i, v := range src {
		dst[i] = D(v)
	}
}

func (o *host) bind(c *binding) func() error {
	var before, after []func()
	in := make([]*tensor.Dense, len(c.in))
	for i, b := range c.in {
		if b.f64 != nil {
			wide := b.f64
			b = newBuffer(b.Spec, Float32)
			narrow := b.f32
			before = append(before, func() { convert(narrow, wide) })
		}
		in[i] = newHeader(b, Float32)
	}
	b := c.out[0]
	if b.f64 != nil {
		wide := b.f64
		b = newBuffer(b.Spec, Float32)
		narrow := b.f32
		after = append(after, func() { convert(wide, narrow) })
	}
	out := newHeader(b, Float32)
	return func() error {
		for _, f := range before {
			f()
		}
		if err := o.compute(out, in); err != nil {
			return err
		}
		for _, f := range after {
			f()
		}
		return nil
	}
}

package layertest

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// probes is how many elements of a tensor are looked at by finite differences.
const probes = 12

// finiteDifferences compares gradients with those of finite differences in float64.
func (s *suite) finiteDifferences() error {
	sub, err := s.built()
	if err != nil {
		return err
	}
	for _, training := range []bool{false, true} {
		p, err := s.compile(sub, 0, training, ops.Float64)
		if err != nil {
			return err
		}
		d := &differences{p: p, random: rand.New(rand.NewPCG(s.Seed, 3))}
		for _, i := range p.inputs {
			if err := d.check(label("input", i), p.Inputs()[i], p.inputGradient(i)); err != nil {
				return mode(err, training)
			}
		}
		for i, w := range p.trained {
			if err := d.check("weight "+w.Path, p.Variable(w.Variable), p.weightGradient(i)); err != nil {
				return mode(err, training)
			}
		}
	}
	return nil
}

func mode(err error, training bool) error {
	if training {
		return errors.Wrap(err, "training")
	}
	return errors.Wrap(err, "inference")
}

type differences struct {
	p      *program
	random *rand.Rand
}

// check shifts some elements of a tensor and looks what that does to the loss.
func (d *differences) check(what string, x, gradient *tensor.Dense) error {
	if x == nil { // a weight that the program does not read
		if gradient != nil {
			return errors.Errorf("%s: has a gradient, but the program does not read it", what)
		}
		return nil
	}
	if err := d.p.Run(); err != nil { // the last run was at a shifted point
		return err
	}
	v := x.Float64s()
	analytic := make([]float64, len(v))
	if gradient != nil {
		copy(analytic, gradient.Float64s())
	}
	order := d.random.Perm(len(v))
	for _, i := range order[:min(probes, len(v))] {
		if err := d.element(what, v, i, analytic[i]); err != nil {
			return err
		}
	}
	return nil
}

// element tries ever smaller shifts: a function may have a bend near by, but a gradient that is wrong stays wrong.
func (d *differences) element(what string, v []float64, i int, analytic float64) error {
	var numeric float64
	for _, h := range []float64{1e-4, 1e-5, 1e-6} {
		old, at := v[i], [4]float64{}
		for k, shift := range []float64{2 * h, h, -h, -2 * h} {
			v[i] = old + shift
			if err := d.p.Run(); err != nil {
				v[i] = old
				return err
			}
			at[k] = d.p.Outputs()[d.p.loss].Float64s()[0]
		}
		v[i] = old
		numeric = (8*(at[1]-at[2]) - (at[0] - at[3])) / (12 * h)
		if math.Abs(numeric-analytic) <= 1e-6*(1+math.Abs(numeric))+1e-9*math.Abs(at[0]) {
			return nil
		}
	}
	return errors.Errorf("%s, element %d: the gradient is %v, by finite differences %v", what, i, analytic, numeric)
}

// batchSizes runs batches of 1 and 3 samples.
func (s *suite) batchSizes() error {
	sub, err := s.built()
	if err != nil {
		return err
	}
	var first [][]*tensor.Dense
	for _, n := range []int{1, 3} {
		for _, training := range []bool{true, false} {
			p, err := s.compile(sub, n, training, ops.Float32)
			if err != nil {
				return errors.Wrapf(err, "a batch of %d", n)
			}
			if err := p.Run(); err != nil {
				return errors.Wrapf(err, "a batch of %d", n)
			}
			if !training {
				first = append(first, firstRows(p, n))
			}
		}
	}
	if s.MixesSamples {
		return nil
	}
	return errors.Wrap(compareAll("output", len(first[1]), func(i int) *tensor.Dense { return first[1][i] }, first[0], 1e-5),
		"in inference, the first sample of a batch of 3 against the same one alone")
}

// firstRows are the float outputs for the first sample; nil for outputs that are not by sample.
func firstRows(p *program, n int) []*tensor.Dense {
	rows := make([]*tensor.Dense, p.outputs)
	for i, y := range p.Outputs()[:p.outputs] {
		if y.Dtype() != tensor.Float32 || len(y.Shape()) == 0 || y.Shape()[0] != n {
			continue
		}
		v := y.Float32s()
		shape := slices.Clone([]int(y.Shape()))
		shape[0] = 1
		rows[i] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v[:len(v)/n])))
	}
	return rows
}

// determinism trains twice from one seed, on one processor and on four, and compares bits.
func (s *suite) determinism() error {
	one, err := s.bits(1)
	if err != nil {
		return err
	}
	four, err := s.bits(4)
	if err != nil {
		return err
	}
	if len(one) != len(four) {
		return errors.Errorf("runs from one seed have %d and %d numbers", len(one), len(four))
	}
	for i := range one {
		if one[i] != four[i] {
			return errors.Errorf("runs from one seed differ: number %d of outputs, gradients and weights is %v on one processor and %v on four",
				i, math.Float32frombits(one[i]), math.Float32frombits(four[i]))
		}
	}
	return nil
}

// bits are the bits of all float results of some steps on so many processors.
func (s *suite) bits(processors int) ([]uint32, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	sub, err := s.built()
	if err != nil {
		return nil, err
	}
	p, err := s.compile(sub, 0, true, ops.Float32)
	if err != nil {
		return nil, err
	}
	var bits []uint32
	for range 3 {
		if err := p.Run(); err != nil {
			return nil, err
		}
		p.Commit()
		arrays := slices.Concat(p.Outputs(), p.Gradients())
		for _, w := range weights(sub.part) {
			arrays = append(arrays, w.Value())
		}
		for _, a := range arrays {
			if a == nil || a.Dtype() != tensor.Float32 {
				continue
			}
			for _, v := range a.Float32s() {
				bits = append(bits, math.Float32bits(v))
			}
		}
	}
	return bits, nil
}

package kernel

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recurrentFixture can be what internal/golden/recurrent_kernel.py drew from another seed.
var recurrentFixture = flag.String("recurrent", "testdata/recurrent.json.gz", "what internal/golden/recurrent_kernel.py wrote")

func (r Recurrence) usual() Recurrence {
	r.Activation, r.RecurrentActivation = tanhCell, sigmoidCell
	return r
}

// biasSize is the size of a bias.
func (r Recurrence) biasSize() int {
	n := r.Cell.Gates() * r.Units
	if r.Cell == GRU {
		n *= 2
	}
	return n
}

func newRecurrentArgs[T Float](r Recurrence, bias, initial, mask, keep bool) RecurrentArgs[T] {
	u, n := r.Units, r.Cell.Gates()*r.Units
	a := RecurrentArgs[T]{Recurrent: normalSlice[T](u*n, 3)}
	a.X, a.Kernel = normalSlice[T](r.Batch*r.Time*r.In, 1), normalSlice[T](r.In*n, 2)
	if r.Projected {
		a.X, a.Kernel = normalSlice[T](r.Batch*r.Time*n, 1), nil
	}
	for i := range a.Recurrent {
		a.Recurrent[i] /= T(math.Sqrt(float64(u)))
	}
	if bias {
		a.Bias = normalSlice[T](r.biasSize(), 4)
	}
	if initial {
		a.H = normalSlice[T](r.Batch*u, 5)
		if r.Cell == LSTM {
			a.C = normalSlice[T](r.Batch*u, 6)
		}
	}
	if mask {
		a.Mask = make([]bool, r.Batch*r.Time)
		for i := range a.Mask {
			a.Mask[i] = i%3 != 1 && i%5 != 4
		}
	}
	if keep {
		a.Keep = make([]T, r.Batch*n)
		for i := range a.Keep {
			a.Keep[i] = T(i * 7 % 3)
		}
	}
	return a
}

func wide[T Float](a RecurrentArgs[T]) RecurrentArgs[float64] {
	cast := func(x []T) []float64 {
		if x == nil {
			return nil
		}
		return as64(x)
	}
	return RecurrentArgs[float64]{
		X: cast(a.X), Kernel: cast(a.Kernel), Recurrent: cast(a.Recurrent), Bias: cast(a.Bias), H: cast(a.H), C: cast(a.C),
		Keep: cast(a.Keep), Mask: a.Mask,
	}
}

type recurrentCase struct {
	r                         Recurrence
	bias, initial, mask, keep bool
}

// recurrentCases are made of each cell.
func recurrentCases() []recurrentCase {
	silu := CellFunction(Silu)
	var cs []recurrentCase
	for _, cell := range []Cell{SimpleRNN, GRU, GRUResetBefore, LSTM} {
		for _, c := range []recurrentCase{
			{Recurrence{Batch: 1, Time: 1, In: 1, Units: 1}.usual(), true, false, false, false},
			{Recurrence{Batch: 2, Time: 5, In: 3, Units: 7}.usual(), true, true, false, false},
			{Recurrence{Batch: 5, Time: 4, In: 2, Units: 16, Backwards: true}.usual(), false, true, false, false},
			{Recurrence{Batch: 3, Time: 6, In: 4, Units: 17}.usual(), true, false, true, true},
			{Recurrence{Batch: 9, Time: 3, In: 4, Units: 8, ZeroOutputForMask: true, Backwards: true}.usual(), true, true, true, false},
			{Recurrence{Batch: 33, Time: 3, In: 5, Units: 33}.usual(), true, false, true, false},
			{Recurrence{Batch: 2, Time: 3, In: 2, Units: 5, Activation: CellFunction(Softsign), RecurrentActivation: tanhCell}, true, false, false, true},
			{Recurrence{Batch: 2, Time: 3, In: 2, Units: 5, Activation: LinearCell, RecurrentActivation: sigmoidCell}, true, false, true, false},
			{Recurrence{Batch: 3, Time: 3, In: 2, Units: 4, Activation: silu, RecurrentActivation: CellFunction(Softplus)}, true, true, true, false},
			{Recurrence{Batch: 3, Time: 4, Units: 4, Projected: true}.usual(), true, true, false, true},
			{Recurrence{Batch: 2, Time: 3, Units: 3, Projected: true}.usual(), false, false, true, false},
		} {
			c.r.Cell = cell
			cs = append(cs, c)
		}
	}
	return cs
}

func TestRecurrenceStateForward(t *testing.T) {
	everyPath(t, testRecurrenceForward[float32], testRecurrenceForward[float64])
}

func TestRecurrenceStateBackward(t *testing.T) {
	everyPath(t, testRecurrenceForward[float32], testRecurrenceBackward)
}

func TestNewRecurrence(t *testing.T) {
	everyPath(t, testRecurrenceAgain[float32], testRecurrenceAgain[float64])
}

func testRecurrenceForward[T Float](t *testing.T) {
	for _, c := range recurrentCases() {
		r, a, where := c.r, newRecurrentArgs[T](c.r, c.bias, c.initial, c.mask, c.keep), fmt.Sprintf("%+v", c)
		n := r.Batch * r.Units
		out := RecurrentResults[T]{make([]T, n*r.Time), make([]T, n), nil}
		if r.Cell == LSTM {
			out.C = make([]T, n)
		}
		s := NewRecurrence[T](r)
		want := (&naiveRecurrence{Recurrence: r, RecurrentArgs: wide(a)}).run()
		s.Forward(out, a)
		tol := tolerance[T](512)
		near(t, want.Seq, out.Seq, tol, where)
		near(t, want.H, out.H, tol, where)
		if out.C != nil {
			near(t, want.C, out.C, tol, where)
		}
		clear(out.H)
		s.Forward(RecurrentResults[T]{H: out.H}, a)
		near(t, want.H, out.H, tol, where+" h only")
		clear(out.Seq)
		s.Forward(RecurrentResults[T]{Seq: out.Seq}, a)
		near(t, want.Seq, out.Seq, tol, where+" seq only")
	}
}

// like is room for the gradients of arguments.
func like[T Float](a RecurrentArgs[T]) RecurrentGradients[T] {
	room := func(x []T) []T {
		if x == nil {
			return nil
		}
		return make([]T, len(x))
	}
	return RecurrentGradients[T]{room(a.X), room(a.Kernel), room(a.Recurrent), room(a.Bias), room(a.H), room(a.C)}
}

// testRecurrenceBackward compares with finite differences of the naive loop, in float64.
func testRecurrenceBackward(t *testing.T) {
	for _, c := range recurrentCases() {
		r, a := c.r, newRecurrentArgs[float64](c.r, c.bias, c.initial, c.mask, c.keep)
		if r.Batch*r.Units > 200 {
			continue
		}
		n := r.Batch * r.Units
		d := RecurrentResults[float64]{normalSlice[float64](n*r.Time, 7), normalSlice[float64](n, 8), nil}
		dout := append(append([]float64{}, d.Seq...), d.H...)
		if r.Cell == LSTM {
			d.C = normalSlice[float64](n, 9)
			dout = append(dout, d.C...)
		}
		s := NewRecurrence[float64](r)
		s.Forward(RecurrentResults[float64]{}, a)
		g := like(a)
		s.Backward(g, a, d)
		f := func([]float64) []float64 {
			out := (&naiveRecurrence{Recurrence: r, RecurrentArgs: a}).run()
			all := append(out.Seq, out.H...)
			return append(all, out.C...)[:len(dout)]
		}
		for name, p := range map[string][2][]float64{
			"x": {a.X, g.X}, "kernel": {a.Kernel, g.Kernel}, "recurrent": {a.Recurrent, g.Recurrent}, "bias": {a.Bias, g.Bias}, "h": {a.H, g.H}, "c": {a.C, g.C},
		} {
			if p[0] != nil {
				near(t, gradientOf(p[0], dout, f), p[1], 2e-8*float64(len(dout)), fmt.Sprintf("%+v %s", c, name))
			}
		}
	}
}

// testRecurrenceAgain runs one state twice, with and without room for every gradient: nothing of a run stays behind.
func testRecurrenceAgain[T Float](t *testing.T) {
	for _, cell := range []Cell{SimpleRNN, GRU, GRUResetBefore, LSTM} {
		r := Recurrence{Cell: cell, Batch: 6, Time: 5, In: 3, Units: 9}.usual()
		a := newRecurrentArgs[T](r, true, true, true, true)
		dseq := normalSlice[T](r.Batch*r.Time*r.Units, 7)
		run := func(s *RecurrenceState[T], mask []bool, keep []T) [][]T {
			seq, dx, dr := make([]T, len(dseq)), make([]T, len(a.X)), make([]T, len(a.Recurrent))
			a := a
			a.Mask, a.Keep = mask, keep
			s.Forward(RecurrentResults[T]{Seq: seq}, a)
			s.Backward(RecurrentGradients[T]{X: dx, Recurrent: dr}, a, RecurrentResults[T]{Seq: dseq})
			return [][]T{seq, dx, dr}
		}
		s := NewRecurrence[T](r)
		first := run(s, nil, nil)
		assert.NotEqual(t, first, run(s, a.Mask, nil))
		assert.NotEqual(t, first, run(s, nil, a.Keep))
		assert.Equal(t, first, run(s, nil, nil))
		assert.Equal(t, run(NewRecurrence[T](r), a.Mask, a.Keep), run(s, a.Mask, a.Keep))
	}
}

func TestRecurrenceParallel(t *testing.T) {
	for _, cell := range []Cell{SimpleRNN, GRU, GRUResetBefore, LSTM} {
		r := Recurrence{Cell: cell, Batch: 37, Time: 6, In: 9, Units: 20}.usual()
		a := newRecurrentArgs[float32](r, true, false, false, false)
		s, g := NewRecurrence[float32](r), like(a)
		seq, dseq := make([]float32, r.Batch*r.Time*r.Units), normalSlice[float32](r.Batch*r.Time*r.Units, 7)
		all := func() {
			s.Forward(RecurrentResults[float32]{Seq: seq}, a)
			s.Backward(g, a, RecurrentResults[float32]{Seq: dseq})
		}
		sameBits(t, func() [][]float32 {
			all()
			var r [][]float32
			for _, x := range [][]float32{seq, g.X, g.Kernel, g.Recurrent, g.Bias} {
				r = append(r, append([]float32(nil), x...))
			}
			return r
		})
		noAllocations(t, all)
	}
}

// recurrentGolden is what internal/golden/recurrent_kernel.py wrote.
type recurrentGolden struct {
	Cases []struct {
		Cell                   string
		Batch, Time, In, Units int
		Backwards, Zero        bool
		Activation             string
		RecurrentActivation    string `json:"recurrent_activation"`
		Mask                   []bool
		Keep                   []float64
		Args, Out, Dout, Grads map[string][]float64
	}
}

var cellNames = map[string]Cell{"SimpleRNN": SimpleRNN, "GRU": GRU, "GRUResetBefore": GRUResetBefore, "LSTM": LSTM}

var cellActivations = map[string]CellActivation{
	"linear": LinearCell, "sigmoid": sigmoidCell, "tanh": tanhCell, "softplus": CellFunction(Softplus), "softsign": CellFunction(Softsign),
	"silu": CellFunction(Silu), "elu": CellFunction(Elu), "gelu": CellFunction(GeluErf), "mish": CellFunction(Mish), "log_sigmoid": CellFunction(LogSigmoid),
}

func TestRecurrenceKeras(t *testing.T) {
	everyPath(t, testRecurrenceKeras[float32], testRecurrenceKeras[float64])
}

func testRecurrenceKeras[T Float](t *testing.T) {
	f, err := os.Open(*recurrentFixture)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var golden recurrentGolden
	require.NoError(t, json.NewDecoder(z).Decode(&golden))
	require.NotEmpty(t, golden.Cases)
	for i, c := range golden.Cases {
		where := fmt.Sprintf("%s %d", c.Cell, i)
		activation, ok := cellActivations[c.Activation]
		require.True(t, ok, c.Activation)
		recurrent, ok := cellActivations[c.RecurrentActivation]
		require.True(t, ok, c.RecurrentActivation)
		s := NewRecurrence[T](Recurrence{
			Cell: cellNames[c.Cell], Batch: c.Batch, Time: c.Time, In: c.In, Units: c.Units, Backwards: c.Backwards, ZeroOutputForMask: c.Zero,
			Activation: activation, RecurrentActivation: recurrent,
		})
		as := func(x []float64) []T {
			if x == nil {
				return nil
			}
			y := make([]T, len(x))
			for i, v := range x {
				y[i] = T(v)
			}
			return y
		}
		a := RecurrentArgs[T]{
			as(c.Args["x"]), as(c.Args["kernel"]), as(c.Args["recurrent"]), as(c.Args["bias"]), as(c.Args["h"]), as(c.Args["c"]), as(c.Keep), c.Mask,
		}
		out := RecurrentResults[T]{as(c.Out["seq"]), as(c.Out["h"]), as(c.Out["c"])}
		clear(out.Seq)
		clear(out.H)
		clear(out.C)
		s.Forward(out, a)
		near(t, c.Out["seq"], out.Seq, 1e-5, where)
		near(t, c.Out["h"], out.H, 1e-5, where)
		near(t, c.Out["c"], out.C, 1e-5, where)
		g := like(a)
		s.Backward(g, a, RecurrentResults[T]{as(c.Dout["seq"]), as(c.Dout["h"]), as(c.Dout["c"])})
		for name, got := range map[string][]T{"x": g.X, "kernel": g.Kernel, "recurrent": g.Recurrent, "bias": g.Bias, "h": g.H, "c": g.C} {
			near(t, c.Grads[name], got, 1e-4, where+" gradient of "+name)
		}
	}
}

// BenchmarkRecurrence reports GFLOP/s of the products.
func BenchmarkRecurrence(b *testing.B) {
	for _, r := range []Recurrence{
		{Cell: LSTM, Batch: 32, Time: 200, In: 128, Units: 64},
		{Cell: LSTM, Batch: 1, Time: 200, In: 128, Units: 64},
		{Cell: GRU, Batch: 64, Time: 120, In: 14, Units: 32},
		{Cell: GRU, Batch: 64, Time: 120, In: 32, Units: 32},
		{Cell: GRU, Batch: 32, Time: 100, In: 128, Units: 256},
		{Cell: GRUResetBefore, Batch: 64, Time: 120, In: 32, Units: 32},
		{Cell: SimpleRNN, Batch: 64, Time: 120, In: 32, Units: 32},
		{Cell: LSTM, Batch: 64, Time: 50, In: 256, Units: 256},
	} {
		r = r.usual()
		a := newRecurrentArgs[float32](r, true, false, false, false)
		s, g := NewRecurrence[float32](r), like(a)
		seq, dseq := make([]float32, r.Batch*r.Time*r.Units), normalSlice[float32](r.Batch*r.Time*r.Units, 7)
		forward := func() { s.Forward(RecurrentResults[float32]{Seq: seq}, a) }
		backward := func() { s.Backward(g, a, RecurrentResults[float32]{Seq: dseq}) }
		flops := 2 * r.Batch * r.Time * r.Cell.Gates() * r.Units * (r.In + r.Units)
		name := fmt.Sprintf("%d/%dx%dx%dx%d", r.Cell, r.Batch, r.Time, r.In, r.Units)
		b.Run(name+"/forward", func(b *testing.B) { benchmarkFlops(b, flops, forward) })
		forward()
		b.Run(name+"/backward", func(b *testing.B) { benchmarkFlops(b, 2*flops, backward) })
	}
}

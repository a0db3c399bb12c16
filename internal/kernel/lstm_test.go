package kernel

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lstmArgs are the arguments and results of one LSTM; nil where there are none.
type lstmArgs[T Float] struct {
	x, kernel, recurrent, bias, h0, c0 []T
	mask                               []bool
}

func newLSTMArgs[T Float](l LSTM, bias, initial, mask bool) lstmArgs[T] {
	u := l.Units
	a := lstmArgs[T]{x: normalSlice[T](l.Batch*l.Time*l.In, 1), kernel: normalSlice[T](l.In*4*u, 2), recurrent: normalSlice[T](u*4*u, 3)}
	for i := range a.recurrent {
		a.recurrent[i] /= T(math.Sqrt(float64(u)))
	}
	if bias {
		a.bias = normalSlice[T](4*u, 4)
	}
	if initial {
		a.h0, a.c0 = normalSlice[T](l.Batch*u, 5), normalSlice[T](l.Batch*u, 6)
	}
	if mask {
		a.mask = make([]bool, l.Batch*l.Time)
		for i := range a.mask {
			a.mask[i] = i%3 != 1 && i%5 != 4
		}
	}
	return a
}

func (a lstmArgs[T]) wide() lstmArgs[float64] {
	w := lstmArgs[float64]{x: as64(a.x), kernel: as64(a.kernel), recurrent: as64(a.recurrent), mask: a.mask}
	if a.bias != nil {
		w.bias = as64(a.bias)
	}
	if a.h0 != nil {
		w.h0, w.c0 = as64(a.h0), as64(a.c0)
	}
	return w
}

// naiveLSTM goes sequence by sequence, step by step, unit by unit.
func naiveLSTM(l LSTM, a lstmArgs[float64]) (seq, hN, cN []float64) {
	u := l.Units
	seq = make([]float64, l.Batch*l.Time*u)
	act := func(f Activation, v float64) float64 {
		switch f {
		case Sigmoid:
			return 1 / (1 + math.Exp(-v))
		case Tanh:
			return math.Tanh(v)
		case ReLU:
			return math.Max(v, 0)
		}
		return v
	}
	for b := range l.Batch {
		h, c := make([]float64, u), make([]float64, u)
		if a.h0 != nil {
			copy(h, a.h0[b*u:])
			copy(c, a.c0[b*u:])
		}
		for k := range l.Time {
			t := k
			if l.Backwards {
				t = l.Time - 1 - k
			}
			out := seq[(b*l.Time+k)*u:][:u]
			if a.mask != nil && !a.mask[b*l.Time+t] {
				if !l.ZeroOutputForMask {
					copy(out, h)
				}
				continue
			}
			sum := func(gate, j int) float64 {
				col := gate*u + j
				var s float64
				if a.bias != nil {
					s = a.bias[col]
				}
				for i := range l.In {
					s += a.x[(b*l.Time+t)*l.In+i] * a.kernel[i*4*u+col]
				}
				for i := range u {
					s += h[i] * a.recurrent[i*4*u+col]
				}
				return s
			}
			next := make([]float64, u)
			for j := range u {
				i, f := act(l.RecurrentActivation, sum(0, j)), act(l.RecurrentActivation, sum(1, j))
				g, o := act(l.Activation, sum(2, j)), act(l.RecurrentActivation, sum(3, j))
				c[j] = f*c[j] + i*g
				next[j] = o * act(l.Activation, c[j])
			}
			h = next
			copy(out, h)
		}
		hN, cN = append(hN, h...), append(cN, c...)
	}
	return seq, hN, cN
}

var lstmCases = []struct {
	l                   LSTM
	bias, initial, mask bool
}{
	{LSTM{Batch: 1, Time: 1, In: 1, Units: 1}, true, false, false},
	{LSTM{Batch: 2, Time: 5, In: 3, Units: 7}, true, true, false},
	{LSTM{Batch: 5, Time: 4, In: 2, Units: 16, Backwards: true}, false, true, false},
	{LSTM{Batch: 3, Time: 6, In: 4, Units: 17}, true, false, true},
	{LSTM{Batch: 9, Time: 3, In: 4, Units: 8, ZeroOutputForMask: true, Backwards: true}, true, true, true},
	{LSTM{Batch: 33, Time: 3, In: 5, Units: 33}, true, false, true},
	{LSTM{Batch: 2, Time: 3, In: 2, Units: 5, Activation: ReLU, RecurrentActivation: Tanh}, true, false, false},
	{LSTM{Batch: 2, Time: 3, In: 2, Units: 5, Activation: Linear, RecurrentActivation: Sigmoid}, true, false, true},
}

// withDefaults gives the cases that name no activation Keras's.
func withDefaults(l LSTM) LSTM {
	if l.Activation == Linear && l.RecurrentActivation == Linear {
		l.Activation, l.RecurrentActivation = Tanh, Sigmoid
	}
	return l
}

func TestLSTMStateForward(t *testing.T) {
	everyPath(t, testLSTMForward[float32], testLSTMForward[float64])
}

func TestLSTMStateBackward(t *testing.T) { everyPath(t, testLSTMForward[float32], testLSTMBackward) }

func TestNewLSTM(t *testing.T) { everyPath(t, testLSTMAgain[float32], testLSTMAgain[float64]) }

func testLSTMForward[T Float](t *testing.T) {
	for _, c := range lstmCases {
		l, a, at := withDefaults(c.l), newLSTMArgs[T](c.l, c.bias, c.initial, c.mask), fmt.Sprintf("%+v", c)
		seq, h, cell := make([]T, l.Batch*l.Time*l.Units), make([]T, l.Batch*l.Units), make([]T, l.Batch*l.Units)
		s := NewLSTM[T](l)
		wantSeq, wantH, wantC := naiveLSTM(l, a.wide())
		s.Forward(seq, h, cell, a.x, a.kernel, a.recurrent, a.bias, a.h0, a.c0, a.mask)
		tol := tolerance[T](512)
		near(t, wantSeq, seq, tol, at)
		near(t, wantH, h, tol, at)
		near(t, wantC, cell, tol, at)
		clear(h)
		s.Forward(nil, h, nil, a.x, a.kernel, a.recurrent, a.bias, a.h0, a.c0, a.mask)
		near(t, wantH, h, tol, at+" h only")
		clear(seq)
		s.Forward(seq, nil, nil, a.x, a.kernel, a.recurrent, a.bias, a.h0, a.c0, a.mask)
		near(t, wantSeq, seq, tol, at+" seq only")
	}
}

// testLSTMBackward compares with finite differences of the naive loop, in float64.
func testLSTMBackward(t *testing.T) {
	for _, c := range lstmCases {
		l, a := withDefaults(c.l), newLSTMArgs[float64](c.l, c.bias, c.initial, c.mask)
		if l.Batch*l.Units > 200 {
			continue
		}
		u := l.Units
		dseq, dh, dc := normalSlice[float64](l.Batch*l.Time*u, 7), normalSlice[float64](l.Batch*u, 8), normalSlice[float64](l.Batch*u, 9)
		dout := append(append(append([]float64{}, dseq...), dh...), dc...)
		s := NewLSTM[float64](l)
		s.Forward(nil, nil, nil, a.x, a.kernel, a.recurrent, a.bias, a.h0, a.c0, a.mask)
		dx, dk, dr, db := make([]float64, len(a.x)), make([]float64, len(a.kernel)), make([]float64, len(a.recurrent)), make([]float64, 4*u)
		dh0, dc0 := make([]float64, l.Batch*u), make([]float64, l.Batch*u)
		s.Backward(dx, dk, dr, db, dh0, dc0, a.x, a.kernel, a.recurrent, a.h0, a.c0, a.mask, dseq, dh, dc)
		f := func([]float64) []float64 {
			seq, h, c := naiveLSTM(l, a)
			return append(append(seq, h...), c...)
		}
		for name, g := range map[string][2][]float64{
			"x": {a.x, dx}, "kernel": {a.kernel, dk}, "recurrent": {a.recurrent, dr}, "bias": {a.bias, db}, "h0": {a.h0, dh0}, "c0": {a.c0, dc0},
		} {
			if g[0] != nil {
				near(t, gradientOf(g[0], dout, f), g[1], 2e-8*float64(len(dout)), fmt.Sprintf("%+v %s", c, name))
			}
		}
	}
}

// testLSTMAgain runs one state twice, with and without room for every gradient: nothing of a run stays behind.
func testLSTMAgain[T Float](t *testing.T) {
	l := LSTM{Batch: 6, Time: 5, In: 3, Units: 9, Activation: Tanh, RecurrentActivation: Sigmoid}
	a, u := newLSTMArgs[T](l, true, true, true), l.Units
	dseq := normalSlice[T](l.Batch*l.Time*u, 7)
	run := func(s *LSTMState[T], mask []bool) [][]T {
		seq, dx, dr := make([]T, l.Batch*l.Time*u), make([]T, len(a.x)), make([]T, len(a.recurrent))
		s.Forward(seq, nil, nil, a.x, a.kernel, a.recurrent, a.bias, a.h0, a.c0, mask)
		s.Backward(dx, nil, dr, nil, nil, nil, a.x, a.kernel, a.recurrent, a.h0, a.c0, mask, dseq, nil, nil)
		return [][]T{seq, dx, dr}
	}
	s := NewLSTM[T](l)
	first := run(s, nil)
	assert.NotEqual(t, first, run(s, a.mask))
	assert.Equal(t, first, run(s, nil))
	assert.Equal(t, run(NewLSTM[T](l), a.mask), run(s, a.mask))
}

func TestLSTMParallel(t *testing.T) {
	l := LSTM{Batch: 37, Time: 6, In: 9, Units: 20, Activation: Tanh, RecurrentActivation: Sigmoid}
	a, u := newLSTMArgs[float32](l, true, false, false), l.Units
	s := NewLSTM[float32](l)
	seq, dseq := make([]float32, l.Batch*l.Time*u), normalSlice[float32](l.Batch*l.Time*u, 7)
	dx, dk, dr, db := make([]float32, len(a.x)), make([]float32, len(a.kernel)), make([]float32, len(a.recurrent)), make([]float32, 4*u)
	all := func() {
		s.Forward(seq, nil, nil, a.x, a.kernel, a.recurrent, a.bias, nil, nil, nil)
		s.Backward(dx, dk, dr, db, nil, nil, a.x, a.kernel, a.recurrent, nil, nil, nil, dseq, nil, nil)
	}
	sameBits(t, func() [][]float32 {
		all()
		var r [][]float32
		for _, x := range [][]float32{seq, dx, dk, dr, db} {
			r = append(r, append([]float32(nil), x...))
		}
		return r
	})
	noAllocations(t, all)
}

// lstmGolden is what internal/golden/lstm_kernel.py wrote.
type lstmGolden struct {
	Cases []struct {
		Name                   string
		Batch, Time, In, Units int
		Backwards, Zero        bool
		Activation             string
		RecurrentActivation    string `json:"recurrent_activation"`
		Mask                   []bool
		Args, Out, Dout, Grads map[string][]float64
	}
}

var activationNames = map[string]Activation{"linear": Linear, "relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}

func TestLSTMKeras(t *testing.T) { everyPath(t, testLSTMKeras[float32], testLSTMKeras[float64]) }

func testLSTMKeras[T Float](t *testing.T) {
	data, err := os.ReadFile("testdata/lstm.json")
	require.NoError(t, err)
	var golden lstmGolden
	require.NoError(t, json.Unmarshal(data, &golden))
	require.Len(t, golden.Cases, 9)
	for _, c := range golden.Cases {
		get := func(m map[string][]float64, name string) []T {
			x, ok := m[name]
			if !ok {
				return nil
			}
			y := make([]T, len(x))
			for i, v := range x {
				y[i] = T(v)
			}
			return y
		}
		s := NewLSTM[T](LSTM{
			Batch: c.Batch, Time: c.Time, In: c.In, Units: c.Units, Backwards: c.Backwards, ZeroOutputForMask: c.Zero,
			Activation: activationNames[c.Activation], RecurrentActivation: activationNames[c.RecurrentActivation],
		})
		arg := func(name string) []T { return get(c.Args, name) }
		out := map[string][]T{}
		for name, x := range c.Out {
			out[name] = make([]T, len(x))
		}
		s.Forward(out["seq"], out["h"], out["c"], arg("x"), arg("kernel"), arg("recurrent"), arg("bias"), arg("h0"), arg("c0"), c.Mask)
		for name, want := range c.Out {
			near(t, want, out[name], 1e-5, c.Name+" "+name)
		}
		grads := map[string][]T{}
		for name, x := range c.Grads {
			grads[name] = make([]T, len(x))
		}
		s.Backward(grads["x"], grads["kernel"], grads["recurrent"], grads["bias"], grads["h0"], grads["c0"],
			arg("x"), arg("kernel"), arg("recurrent"), arg("h0"), arg("c0"), c.Mask, get(c.Dout, "seq"), get(c.Dout, "h"), get(c.Dout, "c"))
		for name, want := range c.Grads {
			near(t, want, grads[name], 1e-4, c.Name+" gradient of "+name)
		}
	}
}

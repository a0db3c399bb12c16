package ops

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func init() {
	goldenOps["Scan"] = func(k *goldenCase, x []Tensor) []Tensor {
		step := func(h, s []Tensor) (next, y []Tensor) {
			z := Tanh(Add(s[0], MatMul(h[0], x[2])))
			return []Tensor{z}, []Tensor{Multiply(z, s[0])}
		}
		carry, ys := Scan(step, x[:1], x[1:2], ScanOptions{Reverse: into[struct{ Reverse bool }](k.Attributes).Reverse})
		return append(carry, ys...)
	}
}

// A scanCase is a step with what goes in, all float.
type scanCase struct {
	name     string
	step     func(w []Tensor) ScanFunction
	init, xs [][]int
	weights  [][]int
	options  ScanOptions
}

var scanCases = []scanCase{
	{
		name: "a simple recurrence",
		step: func(w []Tensor) ScanFunction {
			return func(h, x []Tensor) (next, y []Tensor) {
				z := Tanh(Add(Add(MatMul(x[0], w[0]), MatMul(h[0], w[1])), w[2]))
				return []Tensor{z}, []Tensor{z}
			}
		},
		init: [][]int{{2, 3}}, xs: [][]int{{5, 2, 4}}, weights: [][]int{{4, 3}, {3, 3}, {3}},
	},
	{
		name: "backwards, with states that change places",
		step: func([]Tensor) ScanFunction {
			return func(h, x []Tensor) (next, y []Tensor) {
				return []Tensor{h[1], Multiply(h[0], x[0])}, []Tensor{h[0], Sin(h[1])}
			}
		},
		init: [][]int{{3}, {3}}, xs: [][]int{{4, 3}}, options: ScanOptions{Reverse: true},
	},
	{
		name: "what is outside depends on more",
		step: func(w []Tensor) ScanFunction {
			outside := Exp(Multiply(w[0], w[1]))
			return func(h, _ []Tensor) (next, y []Tensor) {
				return []Tensor{Multiply(h[0], outside)}, []Tensor{w[1], Add(h[0], Scalar(2))}
			}
		},
		init: [][]int{{2}}, weights: [][]int{{2}, {2}}, options: ScanOptions{Length: 3},
	},
	{
		name: "without anything handed on",
		step: func(w []Tensor) ScanFunction {
			return func(_, x []Tensor) (next, y []Tensor) {
				return nil, []Tensor{Multiply(Sigmoid(x[0]), Sum(Multiply(x[1], w[0]), 0))}
			}
		},
		xs: [][]int{{4, 2}, {4, 3, 2}}, weights: [][]int{{3, 2}},
	},
	{
		name: "a scan within a scan",
		step: func(w []Tensor) ScanFunction {
			return func(h, x []Tensor) (next, y []Tensor) {
				inner := func(g, z []Tensor) (next, y []Tensor) {
					s := Tanh(Add(Multiply(g[0], w[0]), Multiply(z[0], h[0])))
					return []Tensor{s}, []Tensor{s}
				}
				last, all := Scan(inner, []Tensor{h[0]}, []Tensor{x[0]}, ScanOptions{})
				return last, []Tensor{Sum(all[0], 0)}
			}
		},
		init: [][]int{{2}}, xs: [][]int{{3, 4, 2}}, weights: [][]int{{2}},
	},
}

func placeholders(shapes [][]int) []Tensor {
	ts := make([]Tensor, len(shapes))
	for i, s := range shapes {
		ts[i] = Placeholder("p", Float32, s...)
	}
	return ts
}

// unroll is Scan by a record of all steps.
func unroll(step ScanFunction, init, xs []Tensor, o ScanOptions) (carry, ys []Tensor) {
	n := o.Length
	if len(xs) > 0 {
		n = xs[0].Dim(0)
	}
	var parts [][]Tensor
	carry = init
	for k := range n {
		if o.Reverse {
			k = n - 1 - k
		}
		x := make([]Tensor, len(xs))
		for i, s := range xs {
			shape := s.Shape()
			start := make([]int, len(shape))
			start[0], shape[0] = k, 1
			x[i] = Squeeze(Slice(s, start, shape), 0)
		}
		var y []Tensor
		carry, y = step(carry, x)
		parts = append(parts, y)
	}
	if o.Reverse {
		slices.Reverse(parts)
	}
	for j := range parts[0] {
		var column []Tensor
		for _, p := range parts {
			column = append(column, p[j])
		}
		ys = append(ys, Stack(0, column...))
	}
	return carry, ys
}

// scanLoss gives each result a weight of its own.
func scanLoss(results []Tensor) Tensor {
	loss := Scalar(0)
	for i, y := range results {
		loss = Add(loss, Sum(Multiply(Sin(y), Scalar(float64(i+1)/2))))
	}
	return loss
}

// scanned compiles a case.
func scanned(t testing.TB, c scanCase, scan func(ScanFunction, []Tensor, []Tensor, ScanOptions) (_, _ []Tensor)) *Program {
	w, init, xs := placeholders(c.weights), placeholders(c.init), placeholders(c.xs)
	carry, ys := scan(c.step(w), init, xs, c.options)
	loss := scanLoss(slices.Concat(carry, ys))
	all := slices.Concat(init, xs, w)
	p, err := Compile(Options{Inputs: all, Outputs: slices.Concat(carry, ys), Loss: loss, WithRespectTo: all})
	require.NoError(t, err)
	return p
}

func TestScanIsTheUnrolledLoop(t *testing.T) {
	for _, c := range scanCases {
		t.Run(c.name, func(t *testing.T) {
			got := scanned(t, c, Scan)
			want := scanned(t, c, unroll)
			for seed := range uint64(2) { // The second run must not see what the first left.
				for _, p := range []*Program{got, want} {
					fillRandom(p, rand.New(rand.NewPCG(seed, 1)))
					require.NoError(t, p.Run())
				}
				require.Equal(t, len(want.Outputs()), len(got.Outputs()))
				for i, y := range want.Outputs() {
					require.Equal(t, y.Shape(), got.Outputs()[i].Shape())
					require.InDeltaSlice(t, y.Float32s(), got.Outputs()[i].Float32s(), 1e-5, "output %d", i)
				}
				for i, g := range want.Gradients() {
					if g == nil {
						require.Nil(t, got.Gradients()[i])
						continue
					}
					requireClose(t, g, got.Gradients()[i], 1e-5, "gradient %d", i)
				}
			}
		})
	}
}

func TestScanByFiniteDifferences(t *testing.T) {
	for _, c := range scanCases {
		t.Run(c.name, func(t *testing.T) {
			w, init, xs := placeholders(c.weights), placeholders(c.init), placeholders(c.xs)
			carry, ys := Scan(c.step(w), init, xs, c.options)
			checkGradients(t, slices.Concat(init, xs, w), scanLoss(slices.Concat(carry, ys)), func(p *Program) { fillRandom(p, rand.New(rand.NewPCG(7, 1))) })
		})
	}
}

// TestScanOverIntegersAndMasks hands on what has no gradient.
func TestScanOverIntegersAndMasks(t *testing.T) {
	mask, count, x := Placeholder("mask", Bool, 3, 2), Placeholder("count", Int32, 2), Placeholder("x", Float32, 3, 2)
	step := func(c, s []Tensor) (next, y []Tensor) {
		more := Add(c[0], Cast(s[0], Int32))
		return []Tensor{more, Where(s[0], s[1], c[1])}, []Tensor{more}
	}
	carry, ys := Scan(step, []Tensor{count, Zeros(Float32, 2)}, []Tensor{mask, x}, ScanOptions{})
	p, err := Compile(Options{
		Inputs: []Tensor{mask, count, x}, Outputs: []Tensor{carry[0], carry[1], ys[0]}, Loss: Sum(carry[1]), WithRespectTo: []Tensor{x},
	})
	require.NoError(t, err)
	copy(p.Inputs()[0].Bools(), []bool{true, false, true, true, false, false})
	copy(p.Inputs()[1].Int32s(), []int32{10, 20})
	copy(p.Inputs()[2].Float32s(), []float32{1, 2, 3, 4, 5, 6})
	require.NoError(t, p.Run())
	require.Equal(t, []int32{12, 21}, p.Outputs()[0].Int32s())
	require.Equal(t, []float32{3, 4}, p.Outputs()[1].Float32s())
	require.Equal(t, []int32{11, 20, 12, 21, 12, 21}, p.Outputs()[2].Int32s())
	require.Equal(t, []float32{0, 0, 1, 1, 0, 0}, p.Gradients()[0].Float32s())
}

func TestScanRefuses(t *testing.T) {
	x, h := Placeholder("x", Float32, 3, 2).In("rnn"), Placeholder("h", Float32, 2)
	same := func(c, _ []Tensor) (next, y []Tensor) { return c, c }
	for name, c := range map[string]struct {
		step     ScanFunction
		init, xs []Tensor
		options  ScanOptions
		want     string
	}{
		"no length":      {step: same, init: []Tensor{h}, want: "scan: expected at least one sequence, or a length"},
		"other lengths":  {step: same, xs: []Tensor{x, Placeholder("z", Float32, 4)}, want: "rnn: scan: sequence 1 of shape [4]: expected 3 steps"},
		"a scalar":       {step: same, xs: []Tensor{Placeholder("z", Float32)}, want: "has no axes"},
		"too few":        {step: func(_, x []Tensor) (next, y []Tensor) { return nil, x }, init: []Tensor{h}, xs: []Tensor{x}, want: "hands on 0 tensors, but gets 1"},
		"another shape":  {step: func(_, x []Tensor) (next, y []Tensor) { return []Tensor{Sum(x[0])}, x }, init: []Tensor{h}, xs: []Tensor{x}, want: "hands on float32 [], but gets float32 [2]"},
		"another type":   {step: func(c, x []Tensor) (next, y []Tensor) { return []Tensor{Cast(c[0], Int32)}, x }, init: []Tensor{h}, xs: []Tensor{x}, want: "int32"},
		"a step's error": {step: func(c, x []Tensor) (next, y []Tensor) { return []Tensor{MatMul(c[0], x[0])}, x }, init: []Tensor{Zeros(Float32, 2, 3)}, xs: []Tensor{x}, want: "matmul"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ys := Scan(c.step, c.init, c.xs, c.options)
			require.ErrorContains(t, ys[0].Err(), c.want)
		})
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	p := scanned(t, scanCases[0], Scan)
	require.NoError(t, p.Run())
	c := scanCases[0]
	c.xs = [][]int{{50, 2, 4}}
	long := scanned(t, c, Scan)
	allowed := testing.AllocsPerRun(20, func() { _ = p.Run() })
	require.LessOrEqual(t, testing.AllocsPerRun(20, func() { _ = long.Run() }), allowed, "steps must not allocate")
	require.Greater(t, p.Bytes(), 5*2*(4+3+3)*4)
}

// ExampleScan is a running sum.
func ExampleScan() {
	x := Placeholder("x", Float32, 4)
	add := func(carry, x []Tensor) (next, y []Tensor) {
		sum := Add(carry[0], x[0])
		return []Tensor{sum}, []Tensor{sum}
	}
	_, sums := Scan(add, []Tensor{Scalar(0)}, []Tensor{x}, ScanOptions{})
	p, _ := Compile(Options{Inputs: []Tensor{x}, Outputs: sums})
	copy(p.Inputs()[0].Float32s(), []float32{1, 2, 3, 4})
	_ = p.Run()
	fmt.Println(p.Outputs()[0])
	// Output: [ 1   3   6  10]
}

func TestDependsOn(t *testing.T) {
	x, w := Placeholder("x", Float32, 2), Placeholder("w", Float32, 2)
	parts := Split(Add(x, w), 2, 0)
	require.True(t, DependsOn(x, x))
	require.True(t, DependsOn(Sum(parts[1]), w))
	require.True(t, DependsOn(x, w, x), "one of several is enough")
	require.False(t, DependsOn(Exp(x), w))
	require.False(t, DependsOn(x, parts[0]), "not the other way round")
	require.False(t, DependsOn(x))
}

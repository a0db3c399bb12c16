package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// fillRandom fills the inputs of a program with numbers away from the kinks of the functions under test.
func fillRandom(p *Program, r *rand.Rand) {
	for _, in := range p.Inputs() {
		switch d := values(in).(type) {
		case []float32:
			for i := range d {
				d[i] = float32(r.NormFloat64())
			}
		case []float64:
			for i := range d {
				d[i] = r.NormFloat64()
			}
		}
	}
}

// checkGradients compares a program's gradients with finite differences in float64.
func checkGradients(t *testing.T, inputs []Tensor, loss Tensor, fill func(*Program)) {
	t.Helper()
	p, err := Compile(Options{Inputs: inputs, Outputs: []Tensor{loss}, Loss: loss, WithRespectTo: floatsAmong(inputs), Float: Float64})
	require.NoError(t, err)
	fill(p)
	require.NoError(t, p.Run())
	k := 0
	for i, in := range inputs {
		if !in.DType().isFloat() {
			continue
		}
		require.NoError(t, p.Run()) // the last run was at a shifted point
		got := p.Gradients()[k]
		k++
		require.NotNil(t, got, "input %d has no gradient", i)
		analytic := append([]float64{}, got.Float64s()...)
		x := p.Inputs()[i].Float64s()
		for j := range x {
			const h = 1e-4 // with the four-point rule the error is of the order of h⁴
			old := x[j]
			at := func(v float64) float64 {
				x[j] = v
				require.NoError(t, p.Run())
				return p.Outputs()[0].Float64s()[0]
			}
			numeric := (8*(at(old+h)-at(old-h)) - (at(old+2*h) - at(old-2*h))) / (12 * h)
			x[j] = old
			require.InDelta(t, numeric, analytic[j], 1e-6*(1+math.Abs(numeric)), "input %d, element %d", i, j)
		}
	}
}

func floatsAmong(ts []Tensor) []Tensor {
	var fs []Tensor
	for _, t := range ts {
		if t.DType().isFloat() {
			fs = append(fs, t)
		}
	}
	return fs
}

func TestGradientsOfATwoLayerNetwork(t *testing.T) {
	x, y := Placeholder("x", Float32, 5, 4), Placeholder("y", Int32, 5)
	w, b := Placeholder("w", Float32, 4, 6), Placeholder("b", Float32, 6)
	v, c := Placeholder("v", Float32, 6, 3), Placeholder("c", Float32, 3)
	h := Tanh(Add(MatMul(x, w), b))
	logits := Add(MatMul(h, v), c)
	loss := Mean(SparseCategoricalCrossentropy(y, logits, true))
	checkGradients(t, []Tensor{x, y, w, b, v, c}, loss, func(p *Program) {
		fillRandom(p, rand.New(rand.NewPCG(1, 2)))
		copy(p.Inputs()[1].Int32s(), []int32{0, 2, 1, 1, 0})
	})
}

func TestFusedProductIsOneStep(t *testing.T) {
	x, w, b := Placeholder("x", Float32, 2, 3), Placeholder("w", Float32, 3, 4), Placeholder("b", Float32, 4)
	p, err := Compile(Options{Inputs: []Tensor{x, w, b}, Outputs: []Tensor{ReLU(Add(MatMul(x, w), b))}})
	require.NoError(t, err)
	require.Len(t, p.steps, 1)

	z := Add(MatMul(x, w), b) // read twice: the activation cannot swallow it
	p, err = Compile(Options{Inputs: []Tensor{x, w, b}, Outputs: []Tensor{Add(ReLU(z), z)}})
	require.NoError(t, err)
	require.Len(t, p.steps, 3)
}

// randomGraph builds a graph with shared values, aliases and several results from a seed; the same graph for the same seed.
func randomGraph(seed uint64, leaves []Tensor) Tensor {
	r := rand.New(rand.NewPCG(seed, 7))
	ts := append([]Tensor{}, leaves...)
	for range 14 {
		a, b := ts[r.IntN(len(ts))], ts[r.IntN(len(ts))]
		switch r.IntN(9) {
		case 0:
			ts = append(ts, Add(a, b))
		case 1:
			ts = append(ts, Multiply(a, Tanh(b)))
		case 2:
			ts = append(ts, Sigmoid(a))
		case 3:
			ts = append(ts, Reshape(Reshape(a, 16), 4, 4))
		case 4:
			ts = append(ts, Tanh(Add(MatMul(Tanh(a), Tanh(b)), Reshape(Slice(a, []int{0, 0}, []int{1, 4}), 4))))
		case 5:
			y, _, _ := NormalizeBatch(a, Tensor{}, Reshape(Slice(b, []int{1, 0}, []int{1, 4}), 4), 1e-3)
			ts = append(ts, y)
		case 6:
			in := RecurrentInputs{
				X: Reshape(Tanh(a), 2, 2, 4), Kernel: Multiply(Tanh(Concatenate(1, a, b)), Scalar(0.5)),
				Recurrent: Slice(Concatenate(1, b, a), []int{0, 0}, []int{2, 8}),
			}
			seq, h, c := Recurrent(in, RecurrentOptions{Cell: LSTMCell})
			ts = append(ts, Concatenate(1, Reshape(seq, 4, 2), Reshape(Concatenate(0, h, c), 4, 2)))
		case 7:
			ts = append(ts, Softmax(a, r.IntN(2)))
		case 8:
			ts = append(ts, Transpose(a))
		}
	}
	sum := ts[0]
	for _, x := range ts[1:] {
		sum = Add(sum, x)
	}
	return Mean(Square(sum))
}

func TestRandomGraphsHaveTheGradientsOfFiniteDifferences(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			leaves := []Tensor{Placeholder("a", Float32, 4, 4), Placeholder("b", Float32, 4, 4)}
			checkGradients(t, leaves, randomGraph(seed, leaves), func(p *Program) { fillRandom(p, rand.New(rand.NewPCG(seed, 3))) })
		})
	}
}

func TestUnusedInputHasNoGradient(t *testing.T) {
	x, w := Placeholder("x", Float32, 2), Placeholder("w", Float32, 2)
	l := Mean(Square(x))
	p, err := Compile(Options{Inputs: []Tensor{x, w}, Loss: l, WithRespectTo: []Tensor{w, x}})
	require.NoError(t, err)
	copy(p.Inputs()[0].Float32s(), []float32{3, -1})
	require.NoError(t, p.Run())
	require.Nil(t, p.Gradients()[0])
	require.Equal(t, []float32{3, -1}, p.Gradients()[1].Float32s())
}

func TestGradientOfAnInnerTensor(t *testing.T) {
	x, w := Placeholder("x", Float32, 3), Placeholder("w", Float32, 3)
	h := Multiply(x, w)
	l := Sum(Add(Multiply(h, w), h))
	p, err := Compile(Options{Inputs: []Tensor{x, w}, Loss: l, WithRespectTo: []Tensor{h, w}, Outputs: []Tensor{h}})
	require.NoError(t, err)
	copy(p.Inputs()[0].Float32s(), []float32{1, 2, 3})
	copy(p.Inputs()[1].Float32s(), []float32{4, 5, 6})
	require.NoError(t, p.Run())
	require.Equal(t, []float32{5, 6, 7}, p.Gradients()[0].Float32s())   // w + 1
	require.Equal(t, []float32{9, 22, 39}, p.Gradients()[1].Float32s()) // d/dw (x·w² + x·w) = 2xw + x
	require.Equal(t, []float32{4, 10, 18}, p.Outputs()[0].Float32s())
}

func TestGradientsOfInnerTensorsInAnyOrder(t *testing.T) {
	x := Placeholder("x", Float32, 2)
	a := Multiply(x, Scalar(2))
	b := Square(a)
	want := map[Tensor][]float32{x: {8, 16}, a: {4, 8}, b: {1, 1}} // of sum(b), by hand, at x = {1, 2}
	for _, order := range [][]Tensor{{a, b}, {b, a}, {x, a, b}, {b, a, x}, {a, b, a, b}} {
		p, err := Compile(Options{Inputs: []Tensor{x}, Loss: Sum(b), Outputs: []Tensor{a, b}, WithRespectTo: order})
		require.NoError(t, err)
		copy(p.Inputs()[0].Float32s(), []float32{1, 2})
		require.NoError(t, p.Run())
		for i, w := range order {
			require.NotNil(t, p.Gradients()[i], "%d", i)
			require.Equal(t, want[w], p.Gradients()[i].Float32s(), "%d", i)
		}
		require.Equal(t, []float32{2, 4}, p.Outputs()[0].Float32s())
		require.Equal(t, []float32{4, 16}, p.Outputs()[1].Float32s())
	}
}

// The gradient of a loss with respect to probabilities is that of the loss's formula, although the loss is computed from the logits
// where nobody asks for it.
func TestGradientOfProbabilities(t *testing.T) {
	z := Placeholder("z", Float32, 1, 2)
	hot := Array(tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{0, 1})))
	const p1, s0, s1 = 0.7310586, 0.5, 0.7310586 // softmax and sigmoid of {0, 1}
	for name, c := range map[string]struct {
		p    Tensor
		loss func(p Tensor) Tensor
		want []float64
	}{
		"categorical": {Softmax(z, -1), func(p Tensor) Tensor { return CategoricalCrossentropy(hot, p, false) }, []float64{1, 1 - 1/p1}},
		"sparse":      {Softmax(z, -1), func(p Tensor) Tensor { return SparseCategoricalCrossentropy(Ints(1), p, false) }, []float64{1, 1 - 1/p1}},
		"binary":      {Sigmoid(z), func(p Tensor) Tensor { return BinaryCrossentropy(hot, p, false) }, []float64{1 / (1 - s0), -1 / s1}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Compile(Options{Inputs: []Tensor{z}, Loss: Sum(c.loss(c.p)), Outputs: []Tensor{c.p}, WithRespectTo: []Tensor{c.p, z}})
			require.NoError(t, err)
			copy(p.Inputs()[0].Float32s(), []float32{0, 1})
			require.NoError(t, p.Run())
			require.NotNil(t, p.Gradients()[0])
			for i, want := range c.want {
				require.InDelta(t, want, p.Gradients()[0].Float32s()[i], 1e-5)
			}
			direct, err := Compile(Options{Inputs: []Tensor{z}, Loss: Sum(c.loss(c.p)), WithRespectTo: []Tensor{z}})
			require.NoError(t, err)
			copy(direct.Inputs()[0].Float32s(), []float32{0, 1})
			require.NoError(t, direct.Run())
			require.InDeltaSlice(t, direct.Gradients()[0].Float32s(), p.Gradients()[1].Float32s(), 1e-6)
		})
	}
}

func TestStateIsAnOutput(t *testing.T) {
	v, err := NewVariable("count", Float32, 2)
	require.NoError(t, err)
	v.Allocate()
	x := Placeholder("x", Float32, 2)
	p, err := Compile(Options{Inputs: []Tensor{x}, Updates: []Update{{v, Add(v.Tensor(), x)}}})
	require.NoError(t, err)
	copy(p.Inputs()[0].Float32s(), []float32{1, 2})
	require.NoError(t, p.Run())
	require.Equal(t, []float32{0, 0}, v.Float32s(), "nothing changes before Commit")
	p.Commit()
	require.NoError(t, p.Run())
	p.Commit()
	require.Equal(t, []float32{2, 4}, v.Float32s())
}

func TestErrorsStickAndName(t *testing.T) {
	x, w := Placeholder("x", Float32, 2, 3).In("encoder/dense_1 (Dense)"), Placeholder("w", Float32, 4, 5)
	y := ReLU(Add(MatMul(x, w), Scalar(1)))
	require.EqualError(t, y.Err(), "encoder/dense_1 (Dense): matmul: shapes [2 3] and [4 5]: 3 != 4")
	_, err := Compile(Options{Inputs: []Tensor{x, w}, Outputs: []Tensor{y}})
	require.EqualError(t, err, y.Err().Error())

	_, err = Compile(Options{Outputs: []Tensor{Exp(Placeholder("x", Float32, Unknown, 3))}})
	require.ErrorContains(t, err, "unknown size")
	_, err = Compile(Options{Outputs: []Tensor{Exp(Tensor{})}})
	require.ErrorContains(t, err, "without a value")
}

func TestRunErrorsNameLayerAndOperation(t *testing.T) {
	table, ids := Placeholder("table", Float32, 3, 2), Placeholder("ids", Int32, 4)
	p, err := Compile(Options{Inputs: []Tensor{table, ids}, Outputs: []Tensor{Take(table.In("words (Embedding)"), ids, 0)}})
	require.NoError(t, err)
	copy(p.Inputs()[1].Int32s(), []int32{0, 2, 3, 1})
	require.EqualError(t, p.Run(), "words (Embedding): take: index 3 at position 2 is outside [0, 3)")
	p.Inputs()[1].Int32s()[2] = 1
	require.NoError(t, p.Run(), "a program goes on after an error")
}

// boom is an operation whose kernel panics.
type boom struct{}

func (boom) name() string                    { return "boom" }
func (boom) infer(in []Spec) ([]Spec, error) { return in, nil }
func (boom) bind(*binding) func() error      { return func() error { panic("boom") } }

func TestPanicInAKernelIsAnError(t *testing.T) {
	x := Placeholder("x", Float32, 2)
	p, err := Compile(Options{Inputs: []Tensor{x}, Outputs: []Tensor{apply(boom{}, x)}})
	require.NoError(t, err)
	require.ErrorContains(t, p.Run(), "boom: panic: boom")
}

func TestEvaluateOnArrays(t *testing.T) {
	a := Array(tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4})))
	y, err := Evaluate(Add(Mean(a, 0), Scalar(1)))
	require.NoError(t, err)
	require.Equal(t, []float32{3, 4}, y.Float32s())
	y, err = Evaluate(a)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2, 3, 4}, y.Float32s())
}

func TestNothingIsAllocatedByOurOwn(t *testing.T) {
	build := func(empty bool) *Program {
		x, y := Placeholder("x", Float32, 32, 20), Placeholder("y", Int32, 32)
		w, b := Placeholder("w", Float32, 20, 10), Placeholder("b", Float32, 10)
		l := Mean(SparseCategoricalCrossentropy(y, Softmax(Add(MatMul(x, w), b), -1), false))
		p, err := Compile(Options{Inputs: []Tensor{x, y, w, b}, Loss: l, WithRespectTo: []Tensor{w, b}})
		require.NoError(t, err)
		if empty {
			for _, s := range p.steps {
				s.run = func() error { return nil }
			}
		}
		return p
	}
	full, empty := build(false), build(true)
	run := func(p *Program) float64 { return testing.AllocsPerRun(100, func() { _ = p.Run() }) }
	require.Equal(t, run(empty), run(full))
}

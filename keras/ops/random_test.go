package ops

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// evaluated is what Evaluate gives, as float64.
func evaluated(t *testing.T, x Tensor) []float64 {
	y, err := Evaluate(x)
	require.NoError(t, err)
	if x.DType() == Int32 {
		v := make([]float64, len(y.Int32s()))
		for i, k := range y.Int32s() {
			v[i] = float64(k)
		}
		return v
	}
	return widen(y.Float32s())
}

// moments are the mean, the standard deviation, the smallest and the largest of some numbers.
func moments(v []float64) (mean, deviation, lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, x := range v {
		mean += x / float64(len(v))
		lo, hi = min(lo, x), max(hi, x)
	}
	for _, x := range v {
		deviation += (x - mean) * (x - mean) / float64(len(v))
	}
	return mean, math.Sqrt(deviation), lo, hi
}

func TestRandomOperations(t *testing.T) {
	stream := Ints(42, 7)
	const n = 20000
	// A mean of n draws is off by its deviation/√n; five times that is never met by chance.
	tolerance := 5 / math.Sqrt(n)

	mean, deviation, lo, hi := moments(evaluated(t, RandomUniform(stream, -1, 3, n)))
	require.InDelta(t, 1, mean, 4*tolerance/math.Sqrt(12))
	require.InDelta(t, 4/math.Sqrt(12), deviation, 4*tolerance)
	require.True(t, lo >= -1 && lo < -0.99 && hi < 3 && hi > 2.99, "range [%v, %v]", lo, hi)

	mean, deviation, _, _ = moments(evaluated(t, RandomNormal(stream, 2, 0.5, n)))
	require.InDelta(t, 2, mean, 0.5*tolerance)
	require.InDelta(t, 0.5, deviation, 0.5*tolerance)

	mean, _, lo, hi = moments(evaluated(t, RandomBernoulli(stream, 0.3, n)))
	require.InDelta(t, 0.3, mean, tolerance)
	require.Equal(t, []float64{0, 1}, []float64{lo, hi})

	logits := Log(Array(dense([]float32{0.1, 0.2, 0.7, 0.5, 0.5, 1e-30}, 2, 3)))
	classes := evaluated(t, RandomCategorical(stream, logits, n))
	for row, want := range [][]float64{{0.1, 0.2, 0.7}, {0.5, 0.5, 0}} {
		count := make([]float64, 3)
		for _, c := range classes[row*n : (row+1)*n] {
			count[int(c)] += 1. / n
		}
		require.InDeltaSlice(t, want, count, tolerance)
	}
}

func TestStreamsAreRepeatable(t *testing.T) {
	draw := func(s Tensor) []float64 { return evaluated(t, RandomUniform(s, 0, 1, 50)) }
	first := draw(Ints(1, 5))
	require.Equal(t, first, draw(Ints(1, 5)))
	require.NotEqual(t, first, draw(Ints(2, 5)))
	require.NotEqual(t, first, draw(Ints(1, 6)))
	require.Equal(t, draw(Ints(1, 6)), draw(NextStream(Ints(1, 5))))
}

func TestDropoutAndItsGradient(t *testing.T) {
	x := Placeholder("x", Float32, 5000)
	y := Dropout(x, Ints(3, 1), 0.25)
	p, err := Compile(Options{Inputs: []Tensor{x}, Outputs: []Tensor{y}, Loss: Sum(Multiply(Scalar(3), y)), WithRespectTo: []Tensor{x}})
	require.NoError(t, err)
	setAll(p.Inputs()[0].Float32s(), 2)
	require.NoError(t, p.Run())
	dropped := 0
	for i, v := range p.Outputs()[0].Float32s() {
		if v == 0 {
			dropped++
			require.Zero(t, p.Gradients()[0].Float32s()[i])
			continue
		}
		require.InDelta(t, 2/0.75, v, 1e-6)
		require.InDelta(t, 3/0.75, p.Gradients()[0].Float32s()[i], 1e-6)
	}
	require.InDelta(t, 0.25, float64(dropped)/5000, 5*math.Sqrt(0.25*0.75/5000))
}

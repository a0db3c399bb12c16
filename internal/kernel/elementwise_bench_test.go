package kernel

import (
	"fmt"
	"testing"
)

// benchmarkBytes runs f on each path and reports GB/s for the bytes that it must read and write.
func benchmarkBytes(b *testing.B, bytes int, f func()) {
	b.Helper()
	for _, p := range []Path{AVX512, AVX2, Portable} {
		restore, err := Use(p)
		if err != nil {
			continue
		}
		b.Run(string(p), func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(bytes)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
		})
		restore()
	}
}

// benchmarkSizes fit the first-level cache, the second, and the third.
var benchmarkSizes = []int{2_000, 65_536, 1_000_000}

func BenchmarkMap(b *testing.B) {
	for _, n := range benchmarkSizes {
		x, y := normalSlice[float32](n, 1), make([]float32, n)
		for _, op := range []Unary{ReluOp, Exp, SigmoidOp, TanhOp, Log, Silu, GeluTanh, GeluErf} {
			b.Run(fmt.Sprint(unaryNames[op], "/", n), func(b *testing.B) { benchmarkBytes(b, 8*n, func() { Map(op, y, x) }) })
		}
	}
}

func BenchmarkZip(b *testing.B) {
	for _, n := range benchmarkSizes {
		x, y, z := normalSlice[float32](n, 1), normalSlice[float32](n, 2), make([]float32, n)
		for name, op := range map[string]Binary{"Add": Add, "Maximum": Maximum} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) { benchmarkBytes(b, 12*n, func() { Zip(op, z, x, y) }) })
		}
	}
}

func BenchmarkZipRow(b *testing.B) {
	for _, n := range []int{10, 64, 512} {
		const m = 1000
		x, row, z := normalSlice[float32](m*n, 1), normalSlice[float32](n, 2), make([]float32, m*n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkBytes(b, 8*m*n, func() { ZipRow(Add, z, x, row) }) })
	}
}

func BenchmarkActivationGradBias(b *testing.B) {
	for _, s := range [][2]int{{32, 10}, {32, 64}, {128, 512}, {86528, 32}} {
		m, n := s[0], s[1]
		y, dy, dz, db := normalSlice[float32](m*n, 1), normalSlice[float32](m*n, 2), make([]float32, m*n), make([]float32, n)
		b.Run(fmt.Sprint(m, "x", n), func(b *testing.B) {
			benchmarkBytes(b, 12*m*n, func() { ActivationGradBias(ReLU, dz, y, dy, db) })
		})
	}
}

func BenchmarkReduce(b *testing.B) {
	for _, s := range [][3]int{{1, 1_000_000, 1}, {1000, 100, 1}, {1, 10_000, 64}, {32, 49, 64}} {
		x, y := normalSlice[float32](s[0]*s[1]*s[2], 1), make([]float32, s[0]*s[2])
		b.Run(fmt.Sprint("Sum/", s), func(b *testing.B) { benchmarkBytes(b, 4*len(x), func() { Reduce(Sum, y, x, s[0], s[1], s[2]) }) })
		b.Run(fmt.Sprint("Max/", s), func(b *testing.B) { benchmarkBytes(b, 4*len(x), func() { Reduce(Max, y, x, s[0], s[1], s[2]) }) })
	}
}

func BenchmarkSoftmax(b *testing.B) {
	for _, s := range [][2]int{{32, 10}, {12_800, 200}, {100, 10_000}} {
		rows, n := s[0], s[1]
		x, y := normalSlice[float32](rows*n, 1), make([]float32, rows*n)
		b.Run(fmt.Sprint("forward/", s), func(b *testing.B) { benchmarkBytes(b, 8*rows*n, func() { Softmax(y, x, rows, n) }) })
		b.Run(fmt.Sprint("backward/", s), func(b *testing.B) { benchmarkBytes(b, 12*rows*n, func() { SoftmaxGrad(y, x, x, rows, n) }) })
	}
}

func BenchmarkSparseSoftmaxCrossEntropy(b *testing.B) {
	for _, s := range [][2]int{{32, 10}, {128, 1000}} {
		rows, n := s[0], s[1]
		x, p, loss, label := normalSlice[float32](rows*n, 1), make([]float32, rows*n), make([]float32, rows), make([]int32, rows)
		b.Run(fmt.Sprint(s), func(b *testing.B) {
			benchmarkBytes(b, 8*rows*n, func() { SparseSoftmaxCrossEntropy(loss, p, x, label, rows, n) })
		})
	}
}

func BenchmarkBatchNorm(b *testing.B) {
	for _, s := range [][2]int{{32768, 16}, {8192, 64}} {
		m, c := s[0], s[1]
		x, y, dy := normalSlice[float32](m*c, 1), make([]float32, m*c), normalSlice[float32](m*c, 2)
		mean, variance, dg, db := make([]float32, c), make([]float32, c), make([]float32, c), make([]float32, c)
		b.Run(fmt.Sprint("train/", s), func(b *testing.B) {
			benchmarkBytes(b, 16*m*c, func() { BatchNormTrain(y, mean, variance, x, nil, nil, m, c, 1e-3, ReLU) })
		})
		b.Run(fmt.Sprint("gradient/", s), func(b *testing.B) {
			benchmarkBytes(b, 20*m*c, func() { BatchNormTrainGrad(y, dg, db, x, mean, variance, nil, dy, m, c, 1e-3) })
		})
	}
}

func BenchmarkMaxPool2D(b *testing.B) {
	for _, p := range []Pool2D{
		{N: 128, H: 26, W: 26, C: 32, KH: 2, KW: 2, SH: 2, SW: 2, OH: 13, OW: 13},
		{N: 128, H: 11, W: 11, C: 64, KH: 2, KW: 2, SH: 2, SW: 2, OH: 5, OW: 5},
	} {
		in, out := p.N*p.H*p.W*p.C, p.N*p.OH*p.OW*p.C
		x, y, arg := normalSlice[float32](in, 1), make([]float32, out), make([]int32, out)
		b.Run(fmt.Sprint("forward/", p.H), func(b *testing.B) { benchmarkBytes(b, 4*in+8*out, func() { MaxPool2D(p, y, arg, x) }) })
		b.Run(fmt.Sprint("gradient/", p.H), func(b *testing.B) { benchmarkBytes(b, 4*in+8*out, func() { MaxPool2DGrad(p, x, arg, y) }) })
		b.Run(fmt.Sprint("average/", p.H), func(b *testing.B) { benchmarkBytes(b, 4*in+4*out, func() { AveragePool2D(p, y, x) }) })
	}
}

func BenchmarkOptimizers(b *testing.B) {
	for _, n := range []int{50_890, 669_706} { // weights of the two dense networks of the design
		w, m, v, g := normalSlice[float32](n, 1), make([]float32, n), make([]float32, n), normalSlice[float32](n, 2)
		b.Run(fmt.Sprint("SGD/", n), func(b *testing.B) { benchmarkBytes(b, 12*n, func() { SGD(w, g, 1e-9) }) })
		b.Run(fmt.Sprint("Adam/", n), func(b *testing.B) {
			benchmarkBytes(b, 28*n, func() { Adam(w, m, v, g, 1e-9, 0.1, 0.001, 1e-7) })
		})
		b.Run(fmt.Sprint("RMSprop/", n), func(b *testing.B) {
			benchmarkBytes(b, 20*n, func() { RMSprop(w, v, g, 1e-9, 0.9, 0.1, 1e-7) })
		})
	}
}

func BenchmarkRandom(b *testing.B) {
	const n = 65_536
	x, mask := normalSlice[float32](n, 1), make([]bool, n)
	y := make([]float32, n)
	b.Run("Dropout", func(b *testing.B) { benchmarkBytes(b, 9*n, func() { Dropout(y, mask, x, 0.5, randomKey, 1) }) })
	b.Run("DropoutGrad", func(b *testing.B) { benchmarkBytes(b, 9*n, func() { DropoutGrad(y, mask, x, 0.5) }) })
	b.Run("Uniform", func(b *testing.B) { benchmarkBytes(b, 4*n, func() { RandomUniform(y, randomKey, 1) }) })
	b.Run("Normal", func(b *testing.B) { benchmarkBytes(b, 4*n, func() { RandomNormal(y, randomKey, 1) }) })
}

func BenchmarkGather(b *testing.B) {
	const rows, width, count = 20_000, 128, 6_400
	table, y, index := make([]float32, rows*width), make([]float32, count*width), make([]int32, count)
	for i := range index {
		index[i] = int32(i * 7919 % rows)
	}
	b.Run("Gather", func(b *testing.B) { benchmarkBytes(b, 8*count*width, func() { Gather(y, table, index, rows, width) }) })
	b.Run("ScatterAdd", func(b *testing.B) { benchmarkBytes(b, 12*count*width, func() { ScatterAdd(table, y, index, width) }) })
}

func benchmarkFlops(b *testing.B, flops int, f func()) {
	b.Helper()
	for _, p := range []Path{AVX512, AVX2, Portable} {
		restore, err := Use(p)
		if err != nil {
			continue
		}
		b.Run(string(p), func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(flops)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
		restore()
	}
}

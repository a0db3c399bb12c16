package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

func BenchmarkPeak(b *testing.B) {
	for b.Loop() {
		measurePeak(1000)
	}
	b.ReportMetric(float64(peakWork(1000))*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}

// BenchmarkGemm has square shapes and those of dense, recurrent and convolutional layers: m x k x n, forward (NN), weight
// gradient (TN) and input gradient (NT).
func BenchmarkGemm(b *testing.B) {
	for _, p := range []Product{
		{M: 32, K: 32, N: 32},
		{M: 64, K: 32, N: 96},
		{M: 128, K: 128, N: 128},
		{M: 256, K: 256, N: 256},
		{M: 1024, K: 1024, N: 1024},
		{M: 32, K: 784, N: 64},
		{M: 784, K: 32, N: 64, TransA: true},
		{M: 32, K: 64, N: 784, TransB: true},
		{M: 128, K: 784, N: 512},
		{M: 784, K: 128, N: 512, TransA: true},
		{M: 128, K: 512, N: 784, TransB: true},
		{M: 32, K: 64, N: 10},
		{M: 64, K: 32, N: 10, TransA: true},
		{M: 32, K: 10, N: 64, TransB: true},
		{M: 128, K: 512, N: 10},
		{M: 32, K: 64, N: 256},
		{M: 64, K: 6400, N: 256, TransA: true},
		{M: 32, K: 256, N: 64, TransB: true},
		{M: 6400, K: 128, N: 256},
		{M: 25088, K: 64, N: 64},
		{M: 64, K: 25088, N: 64, TransA: true},
		{M: 25088, K: 64, N: 64, TransB: true},
		{M: 1, K: 784, N: 64},
		{M: 1, K: 784, N: 512},
		{M: 1, K: 512, N: 512},
	} {
		x := newProductCase[float32](rand.New(rand.NewPCG(1, 1)), p, false, false, Linear)
		name := fmt.Sprintf("%dx%dx%d%c%c", p.M, p.K, p.N, "NT"[pick(p.TransA, 1, 0)], "NT"[pick(p.TransB, 1, 0)])
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Gemm(p, x.a, x.b, x.c, x.e)
			}
			reportRate(b, 2*p.M*p.N*p.K)
		})
	}
}

// reportRate reports the rate of work floating-point operations per iteration and its part of the threads' peak.
func reportRate(b *testing.B, work int) {
	b.Helper()
	rate := float64(work) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(rate, "GFLOP/s")
	if p := peakRate() * float64(runtime.GOMAXPROCS(0)); p > 0 {
		b.ReportMetric(100*rate/p, "%peak")
	}
}

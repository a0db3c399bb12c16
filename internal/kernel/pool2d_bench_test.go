package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkPool2D reports the bytes of input, output and, for the maximum, places; and what a copy of the input gets.
func BenchmarkPool2D(b *testing.B) {
	for _, p := range []Pool2D{
		{N: 32, H: 32, W: 32, C: 64, KH: 2, KW: 2, SH: 2, SW: 2, OH: 16, OW: 16},
		{N: 32, H: 32, W: 32, C: 64, KH: 3, KW: 3, SH: 2, SW: 2, OH: 15, OW: 15},
		{N: 128, H: 26, W: 26, C: 32, KH: 2, KW: 2, SH: 2, SW: 2, OH: 13, OW: 13},
		{N: 64, H: 1, W: 256, C: 64, KH: 1, KW: 2, SH: 1, SW: 2, OH: 1, OW: 128},
		{N: 4, H: 1, W: 16, C: 16 * 16 * 32, KH: 1, KW: 2, SH: 1, SW: 2, OH: 1, OW: 8},
		{N: 32, H: 1, W: 14, C: 14 * 64, OH: 1, OW: 3, Adaptive: true},
		{N: 64, H: 28, W: 28, C: 1, KH: 2, KW: 2, SH: 2, SW: 2, OH: 14, OW: 14},
	} {
		in, out := p.N*p.H*p.W*p.C, p.N*p.OH*p.OW*p.C
		x, y, arg := normalSlice[float32](in, 1), make([]float32, out), make([]int32, out)
		dx, dy := make([]float32, in), normalSlice[float32](out, 2)
		MaxPool2D(p, y, arg, x)
		for _, v := range []struct {
			name  string
			bytes int
			f     func()
		}{
			{"max", 4*in + 8*out, func() { MaxPool2D(p, y, arg, x) }},
			{"maxgrad", 4*in + 8*out, func() { MaxPool2DGrad(p, dx, arg, dy) }},
			{"average", 4*in + 4*out, func() { AveragePool2D(p, y, x) }},
			{"averagegrad", 4*in + 4*out, func() { AveragePool2DGrad(p, dx, dy) }},
			{"copy", 8 * in, func() { copy(dx, x) }},
		} {
			b.Run(fmt.Sprintf("%dx%dx%dx%d-%dx%ds%d/%s", p.N, p.H, p.W, p.C, p.KH, p.KW, p.SW, v.name), func(b *testing.B) {
				for b.Loop() {
					v.f()
				}
				b.ReportMetric(float64(v.bytes)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
			})
		}
	}
}

package kernel

import (
	"fmt"
	"testing"
)

func BenchmarkConv(b *testing.B) {
	text := valid(32, 1, 500, 128, 1, 7, 128)
	text.SW, text.OW = 3, 165
	for _, p := range []Conv{
		text, same(16, 28, 28, 64, 1, 1, 128, 2, 1, 1), same(16, 28, 28, 64, 3, 3, 64, 1, 2, 1), same(16, 28, 28, 64, 3, 3, 64, 1, 1, 4),
		same(16, 28, 28, 96, 3, 3, 96, 2, 1, 96), same(16, 28, 28, 48, 3, 3, 96, 1, 1, 48), same(16, 28, 28, 64, 3, 3, 64, 1, 1, 16),
		deep(same(4, 16, 16, 16, 3, 3, 32, 1, 1, 1), 16, 3, 1, 1, 1, 16), deep(same(4, 16, 16, 32, 3, 3, 32, 2, 1, 1), 16, 3, 2, 1, 0, 8),
		valid(128, 28, 28, 1, 3, 3, 32), valid(128, 13, 13, 32, 3, 3, 64), same(32, 32, 32, 16, 3, 3, 16, 1, 1, 1),
		same(32, 16, 16, 32, 3, 3, 32, 1, 1, 1), same(32, 32, 32, 16, 3, 3, 32, 2, 1, 1), same(32, 8, 8, 64, 3, 3, 64, 1, 1, 1),
		same(32, 32, 32, 3, 3, 3, 16, 1, 1, 1), same(16, 28, 28, 96, 3, 3, 96, 1, 1, 96), valid(32, 1, 500, 128, 1, 7, 128),
		same(32, 4, 4, 256, 3, 3, 256, 1, 1, 1), same(32, 2, 2, 256, 3, 3, 256, 1, 1, 1),
		same(128, 28, 28, 32, 3, 3, 1, 1, 1, 1), same(32, 32, 32, 32, 3, 3, 3, 1, 1, 1),
	} {
		c := newConvRun(p)
		name := fmt.Sprintf("%dx%dx%dx%dx%d-%dx%dx%dx%ds%dd%dg%d/", p.N, p.D, p.H, p.W, p.C, p.KD, p.KH, p.KW, p.F, p.SW, p.DW, p.Groups)
		for _, v := range []struct {
			name string
			f    func()
		}{{"forward", c.forward}, {"input", c.input}, {"kernel", c.weights}} {
			b.Run(name+v.name, func(b *testing.B) {
				for b.Loop() {
					v.f()
				}
				reportRate(b, p.work())
			})
		}
	}
}

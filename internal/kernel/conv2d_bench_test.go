package kernel

import (
	"fmt"
	"testing"
)

func BenchmarkConv2D(b *testing.B) {
	for _, p := range []Conv2D{
		valid(128, 28, 28, 1, 3, 3, 32), valid(128, 13, 13, 32, 3, 3, 64), same(32, 32, 32, 16, 3, 3, 16, 1, 1, 1),
		same(32, 16, 16, 32, 3, 3, 32, 1, 1, 1), same(32, 32, 32, 16, 3, 3, 32, 2, 1, 1), same(32, 8, 8, 64, 3, 3, 64, 1, 1, 1),
		same(32, 32, 32, 3, 3, 3, 16, 1, 1, 1), same(16, 28, 28, 96, 3, 3, 96, 1, 1, 96), valid(32, 1, 500, 128, 1, 7, 128),
		same(32, 4, 4, 256, 3, 3, 256, 1, 1, 1), same(32, 2, 2, 256, 3, 3, 256, 1, 1, 1),
		same(128, 28, 28, 32, 3, 3, 1, 1, 1, 1), same(32, 32, 32, 32, 3, 3, 3, 1, 1, 1),
	} {
		c := newConvRun(p)
		name := fmt.Sprintf("%dx%dx%dx%d-%dx%dx%ds%dg%d/", p.N, p.H, p.W, p.C, p.KH, p.KW, p.F, p.SH, p.Groups)
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

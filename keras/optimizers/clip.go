package optimizers

import (
	"math"

	"github.com/gokeras/gokeras/internal/kernel"
)

// clip limits the gradients in the one way that is set.
func (b *Base) clip() {
	switch {
	case b.ClipNorm > 0:
		limit := float32(b.ClipNorm)
		for i := range b.params {
			g := b.params[i].Gradient
			norm := float32(math.Sqrt(squares(g)))
			if norm > limit || norm != norm {
				kernel.Scale(g, limit/norm, g)
			}
		}
	case b.GlobalClipNorm > 0:
		b.clipGlobally(float32(b.GlobalClipNorm))
	case b.ClipValue > 0:
		limit := float32(b.ClipValue)
		for i := range b.params {
			g := b.params[i].Gradient
			kernel.Clip(g, g, -limit, limit)
		}
	}
}

// clipGlobally scales all gradients by the same factor. Where their norm is not finite they all become NaN, as in Keras: a step that went wrong shows.
func (b *Base) clipGlobally(limit float32) {
	sum := 0.0
	for i := range b.params {
		sum += squares(b.params[i].Gradient)
	}
	norm := float32(math.Sqrt(sum))
	scale := limit * min(1/norm, 1/limit)
	scale += norm - norm // 0, or NaN for a norm that is not finite.
	if scale == 1 {
		return
	}
	for i := range b.params {
		g := b.params[i].Gradient
		kernel.Scale(g, scale, g)
	}
}

// squares returns the sum of squares of g, in float64 and in an order that depends on the length alone. Four sums keep the adder busy.
func squares(g []float32) float64 {
	var a, b, c, d float64
	for ; len(g) >= 4; g = g[4:] {
		a += float64(g[0]) * float64(g[0])
		b += float64(g[1]) * float64(g[1])
		c += float64(g[2]) * float64(g[2])
		d += float64(g[3]) * float64(g[3])
	}
	for _, v := range g {
		a += float64(v) * float64(v)
	}
	return a + b + (c + d)
}

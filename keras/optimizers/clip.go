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

package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// A FlipMode says how [RandomFlip] flips images, by Keras's words.
type FlipMode string

// Keras's modes.
const (
	FlipHorizontal FlipMode = "horizontal"              // left and right
	FlipVertical   FlipMode = "vertical"                // top and bottom
	FlipBoth       FlipMode = "horizontal_and_vertical" // both at once; also ""
)

// RandomFlip flips half of the images [batch, height, width, channels] in training, each by a draw of its own, as floats. With FlipBoth, an
// image is flipped in both directions or not at all, as Keras does.
type RandomFlip struct {
	Base
	Mode       FlipMode   // "": FlipBoth
	Seed       *int       // nil: from the model's seed
	DataFormat DataFormat // "": ChannelsLast
}

func init() { saving.Register[RandomFlip]("RandomFlip", "keras.layers") }

// flipAxes are the axes that each mode turns around.
var flipAxes = map[FlipMode][]int{"": {1, 2}, FlipBoth: {1, 2}, FlipHorizontal: {2}, FlipVertical: {1}}

// Call implements [Layer].
func (f *RandomFlip) Call(b *Builder, x ops.Tensor) ops.Tensor {
	axes, ok := flipAxes[f.Mode]
	if !ok {
		return b.Errorf("mode %q: expected %q, %q or %q", f.Mode, FlipHorizontal, FlipVertical, FlipBoth)
	}
	return augment(b, f.DataFormat, f.Seed, x, func(x, stream ops.Tensor) ops.Tensor {
		flip := ops.LessEqual(draw(x, stream, span{0, 1})[0], ops.Scalar(0.5))
		return ops.Where(perImage(flip), ops.Flip(x, axes...), x)
	})
}

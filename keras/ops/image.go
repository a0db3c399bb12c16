package ops

import "github.com/pkg/errors"

// An Interpolation says how pixels are made from those around a place, by Keras's words.
type Interpolation string

// Keras's interpolations. [AffineTransform] knows the first two; "" is Bilinear.
const (
	Bilinear Interpolation = "bilinear" // by distance, from the nearest pixel on each side
	Nearest  Interpolation = "nearest"  // the nearest pixel
	Bicubic  Interpolation = "bicubic"  // Keys's cubic kernel (1981) with a = -1/2
	Lanczos3 Interpolation = "lanczos3" // sinc functions of radius 3
	Lanczos5 Interpolation = "lanczos5" // sinc functions of radius 5
	Area     Interpolation = "area"     // the mean over what a pixel covers; Keras has it on TensorFlow only
)

// A FillMode says what an image goes on with outside of its border, by Keras's words.
type FillMode string

// Keras's modes, with what is beside a row a b c d.
const (
	FillConstant FillMode = "constant" // k k k | a b c d | k k k
	FillNearest  FillMode = "nearest"  // a a a | a b c d | d d d
	FillWrap     FillMode = "wrap"     // b c d | a b c d | a b c
	FillMirror   FillMode = "mirror"   // d c b | a b c d | c b a
	FillReflect  FillMode = "reflect"  // c b a | a b c d | d c b
)

// An ImageFormat says where an image's channels are, by Keras's words; "" is ImageChannelsLast.
type ImageFormat string

// Keras's data formats.
const (
	ImageChannelsLast  ImageFormat = "channels_last"  // [height, width, channels]
	ImageChannelsFirst ImageFormat = "channels_first" // [channels, height, width]
)

// onImages applies f to images [batch, height, width, channels], whatever x's format, and without a batch axis as well.
func onImages(label string, x Tensor, format ImageFormat, f func(Tensor) Tensor) Tensor {
	if x.Err() != nil {
		return x
	}
	if x.Rank() != 3 && x.Rank() != 4 {
		return Fail(x.path, errors.Errorf("%s: shape %v: expected an image of 3 axes, or a batch of 4", label, x.Spec().Shape))
	}
	if x.Rank() == 3 {
		y := onImages(label, ExpandDims(x, 0), format, f)
		if y.Err() != nil {
			return y
		}
		return Squeeze(y, 0)
	}
	switch format {
	case "", ImageChannelsLast:
		return f(x)
	case ImageChannelsFirst:
		return Transpose(f(Transpose(x, 0, 2, 3, 1)), 0, 3, 1, 2)
	}
	return Fail(x.path, errors.Errorf("%s: data_format %q: expected %q or %q", label, format, ImageChannelsLast, ImageChannelsFirst))
}

// RGBToGrayscale is the brightness of images [height, width, 3] or [batch, height, width, 3] as one channel, as floats; images of one
// channel stay as they are. In ImageChannelsFirst, the channels stand before height and width.
func RGBToGrayscale(x Tensor, format ImageFormat) Tensor {
	return onImages("rgb_to_grayscale", x, format, func(x Tensor) Tensor {
		switch x.Dim(3) {
		case 1:
			return x
		case 3:
			return MatMul(x, weightsOf(0.2989, 0.5870, 0.1140))
		}
		return Fail(x.path, errors.Errorf("rgb_to_grayscale: %d channels: expected 3 or 1", x.Dim(3)))
	})
}

// weightsOf is a column of numbers.
func weightsOf(v ...float64) Tensor {
	var rows []Tensor
	for _, w := range v {
		rows = append(rows, Scalar(w))
	}
	return ExpandDims(Stack(0, rows...), 1)
}

package preprocessing

import (
	"image"
	"image/color"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
	"github.com/gokeras/gokeras/internal/images"
)

// LoadImageOptions are the options of [LoadImage].
type LoadImageOptions struct {
	ColorMode       string // "rgb", "rgba" or "grayscale": 3, 4 or 1 channels; "": "rgb".
	TargetSize      [2]int // The height and the width that the image is scaled to, in pixels; {0, 0}: its own.
	Interpolation   string // "nearest", "bilinear", "bicubic", "hamming", "box" or "lanczos"; "": "nearest".
	KeepAspectRatio bool   // Scale the largest part in the middle that has the form of TargetSize.
	DataFormat      string // "channels_last" or "channels_first"; "": "channels_last".
}

// LoadImage returns the image in a file as [height, width, channels], float32 from 0 to 255. It reads PNG, JPEG, GIF (the first frame) and BMP. Samples of
// 16 bits are cut to 8. Errors name the file.
//
// Source: keras.utils.load_img followed by img_to_array, whose pixels scaling computes.
func LoadImage(path string, o LoadImageOptions) (*tensor.Dense, error) {
	if err := checkFormat(o.DataFormat); err != nil {
		return nil, errors.WithMessage(err, "preprocessing: LoadImage")
	}
	x, err := images.Load(path, images.Options{
		ColorMode: o.ColorMode, Height: o.TargetSize[0], Width: o.TargetSize[1], Interpolation: o.Interpolation, KeepAspectRatio: o.KeepAspectRatio,
	})
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: LoadImage")
	}
	if o.DataFormat == "channels_first" {
		x = channelsFirst(x)
	}
	return x, nil
}

// ImageToArray returns a picture as [height, width, channels], or [channels, height, width] where dataFormat is "channels_first" rather than
// "channels_last" or "": float32 from 0 to 255. There is 1 channel for gray pictures, there are 3 for opaque ones and 4 for others.
//
// Source: keras.utils.img_to_array.
func ImageToArray(m image.Image, dataFormat string) (*tensor.Dense, error) {
	if err := checkFormat(dataFormat); err != nil {
		return nil, errors.WithMessage(err, "preprocessing: ImageToArray")
	}
	if m == nil || m.Bounds().Empty() {
		return nil, errors.New("preprocessing: ImageToArray: expected an image with pixels, got none")
	}
	channels := channelsOf(m)
	area := m.Bounds()
	values := make([]float32, 0, area.Dx()*area.Dy()*channels)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			samples := [4]float32{float32(c.R), float32(c.G), float32(c.B), float32(c.A)}
			values = append(values, samples[:channels]...)
		}
	}
	x := tensor.New(tensor.WithShape(area.Dy(), area.Dx(), channels), tensor.WithBacking(values))
	if dataFormat == "channels_first" {
		x = channelsFirst(x)
	}
	return x, nil
}

func channelsOf(m image.Image) int {
	switch m := m.(type) {
	case *image.Gray, *image.Gray16:
		return 1
	case interface{ Opaque() bool }:
		if m.Opaque() {
			return 3
		}
	}
	return 4
}

// ArrayToImageOptions are the options of [ArrayToImage] and [SaveImage].
type ArrayToImageOptions struct {
	DataFormat string // "channels_last" or "channels_first"; "": "channels_last".
	Scale      *bool  // Whether the smallest and the largest value become 0 and 255; nil: true. If not, values outside of [0, 255] are clipped.
}

// ArrayToImage returns x, [height, width, channels] of 1, 3 or 4 channels, as a picture of 8 bits: *image.Gray or *image.NRGBA. Fractions are cut off.
//
// Source: keras.utils.array_to_img.
func ArrayToImage(x *tensor.Dense, o ArrayToImageOptions) (image.Image, error) {
	p, err := pixels(x, o)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: ArrayToImage")
	}
	values := p.Float32s()
	height, width, channels := p.Shape()[0], p.Shape()[1], p.Shape()[2]
	area := image.Rect(0, 0, width, height)
	if channels == 1 {
		m := image.NewGray(area)
		for i, v := range values {
			m.Pix[i] = sample(v)
		}
		return m, nil
	}
	m := image.NewNRGBA(area)
	for i := range height * width {
		m.Pix[4*i+3] = 255
		for c, v := range values[i*channels : (i+1)*channels] {
			m.Pix[4*i+c] = sample(v)
		}
	}
	return m, nil
}

// sample cuts v to 8 bits.
func sample(v float32) uint8 {
	if v != v {
		return 0
	}
	return uint8(min(max(v, 0), 255))
}

// SaveImage writes x, [height, width, channels] of 1, 3 or 4 channels, to a file: PNG, JPEG (in quality 75 and without transparency) or BMP, by its
// suffix. Source: keras.utils.save_img.
func SaveImage(path string, x *tensor.Dense, o ArrayToImageOptions) error {
	p, err := pixels(x, o)
	if err == nil {
		err = images.Save(path, p)
	}
	return errors.WithMessage(err, "preprocessing: SaveImage")
}

// pixels returns x as [height, width, channels], scaled as the options say.
func pixels(x *tensor.Dense, o ArrayToImageOptions) (*tensor.Dense, error) {
	if err := checkFormat(o.DataFormat); err != nil {
		return nil, err
	}
	if x == nil || x.Dims() != 3 || x.Shape().TotalSize() == 0 {
		return nil, errors.Errorf("expected an image of 3 axes, got %v", shapeOf(x))
	}
	p, err := floats(x)
	if err != nil {
		return nil, err
	}
	if o.DataFormat == "channels_first" {
		p = channelsLast(p)
	}
	if n := p.Shape()[2]; n != 1 && n != 3 && n != 4 {
		return nil, errors.Errorf("expected 1, 3 or 4 channels, got %d", n)
	}
	if orTrue(o.Scale) {
		stretch(p.Float32s())
	}
	return p, nil
}

// stretch moves the smallest value to 0 and the largest to 255, by the operations of Keras in float32.
func stretch(values []float32) {
	least, largest := values[0], float32(0)
	for _, v := range values {
		least = min(least, v)
	}
	for i := range values {
		values[i] -= least
		largest = max(largest, values[i])
	}
	if largest == 0 {
		return
	}
	for i := range values {
		values[i] = values[i] / largest * 255
	}
}

// floats returns a float32 copy of x.
func floats(x *tensor.Dense) (*tensor.Dense, error) {
	values, err := array.Float64s(x)
	if err != nil {
		return nil, err
	}
	narrow := make([]float32, len(values))
	for i, v := range values {
		narrow[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(x.Shape()...), tensor.WithBacking(narrow)), nil
}

func shapeOf(x *tensor.Dense) any {
	if x == nil {
		return "nil"
	}
	return x.Shape()
}

func checkFormat(dataFormat string) error {
	switch dataFormat {
	case "", "channels_last", "channels_first":
		return nil
	}
	return errors.Errorf(`data format: expected "channels_last" or "channels_first", got %q`, dataFormat)
}

// channelsFirst turns [height, width, channels] into [channels, height, width], channelsLast back. Both return new arrays.
func channelsFirst(x *tensor.Dense) *tensor.Dense {
	s := x.Shape()
	return tensor.New(tensor.WithShape(s[2], s[0], s[1]), tensor.WithBacking(turned(x.Float32s(), s[0]*s[1], s[2])))
}

func channelsLast(x *tensor.Dense) *tensor.Dense {
	s := x.Shape()
	return tensor.New(tensor.WithShape(s[1], s[2], s[0]), tensor.WithBacking(turned(x.Float32s(), s[0], s[1]*s[2])))
}

func turned(values []float32, rows, columns int) []float32 {
	t := make([]float32, len(values))
	for i, v := range values {
		t[i%columns*rows+i/columns] = v
	}
	return t
}

// SmartResizeOptions are the options of [SmartResize].
type SmartResizeOptions struct {
	Interpolation string // "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5"; "": "bilinear".
	DataFormat    string // "channels_last" or "channels_first"; "": "channels_last".
}

// SmartResize scales the largest part in the middle of x that has the form of size, {height, width} in pixels. x is [height, width, channels] or
// [images, height, width, channels]; the result is a new float32 array.
//
// Source: keras.preprocessing.image.smart_resize on TensorFlow; images that become smaller are not averaged.
func SmartResize(x *tensor.Dense, size [2]int, o SmartResizeOptions) (*tensor.Dense, error) {
	if err := checkFormat(o.DataFormat); err != nil {
		return nil, errors.WithMessage(err, "preprocessing: SmartResize")
	}
	if x == nil || x.Dims() < 3 || x.Dims() > 4 || x.Shape().TotalSize() == 0 {
		return nil, errors.Errorf("preprocessing: SmartResize: expected an image of 3 axes or a batch of 4, got %v", shapeOf(x))
	}
	all, err := floats(x)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: SmartResize")
	}
	shape := x.Shape()[x.Dims()-3:]
	each := shape.TotalSize()
	var values []float32
	var one *tensor.Dense
	for first := 0; first < len(all.Float32s()); first += each {
		one = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(all.Float32s()[first:first+each]))
		if one, err = smartResize(one, size, o); err != nil {
			return nil, errors.WithMessage(err, "preprocessing: SmartResize")
		}
		values = append(values, one.Float32s()...)
	}
	result := append(append([]int(nil), x.Shape()[:x.Dims()-3]...), one.Shape()...)
	return tensor.New(tensor.WithShape(result...), tensor.WithBacking(values)), nil
}

func smartResize(x *tensor.Dense, size [2]int, o SmartResizeOptions) (*tensor.Dense, error) {
	first := o.DataFormat == "channels_first"
	if first {
		x = channelsLast(x)
	}
	x, err := images.ResizeWithCrop(x, size[0], size[1], o.Interpolation)
	if err == nil && first {
		x = channelsFirst(x)
	}
	return x, err
}

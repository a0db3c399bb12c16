// Package images reads, scales and writes pictures as float32 arrays [height, width, channels] with values from 0 to 255.
package images

import (
	"bytes"
	"image"
	_ "image/gif" // registers the format
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	"github.com/pkg/errors"
	_ "golang.org/x/image/bmp" // registers the format
	"gorgonia.org/tensor"
)

// maxPixels bounds what a few bytes that claim to be a huge picture can make the decoder allocate.
const maxPixels = 1 << 28

// Options say how a picture is read, in the words of keras.utils.load_img.
type Options struct {
	// ColorMode is "rgb" (default), "rgba" or "grayscale": 3, 4 or 1 channels. As in Pillow, "rgb" drops transparency.
	ColorMode string
	// Height and Width are what the picture is scaled to; both 0: it keeps its size.
	Height, Width int
	// Interpolation is "nearest" (default), "bilinear", "bicubic", "hamming", "box" or "lanczos". As in Pillow, all but "nearest" average when they
	// make a picture smaller, and compute in 8 bits.
	Interpolation string
	// KeepAspectRatio scales the largest part in the middle that has the form asked for.
	KeepAspectRatio bool
}

// Load reads the picture in a file: PNG, JPEG, GIF (the first frame) or BMP. Errors name the file.
func Load(path string, o Options) (*tensor.Dense, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "images")
	}
	x, err := Decode(f, o)
	if closing := f.Close(); err == nil && closing != nil {
		err = errors.Wrap(closing, "images")
	}
	return x, errors.WithMessage(err, path)
}

// Decode reads a picture and scales it. Samples of 16 bits are cut to their upper 8.
func Decode(r io.Reader, o Options) (*tensor.Dense, error) {
	channels, err := Channels(o.ColorMode)
	if err != nil {
		return nil, err
	}
	if (o.Height <= 0 || o.Width <= 0) && (o.Height != 0 || o.Width != 0) {
		return nil, errors.Errorf("images: expected a height and a width above 0, or neither, got %d x %d", o.Height, o.Width)
	}
	m, err := decode(r)
	if err != nil {
		return nil, err
	}
	b := toBitmap(m, channels)
	if o.Height != 0 && (o.Height != b.height || o.Width != b.width) {
		if b, err = b.scale(o); err != nil {
			return nil, err
		}
	}
	return b.floats(), nil
}

// Channels is the number of channels of a color mode; "" is "rgb".
func Channels(colorMode string) (int, error) {
	switch colorMode {
	case "", "rgb":
		return 3, nil
	case "rgba":
		return 4, nil
	case "grayscale":
		return 1, nil
	}
	return 0, errors.Errorf(`images: color mode: expected "rgb", "rgba" or "grayscale", got %q`, colorMode)
}

func decode(r io.Reader) (image.Image, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.Wrap(err, "images")
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, errors.Wrap(err, "images: expected a PNG, JPEG, GIF or BMP")
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return nil, errors.Errorf("images: expected 1 to %d pixels, got %d x %d", maxPixels, c.Width, c.Height)
	}
	m, _, err := image.Decode(bytes.NewReader(raw))
	return m, errors.Wrap(err, "images")
}

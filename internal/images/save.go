package images

import (
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/image/bmp"
	"gorgonia.org/tensor"
)

// quality is Pillow's default for JPEG.
const quality = 75

// Save writes x [height, width, channels], float32 from 0 to 255, as .png, .jpg, .jpeg or .bmp; there are 1, 3 or 4 channels. Fractions are cut
// off, values outside are clipped. JPEG knows no transparency: the fourth channel is left out.
func Save(path string, x *tensor.Dense) error {
	p, err := planeOf(x)
	if err != nil {
		return errors.WithMessage(err, path)
	}
	suffix := strings.ToLower(filepath.Ext(path))
	encode, ok := encoders[suffix]
	if !ok {
		return errors.Errorf("images: %s: expected .png, .jpg, .jpeg or .bmp, got %q", path, suffix)
	}
	m, err := p.image(suffix != ".jpg" && suffix != ".jpeg")
	if err != nil {
		return errors.WithMessage(err, path)
	}
	f, err := os.Create(path)
	if err != nil {
		return errors.Wrap(err, "images")
	}
	err = encode(f, m)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return errors.Wrapf(err, "images: %s", path)
}

var encoders = map[string]func(io.Writer, image.Image) error{
	".png":  png.Encode,
	".jpg":  encodeJPEG,
	".jpeg": encodeJPEG,
	".bmp":  bmp.Encode,
}

func encodeJPEG(w io.Writer, m image.Image) error {
	return jpeg.Encode(w, m, &jpeg.Options{Quality: quality})
}

func (p plane) image(transparent bool) (image.Image, error) {
	area := image.Rect(0, 0, p.width, p.height)
	if p.channels == 1 {
		m := image.NewGray(area)
		for i, v := range p.pix {
			m.Pix[i] = sample(v)
		}
		return m, nil
	}
	if p.channels != 3 && p.channels != 4 {
		return nil, errors.Errorf("images: expected 1, 3 or 4 channels, got %d", p.channels)
	}
	m := image.NewNRGBA(area)
	for i := range p.height * p.width {
		dst := m.Pix[4*i : 4*i+4]
		dst[3] = 255
		for c, v := range p.pix[i*p.channels : (i+1)*p.channels] {
			if c < 3 || transparent {
				dst[c] = sample(v)
			}
		}
	}
	return m, nil
}

func sample(v float32) uint8 {
	if v != v {
		return 0
	}
	return uint8(min(max(v, 0), 255))
}

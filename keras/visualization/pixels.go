package visualization

import (
	"image"
	"image/color"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A stack holds pictures of one size as numbers, channels last.
type stack struct {
	n, height, width, channels int
	at                         func(i int) float64
}

// newStack reads an array [n, height, width] or [n, height, width, channels] of 1, 3 or 4 channels.
func newStack(a *tensor.Dense) (*stack, error) {
	if a == nil {
		return nil, errors.New("expected an array of pictures, got nil")
	}
	shape := a.Shape()
	s := &stack{channels: 1}
	switch len(shape) {
	case 4:
		s.channels = shape[3]
		fallthrough
	case 3:
		s.n, s.height, s.width = shape[0], shape[1], shape[2]
	default:
		return nil, errors.Errorf("expected pictures [n, height, width] or [n, height, width, channels], got an array of shape %v", shape)
	}
	if s.channels != 1 && s.channels != 3 && s.channels != 4 {
		return nil, errors.Errorf("expected 1, 3 or 4 channels (channels last), got an array of shape %v", shape)
	}
	if s.n == 0 || s.height == 0 || s.width == 0 {
		return nil, errors.Errorf("there is no picture in an array of shape %v", shape)
	}
	var err error
	s.at, err = numbers(a)
	return s, err
}

// numbers reads the numbers of an array in their order.
func numbers(a *tensor.Dense) (func(i int) float64, error) {
	if a.RequiresIterator() {
		a = a.Materialize().(*tensor.Dense)
	}
	switch d := a.Data().(type) {
	case []float32:
		return func(i int) float64 { return float64(d[i]) }, nil
	case []float64:
		return func(i int) float64 { return d[i] }, nil
	case []uint8:
		return func(i int) float64 { return float64(d[i]) }, nil
	case []int32:
		return func(i int) float64 { return float64(d[i]) }, nil
	case []int64:
		return func(i int) float64 { return float64(d[i]) }, nil
	case []int:
		return func(i int) float64 { return float64(d[i]) }, nil
	case []bool:
		return func(i int) float64 {
			if d[i] {
				return 1
			}
			return 0
		}, nil
	}
	return nil, errors.Errorf("expected numbers, got %v", a.Dtype())
}

func (s *stack) size() int { return s.n * s.height * s.width * s.channels }

// bounds are the least and the largest finite number.
func (s *stack) bounds() [2]float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for i := range s.size() {
		if v := s.at(i); !math.IsNaN(v) && !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return [2]float64{0, 1}
	}
	return [2]float64{low, high}
}

// picture is one of the pictures, each pixel as a square of so many dots. The numbers from low to high are black to full color.
func (s *stack) picture(i, dots int, bounds [2]float64) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, s.width*dots, s.height*dots))
	for y := range s.height {
		for x := range s.width {
			fillSquare(img, x, y, dots, s.color(((i*s.height+y)*s.width+x)*s.channels, bounds))
		}
	}
	return img
}

func (s *stack) color(at int, bounds [2]float64) color.NRGBA {
	level := func(channel int) uint8 { return uint8(math.Round(255 * share(s.at(at+channel), bounds))) }
	switch s.channels {
	case 1:
		v := level(0)
		return color.NRGBA{v, v, v, 255}
	case 3:
		return color.NRGBA{level(0), level(1), level(2), 255}
	}
	return color.NRGBA{level(0), level(1), level(2), level(3)}
}

// share says where a number lies between two bounds, from 0 to 1; what is no number lies at 0.
func share(v float64, bounds [2]float64) float64 {
	if math.IsNaN(v) || bounds[0] >= bounds[1] {
		return 0
	}
	return min(1, max(0, (v-bounds[0])/(bounds[1]-bounds[0])))
}

func fillSquare(img *image.NRGBA, x, y, dots int, c color.NRGBA) {
	for dy := range dots {
		for dx := range dots {
			img.SetNRGBA(x*dots+dx, y*dots+dy, c)
		}
	}
}

package images

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// Resize scales x [height, width, channels], float32, as tf.image.resize does without antialiasing. interpolation is "bilinear" (also ""), "nearest",
// "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or "mitchellcubic".
func Resize(x *tensor.Dense, height, width int, interpolation string) (*tensor.Dense, error) {
	p, err := planeOf(x)
	if err != nil {
		return nil, err
	}
	return p.resize(height, width, interpolation)
}

// ResizeWithCrop scales the largest part in the middle that has the form asked for, as keras.preprocessing.image.smart_resize does.
func ResizeWithCrop(x *tensor.Dense, height, width int, interpolation string) (*tensor.Dense, error) {
	p, err := planeOf(x)
	if err != nil {
		return nil, err
	}
	if err := checkSize(height, width); err != nil {
		return nil, err
	}
	h := max(min(p.height, int(float64(p.width*height)/float64(width))), 1)
	w := max(min(p.width, int(float64(p.height*width)/float64(height))), 1)
	return p.part((p.height-h)/2, (p.width-w)/2, h, w).resize(height, width, interpolation)
}

// ResizeWithPad scales all of x into the middle of a black picture of the form asked for, as tf.image.resize_with_pad does.
func ResizeWithPad(x *tensor.Dense, height, width int, interpolation string) (*tensor.Dense, error) {
	p, err := planeOf(x)
	if err != nil {
		return nil, err
	}
	if err := checkSize(height, width); err != nil {
		return nil, err
	}
	h, w := float32(height), float32(width)
	ratio := max(float32(p.width)/w, float32(p.height)/h)
	innerHeight, innerWidth := float32(p.height)/ratio, float32(p.width)/ratio
	inner, err := p.resize(int(innerHeight), int(innerWidth), interpolation)
	if err != nil {
		return nil, err
	}
	q := plane{int(innerHeight), int(innerWidth), p.channels, inner.Float32s()}
	out := plane{height, width, p.channels, make([]float32, height*width*p.channels)}
	top, left := int(max((h-innerHeight)/2, 0)), int(max((w-innerWidth)/2, 0))
	for y := range q.height {
		copy(out.pix[((y+top)*width+left)*p.channels:], q.pix[y*q.width*p.channels:(y+1)*q.width*p.channels])
	}
	return out.dense(), nil
}

type plane struct {
	height, width, channels int
	pix                     []float32
}

func planeOf(x *tensor.Dense) (plane, error) {
	if x == nil || x.Dims() != 3 || x.Dtype() != tensor.Float32 {
		return plane{}, errors.Errorf("images: expected a picture [height, width, channels] of float32, got %s", describe(x))
	}
	s := x.Shape()
	if s.TotalSize() == 0 {
		return plane{}, errors.Errorf("images: expected a picture with pixels, got shape %v", s)
	}
	x, err := array.RowMajor(x)
	if err != nil {
		return plane{}, errors.WithMessage(err, "images")
	}
	return plane{s[0], s[1], s[2], x.Float32s()}, nil
}

func describe(x *tensor.Dense) string {
	if x == nil {
		return "nil"
	}
	return fmt.Sprintf("%v %v", x.Dtype(), x.Shape())
}

func (p plane) dense() *tensor.Dense {
	return tensor.New(tensor.WithShape(p.height, p.width, p.channels), tensor.WithBacking(p.pix))
}

func (p plane) part(top, left, height, width int) plane {
	q := plane{height, width, p.channels, make([]float32, 0, height*width*p.channels)}
	for y := top; y < top+height; y++ {
		q.pix = append(q.pix, p.pix[(y*p.width+left)*p.channels:(y*p.width+left+width)*p.channels]...)
	}
	return q
}

func checkSize(height, width int) error {
	if height <= 0 || width <= 0 {
		return errors.Errorf("images: expected a height and a width above 0, got %d x %d", height, width)
	}
	return nil
}

func (p plane) resize(height, width int, interpolation string) (*tensor.Dense, error) {
	if err := checkSize(height, width); err != nil {
		return nil, err
	}
	rows, err := lineTaps(p.height, height, interpolation)
	if err != nil {
		return nil, err
	}
	columns, err := lineTaps(p.width, width, interpolation)
	if err != nil {
		return nil, err
	}
	wide := plane{p.height, width, p.channels, make([]float32, p.height*width*p.channels)}
	for y := range p.height {
		for x, t := range columns {
			for c := range p.channels {
				wide.pix[(y*width+x)*p.channels+c] = sum(p.pix[(y*p.width+t.first)*p.channels+c:], p.channels, t.weights)
			}
		}
	}
	out := plane{height, width, p.channels, make([]float32, height*width*p.channels)}
	stride := width * p.channels
	for y, t := range rows {
		for x := range stride {
			out.pix[y*stride+x] = sum(wide.pix[t.first*stride+x:], stride, t.weights)
		}
	}
	return out.dense(), nil
}

func sum(pix []float32, stride int, weights []float64) float32 {
	s := 0.0
	for i, w := range weights {
		s += float64(pix[i*stride]) * w
	}
	return float32(s)
}

// lineTaps are the weights that TensorFlow's kernels give the samples of a line.
func lineTaps(from, to int, interpolation string) ([]taps, error) {
	switch interpolation {
	case "", "bilinear":
		return bilinearTaps(from, to), nil
	case "nearest":
		return nearestTaps(from, to), nil
	case "bicubic":
		return bicubicTaps(from, to), nil
	case "area":
		return areaTaps(from, to), nil
	case "lanczos3":
		return lanczos3.taps(whole(from), to, false), nil
	case "lanczos5":
		return lanczos5.taps(whole(from), to, false), nil
	case "gaussian":
		return gauss.taps(whole(from), to, false), nil
	case "mitchellcubic":
		return mitchell.taps(whole(from), to, false), nil
	}
	return nil, errors.Errorf(`images: interpolation: expected "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or "mitchellcubic", got %q`, interpolation)
}

// place is where the middle of sample i lies on the line that is scaled, in float32 as in TensorFlow.
func place(i, from, to int) float32 {
	return (float32(i)+0.5)*(float32(from)/float32(to)) - 0.5
}

func bilinearTaps(from, to int) []taps {
	all := make([]taps, to)
	for i := range all {
		at := place(i, from, to)
		floor := math.Floor(float64(at))
		first, last := max(int(floor), 0), min(int(math.Ceil(float64(at))), from-1)
		rest := float64(at) - floor
		if first >= last {
			all[i] = taps{last, []float64{1}}
			continue
		}
		all[i] = taps{first, []float64{1 - rest, rest}}
	}
	return all
}

func nearestTaps(from, to int) []taps {
	all := make([]taps, to)
	for i := range all {
		all[i] = taps{min(int(place(i, from, to)+0.5), from-1), []float64{1}}
	}
	return all
}

// bicubicTaps weigh four samples, those outside not at all. TensorFlow looks the weights up in a table of 1024 steps.
func bicubicTaps(from, to int) []taps {
	const steps = 1024
	all := make([]taps, to)
	for i := range all {
		at := float64(place(i, from, to))
		floor := math.Floor(at)
		rest := math.RoundToEven((at-floor)*steps) / steps
		t := taps{first: max(int(floor)-1, 0)}
		for j := range 4 {
			if k := int(floor) - 1 + j; k >= 0 && k < from {
				t.weights = append(t.weights, catmull.weight(float64(j)-1-rest))
			}
		}
		t.normalize()
		all[i] = t
	}
	return all
}

// areaTaps weigh samples by how much of them a scaled one covers.
func areaTaps(from, to int) []taps {
	scale := float64(from) / float64(to)
	all := make([]taps, to)
	for i := range all {
		begin, end := float64(i)*scale, float64(i+1)*scale
		first, last := min(int(begin), from-1), min(int(math.Ceil(end)), from)
		t := taps{first: first}
		for j := first; j < last; j++ {
			t.weights = append(t.weights, min(float64(j+1), end)-max(float64(j), begin))
		}
		t.normalize()
		all[i] = t
	}
	return all
}

package callbacks

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

const (
	bucketCount = 30
	maxImages   = 3
)

// weights writes histograms, and images where they are asked for.
func (t *TensorBoard) weights(r *Run, epoch int) error {
	m, err := as[WeightReader]("TensorBoard", r)
	if err != nil {
		return err
	}
	f, err := t.openTrain()
	if err != nil {
		return err
	}
	return m.ReadWeights(func(weights []Weight) error {
		for _, w := range weights {
			if err := t.weight(f, w, epoch); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *TensorBoard) weight(f *eventFile, w Weight, epoch int) error {
	tag := strings.ReplaceAll(w.Path, ":", "_")
	t.histogram = buckets(t.histogram, w.Value)
	if err := f.doubles(tag+"/histogram", "histograms", t.histogram, 3, epoch); err != nil || !t.WriteImages {
		return err
	}
	pngs, err := images(w)
	if err != nil || pngs == nil {
		return err
	}
	return f.texts(tag+"/image", "images", pngs, epoch)
}

// buckets counts values between their extremes: for each of 30 buckets its two edges and a count, reusing the array of into. Where all values
// are the same they are in the last one. NaN and infinities are left out.
//
// Source: tf.summary.histogram.
func buckets(into []float64, values []float32) []float64 {
	into = slices.Grow(into[:0], 3*bucketCount)[:3*bucketCount]
	clear(into)
	lo, hi, n := extremes(values)
	if n == 0 {
		return into
	}
	width := (hi - lo) / bucketCount
	for i := range bucketCount {
		into[3*i] = lo + width*float64(i)
		into[3*i+1] = lo + width*float64(i+1)
	}
	into[3*bucketCount-2] = hi
	if lo == hi {
		into[3*bucketCount-1] = float64(n)
		return into
	}
	for _, v := range values {
		if finite(v) {
			i := min(int((float64(v)-lo)/width), bucketCount-1)
			into[3*i+2]++
		}
	}
	return into
}

func finite(v float32) bool { return v-v == 0 }

// extremes returns the least and the largest of the n values that are finite.
func extremes(values []float32) (lo, hi float64, n int) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			lo, hi = min(lo, float64(v)), max(hi, float64(v))
			n++
		}
	}
	return lo, hi, n
}

// images shows a weight in PNG files, at most three, after their width and height in digits; values of 0 to 1 are shades. Nil: its shape is not
// one that Keras shows.
//
// Source: keras.callbacks.TensorBoard, tf.summary.image.
func images(w Weight) ([][]byte, error) {
	v := picture(w)
	if v.n == 0 {
		return nil, nil
	}
	out := [][]byte{[]byte(strconv.Itoa(v.width)), []byte(strconv.Itoa(v.height))}
	for i := range min(v.n, maxImages) {
		var b bytes.Buffer
		if err := png.Encode(&b, v.draw(i)); err != nil {
			return nil, errors.Wrapf(err, "image of %s", w.Path)
		}
		out = append(out, b.Bytes())
	}
	return out, nil
}

// pictures are n images of a height, width and number of channels, with the steps among the values along each of the four.
type pictures struct {
	n, height, width, channels int
	steps                      [4]int
	values                     []float32
}

// picture sees a weight without its axes of size 1 as images: a vector is a column, a matrix lies on its longer side, and the last of three
// axes counts images.
func picture(w Weight) pictures {
	s := slices.DeleteFunc(slices.Clone(w.Shape), func(n int) bool { return n == 1 })
	if slices.Contains(s, 0) {
		return pictures{}
	}
	switch len(s) {
	case 1:
		return pictures{1, s[0], 1, 1, [4]int{0, 1, 0, 0}, w.Value}
	case 2:
		if s[0] > s[1] {
			return pictures{1, s[1], s[0], 1, [4]int{0, 1, s[1], 0}, w.Value}
		}
		return pictures{1, s[0], s[1], 1, [4]int{0, s[1], 1, 0}, w.Value}
	case 3:
		return pictures{s[2], s[0], s[1], 1, [4]int{1, s[1] * s[2], s[2], 0}, w.Value}
	case 4:
		if s[3] == 3 || s[3] == 4 {
			return pictures{s[0], s[1], s[2], s[3], [4]int{s[1] * s[2] * s[3], s[2] * s[3], s[3], 1}, w.Value}
		}
	}
	return pictures{}
}

func (p pictures) draw(n int) image.Image {
	area := image.Rect(0, 0, p.width, p.height)
	at := func(y, x, c int) uint8 {
		return shade(p.values[n*p.steps[0]+y*p.steps[1]+x*p.steps[2]+c*p.steps[3]])
	}
	if p.channels == 1 {
		gray := image.NewGray(area)
		for y := range p.height {
			for x := range p.width {
				gray.SetGray(x, y, color.Gray{Y: at(y, x, 0)})
			}
		}
		return gray
	}
	img := image.NewNRGBA(area)
	for y := range p.height {
		for x := range p.width {
			pixel := color.NRGBA{R: at(y, x, 0), G: at(y, x, 1), B: at(y, x, 2), A: 255}
			if p.channels == 4 {
				pixel.A = at(y, x, 3)
			}
			img.SetNRGBA(x, y, pixel)
		}
	}
	if p.channels == 4 {
		return transparent{img}
	}
	return img
}

// transparent keeps the fourth channel in the file also where nothing is seen through, as TensorFlow does.
type transparent struct{ *image.NRGBA }

// Opaque is what the PNG encoder asks.
func (transparent) Opaque() bool { return false }

// shade turns 0 to 1 into 0 to 255. NaN is black.
func shade(v float32) uint8 {
	scaled := v * 255.5
	switch {
	case scaled >= 255:
		return 255
	case scaled > 0:
		return uint8(scaled)
	}
	return 0
}

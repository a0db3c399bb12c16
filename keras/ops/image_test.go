package ops

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestImagesRefused(t *testing.T) {
	x := func(shape ...int) Tensor { return Placeholder("x", Float32, shape...) }
	for want, y := range map[string]Tensor{
		"resize: height 0 and width 2: expected positive":              ImageResize(x(4, 4, 3), 0, 2, ResizeOptions{}),
		"resize: shape [4 4]: expected an image of 3 axes":             ImageResize(x(4, 4), 2, 2, ResizeOptions{}),
		"resize: interpolation \"cubic\"":                              ImageResize(x(4, 4, 3), 2, 2, ResizeOptions{Interpolation: "cubic"}),
		"resize: fill_mode \"wrap\"":                                   ImageResize(x(4, 4, 3), 2, 2, ResizeOptions{FillMode: FillWrap}),
		"resize: data_format \"last\"":                                 ImageResize(x(4, 4, 3), 2, 2, ResizeOptions{DataFormat: "last"}),
		"crop_to_aspect_ratio and pad_to_aspect_ratio":                 ImageResize(x(4, 4, 3), 2, 2, ResizeOptions{CropToAspectRatio: true, PadToAspectRatio: true}),
		"affine_transform: transform of shape [1 7]":                   AffineTransform(x(4, 4, 3), x(7), AffineOptions{}),
		"transform of shape [3 8] for images [2 4 4 3]":                AffineTransform(x(2, 4, 4, 3), x(3, 8), AffineOptions{}),
		"affine_transform: interpolation \"bicubic\"":                  AffineTransform(x(4, 4, 3), x(8), AffineOptions{Interpolation: Bicubic}),
		"affine_transform: fill_mode \"symmetric\"":                    AffineTransform(x(4, 4, 3), x(8), AffineOptions{FillMode: "symmetric"}),
		"crop_images: 1 of top, bottom, target_height and 2 of left":   CropImages(x(4, 4, 3), ImageBorder{Top: new(1), Left: new(1), Right: new(1)}),
		"3 and 1 pixels of 4: expected no negative numbers, and somet": CropImages(x(4, 4, 3), ImageBorder{Top: new(3), Bottom: new(1), Left: new(1), Right: new(1)}),
		"crop_images: axis 2 of shape [1 2 4 3]: 2 and -1 pixels of 4": CropImages(x(4, 4, 3), ImageBorder{Top: new(1), Bottom: new(1), Left: new(2), TargetWidth: new(3)}),
		"pad_images: axis 1 of shape [1 4 4 3]: -2 and 1 pixels of 4":  PadImages(x(4, 4, 3), ImageBorder{TargetHeight: new(3), Bottom: new(1), Left: new(2), Right: new(3)}),
		"rgb_to_grayscale: 2 channels: expected 3 or 1":                RGBToGrayscale(x(4, 4, 2), ""),
	} {
		require.ErrorContains(t, y.Err(), want)
	}
}

// The coordinates that divide are not Keras's on JAX; the kernel's test has their values.
func TestProjectiveTransformHasGradients(t *testing.T) {
	for _, mode := range []FillMode{FillConstant, FillReflect} {
		x, m := Placeholder("x", Float32, 2, 5, 6, 2), Placeholder("t", Float32, 2, 8)
		w := Reshape(Arange(0.3, 8.7, 0.07, Float32), 2, 5, 6, 2)
		loss := Sum(Multiply(AffineTransform(x, m, AffineOptions{FillMode: mode, FillValue: 0.5}), w))
		checkGradients(t, []Tensor{x, m}, loss, func(p *Program) {
			r := rand.New(rand.NewPCG(3, 4))
			for i := range p.Inputs()[0].Float64s() {
				p.Inputs()[0].Float64s()[i] = r.NormFloat64()
			}
			copy(p.Inputs()[1].Float64s(), []float64{
				0.913, 0.217, 0.331, -0.173, 1.113, 0.219, 0.0133, 0.0271, 1.317, -0.419, 0.137, 0.293, 0.773, 0.613, -0.0217, 0.0319,
			})
		})
	}
}

// One transform for all images gets the sum of what each would.
func TestOneTransformForAllImages(t *testing.T) {
	x, m := Placeholder("x", Float32, 3, 4, 5, 2), Placeholder("t", Float32, 8)
	w := Reshape(Arange(0.1, 120, 1, Float32), 3, 4, 5, 2)
	loss := Sum(Multiply(AffineTransform(x, m, AffineOptions{FillMode: FillNearest}), w))
	checkGradients(t, []Tensor{m}, Add(loss, Multiply(Sum(x), Scalar(0))), func(p *Program) {
		copy(p.Inputs()[0].Float64s(), []float64{0.913, 0.217, 0.331, -0.173, 1.113, 0.219, 0, 0})
	})
}

// Each interpolation is linear, and its gradient is its transpose: the sum of y·Rx is that of Rᵀy·x.
func TestResizeGradientIsTheTranspose(t *testing.T) {
	for _, kind := range []Interpolation{Bilinear, Nearest, Bicubic, Lanczos3, Lanczos5, Area} {
		for m := 1; m < 9; m++ {
			for n := 1; n < 9; n++ {
				all := kind.blends(m, n, n%2 == 0)
				forward, back := matrix(all, m), matrix(transposed(all, m), n)
				for i := range forward {
					sum := 0.0
					for j, w := range forward[i] {
						require.Equal(t, w, back[j][i], "%s from %d to %d", kind, m, n)
						sum += w
					}
					require.InDelta(t, 1, sum, 1e-12, "%s from %d to %d", kind, m, n)
				}
			}
		}
	}
}

func matrix(all []blend, columns int) [][]float64 {
	rows := make([][]float64, len(all))
	for i, b := range all {
		rows[i] = make([]float64, columns)
		copy(rows[i][b.from:], b.weights)
	}
	return rows
}

package ops

// imageOps says how the operations on images of the fixture are called.
var imageOps = map[string]func(k *goldenCase, x []Tensor) []Tensor{
	"ImageResize": func(k *goldenCase, x []Tensor) []Tensor {
		a := k.arguments()
		return []Tensor{ImageResize(x[0], a.N, a.M, ResizeOptions{
			Interpolation: Interpolation(a.Interpolation), Antialias: a.Antialias, CropToAspectRatio: a.Crop, PadToAspectRatio: a.Pad,
			FillValue: a.Value, DataFormat: ImageFormat(a.DataFormat),
		})}
	},
	"AffineTransform": func(k *goldenCase, x []Tensor) []Tensor {
		a := k.arguments()
		none := Multiply(Slice(x[1], make([]int, x[1].Rank()), append(x[1].Shape()[:max(0, x[1].Rank()-1)], 2)), Scalar(0))
		return []Tensor{AffineTransform(x[0], Concatenate(-1, x[1], none), AffineOptions{
			Interpolation: Interpolation(a.Interpolation), FillMode: FillMode(a.Mode), FillValue: a.Value, DataFormat: ImageFormat(a.DataFormat),
		})}
	},
	"CropImages": func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{CropImages(x[0], k.arguments().border())} },
	"PadImages":  func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{PadImages(x[0], k.arguments().border())} },
	"RGBToGrayscale": func(k *goldenCase, x []Tensor) []Tensor {
		return []Tensor{RGBToGrayscale(x[0], ImageFormat(k.arguments().DataFormat))}
	},
}

func (a *attributes) border() ImageBorder {
	return ImageBorder{
		Top: a.Top, Left: a.Left, Bottom: a.Bottom, Right: a.Right, TargetHeight: a.TargetHeight, TargetWidth: a.TargetWidth,
		DataFormat: ImageFormat(a.DataFormat),
	}
}

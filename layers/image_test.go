package layers_test

import (
	"flag"
	"math"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// imageFixture can be one that the script drew from another seed.
var imageFixture = flag.String("image", "testdata/image.json.gz", "what internal/golden/image.py wrote")

// An imageCase is a layer and what Keras's makes of an input in training.
type imageCase struct {
	Name                               string
	Config                             map[string]any
	Input, Output, Cotangent, Gradient *array
}

type imageCases struct{ Cases, Flips []imageCase }

func readImageCases(t *testing.T) imageCases {
	t.Helper()
	var file imageCases
	readJSON(t, *imageFixture, &file)
	require.NotEmpty(t, file.Cases)
	require.NotEmpty(t, file.Flips)
	return file
}

func TestImageLayersAgainstKeras(t *testing.T) {
	for _, k := range readImageCases(t).Cases {
		t.Run(k.Name, func(t *testing.T) {
			x, y := k.Input.dense(), k.Output.dense()
			layertest.Run(t, func() layers.Layer { return load[layers.Layer](t, k.Config) }, layertest.Case{
				Inputs: []*tensor.Dense{x}, Training: true, Trainable: new(0), NonTrainable: new(0),
				Outputs: []*tensor.Dense{y}, OutputMasks: []*tensor.Dense{nil},
				Cotangents: []*tensor.Dense{k.Cotangent.dense()}, InputGradients: []*tensor.Dense{k.Gradient.dense()},
				// Filters with negative weights may leave little of the numbers that Keras has rounded.
				Tolerance: 1e-5 * max(1, largest(x)/largest(y)),
			})
		})
	}
}

func largest(a *tensor.Dense) float64 {
	top := 0.0
	switch v := a.Data().(type) {
	case []float32:
		for _, f := range v {
			top = max(top, math.Abs(float64(f)))
		}
	case []int32:
		for _, n := range v {
			top = max(top, math.Abs(float64(n)))
		}
	}
	return top
}

func TestConfigsOfImageLayersComeBack(t *testing.T) {
	for _, l := range []layers.Layer{
		&layers.Resizing{Height: 3, Width: 4, Interpolation: layers.Lanczos5, PadToAspectRatio: true, FillValue: 2, Antialias: true, DataFormat: layers.ChannelsFirst},
		&layers.RandomRotation{Factor: 0.25}, &layers.RandomRotation{}, &layers.RandomZoom{HeightFactor: 0.5}, &layers.RandomZoom{WidthFactor: new(0.0)},
		&layers.RandomZoom{HeightRange: []float64{-0.5, 0}, WidthRange: []float64{0, 0.25}}, &layers.RandomTranslation{WidthFactor: 0.5},
		&layers.RandomContrast{Factor: 0.5, ValueRange: []float64{0, 1}}, &layers.RandomBrightness{FactorRange: []float64{0, 0}, Seed: new(0)},
	} {
		config, err := saving.ToConfig(l)
		require.NoError(t, err)
		back, err := saving.FromConfig(config)
		require.NoError(t, err)
		require.Equal(t, l, back)
		inner := config["config"].(map[string]any)
		for _, name := range map[string][]string{
			"RandomRotation": {"factor"}, "RandomContrast": {"factor"}, "RandomBrightness": {"factor"}, "RandomZoom": {"height_factor"},
			"RandomTranslation": {"height_factor", "width_factor"},
		}[config["class_name"].(string)] {
			require.Contains(t, inner, name, "Keras requires it, of zero as well")
		}
	}
}

func TestWrongArgumentsOfImageLayers(t *testing.T) {
	for want, l := range map[string]layers.Layer{
		"resize: height 0 and width 4":                     &layers.Resizing{Width: 4},
		"interpolation \"cubic\"":                          &layers.Resizing{Height: 2, Width: 2, Interpolation: "cubic"},
		"fill_mode \"reflect\": expected \"constant\"":     &layers.Resizing{Height: 2, Width: 2, FillMode: layers.FillReflect},
		"expected one of them at most":                     &layers.Resizing{Height: 2, Width: 2, CropToAspectRatio: true, PadToAspectRatio: true},
		"height -1 and width 2":                            &layers.CenterCrop{Height: -1, Width: 2},
		"height must be positive, got 0":                   &layers.RandomCrop{Width: 2},
		"width must be positive, got 0":                    &layers.RandomCrop{Height: 2},
		"mode \"sideways\"":                                &layers.RandomFlip{Mode: "sideways"},
		"data_format \"first\"":                            &layers.RandomFlip{DataFormat: "first"},
		"factor: expected a number between -1 and 1":       &layers.RandomRotation{Factor: 1.5},
		"factor: expected a number or a range":             &layers.RandomRotation{Factor: 1, FactorRange: []float64{0, 1}},
		"factor: expected a lower and an upper bound":      &layers.RandomBrightness{FactorRange: []float64{1}},
		"factor: expected a range within 0 and 1":          &layers.RandomContrast{FactorRange: []float64{-2, -1}},
		"factor: expected a number between 0 and 1":        &layers.RandomContrast{Factor: -0.5},
		"value_range: expected the lowest":                 &layers.RandomContrast{ValueRange: []float64{3, 1}},
		"value_range: expected the lowest and the highest": &layers.RandomBrightness{ValueRange: []float64{1}},
		"fill_mode \"mirror\"":                             &layers.RandomZoom{FillMode: ops.FillMirror},
		"interpolation \"bicubic\"":                        &layers.RandomTranslation{Interpolation: layers.Bicubic},
		"height_factor: expected numbers between -1 and 1": &layers.RandomZoom{HeightRange: []float64{-1, 0}},
		"width_factor: expected numbers between -1 and 1":  &layers.RandomTranslation{WidthFactor: math.NaN()},
	} {
		for _, training := range []bool{true, false} {
			outer := &block{Inner: l}
			y := layers.NewBuilder(&layers.Trace{}, outer, "", training).Apply(l, ops.Placeholder("x", ops.Float32, ops.Unknown, 5, 5, 3))
			require.ErrorContains(t, y.Err(), want)
		}
		y := layers.NewBuilder(&layers.Trace{}, &block{Inner: l}, "", false).Apply(l, ops.Placeholder("x", ops.Float32, 5, 5, 3))
		require.Error(t, y.Err(), "an image without a batch")
	}
}

func TestImagesOfUnknownSize(t *testing.T) {
	for _, l := range []layers.Layer{
		&layers.Resizing{Height: 3, Width: 4}, &layers.CenterCrop{Height: 3, Width: 4}, &layers.RandomCrop{Height: 3, Width: 4},
	} {
		for _, training := range []bool{true, false} {
			y := layers.NewBuilder(&layers.Trace{}, &block{Inner: l}, "", training).Apply(l, ops.Placeholder("x", ops.Float32, ops.Unknown, ops.Unknown, ops.Unknown, 3))
			require.NoError(t, y.Err())
			require.Equal(t, []int{ops.Unknown, 3, 4, 3}, y.Shape())
		}
	}
	for name, build := range randomImageLayers() {
		if name == "RandomCrop" {
			continue
		}
		l := build(nil)
		y := layers.NewBuilder(&layers.Trace{}, &block{Inner: l}, "", true).Apply(l, ops.Placeholder("x", ops.Float32, ops.Unknown, ops.Unknown, ops.Unknown, 3))
		require.NoError(t, y.Err(), name)
		require.Equal(t, []int{ops.Unknown, ops.Unknown, ops.Unknown, 3}, y.Shape(), name)
	}
}

package data

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/images"
)

// ImageDirectoryOptions are those of keras.utils.image_dataset_from_directory.
type ImageDirectoryOptions struct {
	DirectoryOptions
	// ColorMode is "rgb", "rgba" or "grayscale". Default: "rgb".
	ColorMode string
	// ImageSize is the height and width that pictures are scaled to. Default: 256 x 256.
	ImageSize [2]int
	// Interpolation is "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or "mitchellcubic". Default: "bilinear".
	Interpolation string
	// CropToAspectRatio scales the largest part in the middle that has the form of ImageSize. Default: false, pictures are distorted.
	CropToAspectRatio bool
	// PadToAspectRatio scales the whole picture and puts black bars at its sides. Default: false.
	PadToAspectRatio bool
	// DataFormat is "channels_last" or "channels_first". Default: "channels_last".
	DataFormat string
}

// ImageDatasetFromDirectory returns the .png, .jpg, .jpeg, .gif (their first frame) and .bmp files of a directory, X float32 [batch, height, width,
// channels] from 0 to 255, with the folders directly in it as classes. It lists the files; they are read and scaled while iterating, and errors name
// the file. Gray values are those of Pillow, as with Keras's format="grain"; TensorFlow weighs the colors of a PNG otherwise.
func ImageDatasetFromDirectory(directory string, o ImageDirectoryOptions) (Directory, error) {
	load, err := o.loader()
	var l listing
	if err == nil {
		l, err = o.list(directory, []string{".bmp", ".gif", ".jpeg", ".jpg", ".png"})
	}
	if err != nil {
		return Directory{}, errors.WithMessage(err, "data: ImageDatasetFromDirectory")
	}
	d := o.pipeline(l, load)
	return d, d.err
}

// loader checks the options and returns the function that reads a picture.
func (o ImageDirectoryOptions) loader() (func(path string) (*tensor.Dense, error), error) {
	height, width := o.ImageSize[0], o.ImageSize[1]
	if height == 0 && width == 0 {
		height, width = 256, 256
	}
	if o.CropToAspectRatio && o.PadToAspectRatio {
		return nil, errors.New("aspect ratio: expected CropToAspectRatio or PadToAspectRatio, got both")
	}
	first := o.DataFormat == "channels_first"
	if !first && o.DataFormat != "" && o.DataFormat != "channels_last" {
		return nil, errors.Errorf(`data format: expected "channels_last" or "channels_first", got %q`, o.DataFormat)
	}
	if _, err := images.Channels(o.ColorMode); err != nil {
		return nil, err
	}
	scale := images.Resize
	switch {
	case o.CropToAspectRatio:
		scale = images.ResizeWithCrop
	case o.PadToAspectRatio:
		scale = images.ResizeWithPad
	}
	pixel := tensor.New(tensor.WithShape(1, 1, 1), tensor.WithBacking([]float32{0}))
	if _, err := scale(pixel, height, width, o.Interpolation); err != nil { // What is wrong with a pixel is wrong with the options.
		return nil, err
	}
	return func(path string) (*tensor.Dense, error) {
		x, err := images.Load(path, images.Options{ColorMode: o.ColorMode})
		if err == nil {
			x, err = scale(x, height, width, o.Interpolation)
			err = errors.WithMessage(err, path)
		}
		if err == nil && first {
			err = errors.WithStack(x.T(2, 0, 1))
		}
		return x, err
	}, nil
}

package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// GlobalMaxPooling1D keeps each feature's largest element over all steps of sequences [batch, time, features]: [batch, features].
type GlobalMaxPooling1D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
	KeepDims   bool       `keras:"keepdims"` // keep the steps, with size 1
}

// GlobalMaxPooling2D keeps the largest element of each channel of images [batch, height, width, channels]: [batch, channels].
type GlobalMaxPooling2D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast
	KeepDims   bool       `keras:"keepdims"` // keep height and width, with size 1
}

// GlobalMaxPooling3D keeps the largest element of each channel of volumes [batch, depth, height, width, channels]: [batch, channels].
type GlobalMaxPooling3D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast
	KeepDims   bool       `keras:"keepdims"` // keep depth, height and width, with size 1
}

// GlobalAveragePooling1D averages sequences [batch, time, features] over the steps, those alone that a mask leaves: [batch, features]. A
// sequence of which a mask leaves nothing gives NaN, as in Keras. The result has no mask.
type GlobalAveragePooling1D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast; ChannelsFirst: [batch, features, time]
	KeepDims   bool       `keras:"keepdims"` // keep the steps, with size 1
}

// GlobalAveragePooling2D averages images [batch, height, width, channels] over height and width: [batch, channels].
type GlobalAveragePooling2D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast
	KeepDims   bool       `keras:"keepdims"` // keep height and width, with size 1
}

// GlobalAveragePooling3D averages volumes [batch, depth, height, width, channels] over all but the channels: [batch, channels].
type GlobalAveragePooling3D struct {
	Base
	DataFormat DataFormat // "": ChannelsLast
	KeepDims   bool       `keras:"keepdims"` // keep depth, height and width, with size 1
}

func init() {
	saving.Register[GlobalMaxPooling1D]("GlobalMaxPooling1D", "keras.layers")
	saving.Register[GlobalMaxPooling2D]("GlobalMaxPooling2D", "keras.layers")
	saving.Register[GlobalMaxPooling3D]("GlobalMaxPooling3D", "keras.layers")
	saving.Register[GlobalAveragePooling1D]("GlobalAveragePooling1D", "keras.layers")
	saving.Register[GlobalAveragePooling2D]("GlobalAveragePooling2D", "keras.layers")
	saving.Register[GlobalAveragePooling3D]("GlobalAveragePooling3D", "keras.layers")
}

// A globalPooling is what the layers that pool whole images, or what is like them, have in common.
type globalPooling struct {
	Base
	DataFormat DataFormat
	KeepDims   bool `keras:"keepdims"`
}

// reduce reduces the n axes that are neither the batch nor the channels.
func (p *globalPooling) reduce(b *Builder, x ops.Tensor, n int, by func(ops.Tensor, ...int) ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	first, err := firstSpatial(p.DataFormat, x, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	var axes []int
	for i := range n {
		axes = append(axes, first+i)
	}
	if p.KeepDims {
		return ops.KeepDims(by, x, axes...)
	}
	return by(x, axes...)
}

// Call implements [Layer].
func (p *GlobalMaxPooling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*globalPooling)(p).reduce(b, x, 1, ops.Max)
}

// Call implements [Layer].
func (p *GlobalMaxPooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*globalPooling)(p).reduce(b, x, 2, ops.Max)
}

// Call implements [Layer].
func (p *GlobalMaxPooling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*globalPooling)(p).reduce(b, x, 3, ops.Max)
}

// Call implements [Layer].
func (p *GlobalAveragePooling1D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	counts := x.Mask()
	if !counts.Valid() {
		return (*globalPooling)(p).reduce(b, x, 1, ops.Mean)
	}
	counts = ops.ExpandDims(counts, -1)
	if p.DataFormat == ChannelsFirst {
		counts = ops.Transpose(counts, 0, 2, 1)
	}
	left := ops.Where(counts, x, ops.ZerosLike(x))
	return ops.Divide(
		(*globalPooling)(p).reduce(b, left, 1, ops.Sum),
		(*globalPooling)(p).reduce(b, ops.Cast(counts, ops.Float32), 1, ops.Sum),
	)
}

// Call implements [Layer].
func (p *GlobalAveragePooling2D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*globalPooling)(p).reduce(b, x, 2, ops.Mean)
}

// Call implements [Layer].
func (p *GlobalAveragePooling3D) Call(b *Builder, x ops.Tensor) ops.Tensor {
	return (*globalPooling)(p).reduce(b, x, 3, ops.Mean)
}

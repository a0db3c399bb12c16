"""Families of layers.py: windows, whole images and windows that fit an output, along one to three axes."""

from keras import layers

from layer_compositions import draws


def spatial(d, n, low, high):
    """A shape with n axes beside batch and channels, and the format."""
    batch, sizes, channels = d.size(1, 2), d.sizes(n, low, high), d.size(1, 3)
    if d.chance(0.4):
        return (batch, channels, *sizes), "channels_first"
    return (batch, *sizes, channels), d.one(["channels_last", None])


def windows(d, i, kinds):
    """A layer of windows that fit, of one size, or of one for each axis. Where they overlap, or skip elements, strides say so."""
    n = i % 3 + 1
    high = [9, 6, 4][n - 1]
    shape, data_format = spatial(d, n, 3, high)
    size = d.one([1, 2, 3, d.sizes(n, 1, 3)])
    strides = d.one([{}, {"strides": d.size(1, 3)}, {"strides": d.sizes(n, 1, 3)}])
    layer = kinds[n - 1](size, **strides, padding=d.one(["valid", "same"]), data_format=data_format)
    return layer, shape


@draws(12)
def max_pooling(d, i):
    layer, shape = windows(d, i, [layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D])
    return layer, [d.distinct(shape)], [None], {}


@draws(3)
def default_pooling(d, i):
    shape, _ = spatial(d, i + 1, 2, 5 - i)
    return [layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D][i](), [d.distinct((shape[0], *[s + 1 for s in shape[1:]]))], [None], {}


@draws(12)
def average_pooling(d, i):
    layer, shape = windows(d, i, [layers.AveragePooling1D, layers.AveragePooling2D, layers.AveragePooling3D])
    return layer, [d.floats(shape)], [None], {}


def whole(d, i, kinds):
    n = i % 3 + 1
    shape, data_format = spatial(d, n, 1, [6, 4, 3][n - 1])
    return kinds[n - 1](data_format=data_format, **d.one([{}, {"keepdims": True}])), shape


@draws(9)
def global_max_pooling(d, i):
    layer, shape = whole(d, i, [layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D, layers.GlobalMaxPooling3D])
    return layer, [d.distinct(shape)], [None], {}


@draws(9)
def global_average_pooling(d, i):
    layer, shape = whole(d, i, [layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalAveragePooling3D])
    mask = None
    if i % 3 == 0 and layer.data_format == "channels_first":
        shape = (shape[0], shape[2], shape[2])  # as many features as steps, so that the suite's own mask fits
    if i % 3 == 0 and d.chance(0.7):
        mask = d.mask((shape[0], shape[1]))
        mask[:, 0] = True  # of nothing, the average is NaN
    return layer, [d.floats(shape)], [mask], {}


def fitting(d, i, kinds):
    """Windows that are even, that overlap, and more of them than there are elements."""
    n = i % 3 + 1
    shape, data_format = spatial(d, n, 1, [7, 5, 4][n - 1])
    size = d.one([d.size(1, 4), d.sizes(n, 1, 4)])
    return kinds[n - 1](size, data_format=data_format), shape


@draws(9)
def adaptive_max_pooling(d, i):
    layer, shape = fitting(d, i, [layers.AdaptiveMaxPooling1D, layers.AdaptiveMaxPooling2D, layers.AdaptiveMaxPooling3D])
    return layer, [d.distinct(shape)], [None], {}


@draws(9)
def adaptive_average_pooling(d, i):
    layer, shape = fitting(d, i, [layers.AdaptiveAveragePooling1D, layers.AdaptiveAveragePooling2D, layers.AdaptiveAveragePooling3D])
    return layer, [d.floats(shape)], [None], {}


LAYERS = [max_pooling, default_pooling, average_pooling, global_max_pooling, global_average_pooling, adaptive_max_pooling, adaptive_average_pooling]

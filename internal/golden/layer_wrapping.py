"""Families of layers.py: what wraps another layer, or a function. layers/lambda_test.go has the functions in Go."""

import keras
from keras import layers, ops

from layer_compositions import draws

registered = keras.saving.register_keras_serializable("Golden")


@registered
def squares(x, factor=1.0):
    return x * x * factor


@registered
def halves(x):
    a, b = ops.split(x, 2, axis=-1)
    return a - ops.tanh(b)


@registered
def in_training(x, training=False):
    return -x if training else 2 * x  # x itself would be the very same array, with the mask on it


@registered
def positive(x, mask=None):
    return ops.any(x > 0, axis=-1)


@registered
def inverted(x, mask=None):
    return None if mask is None else ops.logical_not(mask)


@draws(8)
def lambda_layer(d, i):
    shape = (*d.sizes(2, 2, 3), 2 * d.size(1, 2))
    function = [squares, halves, in_training][i % 3]
    options = {"arguments": {"factor": d.one([0.5, 2.0])}} if function is squares and d.chance(0.7) else {}
    if d.chance():
        options["output_shape"] = (*shape[1:-1], shape[-1] // (2 if function is halves else 1))
    options["mask"] = d.one([None, None, positive, inverted])
    mask = d.mask(shape[:2]) if options["mask"] is inverted or d.chance(0.4) else None
    return layers.Lambda(function, **options), [d.floats(shape)], [mask], {"training": d.chance()}


@draws(8)
def spectral_normalization(d, i):
    """Kernels of one row or one column, for which the iteration ends where it must: elsewhere gradients, which leave it out, are not those of finite
    differences. other_kernels has those."""
    options = {"kernel_regularizer": d.regularizer()}
    if i % 2 == 0:
        inputs, units = d.one([(1, d.size(2, 4)), (d.size(2, 4), 1)])
        x, layer = d.floats((*d.sizes(d.size(1, 2), 2, 3), inputs)), layers.Dense(units, activation=d.one([None, "tanh"]), **options)
    else:
        x, layer = d.floats((2, 4, 4, d.size(1, 2))), layers.Conv2D(1, d.size(2, 3), strides=d.size(1, 2), **options)  # of one element, the gradient is 0
    mask = d.mask(x.shape[:2]) if x.ndim == 3 and d.chance() else None
    return layers.SpectralNormalization(layer, **iterations(d)), [x], [mask], {"training": d.chance(0.7)}


def iterations(d):
    return d.one([{}, {"power_iterations": 2}, {"power_iterations": 3}])


LAYERS = [lambda_layer, spectral_normalization]

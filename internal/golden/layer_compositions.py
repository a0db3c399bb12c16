"""Families of layers.py: activations, noise, merging, reshaping, cropping, padding and normalization. Each draws one case of a class."""

import numpy as np
from keras import constraints, initializers, layers


def draws(n):
    """Says how many cases of a family are drawn."""

    def note(family):
        family.draws = n
        return family

    return note


def maybe_masked(d, shape, p=0.5):
    return d.mask(shape[:2]) if len(shape) == 3 and d.chance(p) else None


def spatial(d, n, low=2, high=3):
    """A shape with n axes beside batch and channels, and the format."""
    batch, sizes, channels = d.size(1, 2), d.sizes(n, low, high), d.size(1, 3)
    if d.chance(0.4):
        return (batch, channels, *sizes), "channels_first"
    return (batch, *sizes, channels), d.one(["channels_last", None])


@draws(5)
def relu(d, i):
    shape = d.sizes(d.size(2, 3), 2, 4)
    layer = layers.ReLU(max_value=d.one([None, 0.75, 6.0]), negative_slope=d.one([0.0, 0.25]), threshold=d.one([0.0, 0.5]))
    return layer, [d.floats(shape) * d.one([1, 4])], [maybe_masked(d, shape)], {}


@draws(3)
def leaky_relu(d, i):
    shape = d.sizes(d.size(2, 3), 2, 4)
    return layers.LeakyReLU(**d.one([{}, {"negative_slope": 0.0}, {"negative_slope": 0.125}])), [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(3)
def elu(d, i):
    shape = d.sizes(d.size(2, 3), 2, 4)
    return layers.ELU(**d.one([{}, {"alpha": 0.5}, {"alpha": 2.0}])), [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(5)
def prelu(d, i):
    shape = d.sizes(d.size(2, 4), 2, 3)
    shared = [a for a in range(1, len(shape)) if d.chance(0.4)]
    layer = layers.PReLU(
        alpha_initializer=d.one(["zeros", initializers.Constant(0.25)]), alpha_regularizer=d.regularizer(),
        alpha_constraint=d.one([None, constraints.NonNeg()]), shared_axes=d.one([None, shared, shared[0] if len(shared) == 1 else shared]),
        activity_regularizer=d.regularizer(),
    )
    return layer, [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(6)
def softmax(d, i):
    # A mask must fit from the last axis on, so that one by steps fits no sequence of features but those with all sizes the same.
    shape = d.one([d.sizes(2, 2, 4), (3, 3, 3), d.sizes(4, 2, 3)])
    axes = [int(a) for a in d.rng.permutation(np.arange(1, len(shape)))[: d.size(1, len(shape) - 1)]]
    mask = d.mask(shape) if d.chance() else None
    return layers.Softmax(**d.one([{}, {"axis": axes}, {"axis": axes[0]}, {"axis": axes[0] - len(shape)}])), [d.floats(shape)], [mask], {}


@draws(6)
def noise(d, i):
    """What does nothing in inference; Keras's random numbers in training are its own."""
    shape = d.sizes(d.size(2, 3), 2, 3)
    rate = d.one([0, 0.25, 0.5, 1])
    layer = [
        lambda: layers.GaussianNoise(rate, seed=d.one([None, 3])),
        lambda: layers.GaussianDropout(rate / 2, seed=d.one([None, 3])),
        lambda: layers.AlphaDropout(rate / 2, noise_shape=d.one([None, (None, *([1] * (len(shape) - 1)))]), seed=d.one([None, 3])),
    ][i % 3]()
    return layer, [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(6)
def spatial_dropout(d, i):
    n = i % 3 + 1
    shape, data_format = spatial(d, n, 1, 2)
    options = {} if n == 1 else {"data_format": data_format}
    layer = [layers.SpatialDropout1D, layers.SpatialDropout2D, layers.SpatialDropout3D][i % 3](d.one([0, 0.5, 1.0]), seed=d.one([None, 3]), **options)
    return layer, [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(4)
def activity_regularization(d, i):
    shape = d.sizes(d.size(2, 3), 2, 4)
    return layers.ActivityRegularization(l1=d.one([0.0, 0.125]), l2=d.one([0.0, 0.25])), [d.floats(shape)], [maybe_masked(d, shape)], {}


def several(d, n):
    """Inputs to merge, without ties between them, and masks. The last one can have axes of size 1, or fewer axes."""
    shape = d.sizes(d.size(2, 4), 2, 3)
    all = d.distinct((n, *shape))
    inputs = list(all)
    if d.chance(0.3):
        inputs[-1] = inputs[-1][:, :1] if len(shape) > 2 else inputs[-1]
    elif d.chance(0.3) and len(shape) > 2:
        inputs[-1] = inputs[-1][:, 0]
    some = d.one([0, 0.6, 1])
    return inputs, [d.mask(x.shape[:2]) if len(shape) == x.ndim == 3 and d.chance(some) else None for x in inputs]


@draws(4)
def subtract(d, i):
    return layers.Subtract(), *several(d, 2), {}


@draws(6)
def multiply(d, i):
    return layers.Multiply(), *several(d, d.size(2, 3)), {}


@draws(4)
def average(d, i):
    return layers.Average(), *several(d, d.size(2, 4)), {}


@draws(6)
def maximum(d, i):
    return layers.Maximum(), *several(d, d.size(2, 3)), {}


@draws(6)
def minimum(d, i):
    return layers.Minimum(), *several(d, d.size(2, 3)), {}


@draws(10)
def dot(d, i):
    ranks, n, k = d.sizes(2, 2, 4), d.size(1, 3), d.size(1, 4)
    shapes, axes = [], []
    for rank in ranks:
        shape, axis = [n, *d.sizes(rank - 1, 1, 3)], d.size(1, rank - 1)
        shape[axis] = k
        shapes.append(tuple(shape))
        axes.append(d.one([axis, axis - rank]))
    if axes[0] == axes[1] and d.chance():
        axes = axes[0]
    masks = [d.mask(s[:2]) if len(s) == 3 and d.chance() else None for s in shapes]
    return layers.Dot(axes, normalize=d.chance()), [d.floats(s) for s in shapes], masks, {}


@draws(2)
def identity(d, i):
    shape = d.sizes(3, 2, 3)
    return layers.Identity(), [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(4)
def permute(d, i):
    shape = d.sizes(d.size(2, 4), 2, 3)
    dims = tuple(int(a) for a in d.rng.permutation(np.arange(1, len(shape))))
    x, mask = d.floats(shape), maybe_masked(d, shape)
    if dims == tuple(range(1, len(shape))):
        mask = None  # JAX gives the very same array back then, with the mask on it
    return layers.Permute(dims), [x], [mask], {}


@draws(3)
def repeat_vector(d, i):
    return layers.RepeatVector(d.size(1, 4)), [d.floats(d.sizes(2, 1, 4))], [None], {}


def maskable(d):
    """An input of which some elements, but no whole steps, are what Masking looks for."""
    shape, value = d.sizes(d.size(2, 4), 2, 4), d.one([0.0, -1.0, 2.5])
    x = d.floats(shape)
    x[d.rng.random(shape) < 0.3] = value
    x[..., 0] += 4
    return layers.Masking(**({} if value == 0 else {"mask_value": value})), x, value


@draws(2)
def masking(d, i):
    layer, x, _ = maskable(d)
    return layer, [x], [maybe_masked(d, x.shape)], {}


@draws(4)
def masked_steps(d, i):
    """Whole steps, which jump where one of their elements becomes another, so that finite differences are no gradient there."""
    layer, x, value = maskable(d)
    x[d.rng.random(x.shape[:-1]) < 0.5] = value
    return layer, [x], [maybe_masked(d, x.shape)], {}


masked_steps.jumps = True


def sides(d, n, low, high):
    """One number, one for each axis, two for each axis."""
    return d.one([d.size(low, high), d.sizes(n, low, high), tuple(d.sizes(2, low, high) for _ in range(n))])


@draws(9)
def cropping(d, i):
    n = i % 3 + 1
    shape, data_format = spatial(d, n, 3, 4)
    if n == 1:
        shape = (d.size(1, 2), d.size(3, 6), d.size(1, 3))
        options = d.one([{}, {"cropping": 0}, {"cropping": 1}, {"cropping": d.sizes(2, 0, 1)}])
        x, mask = d.floats(shape), maybe_masked(d, shape)
        if options.get("cropping") in (0, (0, 0)):
            mask = None  # as for permute
        return layers.Cropping1D(**options), [x], [mask], {}
    options = d.one([{}, {"cropping": sides(d, n, 0, 1)}, {"cropping": sides(d, n, 0, 1)}])
    return [layers.Cropping2D, layers.Cropping3D][n - 2](data_format=data_format, **options), [d.floats(shape)], [None], {}


@draws(9)
def zero_padding(d, i):
    n = i % 3 + 1
    shape, data_format = spatial(d, n, 1, 2)
    padding = d.one([d.size(0, 2), d.sizes(2, 0, 2)]) if n == 1 else sides(d, n, 0, 2 if n == 2 else 1)
    options = d.one([{}, {"padding": padding}, {"padding": padding}])
    layer = [layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D][n - 1](data_format=data_format, **options)
    return layer, [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(12)
def up_sampling(d, i):
    n = i % 3 + 1
    shape, data_format = spatial(d, n, 1, 2 if n == 3 else 3)
    if n == 1:
        return layers.UpSampling1D(**d.one([{}, {"size": d.size(1, 3)}])), [d.floats(shape)], [maybe_masked(d, shape)], {}
    options = d.one([{}, {"size": d.size(1, 2)}, {"size": d.sizes(n, 1, 3 if n == 2 else 2)}])
    if n == 2:
        options["interpolation"] = d.one(["nearest", "bilinear", "bilinear", "bicubic", "lanczos3", "lanczos5"])
    return [layers.UpSampling2D, layers.UpSampling3D][n - 2](data_format=data_format, **options), [d.floats(shape)], [None], {}


# The least variance of what is normalized: of less, gradients are differences of nearly equal numbers.
SPREAD = 0.1


def scaling(d):
    """Arguments of a normalization. With few elements and a small epsilon, gradients would be differences of nearly equal numbers."""
    return {
        "epsilon": d.one([1e-3, 1e-2, 0.1]), "center": d.chance(0.8), "scale": d.chance(0.8), "beta_regularizer": d.regularizer(),
        "gamma_regularizer": d.regularizer(), "beta_constraint": d.one([None, constraints.MaxNorm(2)]),
        "gamma_constraint": d.one([None, constraints.NonNeg()]), "activity_regularizer": d.one([None, None, d.regularizer()]),
    }


def axes_of(d, rank):
    """Axes behind the batch, counted from the front or from the end."""
    axes = [int(a) for a in d.rng.permutation(np.arange(1, rank))[: d.size(1, rank - 1)]]
    return [d.one([a, a - rank]) for a in axes]


@draws(10)
def layer_normalization(d, i):
    shape = d.sizes(d.size(2, 4), 3, 4)
    axes = axes_of(d, len(shape))
    axis = d.one([{}, {"axis": axes}, {"axis": axes[0]}])
    old = {"rms_scaling": True} if i % 5 == 4 else {}
    over = axis.get("axis", -1)
    x = d.floats(shape)
    while np.var(x, axis=tuple(over) if isinstance(over, list) else over).min() < SPREAD:
        x = d.floats(shape)
    return layers.LayerNormalization(**axis, **old, **scaling(d)), [x], [maybe_masked(d, shape)], {}


@draws(8)
def group_normalization(d, i):
    shape, groups = list(d.sizes(d.size(2, 4), 3, 4)), d.size(1, 3)
    axis = d.one([-1, d.size(1, len(shape) - 1), -d.size(1, len(shape) - 1)])
    shape[axis] = groups * (d.size(1, 2) if len(shape) > 2 else d.size(3, 4))
    count = -1 if len(shape) > 2 and d.chance(0.2) else groups
    layer = layers.GroupNormalization(groups=count, axis=axis, **scaling(d))
    x = d.floats(tuple(shape))
    while grouped(x, axis, shape[axis] if count == -1 else count).var(axis=(1, 3)).min() < SPREAD:
        x = d.floats(tuple(shape))
    return layer, [x], [maybe_masked(d, tuple(shape))], {}


def grouped(x, axis, groups):
    """x as [batch, rest, groups, channels of a group]."""
    x = np.moveaxis(x, axis, -1)
    return x.reshape(x.shape[0], -1, groups, x.shape[-1] // groups)


@draws(5)
def rms_normalization(d, i):
    shape = d.sizes(d.size(2, 4), 2, 4)
    n = d.size(1, len(shape) - 1)
    last = [d.one([a, a - len(shape)]) if n == 1 else a for a in range(len(shape) - n, len(shape))]  # Keras's scale fits no other axes
    options = d.one([{}, {"axis": last}, {"axis": last[0] if n == 1 else last, "epsilon": 0.125}])
    return layers.RMSNormalization(activity_regularizer=d.one([None, d.regularizer()]), **options), [d.floats(shape)], [maybe_masked(d, shape)], {}


@draws(4)
def unit_normalization(d, i):
    shape = d.sizes(d.size(2, 4), 2, 4)
    axes = axes_of(d, len(shape))
    return layers.UnitNormalization(**d.one([{}, {"axis": axes}, {"axis": axes[0]}])), [d.floats(shape)], [maybe_masked(d, shape)], {}


LAYERS = [
    relu, leaky_relu, elu, prelu, softmax, noise, spatial_dropout, activity_regularization, subtract, multiply, average, maximum, minimum, dot, identity,
    permute, repeat_vector, masking, cropping, zero_padding, up_sampling, layer_normalization, group_normalization, rms_normalization, unit_normalization,
    masked_steps,
]

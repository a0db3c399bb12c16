"""Family of layers.py: convolutions. Each draws one case of a class."""

from keras import constraints, initializers, layers, regularizers

# None of them bends where an output may happen to be.
ACTIVATIONS = [None, "linear", "tanh", "sigmoid", "softplus", "softmax", "silu", "gelu", "elu"]


def draws(n):
    """Says how many cases of a class are drawn."""

    def note(function):
        function.draws = n
        return function

    return note


def windows(d, axes, both=False):
    """Sizes, strides and dilation of a kernel; strides and dilation together only where both says so."""

    def number(high):
        return d.one([d.size(1, high), d.sizes(axes, 1, high)])

    high = 3 if axes < 3 else 2
    a = {"kernel_size": number(high)}
    if both or d.chance(0.6):
        a["strides"] = number(high)
    if both or "strides" not in a:
        a["dilation_rate"] = number(2)
    a["padding"] = d.one(["valid", "same"])
    return a


def common(d, kernels=("kernel",)):
    """The arguments that all classes have."""
    a = {"activation": d.one(ACTIVATIONS), "use_bias": d.chance(0.7), "bias_regularizer": d.regularizer()}
    a["activity_regularizer"] = d.one([None, None, regularizers.L2(0.02)])  # L1 bends at outputs of 0
    a["bias_initializer"] = d.one(["zeros", "ones", initializers.Constant(0.25)])
    a["bias_constraint"] = d.one([None, None, constraints.NonNeg()])
    for k in kernels:
        a[k + "_initializer"] = d.one(["glorot_uniform", initializers.HeNormal(seed=5), initializers.RandomUniform(seed=2)])
        a[k + "_regularizer"] = d.regularizer()
        a[k + "_constraint"] = d.one([None, None, constraints.MaxNorm(2.5, axis=0), constraints.UnitNorm(axis=[0, 1])])
    return a


def images(d, axes, a, channels, least=1):
    """An input that the kernel fits into, and the format."""

    def of(name, i):
        v = a.get(name, 1)
        return v if isinstance(v, int) else v[i]

    sizes = [least + (of("kernel_size", i) - 1) * of("dilation_rate", i) + d.size(0, 2) for i in range(axes)]
    if d.chance(0.3):
        return d.floats((d.size(1, 2), channels, *sizes)), "channels_first"
    return d.floats((d.size(1, 2), *sizes, channels)), d.one(["channels_last", None])


def conv(d, axes, kind):
    groups, a = d.one([1, 1, 2, 3]), windows(d, axes)
    if axes == 1 and d.chance(0.4):
        a["padding"] = "causal"
    x, data_format = images(d, axes, a, groups * d.size(1, 2))
    return kind(groups * d.size(1, 2), groups=groups, data_format=data_format, **a, **common(d)), [x], [None], {}


@draws(10)
def conv1d(d, i):
    return conv(d, 1, layers.Conv1D)


@draws(8)
def conv2d(d, i):
    return conv(d, 2, layers.Conv2D)


@draws(7)
def conv3d(d, i):
    return conv(d, 3, layers.Conv3D)


def transposed(d, axes, kind):
    a = windows(d, axes)
    strides = a.get("strides", 1)
    if d.chance(0.4):
        a["output_padding"] = d.size(0, strides - 1) if isinstance(strides, int) else tuple(d.size(0, s - 1) for s in strides)
    least = 2  # JAX makes nothing of one element where output padding says so
    shape = d.sizes(axes, least, 4 if axes < 3 else 3)
    channels = d.size(1, 3)
    data_format = d.one(["channels_last", "channels_last", "channels_first", None])
    shape = (d.size(1, 2), channels, *shape) if data_format == "channels_first" else (d.size(1, 2), *shape, channels)
    return kind(d.size(1, 3), data_format=data_format, **a, **common(d)), [d.floats(shape)], [None], {}


@draws(9)
def conv1d_transpose(d, i):
    return transposed(d, 1, layers.Conv1DTranspose)


@draws(8)
def conv2d_transpose(d, i):
    return transposed(d, 2, layers.Conv2DTranspose)


@draws(7)
def conv3d_transpose(d, i):
    return transposed(d, 3, layers.Conv3DTranspose)


def depthwise(d, axes, kind):
    a = windows(d, axes, both=d.chance(0.3))
    x, data_format = images(d, axes, a, d.size(1, 3))
    more = common(d, ("depthwise",))
    return kind(depth_multiplier=d.size(1, 3), data_format=data_format, **a, **more), [x], [None], {}


@draws(7)
def depthwise_conv1d(d, i):
    return depthwise(d, 1, layers.DepthwiseConv1D)


@draws(7)
def depthwise_conv2d(d, i):
    return depthwise(d, 2, layers.DepthwiseConv2D)


def separable(d, axes, kind):
    a = windows(d, axes, both=d.chance(0.3))
    x, data_format = images(d, axes, a, d.size(1, 3))
    more = common(d, ("depthwise", "pointwise"))
    return kind(d.size(1, 4), depth_multiplier=d.size(1, 2), data_format=data_format, **a, **more), [x], [None], {}


@draws(7)
def separable_conv1d(d, i):
    return separable(d, 1, layers.SeparableConv1D)


@draws(7)
def separable_conv2d(d, i):
    return separable(d, 2, layers.SeparableConv2D)


LAYERS = [
    conv1d, conv2d, conv3d, conv1d_transpose, conv2d_transpose, conv3d_transpose, depthwise_conv1d, depthwise_conv2d, separable_conv1d, separable_conv2d,
]

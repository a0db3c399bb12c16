"""Asks Keras, on JAX, for outputs and gradients of the operations of keras.ops, for random shapes and numbers.

Writes keras/ops/testdata/ops.json.gz. --seed draws other shapes and numbers, --out writes elsewhere. Keras computes in float64 from
inputs that float32 holds. A gradient is that of the sum of all float outputs times random weights.
"""

import argparse
import base64
import gzip
import json
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import ops

keras.config.set_floatx("float64")
OUT = os.path.join(os.path.dirname(__file__), "../../keras/ops/testdata/ops.json.gz")
KINKS = (-3, -1, -0.5, 0, 0.5, 1, 3, 6)
rng = np.random.default_rng(1)
cases = []


def size(top=4):
    return int(rng.integers(1, top + 1))


def shape(low=0, high=3):
    return tuple(size() for _ in range(rng.integers(low, high + 1)))


def single(x):
    return np.asarray(np.round(x, 3), np.float32)


def normal(s, scale=1.0):
    """Normal numbers that stay away from the kinks of common functions."""
    x = single(rng.normal(size=s) * scale)
    for k in KINKS:
        x = np.where(np.abs(x - k) < 0.05, np.float32(k + 0.07), x)
    return single(x)


def positive(s, low=0.2, high=3.0):
    return single(rng.uniform(low, high, size=s))


def distinct(s):
    """Numbers at some distance from each other."""
    n = int(np.prod(s, dtype=int))
    return single((rng.permutation(n).reshape(s) - n / 2 + rng.uniform(-0.3, 0.3, size=s)) * 4 / max(n, 4) + 0.011)


def ints(s, low=-3, high=4):
    return np.asarray(rng.integers(low, high, size=s), np.int32)


def bools(s):
    return np.asarray(rng.random(size=s) < 0.5)


def axis_of(rank):
    return int(rng.integers(-rank, rank))


def axes_of(rank):
    """A random choice of axes; none means all."""
    return [int(a) - (rank if rng.random() < 0.3 else 0) for a in rng.permutation(rank)[: rng.integers(0, rank + 1)]]


def axis_argument(axes):
    return tuple(axes) if axes else None


def broadcastable(n, low=0, high=3):
    """Shapes of n tensors that can be broadcast together."""
    whole = shape(low, high)
    shapes = []
    for _ in range(n):
        s = [d if rng.random() < 0.7 else 1 for d in whole]
        shapes.append(tuple(s[rng.integers(0, len(s) + 1) if rng.random() < 0.3 else 0 :]))
    return shapes


def encode(a):
    if a is None:
        return None
    a = np.asarray(a)
    if a.dtype.kind == "f":
        a = a.astype("<f4")
    elif a.dtype.kind in "iu":
        a = a.astype("<i4")
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": base64.b64encode(a.tobytes()).decode()}


def wide(a):
    a = np.asarray(a)
    return jnp.asarray(a, jnp.float64 if a.dtype.kind == "f" else a.dtype)


def case(op, f, inputs=(), diff=None, smooth=True, counts=None, **attributes):
    """Adds a case: f is called with inputs; diff says which of them are differentiated, counts which outputs are in the sum."""
    inputs = [np.asarray(x) for x in inputs]
    diff = diff if diff is not None else [x.dtype.kind == "f" for x in inputs]

    def outputs(xs):
        y = f(*xs)
        return list(y) if isinstance(y, (list, tuple)) else [y]

    xs = [wide(x) for x in inputs]
    out = outputs(xs)
    weights = []
    for i, y in enumerate(out):
        is_float = np.asarray(y).dtype.kind == "f" and any(diff) and (counts is None or i in counts)
        weights.append(single(rng.normal(size=np.shape(y))) if is_float else None)
    grads = [None] * len(inputs)
    chosen = [i for i, d in enumerate(diff) if d]
    if chosen:

        def total(*some):
            full = list(xs)
            for i, x in zip(chosen, some):
                full[i] = x
            return sum(jnp.sum(y * wide(w)) for y, w in zip(outputs(full), weights) if w is not None)

        for i, g in zip(chosen, jax.grad(total, argnums=tuple(range(len(chosen))))(*[xs[i] for i in chosen])):
            grads[i] = g
    cases.append(
        {
            "op": op,
            "attributes": attributes,
            "smooth": smooth,
            "in": [encode(x) for x in inputs],
            "out": [encode(y) for y in out],
            "weights": [encode(w) for w in weights],
            "gradients": [encode(g) for g in grads],
        }
    )


def unary():
    anywhere = "negative absolute square exp expm1 sin cos sinh cosh tanh arctan erf sigmoid softplus softsign"
    for name in anywhere.split():
        for _ in range(2):
            case(name.capitalize(), getattr(ops, name), [normal(shape())])
    for go, f in {
        "ReLU": ops.relu, "ReLU6": ops.relu6, "SiLU": ops.silu, "LogSigmoid": ops.log_sigmoid, "HardSigmoid": ops.hard_sigmoid,
        "SELU": ops.selu, "Mish": keras.activations.mish, "HardTanh": ops.hard_tanh, "HardSiLU": ops.hard_silu, "HardSwish": ops.hard_swish,
        "TanhShrink": ops.tanh_shrink, "SparsePlus": ops.sparse_plus, "SparseSigmoid": ops.sparse_sigmoid,
    }.items():
        for _ in range(3):
            case(go, f, [normal(shape(), 2.5)])
    for name in "sqrt rsqrt reciprocal log log1p".split():
        for _ in range(2):
            case(name.capitalize(), getattr(ops, name), [positive(shape())])
    for name in "sign floor ceil round".split():
        for _ in range(2):
            case(name.capitalize(), getattr(ops, name), [normal(shape(), 2.0)])
    case("Round", ops.round, [np.float32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])], smooth=False)
    case("Tan", ops.tan, [single(rng.uniform(-1.2, 1.2, size=shape()))])
    case("Tan", ops.tan, [single(rng.uniform(-1.2, 1.2, size=shape()))])
    for go, f in {"Exp": ops.exp, "ReLU": ops.relu}.items():
        case(go, lambda x: f(ops.cast(x, "float64")), [ints(shape())])
    for flag in (False, True):
        for _ in range(2):
            case("GELU", lambda x: ops.gelu(x, approximate=flag), [normal(shape(), 2.0)], approximate=flag)
    for v in (1.0, 0.3, 2.5):
        case("ELU", lambda x: ops.elu(x, alpha=v), [normal(shape(), 2.0)], value=v)
        case("CELU", lambda x: ops.celu(x, alpha=v), [normal(shape(), 2.0)], value=v)
        case("LeakyReLU", lambda x: ops.leaky_relu(x, negative_slope=v), [normal(shape(), 2.0)], value=v)
        case("SoftShrink", lambda x: ops.soft_shrink(x, threshold=v), [normal(shape(), 2.0)], value=v)
        case("HardShrink", lambda x: ops.hard_shrink(x, threshold=v), [normal(shape(), 2.0)], value=v)
        case("SquarePlus", lambda x: ops.squareplus(x, b=v), [normal(shape(), 2.0)], value=v)
        case("Threshold", lambda x: ops.threshold(x, v, -2.0), [normal(shape(), 2.0)], value=v, default=-2.0)
    for _ in range(3):
        s = list(shape(1, 3))
        axis = axis_of(len(s))
        s[axis] *= 2
        case("GLU", lambda x: ops.glu(x, axis=axis), [normal(s)], axis=axis)
    for lo, hi in ((-0.75, 0.8), (0.25, 2.0), (-1.2, 40.0)):
        case("Clip", lambda x: ops.clip(x, lo, hi), [normal(shape())], lo=lo, hi=hi)
    case("StopGradient", lambda x: ops.stop_gradient(x) * x, [normal((3, 2))], smooth=False)
    special = np.float32([1.5, np.nan, np.inf, -np.inf, -0.25, 0]).reshape(2, 3)
    for go, f in {"IsNaN": ops.isnan, "IsInf": ops.isinf, "IsFinite": ops.isfinite}.items():
        case(go, f, [special], diff=[False])
        case(go, f, [normal(shape())], diff=[False])
    case("NaNToNum", lambda x: ops.nan_to_num(x, 0.5, 7.0, -8.0), [special], smooth=False, nan=0.5, posInf=7.0, negInf=-8.0)
    case("NaNToNum", lambda x: ops.nan_to_num(ops.cast(x, "float32")), [special], diff=[False], nan=0.0)
    for go, f in {"ZerosLike": ops.zeros_like, "OnesLike": ops.ones_like}.items():
        for x in (normal(shape()), ints(shape()), bools(shape())):
            case(go, f, [x], diff=[False])
    case("FullLike", lambda x: ops.full_like(x, 2.5), [normal(shape())], diff=[False], value=2.5)
    case("FullLike", lambda x: ops.full_like(x, -3), [ints(shape())], value=-3)
    for x in (normal(shape(1), 2.0), ints(shape()), bools(shape())):
        for to in ("float32", "int32", "bool"):
            case("Cast", lambda x: ops.cast(x, to), [x], diff=[False], dtype=to)
    case("Cast", lambda x: ops.cast(x, "float64"), [normal((2, 3))], dtype="float32")


def binary():
    for name in "add subtract multiply divide maximum minimum arctan2".split():
        for _ in range(4):
            s, t = broadcastable(2)
            y = normal(t) + np.float32(0.011)
            case(name.capitalize(), getattr(ops, name), [normal(s), y if name != "divide" else positive(t) * rng.choice([-1, 1])])
    for _ in range(4):
        s, t = broadcastable(2)
        case("SquaredDifference", lambda x, y: ops.square(x - y), [normal(s), normal(t)])
        case("Power", ops.power, [positive(s), normal(t)])
        case("Mod", ops.mod, [normal(s, 3.0), positive(t) * np.float32(rng.choice([-1, 1]))], smooth=False)
        case("FloorDivide", ops.floor_divide, [normal(s, 3.0), positive(t) * np.float32(rng.choice([-1, 1]))], smooth=False)
        x, y = ints(s), ints(t, 1, 4) * int(rng.choice([-1, 1]))
        for name in "add subtract multiply maximum minimum mod".split():
            case(name.capitalize(), getattr(ops, name), [x, y])
        case("FloorDivide", ops.floor_divide, [x, y])
        case("Add", ops.add, [normal(s), ints(t)])
        case("Multiply", ops.multiply, [ints(s), normal(t)])
        case("Divide", lambda x, y: ops.divide(ops.cast(x, "float64"), y), [x, y])
    case("Power", ops.power, [normal((3, 2)), np.float32(3)], diff=[True, False])
    same = np.float32([1, 2, -1, 0.5])
    case("Maximum", ops.maximum, [same, np.float32([1, 3, -1, 0])], smooth=False)
    case("Minimum", ops.minimum, [same, np.float32([1, 3, -1, 0])], smooth=False)
    comparisons = {"Equal": ops.equal, "NotEqual": ops.not_equal, "Less": ops.less, "LessEqual": ops.less_equal, "Greater": ops.greater, "GreaterEqual": ops.greater_equal}
    for go, f in comparisons.items():
        for _ in range(3):
            s, t = broadcastable(2)
            case(go, f, [ints(s, 0, 3).astype("f4"), ints(t, 0, 3).astype("f4")], diff=[False, False])
        case(go, f, [ints(s, 0, 3), ints(t, 0, 3)])
    case("Equal", ops.equal, [bools((3, 2)), bools((3, 2))])
    case("NotEqual", ops.not_equal, [bools((3, 2)), bools((2,))])
    for go, f in {"LogicalAnd": ops.logical_and, "LogicalOr": ops.logical_or, "LogicalXor": ops.logical_xor}.items():
        for _ in range(3):
            s, t = broadcastable(2)
            case(go, f, [bools(s), bools(t)])
        case(go, f, [ints(s, 0, 2), ints(t, 0, 2).astype("f4")], diff=[False, False])
    case("LogicalNot", ops.logical_not, [bools(shape())])
    case("LogicalNot", ops.logical_not, [ints(shape(), 0, 2)])
    for _ in range(4):
        a, b, c = broadcastable(3)
        case("Where", ops.where, [bools(a), normal(b), normal(c)])
        case("Where", ops.where, [bools(a), ints(b), ints(c)])
        case("Where", ops.where, [bools(a), bools(b), bools(c)])


def reductions():
    for name in "sum mean max min prod var std logsumexp".split():
        go = "LogSumExp" if name == "logsumexp" else name.capitalize()
        f = getattr(ops, name)
        for _ in range(4):
            s = tuple(d + 1 for d in shape(1, 4)) if name == "std" else shape(0 if name != "logsumexp" else 1, 4)
            axes = axes_of(len(s))
            x = distinct(s) if name in ("max", "min") else normal(s)
            case(go, lambda x: f(x, axis=axis_argument(axes)), [x], smooth=name != "std", axes=axes)
    case("Max", ops.max, [np.float32([[1, 2, 2], [2, 0, 1]])], smooth=False, axes=[])
    for _ in range(3):
        s = shape(1, 4)
        axes = axes_of(len(s))
        case("KeepDims", lambda x: ops.mean(x, axis=axis_argument(axes), keepdims=True), [normal(s)], axes=axes)
        case("Moments", lambda x: ops.moments(x, axes=axes or list(range(len(s)))), [normal(s)], axes=axes)
        case("Any", lambda x: ops.any(x, axis=axis_argument(axes)), [rng.random(size=s) < 0.2], axes=axes)
        case("All", lambda x: ops.all(x, axis=axis_argument(axes)), [rng.random(size=s) < 0.8], axes=axes)
        case("CountNonzero", lambda x: ops.count_nonzero(x, axis=axis_argument(axes)), [ints(s, 0, 2)], axes=axes)
        case("CountNonzero", lambda x: ops.count_nonzero(x, axis=axis_argument(axes)), [ints(s, 0, 2).astype("f4")], diff=[False], axes=axes)
        axis = axis_of(len(s))
        case("ArgMax", lambda x: ops.argmax(x, axis=axis), [distinct(s)], diff=[False], axis=axis)
        case("ArgMin", lambda x: ops.argmin(x, axis=axis), [distinct(s)], diff=[False], axis=axis)
        case("ArgMax", lambda x: ops.argmax(x, axis=axis), [ints(s, 0, 2)], axis=axis)
        case("CumSum", lambda x: ops.cumsum(x, axis=axis), [normal(s)], axis=axis)
        case("CumProd", lambda x: ops.cumprod(x, axis=axis), [normal(s)], axis=axis)
        case("Softmax", lambda x: ops.softmax(x, axis=axis), [normal(s, 2.0)], axis=axis)
        case("LogSoftmax", lambda x: ops.log_softmax(x, axis=axis), [normal(s, 2.0)], axis=axis)
        for order in (1, 2, 3):
            case("Normalize", lambda x: ops.normalize(x, axis=axis, order=order), [normal(s)], axis=axis, order=order)
        case("Norm", lambda x: ops.norm(x, axis=axis), [normal(s)], axes=[axis])
        for order in (0, 1, 2, 3, 2.5, np.inf, -np.inf):
            smooth = order != 0
            case("Norm", lambda x: ops.norm(x, ord=order, axis=axis), [distinct(s)], diff=[smooth], axes=[axis], order=str(order))
    case("Norm", ops.norm, [normal((2, 3, 2))], axes=[])
    case("Norm", lambda x: ops.norm(x, axis=(0, 2)), [normal((2, 3, 2))], axes=[0, 2])
    for order in (1, -1, np.inf, -np.inf):
        for axes in ((0, 2), (2, 0), (-2, -1)):
            case("Norm", lambda x: ops.norm(x, ord=order, axis=axes), [distinct((3, 2, 4))], axes=list(axes), order=str(order))
        case("Norm", lambda x: ops.norm(x, ord=order), [distinct((3, 4))], axes=[], order=str(order))
    case("CumProd", lambda x: ops.cumprod(x, axis=0), [np.float32([[2, 0], [0, 3], [1.5, 0], [-1, 2]])], axis=0)
    case("Normalize", ops.normalize, [np.float32([[0, 0], [3, 4]])], diff=[False], axis=-1, order=2)


def ordering():
    for _ in range(3):
        s = shape(1, 3)
        k = int(rng.integers(1, s[-1] + 1))
        for x in (distinct(s), ints(s)):
            case("TopK", lambda x: ops.top_k(x, k), [x], k=k)
            axis = axis_of(len(s))
            case("Sort", lambda x: ops.sort(x, axis=axis), [x], axis=axis)
            case("ArgSort", lambda x: ops.argsort(x, axis=axis), [x], diff=[False], axis=axis)
            m = list(s)
            m[axis] = size()
            at = ints(m, -s[axis], s[axis])
            case("TakeAlongAxis", lambda x, i: ops.take_along_axis(x, i, axis=axis), [x, at], axis=axis)
        classes = size(5) + 1
        rows = size()
        case("InTopK", lambda t, p: ops.in_top_k(t, p, k), [ints(rows, 0, classes), distinct((rows, classes))], diff=[False, False], k=k)
        case("InTopK", lambda t, p: ops.in_top_k(t, p, k), [ints(rows, 0, classes), ints((rows, classes), 0, 3).astype("f4")], diff=[False, False], k=k)
    case("TakeAlongAxis", lambda x, i: ops.take_along_axis(x, i, axis=1), [normal((1, 4, 3)), ints((2, 5, 1), 0, 4)], axis=1)
    case("Sort", ops.sort, [np.float32([2, np.nan, -np.inf, 1, np.inf, np.nan, -3])], diff=[False], axis=-1)


def arrangement():
    for make in (normal, ints, bools):
        for _ in range(3):
            s = shape(1, 4)
            n = int(np.prod(s))
            rank = len(s)
            axis, axes = axis_of(rank), axes_of(rank)
            x = make(s)
            order = [int(a) for a in rng.permutation(rank)]
            case("Transpose", lambda x: ops.transpose(x, order), [x], axes=order)
            case("Transpose", ops.transpose, [x], axes=[])
            case("Reshape", lambda x: ops.reshape(x, (-1, s[-1])), [x], shape=[-1, s[-1]])
            case("Reshape", lambda x: ops.reshape(x, (1, n, 1)), [x], shape=[1, n, 1])
            case("Flatten", lambda x: ops.reshape(x, (s[0], -1)), [x])
            place = int(rng.integers(-rank - 1, rank + 1))
            case("ExpandDims", lambda x: ops.expand_dims(x, place), [x], axis=place)
            one = list(s)
            one[axis] = 1
            case("Squeeze", lambda x: ops.squeeze(x, axis), [make(one)], axis=axis)
            case("BroadcastTo", lambda x: ops.broadcast_to(x, (2,) + s), [make(one)], shape=[2, *s])
            start = [int(rng.integers(0, d)) for d in s]
            length = [int(rng.integers(1, d - a + 1)) for d, a in zip(s, start)]
            case("Slice", lambda x: ops.slice(x, start, length), [x], start=start, shape=length)
            case("Flip", lambda x: ops.flip(x, axis=axis_argument(axes)), [x], axes=axes)
            shift = int(rng.integers(-6, 7))
            case("Roll", lambda x: ops.roll(x, shift, axis=axis_argument(axes)), [x], axes=axes, shift=shift)
            times = size(3)
            case("Repeat", lambda x: ops.repeat(x, times, axis=axis), [x], axis=axis, n=times)
            repeats = [size(3) for _ in range(rng.integers(1, rank + 2))]
            case("Tile", lambda x: ops.tile(x, repeats), [x], repeats=repeats)
            a, b = axis_of(rank), axis_of(rank)
            case("SwapAxes", lambda x: ops.swapaxes(x, a, b), [x], axis1=a, axis2=b)
            case("MoveAxis", lambda x: ops.moveaxis(x, a, b), [x], source=a, destination=b)
            widths = [[int(rng.integers(0, 3)), int(rng.integers(0, 3))] for _ in s]
            value = {normal: 1.5, ints: 2, bools: 1}[make]
            case("Pad", lambda x: ops.pad(x, widths, constant_values=value), [x], widths=widths, mode="constant", value=value)
            for mode, spare in (("reflect", 1), ("symmetric", 0)):
                w = [[int(rng.integers(0, d - spare + 1)), int(rng.integers(0, d - spare + 1))] for d in s]
                case("Pad", lambda x: ops.pad(x, w, mode=mode), [x], widths=w, mode=mode, value=0)
            parts, sections = list(s), size(3)
            parts[axis] *= sections
            case("Split", lambda x: ops.split(x, sections, axis=axis), [make(parts)], sections=sections, axis=axis)
            parts[axis] = 6
            places = [[2], [1, 4], [3, 4, 5]][rng.integers(0, 3)]
            case("SplitAt", lambda x: ops.split(x, places, axis=axis), [make(parts)], places=places, axis=axis)
            case("Unstack", lambda x: ops.unstack(x, axis=axis), [x], axis=axis)
            more = [make(s) for _ in range(size(3))]
            case("Stack", lambda *xs: ops.stack(xs, axis=place), more, axis=place)
            other = list(s)
            other[axis] = size()
            case("Concatenate", lambda *xs: ops.concatenate(xs, axis=axis), [x, make(other), make(s)], axis=axis)
            if make is not bools:
                at = ints(shape(0, 2), 0, s[axis])
                case("Take", lambda x, i: ops.take(x, i, axis=axis), [x, at], axis=axis)
            m = (size(), size()) + s
            offset = int(rng.integers(-m[0] + 1, m[1]))
            for op, f in (("Tril", ops.tril), ("Triu", ops.triu)):
                case(op, lambda x: f(x, k=offset), [make(m)], offset=offset)
            case("Diagonal", lambda x: ops.diagonal(x, offset), [make(m)], offset=offset, axis1=0, axis2=1)
            if make is normal:
                case("Trace", lambda x: ops.trace(x, offset), [make(m)], offset=offset, axis1=0, axis2=1)
                case("Diagonal", lambda x: ops.diagonal(x, 0, -1, 0), [make(m)], offset=0, axis1=-1, axis2=0)
    for _ in range(3):
        s, classes = shape(1, 2), size() + 1
        x = ints(s, 0, classes)
        case("OneHot", lambda x: ops.one_hot(x, classes), [x], classes=classes)
        case("OneHotStrict", lambda x: ops.one_hot(x, classes), [x], classes=classes)
        axis = axis_of(len(s) + 1)
        case("OneHotAxis", lambda x: ops.one_hot(x, classes, axis=axis), [x], classes=classes, axis=axis)
        case("MultiHot", lambda x: ops.multi_hot(x, classes), [x], classes=classes)
        n, segments = size(6), size()
        x = normal((n, *shape(0, 2)))
        case("SegmentSum", lambda x, i: ops.segment_sum(x, i, num_segments=segments), [x, ints(n, 0, segments)], segments=segments)
    case("OneHot", lambda x: ops.one_hot(x, 3), [ints((5,), -2, 6)], classes=3)


def constants():
    for dtype in ("float32", "int32", "bool"):
        s = list(shape())
        case("Zeros", lambda: ops.zeros(s, dtype), dtype=dtype, shape=s)
        case("Ones", lambda: ops.ones(s, dtype), dtype=dtype, shape=s)
        case("Full", lambda: ops.full(s, 3, dtype), dtype=dtype, shape=s, value=3)
    for a, b, c in ((0, 7, 1), (3, -4, -2), (2, 11, 3), (5, 6, 1)):
        case("Arange", lambda: ops.arange(a, b, c), start=a, stop=b, step=c, dtype="")
        case("Arange", lambda: ops.arange(a, b, c, dtype="float32"), start=a, stop=b, step=c, dtype="float32")
    case("Arange", lambda: ops.arange(0.5, 3.2, 0.25), start=0.5, stop=3.2, step=0.25, dtype="")
    for n in (1, 2, 7):
        case("Linspace", lambda: ops.linspace(-1.5, 4.0, n), start=-1.5, stop=4.0, n=n)
    for n, m, k in ((3, 3, 0), (2, 4, 1), (4, 2, -1), (1, 3, 2)):
        case("Eye", lambda: ops.eye(n, m, k), n=n, m=m, offset=k)


EQUATIONS = """ij,jk->ik ij,jk ji,jk->ik ij,kj->ik bij,bjk->bik bij,bkj->bik bqhd,bkhd->bhqk bhqk,bkhd->bqhd abc,cd->abd btd,dhk->bthk
bthk,hkd->btd abcd,cde->abe ii ii->i iij->j ij->ji ij-> ijk->jk ij,ij ij,ij->i ij,ij->ij i,i i,j i,j->ij i,i->i bi,bj->bij ij,j->i i,ij->j
...ij,...jk->...ik ...ij,...jk a...,...->a... i...->... ...i->i... i...i->... ...,... ij,jk,kl->il ab,b,bc->ca b...d,d->b... aij,ajk,k->ai
,ij->ij ij,jk->k abc,abd->cd acb,abd->cd abij,abjk->abik kj,k->j cba,abd->dc""".split()


def products():
    letters = "mknab"
    for pair in "k,k mk,k k,kn mk,kn amk,kn bamk,kn amk,akn 1mk,akn amk,1kn bamk,akn mk,akn k,akn amk,k b1mk,1akn".split():
        d = {c: size() + 1 for c in letters} | {"1": 1}
        x, y = ([d[c] for c in p] for p in pair.split(","))
        case("MatMul", ops.matmul, [normal(x), normal(y)])
    for equation in EQUATIONS:
        for _ in range(2):
            d = {c: size() for c in "abcdefghijklmnopqrstuvwxyz"}
            dots = shape(0, 2)
            inputs = []
            for part in equation.split("->")[0].split(","):
                before, some, after = part.partition("...")
                middle = [v if rng.random() < 0.7 else 1 for v in dots] if some and equation != "...,..." else list(dots) if some else []
                inputs.append(normal([d[c] for c in before] + middle + [d[c] for c in after]))
            case("Einsum", lambda *xs: ops.einsum(equation, *xs), inputs, subscripts=equation)
    for s, t, a, b in (
        ((3, 4), (4, 2), [1], [0]), ((2, 3, 4), (4, 3, 2), [1, 2], [1, 0]), ((2, 3, 4), (4, 3, 2), [-1, 0], [0, 2]), ((2, 3), (4, 2), [], []), ((3,), (3,), [0], [0]), ((2, 3), (3, 2), [0, 1], [1, 0]),
    ):
        case("Tensordot", lambda x, y: ops.tensordot(x, y, axes=(a, b)), [normal(s), normal(t)], axesX=a, axesY=b)
    case("Tensordot", ops.tensordot, [normal((2, 3, 4)), normal((3, 4, 2))])
    for s, t in (((), (2, 3)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 2)), ((4,), (2, 4, 3))):
        case("Dot", ops.dot, [normal(s), normal(t)])
    for s, t in (((3,), (3,)), ((2, 3), (3, 2)), ((), ())):
        case("VDot", ops.vdot, [normal(s), normal(t)])
    for s, t in (((3,), (2,)), ((2, 2), (3,)), ((), (2, 2))):
        case("Outer", ops.outer, [normal(s), normal(t)])
    case("Outer", ops.outer, [ints((3,)), ints((2,))])


def pooling():
    """Windows along one to three axes; every third input has ties, of which the gradient goes to one."""
    kinds = (("MaxPool", ops.max_pool), ("AveragePool", ops.average_pool))
    adaptive = (("AdaptiveMaxPool", ops.adaptive_max_pool), ("AdaptiveAveragePool", ops.adaptive_average_pool))
    for i in range(18):
        n = i % 3 + 1
        p, strides = [size(3) for _ in range(n)], [size(3) for _ in range(n)]
        x = pooled((size(2), *(2 + size(4 - n) for _ in range(n)), size(2)), i)
        padding = str(rng.choice(["same", "valid"]))
        for op, f in kinds:
            pool = lambda x: f(x, tuple(p), strides=tuple(strides), padding=padding, data_format="channels_last")
            case(op, pool, [x], smooth=not tied(i), size=p, strides=strides, padding=padding)
    for i in range(12):
        n = i % 3 + 1
        m = [size(4) for _ in range(n)]
        x = pooled((size(2), *(size(6 - n) for _ in range(n)), size(2)), i)
        for op, f in adaptive:
            case(op, lambda x: f(x, tuple(m), data_format="channels_last"), [x], smooth=not tied(i), size=m)
    for op, f in kinds:
        case(op, lambda x: f(x, 2, strides=2, data_format="channels_last"), [distinct((2, 4, 5, 2))], size=[2], strides=None, padding="valid")
    for op, f in adaptive:
        case(op, lambda x: f(x, 2, data_format="channels_last"), [distinct((2, 4, 5, 2))], size=[2])


def tied(i):
    return i // 3 % 3 == 2


def pooled(s, i):
    return single(rng.integers(-1, 2, size=s)) if tied(i) else distinct(s)


def window(axes):
    """Sizes of a kernel with strides or dilation, and how they are given to both sides."""
    k, strides, d = ([size(3 if axes < 3 else 2) for _ in range(axes)] for _ in range(3))
    if rng.random() < 0.6:
        d = [1] * axes
    else:
        strides = [1] * axes
    named = {"strides": tuple(strides), "padding": str(rng.choice(["same", "valid"])), "dilation_rate": tuple(d), "data_format": "channels_last"}
    return k, named, {"strides": strides, "padding": named["padding"], "dilation": d}


def sizes(k, attributes):
    """Sizes of images that a kernel fits into."""
    return [(n - 1) * d + size(3) for n, d in zip(k, attributes["dilation"])]


def convolutions():
    for i in range(24):
        axes = i % 3 + 1
        k, named, attributes = window(axes)
        groups = int(rng.choice([1, 1, 2, 3]))
        c, f = groups * size(2), groups * size(2)
        x, kernel = normal((size(2), *sizes(k, attributes), c)), normal((*k, c // groups, f))
        if axes == 1 and rng.random() < 0.4:
            before = (k[0] - 1) * attributes["dilation"][0]
            named["padding"], attributes["padding"] = "valid", "causal"
            case("Conv", lambda x, k: ops.conv(ops.pad(x, [(0, 0), (before, 0), (0, 0)]), k, **named), [x, kernel], **attributes)
        else:
            case("Conv", lambda x, k: ops.conv(x, k, **named), [x, kernel], **attributes)
    for i in range(12):
        axes = i % 2 + 1
        k, named, attributes = window(axes)
        c, multiplier, f = size(3), size(3), size(3)
        x, kernel = normal((size(2), *sizes(k, attributes), c)), normal((*k, c, multiplier))
        case("DepthwiseConv", lambda x, k: ops.depthwise_conv(x, k, **named), [x, kernel], **attributes)
        if i >= 6:
            pointwise = normal((*[1] * axes, c * multiplier, f))
            case("SeparableConv", lambda x, k, p: ops.separable_conv(x, k, p, **named), [x, kernel, pointwise], **attributes)
    for i in range(24):
        axes = i % 3 + 1
        k, named, attributes = window(axes)
        c, f = size(2), size(2)
        x, kernel = normal((size(2), *(1 + size(3 if axes < 3 else 1) for _ in range(axes)), c)), normal((*k, f, c))
        more = [int(rng.integers(0, s)) for s in attributes["strides"]] if rng.random() < 0.4 else None
        case(
            "ConvTranspose", lambda x, k: ops.conv_transpose(x, k, output_padding=more and tuple(more), **named), [x, kernel],
            outputPadding=more, **attributes,
        )


def networks():
    for scale in (False, True):
        for shift in (False, True):
            s = (size() + 2, *shape(0, 2), size())
            x, channels = normal(s), s[-1]
            more = [normal(channels)] * shift + [normal(channels)] * scale

            def pick(more, shift=shift, scale=scale):
                return {"offset": more[0] if shift else None, "scale": more[-1] if scale else None}

            mean, variance = normal(channels), positive(channels)
            given = lambda x, m, v, *more: ops.batch_normalization(x, m, v, axis=-1, epsilon=0.01, **pick(more))
            case("BatchNormalization", given, [x, mean, variance, *more], epsilon=0.01, scale=scale, offset=shift)

            def own(x, *more):
                m, v = ops.moments(x, axes=list(range(len(s) - 1)))
                y = ops.batch_normalization(x, m, v, axis=-1, epsilon=0.01, **pick(more))
                return y, m, v

            case("NormalizeBatch", own, [x, *more], counts=[0], epsilon=0.01, scale=scale, offset=shift)
    for logits in (False, True):
        for _ in range(3):
            s = (*shape(1, 2), size() + 1)
            p = np.asarray(jax.nn.softmax(normal(s), axis=-1)) * np.float32(0.9)
            target = np.asarray(jax.nn.softmax(normal(s), axis=-1))
            x = normal(s, 2.0) if logits else single(p) + np.float32(0.01)
            case("CategoricalCrossentropy", lambda t, x: ops.categorical_crossentropy(t, x, from_logits=logits), [single(target), x], diff=[False, True], logits=logits)
            label = ints(s[:-1], 0, s[-1])
            case("SparseCategoricalCrossentropy", lambda t, x: ops.sparse_categorical_crossentropy(t, x, from_logits=logits), [label, x], logits=logits)
            case("SparseCategoricalCrossentropy", lambda t, x: ops.sparse_categorical_crossentropy(t, x, from_logits=logits), [label[..., None], x], logits=logits)
            case("BinaryCrossentropy", lambda t, x: ops.binary_crossentropy(t, x, from_logits=logits), [bools(s).astype("f4"), x], diff=[False, True], logits=logits)
            case("BinaryCrossentropy", lambda t, x: ops.binary_crossentropy(t, x, from_logits=logits), [single(target), x], diff=[False, True], logits=logits)


def recurrent():
    for i in range(10):
        batch, time, features, units = size(3), size(5), size(3), size(3)
        bias, state, mask, backwards, zero = (bool(rng.random() < 0.5) for _ in range(5))
        layer = keras.layers.LSTM(units, use_bias=bias, return_sequences=True, return_state=True, go_backwards=backwards, dtype="float64")
        layer.zero_output_for_mask = zero
        layer.build((batch, time, features))
        inputs = [normal((batch, time, features)), normal((features, 4 * units)), normal((units, 4 * units))]
        inputs += [normal(4 * units)] * bias
        inputs += [normal((batch, units)), normal((batch, units))] if state else []
        inputs += [rng.random((batch, time)) < 0.7] if mask else []
        n = len(layer.trainable_variables)

        def run(x, *more):
            weights, rest = more[:n], list(more[n:])
            m = rest.pop() if mask else None
            y, _ = layer.stateless_call(list(weights), [v.value for v in layer.non_trainable_variables], x, mask=m, initial_state=rest or None)
            return y

        case("LSTM", run, inputs, bias=bias, state=state, mask=mask, backwards=backwards, zero=zero)


def sequences():
    for i in range(10):
        batch, time, classes, width = size(3), size(5), size(3) + 1, size(3)
        blank = int(rng.integers(0, classes))
        labels = ints((batch, width), 0, classes - 1)
        labels += labels >= blank
        steps = np.asarray([rng.integers(1, time + 1) for _ in range(batch)], np.int32)
        counts = np.asarray([rng.integers(0, width + 1) for _ in range(batch)], np.int32)
        aligned = i % 5 > 0
        if aligned:
            counts = np.minimum(counts, (steps + 1) // 2)

        def loss(labels, x, counts, steps, blank=blank):
            return ops.ctc_loss(labels, x, counts, steps, mask_index=blank)

        # Without an alignment, Keras, which uses float32 here, has few digits beside the penalty of 1e5.
        case("CTCLoss", loss, [labels, normal((batch, time, classes)), counts, steps], diff=[False, aligned, False, False], blank=blank)
    for _ in range(6):
        s = shape(1, 3)
        axis = axis_of(len(s))
        x = distinct(s)
        while not steady(lambda x: ops.sparsemax(x, axis=axis), x):
            x = normal(s)
        case("Sparsemax", lambda x: ops.sparsemax(x, axis=axis), [x], axis=axis)
    for i in range(4):
        time, batch, width, reverse = size(5), size(3), size(4), i % 2 == 1

        def recur(h, xs, w, reverse=reverse):
            def step(h, x):
                h = jnp.tanh(x + jnp.matmul(h, w))  # of keras.ops they would compute in float32
                return h, h * x

            return list(ops.scan(step, h, xs, reverse=reverse))

        case("Scan", recur, [normal((batch, width)), normal((time, batch, width)), normal((width, width))], reverse=reverse)


def steady(f, x):
    """Whether nothing jumps near x: where two elements differ by just what counts, a rounding decides about the gradient."""
    y = np.asarray(f(x))
    for step in (1e-3, -1e-3):
        for i in range(x.size):
            near = x.copy()
            near.flat[i] += step
            z = np.asarray(f(near))
            if ((z > 0) != (y > 0)).any() or np.abs(z - y).max() > 0.02:
                return False
    return True


def smooth_transform(height, width):
    """A transform that takes no pixel from a place where interpolations have a kink or a step."""
    y, x = np.mgrid[:height, :width].reshape(2, -1).astype("f8")
    while True:
        t = np.float32([1, 0, 0, 0, 1, 0] + rng.normal(size=6) * [0.5, 0.5, width, 0.5, 0.5, height])
        places = 2 * np.concatenate([t[0] * x + t[1] * y + t[2], t[3] * x + t[4] * y + t[5]])
        if np.all(np.abs(places - np.round(places)) > 0.004):
            return t


def pictures():
    """Operations of keras.ops.image: images in both formats, with and without a batch axis."""
    formats = ("channels_last", "channels_first")

    def images():
        s, channels, form = [size(7), size(7)], size(3), str(rng.choice(formats))
        s = [*s, channels] if form == formats[0] else [channels, *s]
        return normal(s if rng.random() < 0.3 else [size(3), *s]), form

    for i in range(40):
        x, form = images()
        height, width = size(8), size(8)
        kind = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")[i % 5]
        antialias, crop = bool(rng.random() < 0.5), bool(rng.random() < 0.3)
        pad = not crop and bool(rng.random() < 0.5)
        value = float(rng.choice([0, 2.5]))

        def resize(x):
            return ops.image.resize(
                x, (height, width), interpolation=kind, antialias=antialias, crop_to_aspect_ratio=crop, pad_to_aspect_ratio=pad,
                fill_value=value, data_format=form,
            )

        case("ImageResize", resize, [x], n=height, m=width, interpolation=kind, antialias=antialias, crop=crop, pad=pad, value=value, dataFormat=form)
    import tensorflow as tf  # JAX has no area filter.

    for _ in range(6):
        x = normal((size(2), size(7), size(7), size(3)))
        height, width = size(8), size(8)
        area = lambda x: jnp.asarray(tf.image.resize(np.asarray(x, "f4"), (height, width), method="area").numpy())
        case("ImageResize", area, [x], diff=[False], n=height, m=width, interpolation="area")
    for i in range(40):
        x, form = images()
        rank = x.ndim
        batch = x.shape[0] if rank == 4 else 1
        kind = ("bilinear", "bilinear", "bilinear", "nearest")[i % 4]
        mode = ("constant", "nearest", "wrap", "mirror", "reflect")[i % 5]
        height, width = x.shape[-3:-1] if form == formats[0] else x.shape[-2:]
        if mode == "mirror" and min(height, width) == 1:
            mode = "reflect"  # JAX divides by 0.
        value = float(rng.choice([0, 2.5]))
        t = np.stack([smooth_transform(height, width) for _ in range(batch)])
        one = batch == 1 and bool(rng.random() < 0.5)

        def transform(x, t):
            t = ops.concatenate([t, ops.zeros((*t.shape[:-1], 2), "float64")], axis=-1)
            return ops.image.affine_transform(x, t, interpolation=kind, fill_mode=mode, fill_value=value, data_format=form)

        case(
            "AffineTransform", transform, [x, t[0] if one else t], smooth=kind == "bilinear", interpolation=kind, mode=mode, value=value,
            dataFormat=form,
        )
    for i in range(6):
        x, form = images()
        height, width = x.shape[-3:-1] if form == formats[0] else x.shape[-2:]
        for op, f, sign in (("CropImages", ops.image.crop_images, -1), ("PadImages", ops.image.pad_images, 1)):
            arguments = {}
            for n, (first, last, target) in ((height, ("top", "bottom", "target_height")), (width, ("left", "right", "target_width"))):
                a = int(rng.integers(0, n if sign < 0 else 4))
                b = int(rng.integers(0, n - a if sign < 0 else 4))
                three = {first: a, last: b, target: n + sign * (a + b)}
                del three[(first, last, target)[rng.integers(3)]]
                arguments |= three
            word = "_cropping" if sign < 0 else "_padding"
            named = {k if "target" in k else k + word: v for k, v in arguments.items()}
            case(op, lambda x: f(x, data_format=form, **named), [x], dataFormat=form, **{k.replace("_h", "H").replace("_w", "W"): v for k, v in arguments.items()})
    for form in formats:
        for s in ((4, 5), (2, 4, 5)):
            for channels in (3, 1):
                x = normal([*s, channels] if form == formats[0] else [*s[:-2], channels, *s[-2:]])
                case("RGBToGrayscale", lambda x: ops.image.rgb_to_grayscale(x, data_format=form), [x], dataFormat=form)


def main():
    global rng
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=OUT)
    arguments = parser.parse_args()
    for i, family in enumerate((unary, binary, reductions, ordering, arrangement, constants, products, convolutions, networks, recurrent, sequences, pictures, pooling)):
        rng = np.random.default_rng([arguments.seed, i])
        family()
    text = json.dumps({"keras": keras.__version__, "seed": arguments.seed, "cases": cases}, separators=(",", ":"))
    os.makedirs(os.path.dirname(os.path.abspath(arguments.out)), exist_ok=True)
    with open(arguments.out, "wb") as f:
        f.write(gzip.compress(text.encode(), mtime=0))
    print(len(cases), "cases,", os.path.getsize(arguments.out), "bytes")


if __name__ == "__main__":
    main()

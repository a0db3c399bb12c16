"""Draws arguments of losses and asks Keras for values, gradients and configs.

python losses.py              writes keras/losses/testdata/losses.json.gz
python losses.py --seed 7     the same with fresh draws; --out DIR writes below another directory than keras/

What Keras refuses is a case without an answer: Go has to refuse it too. smooth says that differences of 1e-5 make sense. Keras on JAX
knows sparse classes along the last axis only; it is asked with the axes in that order.
"""

import argparse
import gzip
import inspect
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import losses
from keras.src import backend
from keras.src.losses import ALL_OBJECTS_DICT

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras"
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", None]
DRAWS = 20


class Draw:
    """Random choices for one case."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def one(self, values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def grid(self, shape, low, high, steps=64):
        """Numbers on a grid, which are short in decimals."""
        return (self.rng.integers(low * steps, high * steps, size=shape) / steps).astype("float32")

    def between(self, shape, low, high):
        """The same halfway between the grid's lines: never 0, where some functions bend, and never equal to a number of the grid."""
        return self.grid(shape, low, high) + np.float32(1 / 128)

    def ints(self, shape, low, high):
        return self.rng.integers(low, high, size=shape).astype("int32")

    def maybe(self, options, name, values):
        """Gives an argument, or leaves it to its default."""
        if self.chance():
            options[name] = self.one(values)


def array(a):
    """An array as its shape, type and numbers, floats of 9 digits; None stays None."""
    if a is None:
        return None
    a = np.asarray(a)
    flat = a.ravel().tolist()
    if a.dtype.kind == "f":
        if not np.isfinite(a).all():
            raise ArithmeticError(f"Keras has no number: {a}")
        flat = [float(f"{v:.9g}") for v in flat]
    else:
        flat = [int(v) for v in flat]
    return {"shape": list(a.shape), "type": a.dtype.name, "data": flat}


class Case:
    """What a loss is asked with: options, the predictions x and what makes them of x, and targets."""

    def __init__(self, d, kind, i):
        self.kind, self.options, self.activation, self.smooth = kind, {"reduction": REDUCTIONS[i % 5]}, "", True
        self.sizes = (d.size(1, 3), d.size(2, 3))[: i % 3]
        getattr(self, "draw_" + KINDS[kind])(d)

    def loose_targets(self, d, shape):
        """A shape of targets that is that of the predictions but for a last axis."""
        choices = [shape, shape, shape]
        if len(shape) > 1:
            choices += [shape[:-1], shape[:-1] + (1,)]
        else:
            choices.append(shape + (1,))
        return d.one(choices)

    def draw_regression(self, d):
        shape = (*self.sizes, d.size(1, 3))
        low, high = {"MeanSquaredLogarithmicError": (-1, 2), "Poisson": (0, 2), "MeanAbsolutePercentageError": (-1, 1)}.get(self.kind, (-2, 2))
        self.x = d.between(shape, low, high)
        at = self.loose_targets(d, shape)
        self.true = d.one([d.grid(at, low, high), d.ints(at, low, high + 1)])
        if self.kind == "MeanAbsolutePercentageError" and d.chance(0.8):
            self.true = np.where(self.true == 0, self.true + 1, self.true)
        if self.kind == "Huber":
            d.maybe(self.options, "delta", [0.0, 0.3, 0.5, 1.0, 1.5, 2])

    def draw_cosine(self, d):
        shape = tuple(max(2, n) for n in (*self.sizes, d.size(2, 4)))
        d.maybe(self.options, "axis", [-1, 0, len(shape) - 1])
        self.x, self.true = d.between(shape, -2, 2), d.grid(shape, -2, 2)

    def draw_divergence(self, d):
        shape = (*self.sizes, d.size(2, 4))
        self.x, self.true = d.between(shape, 0, 1), d.grid(self.loose_targets(d, shape), 0, 1)

    def draw_hinge(self, d):
        shape = (*self.sizes, d.size(1, 3))
        self.x = d.between(shape, -2, 2)
        at = self.loose_targets(d, shape)
        self.true = d.one([d.ints(at, 0, 2), d.ints(at, 0, 2) * 2 - 1, d.ints(at, 0, 2).astype("float32"), d.grid(at, -2, 2)])

    def draw_categorical_hinge(self, d):
        shape = (*self.sizes, d.size(2, 4))
        self.x = d.between(shape, -2, 2)
        self.true = np.eye(shape[-1], dtype="float32")[d.ints(shape[:-1], 0, shape[-1])]
        wrong = np.sort((1 - self.true) * self.x, axis=-1)
        short = wrong[..., -1] - np.sum(self.true * self.x, axis=-1) + 1
        self.smooth = bool((wrong[..., -1] > wrong[..., -2]).all() and (short != 0).all())

    def probabilities(self, d, shape, activation, axis=-1):
        """Logits, or what a model makes of them, or probabilities that may be 0."""
        if self.options.get("from_logits"):
            self.x = d.between(shape, -4, 4)
            return
        if activation and d.chance(0.3):
            self.x, self.activation = d.between(shape, -4, 4), activation
            return
        self.x = d.between(shape, 0, 1)
        if d.chance(0.3):
            np.moveaxis(self.x, axis, -1)[..., 0] = 0
            self.smooth = False

    def draw_binary(self, d):
        shape = (*self.sizes, d.size(1, 3))
        focal = self.kind == "BinaryFocalCrossentropy"
        d.maybe(self.options, "from_logits", [False, True, True])
        d.maybe(self.options, "label_smoothing", [0.0, 0.1, 0.25])
        d.maybe(self.options, "axis", [-1, 0, len(shape) - 1])
        if focal:
            d.maybe(self.options, "gamma", [0.0, 0.5, 1.0, 3])
            d.maybe(self.options, "alpha", [0.0, 0.3, 0.75])
            d.maybe(self.options, "apply_class_balancing", [False, True, True])
        self.probabilities(d, shape, "sigmoid")
        at = self.loose_targets(d, shape)
        self.true = d.one([d.grid(at, 0, 1), d.ints(at, 0, 2)])
        if focal and self.options.get("gamma", 2) < 2:  # whose power bends at a probability of 1 for what is true
            self.x = np.where(self.x == 0, np.float32(0.125), self.x)

    def draw_categorical(self, d):
        shape = (*self.sizes, d.size(2, 4))
        d.maybe(self.options, "from_logits", [False, True, True])
        d.maybe(self.options, "label_smoothing", [0.0, 0.1, 0.25])
        axis = -1
        if d.chance(0.4):
            axis = self.options["axis"] = d.one(list(range(-len(shape), len(shape))))
            shape = tuple(max(2, n) for n in shape)
        if self.kind == "CategoricalFocalCrossentropy":
            d.maybe(self.options, "gamma", [0.0, 0.5, 1.0, 3])
            d.maybe(self.options, "alpha", [0.0, 0.4, [float(v) for v in d.grid(shape[-1:], 0, 1, 8)]])
        self.probabilities(d, shape, "softmax" if "axis" not in self.options else "", axis)
        if d.chance(0.7):
            labels = d.ints(np.delete(shape, axis), 0, shape[axis])
            self.true = np.moveaxis(np.eye(shape[axis], dtype="float32")[labels], -1, axis)
        else:
            self.true = d.grid(shape, 0, 1)

    def draw_sparse(self, d):
        shape = (*self.sizes, d.size(2, 4))
        axis = -1
        if self.kind == "SparseCategoricalCrossentropy":
            d.maybe(self.options, "from_logits", [False, True, True])
            if d.chance(0.3):
                axis = self.options["axis"] = d.one(list(range(-len(shape), len(shape))))
                shape = tuple(max(2, n) for n in shape)
            self.probabilities(d, shape, "softmax" if "axis" not in self.options else "", axis)
        else:
            d.maybe(self.options, "q", [0.1, 0.7, 0.95])
            self.x = d.between(shape, 0, 1)
        labels = d.ints(np.delete(shape, axis), 0, shape[axis])
        if self.kind == "SparseCategoricalCrossentropy" and d.chance(0.4):
            ignored = self.options["ignore_class"] = d.one([-1, 0, 1, 255])
            labels = np.where(d.rng.random(labels.shape) < 0.4, np.int32(ignored), labels)
        if self.kind == "SparseCategoricalCrossentropy" and d.chance():
            labels = np.expand_dims(labels, axis)
        self.true = np.asarray(labels, d.one(["int32", "float32"]))

    def draw_overlap(self, d):
        shape = (d.size(1, 3), *self.sizes, d.size(1, 3))
        self.x, self.true = d.between(shape, 0, 1), d.one([d.grid(shape, 0, 1), d.ints(shape, 0, 2)])
        d.maybe(self.options, "axis", [None, [1], [-1], [0], list(range(1, len(shape))), [0, len(shape) - 1]])
        if self.kind == "Tversky":
            d.maybe(self.options, "alpha", [0.0, 0.2, 1])
            d.maybe(self.options, "beta", [0.0, 0.7, 1.5])

    def draw_circle(self, d):
        batch, features = d.size(2, 5), d.size(2, 4)
        d.maybe(self.options, "gamma", [1.0, 20, 64.0])
        d.maybe(self.options, "margin", [0.0, 0.2, 0.5])
        d.maybe(self.options, "remove_diagonal", [False, True])
        self.smooth = d.chance()
        x = d.between((batch, features), 0 if self.smooth else -1, 1)
        self.x = (0.9 * x / np.linalg.norm(x, axis=1, keepdims=True)).astype("float32")
        self.true = np.asarray(d.ints(d.one([(batch,), (batch,), (batch, 1)]), 0, 2), d.one(["int32", "float32"]))

    def draw_ctc(self, d):
        batch, time, classes, labels = d.size(1, 3), d.size(1, 5), d.size(2, 4), d.size(1, 3)
        self.x = d.between((batch, time, classes), -2, 2)
        self.true = np.asarray(d.ints((batch, labels), 1, classes), d.one(["int32", "float32"]))
        for row in self.true:
            row[d.size(0, min(labels, (time + 1) // 2)):] = 0

    def ask(self, loss, x, y_true):
        """The targets and predictions as Keras on JAX takes them."""
        y_pred = keras.activations.get(self.activation)(x) if self.activation else x * 1
        if self.kind == "SparseCategoricalCrossentropy" and "axis" in self.options:
            axis = self.options["axis"]
            y_pred = keras.ops.moveaxis(y_pred, axis, -1)
            if y_true.ndim == y_pred.ndim:
                y_true = np.moveaxis(y_true, axis, -1)
        return y_true, y_pred


KINDS = {
    "MeanSquaredError": "regression", "MeanAbsoluteError": "regression", "MeanAbsolutePercentageError": "regression",
    "MeanSquaredLogarithmicError": "regression", "Huber": "regression", "LogCosh": "regression", "Poisson": "regression",
    "CosineSimilarity": "cosine", "KLDivergence": "divergence", "Hinge": "hinge", "SquaredHinge": "hinge",
    "CategoricalHinge": "categorical_hinge", "BinaryCrossentropy": "binary", "BinaryFocalCrossentropy": "binary",
    "CategoricalCrossentropy": "categorical", "CategoricalFocalCrossentropy": "categorical",
    "SparseCategoricalCrossentropy": "sparse", "CategoricalGeneralizedCrossEntropy": "sparse", "Dice": "overlap", "Tversky": "overlap",
    "Circle": "circle", "CTC": "ctc",
}


def weights(d, batch, shape):
    """Weights that fit, and now and then do not, values of a shape."""
    choices = [shape, shape, (batch,), (batch, 1), (*shape, 1)]
    if len(shape) > 1:
        choices += [shape[:-1], (*shape[:-1], 1)]
    return d.grid(d.one(choices), 0, 2, 8)


def mask(d, batch, shape):
    m = d.rng.random(size=shape or (batch,)) < d.one([0.3, 0.7])
    return m & False if d.chance(0.1) else m


class Masked(losses.Loss):
    """A loss whose values carry a mask beside the one that they have."""

    def __init__(self, loss, mask):
        super().__init__(reduction=loss.reduction)
        self.loss, self.mask = loss, mask

    def call(self, y_true, y_pred):
        values = self.loss.call(y_true, y_pred)
        own = backend.get_keras_mask(values)
        values = values * 1
        backend.set_keras_mask(values, self.mask if own is None else self.mask & own)
        return values


def ask_loss(kind, i, seed):
    d = Draw(seed, list(KINDS).index(kind), i)
    c = Case(d, kind, i)
    arguments = {k: tuple(v) if k == "axis" and isinstance(v, list) else v for k, v in c.options.items()}
    asked = {k: v for k, v in arguments.items() if not (kind == "SparseCategoricalCrossentropy" and k == "axis")}
    loss = getattr(losses, kind)(**asked)
    config = json.loads(json.dumps(getattr(losses, kind)(**arguments).get_config()))
    case = {"class": kind, "options": c.options, "config": config, "activation": c.activation, "smooth": c.smooth, "true": array(c.true), "pred": array(c.x)}
    try:
        y_true, y_pred = c.ask(loss, jax.numpy.asarray(c.x), c.true)
        shape = jax.eval_shape(lambda p: loss.call(keras.ops.convert_to_tensor(y_true, "float32"), p), y_pred).shape
        weight = weights(d, c.x.shape[0], shape) if d.chance(0.6) else None
        of_predictions = mask(d, c.x.shape[0], shape) if d.chance() else None
        of_values = mask(d, c.x.shape[0], shape) if d.chance(0.15) else None
        case |= {"weight": array(weight), "mask": array(of_predictions), "values_mask": array(of_values)}
        whole = loss if of_values is None else Masked(loss, keras.ops.convert_to_tensor(of_values))

        def value(x):
            y_true, y_pred = c.ask(loss, x, c.true)
            if of_predictions is not None:
                backend.set_keras_mask(y_pred, keras.ops.convert_to_tensor(of_predictions))
            return whole(y_true, y_pred, sample_weight=weight)

        (_, result), gradient = jax.jit(jax.value_and_grad(lambda x: (jax.numpy.sum(y := value(x)), y), has_aux=True))(c.x)
    except (IndexError, TypeError, ValueError) as e:
        print(f"{kind} {i}: {str(e).splitlines()[0]}")
        return case
    return case | {"value": array(result), "gradient": array(gradient)}


def words():
    """The class that each word means whose loss keras.losses.get makes; a function is that of a class."""
    functions = {getattr(losses, kind)().fn: kind for kind in KINDS}
    out = {}
    for word, what in sorted(ALL_OBJECTS_DICT.items()):
        try:
            out[word] = type(losses.get(word)).__name__ if inspect.isclass(what) else functions[losses.get(word)]
        except TypeError:
            continue
    del out["Loss"]  # which computes nothing
    return out


def write(out, package, seed, cases, **more):
    path = out / package / "testdata" / f"{package}.json.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"keras": keras.__version__, "seed": seed, "cases": cases, **more}, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{package}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    o = parser.parse_args()
    write(o.out, "losses", o.seed, [ask_loss(kind, i, o.seed) for kind in KINDS for i in range(DRAWS)], words=words())

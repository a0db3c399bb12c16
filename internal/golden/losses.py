"""Draws arguments of losses, activations and regularizers and asks Keras for values and gradients.

python losses.py              writes testdata/{losses,activations,regularizers}.json of the packages of these names in keras/
python losses.py --seed 7     the same with fresh draws; --out DIR writes below another directory than keras/

What Keras refuses is a case without an answer: Go has to refuse it too.
"""

import argparse
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import losses, regularizers
from keras.src import backend

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras"
LOSSES = ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"]
DRAWS = 24
ACTIVATIONS = [
    "linear", "relu", "relu6", "sigmoid", "tanh", "softmax", "log_softmax", "softplus", "softsign", "exponential", "elu", "selu",
    "gelu", "silu", "mish", "hard_sigmoid", "log_sigmoid",
]


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


def array(a):
    """An array as its shape, type and numbers, floats of 9 digits; None stays None."""
    if a is None:
        return None
    a = np.asarray(a)
    flat = a.ravel().tolist()
    if a.dtype.kind == "f":
        flat = [float(f"{v:.9g}") for v in flat]
    else:
        flat = [int(v) for v in flat]
    return {"shape": list(a.shape), "type": a.dtype.name, "data": flat}


def predictions(d, kind, shape, from_logits):
    """What a model would predict, and the activation that makes it of that."""
    if kind.startswith("Mean"):
        return d.between(shape, -2, 2), ""
    if from_logits:
        return d.between(shape, -4, 4), ""
    if d.chance(0.3):
        return d.between(shape, -4, 4), "sigmoid" if kind == "BinaryCrossentropy" else "softmax"
    p = d.between(shape, 0, 1)
    if kind == "BinaryCrossentropy" and d.chance():
        p.reshape(-1)[0] = d.one([0, 1])
    elif d.chance():
        p[..., 0] = 0
    return p, ""


def targets(d, kind, shape):
    if kind == "SparseCategoricalCrossentropy":
        shape_of_labels = shape[:-1] + d.one([(), (1,)])
        labels = d.rng.integers(0, shape[-1], size=shape_of_labels)
        return np.asarray(labels, d.one(["int32", "float32"]))
    if kind == "CategoricalCrossentropy":
        if d.chance(0.7):
            return np.eye(shape[-1], dtype="float32")[d.rng.integers(0, shape[-1], size=shape[:-1])]
        return d.grid(shape, 0, 1)
    choices = [shape, shape, shape]
    if len(shape) > 1:
        choices += [shape[:-1], shape[:-1] + (1,)]
    else:
        choices.append(shape + (1,))
    shape = d.one(choices)
    if kind == "BinaryCrossentropy":
        return d.one([d.grid(shape, 0, 1), d.rng.integers(0, 2, size=shape).astype("int32")])
    return d.one([d.grid(shape, -2, 2), d.rng.integers(-2, 3, size=shape).astype("int32")])


def weights(d, shape):
    """Weights that fit, and now and then do not, predictions of a shape."""
    choices = [shape[:1], shape[:1], (shape[0], 1)]
    if len(shape) == 3:
        choices += [shape[:2], shape[:2], shape[:2], (*shape[:2], 1)]
    if len(shape) == 1:
        choices = [(), (1,), shape]
    return d.grid(d.one(choices), 0, 2, 8)


def mask(d, shape):
    m = d.rng.random(size=shape[:max(1, len(shape) - 1)]) < d.one([0.3, 0.7])
    return m & False if d.chance(0.1) else m


class Masked(losses.Loss):
    """A loss whose values carry a mask."""

    def __init__(self, loss, mask):
        super().__init__(reduction=loss.reduction)
        self.loss, self.mask = loss, mask

    def call(self, y_true, y_pred):
        values = self.loss.call(y_true, y_pred) * 1
        backend.set_keras_mask(values, keras.ops.convert_to_tensor(self.mask))
        return values


def ask_loss(kind, i, seed):
    d = Draw(seed, LOSSES.index(kind), i)
    sizes = (d.size(1, 3), d.size(2, 3))[: i % 3]
    classes = d.size(2, 4) if "Categorical" in kind else d.size(1, 3)
    shape = (*sizes, classes)
    options = {"reduction": REDUCTIONS[i % 4]}
    if kind.endswith("Crossentropy") and d.chance():
        options["from_logits"] = True
    if kind in ("BinaryCrossentropy", "CategoricalCrossentropy") and d.chance():
        options["label_smoothing"] = d.one([0.1, 0.25])
    x, activation = predictions(d, kind, shape, options.get("from_logits", False))
    y_true = targets(d, kind, shape)
    weight = weights(d, shape) if d.chance(0.6) else None
    of_predictions = mask(d, shape) if d.chance() else None
    of_values = mask(d, shape) if d.chance(0.15) else None

    loss = getattr(losses, kind)(**options)
    if of_values is not None:
        loss = Masked(loss, of_values)

    def value(x):
        y_pred = keras.activations.get(activation)(x) if activation else x * 1
        if of_predictions is not None:
            backend.set_keras_mask(y_pred, keras.ops.convert_to_tensor(of_predictions))
        return loss(y_true, y_pred, sample_weight=weight)

    case = {
        "class": kind, "options": options, "activation": activation, "true": array(y_true), "pred": array(x), "weight": array(weight),
        "mask": array(of_predictions), "values_mask": array(of_values),
    }
    try:
        result = value(jax.numpy.asarray(x))
    except (ValueError, TypeError) as e:
        print(f"{kind} {i}: {str(e).splitlines()[0]}")
        return case
    case["value"] = array(result)
    if result.shape == ():
        case["gradient"] = array(jax.grad(value)(jax.numpy.asarray(x)))
    return case


def ask_activation(name, i, seed):
    d = Draw(seed, 100 + ACTIVATIONS.index(name), i)
    shape = [(5,), (3, 4), (2, 2, 3)][i]
    x, r = d.between(shape, -6, 6), d.grid(shape, -2, 2)
    f = keras.activations.get(name)
    gradient = jax.grad(lambda x: keras.ops.sum(f(x) * r))(jax.numpy.asarray(x))
    return {"name": name, "x": array(x), "y": array(f(jax.numpy.asarray(x))), "cotangent": array(r), "gradient": array(gradient)}


def ask_regularizer(kind, options, i, seed):
    d = Draw(seed, 200, i)
    shape = (d.size(2, 5), d.size(1, 4), d.size(2, 3))[: d.size(1, 3)]
    w = d.grid(shape, -2, 2)
    w.reshape(-1)[0] = 0
    penalty = getattr(regularizers, kind)(**options)

    def value(w):
        return keras.ops.convert_to_tensor(penalty(w), dtype="float32")

    w = jax.numpy.asarray(w)
    return {"class": kind, "options": options, "w": array(w), "value": array(value(w)), "gradient": array(jax.grad(value)(w))}


def penalties():
    for v in ({}, {"v": 0.03}, {"v": 2.0}, {"v": 0.0}):
        for kind in ("L1", "L2"):
            yield kind, {kind.lower(): x for x in v.values()}
    for options in ({}, {"l1": 0.02}, {"l2": 0.5}, {"l1": 0.01, "l2": 0.05}, {"l1": 0.0, "l2": 0.0}):
        yield "L1L2", options


def write(out, package, seed, cases):
    path = out / package / "testdata" / f"{package}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    path.write_text(f'{{"keras":"{keras.__version__}","seed":{seed},"cases":[\n{rows}\n]}}\n')
    print(f"{package}: {len(cases)} cases, {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    o = parser.parse_args()
    write(o.out, "losses", o.seed, [ask_loss(kind, i, o.seed) for kind in LOSSES for i in range(DRAWS)])
    write(o.out, "activations", o.seed, [ask_activation(name, i, o.seed) for name in ACTIVATIONS for i in range(3)])
    write(o.out, "regularizers", o.seed, [ask_regularizer(kind, options, i, o.seed) for i, (kind, options) in enumerate(penalties())])


if __name__ == "__main__":
    main()

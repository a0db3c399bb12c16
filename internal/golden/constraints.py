"""Draws arguments of Keras's weight constraints and applies them to arrays.

python constraints.py              writes keras/constraints/testdata/constraints.json.gz
python constraints.py --seed 7     the same with fresh draws; --out DIR writes into another directory

Arrays are written as base64 of float32, lowest byte first.
"""

import argparse
import base64
import gzip
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import constraints

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "constraints" / "testdata"
CLASSES = ["NonNeg", "MaxNorm", "UnitNorm", "MinMaxNorm"]
DRAWS = 30


class Draw:
    """Random choices for one case."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def grid(self, low, high, steps=100):
        return float(self.rng.integers(round(low * steps), round(high * steps) + 1) / steps)

    def some(self, **options):
        """Each of the options or Keras's default."""
        return {name: value for name, value in options.items() if self.chance()}


def axis(d, rank):
    """One axis, several in any order, none or all of them."""
    if d.chance(0.3):
        return d.size(-rank, rank - 1)
    if d.chance(0.1):
        return None
    chosen = d.rng.permutation(rank)[: d.size(0, rank)]
    return [int(a) - (rank if d.chance(0.3) else 0) for a in chosen]


def weights(d, shape):
    w = d.rng.normal(size=shape) * d.grid(0.1, 2.0)
    w *= d.rng.choice([0.0, 1e-4, 1.0, 1.0, 1.0], size=shape[-1])  # Some vectors are 0 or nearly so.
    return w.astype("float32")


def packed(a):
    return base64.b64encode(np.asarray(a, "float32").tobytes()).decode()


def config(o):
    return json.loads(json.dumps(keras.saving.serialize_keras_object(o)))


def case(name, d):
    rank = d.size(1, 5)
    shape = [d.size(1, 130 if rank <= 2 else 4) for _ in range(rank)]
    if rank <= 2:
        shape[0] = min(shape[0], 6)
    low = d.grid(0.0, 1.0)
    options = {
        "NonNeg": lambda: {},
        "MaxNorm": lambda: d.some(max_value=d.grid(0.0, 3.0), axis=axis(d, rank)),
        "UnitNorm": lambda: d.some(axis=axis(d, rank)),
        "MinMaxNorm": lambda: {"min_value": low, "max_value": low + 1, **d.some(rate=d.grid(0.0, 1.5), axis=axis(d, rank))},
    }[name]()
    c = getattr(constraints, name)(**options)
    w = weights(d, shape)
    while rate_cancels(w, np.asarray(c(w)), options.get("rate", 1.0)):
        w = weights(d, shape)
    return {"config": config(c), "shape": shape, "in": packed(w), "out": packed(keras.ops.convert_to_numpy(c(w)))}


def rate_cancels(w, out, rate):
    """Whether rate * clipped + (1 - rate) * norm, with a rate above 1, leaves so little that float32's rounding shows."""
    some = np.abs(w) > 1e-6
    if rate <= 1 or not some.any():
        return False
    left = out[some] / w[some]
    return bool(((np.abs(left - (1 - rate)) + abs(1 - rate)) > 2.5 * np.abs(left)).any())


def words():
    """What each word is to keras.constraints.get; None: an error."""
    out = {}
    for word in [*CLASSES, "non_neg", "max_norm", "unit_norm", "min_max_norm", "maxnorm", "MAX_NORM", "nonneg", "", "Custom>MaxNorm"]:
        try:
            out[word] = type(constraints.get(word)).__name__
        except Exception:
            out[word] = None
    return out


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--out", type=pathlib.Path, default=OUT)
    a = arguments.parse_args()
    data = {
        "cases": [case(n, Draw(a.seed, i, k)) for i, n in enumerate(CLASSES) for k in range(DRAWS if i else 5)],
        "words": words(),
        "defaults": {n: config(getattr(constraints, n)()) for n in CLASSES},
    }
    a.out.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(a.out / "constraints.json.gz", "wb", mtime=0) as f:
        f.write(json.dumps(data, separators=(",", ":")).encode())


main()

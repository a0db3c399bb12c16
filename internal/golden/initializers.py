"""Asks Keras for what its initializers draw from, and for an orthogonal factor.

Writes keras/initializers/testdata/initializers.json. The random numbers themselves are not compared: gokeras has its own generator.
"""

import json
import os

import numpy as np
from keras import initializers
from keras.src.initializers import random_initializers as ri

OUT = os.path.join(os.path.dirname(__file__), "../../keras/initializers/testdata/initializers.json")
SHAPES = [(), (7,), (3, 5), (64, 10), (3, 3, 8, 16), (5, 4, 6), (2, 3, 4, 5, 6)]


class Recorder:
    """Stands in for Keras's random module and keeps the arguments of the last draw."""

    def uniform(self, shape, minval, maxval, dtype=None, seed=None):
        assert minval == -maxval
        self.last = ("uniform", maxval)

    def normal(self, shape, mean, stddev, dtype=None, seed=None):
        assert mean == 0
        self.last = ("untruncated_normal", stddev)

    def truncated_normal(self, shape, mean, stddev, dtype=None, seed=None):
        assert mean == 0
        self.last = ("truncated_normal", stddev)


def spreads():
    real, recorder = ri.random, Recorder()
    objects = [getattr(initializers, n)() for n in ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")]
    objects += [
        initializers.VarianceScaling(scale=s, mode=m, distribution=d)
        for s in (1.0, 0.3)
        for m in ("fan_in", "fan_out", "fan_avg")
        for d in ("truncated_normal", "untruncated_normal", "uniform", "normal")
    ]
    objects += [initializers.VarianceScaling(mode=m, distribution="uniform", input_axes=[0], output_axes=[1, -1]) for m in ("fan_in", "fan_out")]
    rows = []
    for o in objects:
        for shape in SHAPES:
            if getattr(o, "input_axes", None) and len(shape) < 2:
                continue
            ri.random = recorder
            o(shape)
            ri.random = real
            kind, width = recorder.last
            rows.append({"class": type(o).__name__, "config": o.get_config(), "shape": shape, "distribution": kind, "width": width})
    return rows


def orthogonal():
    """A matrix, and the factor Q that Keras's Orthogonal makes of it."""
    a = np.random.default_rng(5).normal(size=(6, 4))
    q, r = np.linalg.qr(a)
    return {"a": a.tolist(), "q": (q * np.sign(np.diag(r))).tolist()}


def defaults():
    names = ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal", "Identity", "Constant")
    return {n: getattr(initializers, n)().get_config() for n in names}


with open(OUT, "w") as f:
    json.dump({"spreads": spreads(), "orthogonal": orthogonal(), "defaults": defaults()}, f, separators=(",", ":"))
    f.write("\n")

"""Draws arguments of Keras's initializers and asks what each class then draws from; and for an orthogonal factor and kernels of STFT.

python initializers.py              writes keras/initializers/testdata/initializers.json
python initializers.py --seed 7     the same with fresh draws; --out DIR writes into another directory

The random numbers themselves are not compared: gokeras has its own generator.
"""

import argparse
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import initializers
from keras.src.initializers import random_initializers as ri

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "initializers" / "testdata"
NAMED = ["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"]
CLASSES = [*NAMED, "Constant", "Identity", "Ones", "Orthogonal", "RandomNormal", "RandomUniform", "STFT", "TruncatedNormal", "VarianceScaling", "Zeros"]
DRAWS = 60


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


def scaled(rng, rank):
    """One of the initializers that count a weight's inputs and outputs, with random arguments."""
    options = {}
    if rank >= 2 and rng.random() < 0.3:
        axes = [int(a) - (rank if rng.random() < 0.5 else 0) for a in rng.permutation(rank)]
        cut = int(rng.integers(1, rank))
        options = {"input_axes": axes[:cut], "output_axes": axes[cut:]}
    if rng.random() < 0.4:
        return getattr(initializers, str(rng.choice(NAMED)))(**options)
    return initializers.VarianceScaling(
        scale=round(float(rng.uniform(0.1, 3.0)), 3), mode=str(rng.choice(["fan_in", "fan_out", "fan_avg"])),
        distribution=str(rng.choice(["truncated_normal", "untruncated_normal", "uniform", "normal"])), **options)


def spreads(rng):
    real, recorder = ri.random, Recorder()
    rows = []
    for i in range(DRAWS):
        rank = i % 6
        shape = [int(n) for n in rng.integers(1, 70 if rank < 3 else 9, size=rank)]
        o = scaled(rng, rank)
        ri.random = recorder
        o(shape)
        ri.random = real
        kind, width = recorder.last
        rows.append({"config": config(o), "shape": shape, "distribution": kind, "width": width})
    return rows


def stft(rng):
    rows = []
    for _ in range(12):
        o = initializers.STFT(
            side=str(rng.choice(["real", "imag"])), periodic=bool(rng.random() < 0.5),
            window=[None, "hann", "hamming", "blackman", "nuttall", "blackmanharris", "flattop", "boxcar"][rng.integers(8)],
            scaling=[None, "density", "spectrum"][rng.integers(3)])
        shape = [int(rng.integers(2, 30)), 1, int(rng.integers(2, 12))]
        out = keras.ops.convert_to_numpy(o(shape))
        rows.append({"config": config(o), "shape": shape, "out": [float(str(v)) for v in out.ravel()]})
    return rows


def config(o):
    return json.loads(json.dumps(keras.saving.serialize_keras_object(o)))


def words():
    """What each word is to keras.initializers.get; None: an error."""
    known = keras.src.initializers.ALL_OBJECTS_DICT
    out = {}
    for word in [*known, "GLOROT_UNIFORM", "glorotuniform", "zeros ", "", "normals", "Custom>Zeros", "keras.initializers.Zeros"]:
        try:
            out[word] = type(initializers.get(word)).__name__
        except Exception:
            out[word] = None
    out.pop("Initializer", None)  # The abstract class.
    out.pop("initializer", None)
    return out


def orthogonal(rng):
    """A matrix, and the factor Q that Keras's Orthogonal makes of it."""
    a = rng.normal(size=(6, 4))
    q, r = np.linalg.qr(a)
    return {"a": a.tolist(), "q": (q * np.sign(np.diag(r))).tolist()}


def defaults():
    return {n: config(getattr(initializers, n)()) for n in CLASSES}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--out", type=pathlib.Path, default=OUT)
    a = arguments.parse_args()
    rng = np.random.default_rng(a.seed)
    data = {"spreads": spreads(rng), "orthogonal": orthogonal(rng), "stft": stft(rng), "words": words(), "defaults": defaults()}
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "initializers.json").write_text(json.dumps(data, separators=(",", ":")) + "\n")


main()

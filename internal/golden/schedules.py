"""Draws learning rate schedules and asks Keras for their values in the first 1,000 steps and some later ones.

python schedules.py              writes keras/optimizers/testdata/schedules.json.gz
python schedules.py --seed 7     the same with fresh draws; --out DIR writes into another directory

Values are written as base64 of float32, lowest byte first.
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
from keras.optimizers import schedules

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "optimizers" / "testdata"
STEPS = [*range(1000), 1001, 1023, 1024, 4095, 10_000, 99_999, 1_000_000, 16_777_217]
DRAWS = 3


class Draw:
    """Random choices for one case."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def number(self, low, high):
        return round(float(self.rng.uniform(low, high)), 5)

    def some(self, **options):
        """Each of the options or Keras's default."""
        return {name: value for name, value in options.items() if self.chance()}


def draws(d):
    """One schedule of each class."""
    first = d.number(1e-4, 0.5)
    yield schedules.ExponentialDecay(first, d.size(1, 700), d.number(0.1, 1.0), **d.some(staircase=True))
    yield schedules.InverseTimeDecay(first, d.size(1, 700), d.number(0.1, 3.0), **d.some(staircase=True))
    yield schedules.PolynomialDecay(
        first, d.size(1, 1200), **d.some(end_learning_rate=d.number(0.0, 0.1), power=d.number(0.2, 4.0), cycle=True))
    n = d.size(1, 5)
    edges = sorted(int(b) for b in d.rng.choice(1100, n, replace=False))
    yield schedules.PiecewiseConstantDecay(edges if d.chance() else [e + 0.5 for e in edges], [d.number(1e-4, 0.5) for _ in range(n + 1)])
    warmup = {"warmup_target": d.number(0.1, 1.0), "warmup_steps": d.size(0, 200)} if d.chance() else {}
    yield schedules.CosineDecay(first, d.size(1, 1200), **d.some(alpha=d.number(0.0, 0.5)), **warmup)
    yield schedules.CosineDecayRestarts(
        first, d.size(5, 300), **d.some(t_mul=d.number(1.0, 3.0) if d.chance() else float(d.size(1, 3)), m_mul=d.number(0.5, 1.2), alpha=d.number(0.0, 0.5)))


def case(s):
    values = np.array([keras.ops.convert_to_numpy(s(np.int32(step))) for step in STEPS], "float32")
    return {
        "config": json.loads(json.dumps(keras.saving.serialize_keras_object(s))),
        "values": base64.b64encode(values.tobytes()).decode(),
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--out", type=pathlib.Path, default=OUT)
    a = arguments.parse_args()
    keras.src.ops.cond = lambda which, yes, no: yes() if bool(which) else no()  # JAX's own compiles anew at each step.
    data = {"steps": STEPS, "cases": [case(s) for k in range(DRAWS) for s in draws(Draw(a.seed, k))]}
    a.out.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(a.out / "schedules.json.gz", "wb", mtime=0) as f:
        f.write(json.dumps(data, separators=(",", ":")).encode())


main()

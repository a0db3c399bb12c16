"""Applies Keras's weight constraints to arrays. Writes keras/constraints/testdata/constraints.json."""

import json
import os

import keras
import numpy as np
from keras.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm

OUT = os.path.join(os.path.dirname(__file__), "../../keras/constraints/testdata/constraints.json")
rng = np.random.default_rng(8)
WEIGHTS = {s: (rng.normal(size=s) * 1.2).astype("float32") for s in [(5,), (6, 4), (3, 70), (3, 2, 4, 5)]}
WEIGHTS[(6, 4)][:, 1] = 0.0
WEIGHTS[(6, 4)][:, 2] *= 1e-4


def cases():
    yield NonNeg()
    for cls in (MaxNorm, UnitNorm, MinMaxNorm):
        yield cls()
        yield cls(axis=1)
        yield cls(axis=-1)
        yield cls(axis=[0, 1])
        yield cls(axis=[0, 1, 2])
        yield cls(axis=[2, 1])
        yield cls(axis=[1, 2, 3])
    yield MaxNorm(max_value=0.5)
    yield MaxNorm(max_value=0.0)
    yield MaxNorm(max_value=5, axis=[0, 1, 2])
    yield MinMaxNorm(min_value=2.0, max_value=3.0)
    yield MinMaxNorm(min_value=0.5, max_value=0.8, rate=0.25)
    yield MinMaxNorm(min_value=0.5, max_value=2.0, rate=0.0)


def numbers(a):
    """The shortest decimals that read back as the same float32."""
    return [float(str(v)) for v in a.ravel()]


rows = []
for c in cases():
    for shape, w in WEIGHTS.items():
        axes = getattr(c, "axis", 0)
        axes = [axes] if isinstance(axes, int) else axes
        if max(axes) >= len(shape):
            continue
        out = keras.ops.convert_to_numpy(c(w))
        rows.append({"class": type(c).__name__, "config": c.get_config(), "axes": axes, "shape": shape,
                     "out": numbers(out)})
with open(OUT, "w") as f:
    json.dump({"weights": {str(w.size): numbers(w) for w in WEIGHTS.values()}, "cases": rows}, f, separators=(",", ":"))
    f.write("\n")

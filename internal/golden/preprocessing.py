"""Asks Keras's Normalization layer and to_categorical for numbers. Writes keras/preprocessing/testdata/preprocessing.json."""

import json
import os

import keras
import numpy as np

OUT = os.path.join(os.path.dirname(__file__), "../../keras/preprocessing/testdata/preprocessing.json")
rng = np.random.default_rng(4)
x = (rng.normal(size=(9, 4)) * [1, 10, 1e-3, 5] + [0, 100, 2, -3]).astype("float32")
layer = keras.layers.Normalization()
layer.adapt(x)
labels = {"flat": rng.integers(0, 5, 7), "column": rng.integers(0, 5, (7, 1)), "table": rng.integers(0, 5, (3, 4)), "cube": rng.integers(0, 3, (2, 3, 1))}


def array(a):
    a = keras.ops.convert_to_numpy(a)
    return {"shape": a.shape, "data": a.ravel().tolist()}


with open(OUT, "w") as f:
    json.dump({
        "x": array(x), "scaled": array(layer(x)),
        "categorical": [{"labels": array(v), "classes": n, "hot": array(keras.utils.to_categorical(v, n))} for v in labels.values() for n in (None, 6)],
    }, f, separators=(",", ":"))
    f.write("\n")

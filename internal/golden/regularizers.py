"""Draws arguments of regularizers and asks Keras for penalties, gradients and configs.

python regularizers.py             writes keras/regularizers/testdata/regularizers.json.gz
python regularizers.py --seed 7    the same with fresh draws; --out DIR writes below another directory than keras/
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
from losses import OUT, Draw, array, write  # which chooses Keras's back end

import jax
import keras
import numpy as np
from keras import regularizers
from keras.src.regularizers import ALL_OBJECTS_DICT

OPTIONS = {
    "L1": {"l1": [0.0, 0.03, 2]}, "L2": {"l2": [0.0, 0.03, 2]}, "L1L2": {"l1": [0.0, 0.02], "l2": [0.0, 0.5]},
    "OrthogonalRegularizer": {"factor": [0.0, 0.5, 3], "mode": ["rows", "columns"]},
}


def ask(kind, i, seed):
    d = Draw(seed, 200 + list(OPTIONS).index(kind), i)
    options = {}
    for option, values in OPTIONS[kind].items():
        if i > 0:
            d.maybe(options, option, values)
    shape = (d.size(2, 5), d.size(2, 4), d.size(2, 3))[: 2 if kind == "OrthogonalRegularizer" else d.size(1, 3)]
    w = d.between(shape, -2, 2)
    if kind == "OrthogonalRegularizer":  # which bends where two vectors are orthogonal: these are not
        w = np.abs(w) * d.one([-1, 1]) ** np.arange(shape[0])[:, None] * d.one([-1, 1]) ** np.arange(shape[1])
        w = w.astype("float32")
    else:
        w.reshape(-1)[0] = 0
    penalty = getattr(regularizers, kind)(**options)

    def value(w):
        return keras.ops.convert_to_tensor(penalty(w), dtype="float32")

    w = jax.numpy.asarray(w)
    case = {"class": kind, "options": options, "config": penalty.get_config(), "w": array(w)}
    return case | {"value": array(value(w)), "gradient": array(jax.grad(value)(w))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    o = parser.parse_args()
    words = {word: kind.__name__ for word, kind in sorted(ALL_OBJECTS_DICT.items()) if kind.__name__ in OPTIONS}
    write(o.out, "regularizers", o.seed, [ask(kind, i, o.seed) for kind in OPTIONS for i in range(8)], words=words)

"""Draws arguments of activations and asks Keras for values and gradients.

python activations.py             writes keras/activations/testdata/activations.json.gz
python activations.py --seed 7    the same with fresh draws; --out DIR writes below another directory than keras/
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
from losses import OUT, Draw, array, write  # which chooses Keras's back end

import jax
import keras
from keras.src.activations import ALL_OBJECTS_DICT

# The arguments of each function, by what they may be.
OPTIONS = {
    "relu": {"negative_slope": [0.0, 0.1, 0.5], "max_value": [None, 1.0, 2, 6, 0.0], "threshold": [0.0, 0.5, 1, -0.5]},
    "leaky_relu": {"negative_slope": [0.0, 0.1, 0.5]}, "elu": {"alpha": [0.0, 0.5, 2]}, "celu": {"alpha": [0.5, 2]},
    "gelu": {"approximate": [False, True]}, "squareplus": {"b": [0.0, 1.0, 2]}, "soft_shrink": {"threshold": [0.0, 0.3, 1]},
    "hard_shrink": {"threshold": [0.0, 0.3, 1]}, "threshold": {"threshold": [-1.0, 0.0, 0.5], "default_value": [-2, 0.0, 0.25]},
    "glu": {"axis": None}, "softmax": {"axis": None}, "log_softmax": {"axis": None}, "sparsemax": {"axis": None},
}


def ask(name, i, seed):
    d = Draw(seed, 100 + sorted(ALL_OBJECTS_DICT).index(name), i)
    shape = [(5,), (3, 4), (2, 2, 3), (2, 4), (4, 2)][i]
    options = {}
    for option, values in OPTIONS.get(name, {}).items():
        if name == "threshold" or i > 0 and d.chance(0.7):
            options[option] = d.one(values or range(-len(shape), len(shape)))
    if name == "glu":
        shape = [n * (1 + (a == options.get("axis", -1) % len(shape))) for a, n in enumerate(shape)]
    x = d.between(shape, -4, 4)
    if name == "sparsemax":  # bends where elements are equal, and where sums of them differ by 1
        x = (1.01 * (d.rng.permutation(512)[: x.size].reshape(shape) / 64 - 4)).astype("float32")
    f = ALL_OBJECTS_DICT[name]
    r = d.grid(jax.eval_shape(lambda x: f(x, **options), x).shape, -2, 2)
    ask = jax.jit(jax.value_and_grad(lambda x: (keras.ops.sum((y := f(x, **options)) * r), y), has_aux=True))
    (_, y), gradient = ask(jax.numpy.asarray(x))
    return {"name": name, "options": options, "x": array(x), "y": array(y), "cotangent": array(r), "gradient": array(gradient)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    o = parser.parse_args()
    cases = []
    for name, f in sorted(ALL_OBJECTS_DICT.items()):
        cases += [ask(name, i, o.seed) for i in range(5 if f.__name__ in OPTIONS else 3)]
    write(o.out, "activations", o.seed, cases, words={word: f.__name__ for word, f in sorted(ALL_OBJECTS_DICT.items())})
